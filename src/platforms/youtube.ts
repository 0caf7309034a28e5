import type { PlatformRules } from './platform.js';

export const youtube: PlatformRules = {
  label: 'YouTube',
  defaultUrl: 'rtmps://a.rtmps.youtube.com:443/live2',
  keyRequired: true,
  keyPlace: 'YouTube Studio, "Go live", "Stream"',
  checkKey: (key) => (/^[A-Za-z0-9_-]{4,}$/.test(key) ? null : 'A YouTube stream key has letters, digits and dashes only.'),
  limits: {
    video: [
      { maxHeight: 1080, maxFps: 30, kbps: 10_000 }, { maxHeight: 1080, maxFps: 60, kbps: 12_000 },
      { maxHeight: 1440, maxFps: 60, kbps: 24_000 }, { maxHeight: 2160, maxFps: 60, kbps: 35_000 },
    ],
    isAdvice: true,
    keyframeMs: 4_000,
    audioKbps: null,
  },
};

import type { PlatformRules } from './platform.js';

export const facebook: PlatformRules = {
  label: 'Facebook',
  defaultUrl: 'rtmps://rtmp-api.facebook.com:443/rtmp/',
  keyRequired: true,
  keyPlace: 'Facebook Live Producer, "Streaming software"',
  checkKey: (key) => (/^[A-Za-z0-9?=&_.%:-]{4,}$/.test(key) ? null : 'A Facebook stream key looks like "FB-…?s_bl=1&…", without spaces.'),
  limits: {
    video: [{ maxHeight: 1080, maxFps: 30, kbps: 6_000 }, { maxHeight: 1080, maxFps: 60, kbps: 9_000 }],
    keyframeMs: 4_000,
    audioKbps: 256,
  },
};

import type { PlatformRules } from './platform.js';

export const kick: PlatformRules = {
  label: 'Kick',
  defaultUrl: 'rtmps://fa723fc1b171.global-contribute.live-video.net:443/app',
  keyRequired: true,
  keyPlace: 'the Kick creator dashboard, "Settings", "Stream URL & Key"',
  checkKey: (key) => (/^[A-Za-z0-9_-]{4,}$/.test(key) ? null : 'A Kick stream key has letters, digits, "_" and "-" only; it begins with "sk_".'),
  limits: { video: [{ maxHeight: 1080, maxFps: 60, kbps: 8_000 }], keyframeMs: 2_000, audioKbps: 320 },
};

import type { PlatformRules } from './platform.js';

export const youtube: PlatformRules = {
  label: 'YouTube',
  defaultUrl: 'rtmps://a.rtmps.youtube.com:443/live2',
  keyRequired: true,
  keyPlace: 'YouTube Studio, "Go live", "Stream"',
  checkKey: (key) => (/^[A-Za-z0-9_-]{4,}$/.test(key) ? null : 'A YouTube stream key has letters, digits and dashes only.'),
};

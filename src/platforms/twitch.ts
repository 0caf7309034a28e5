import type { PlatformRules } from './platform.js';

export const twitch: PlatformRules = {
  label: 'Twitch',
  defaultUrl: 'rtmps://live.twitch.tv:443/app',
  keyRequired: true,
  keyPlace: 'the Twitch creator dashboard, "Settings", "Stream"',
  // `?bandwidthtest=true` behind the key is a feature of theirs.
  checkKey: (key) => (/^[A-Za-z0-9_]{4,}(\?[A-Za-z0-9_=&.-]*)?$/.test(key) ? null : 'A Twitch stream key has letters, digits and "_" only; it begins with "live_".'),
  limits: { video: [{ maxHeight: 1080, maxFps: 60, kbps: 6_000 }], keyframeMs: 2_000, audioKbps: 320 },
};

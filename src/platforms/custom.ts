import type { PlatformRules } from './platform.js';

export const custom: PlatformRules = {
  label: 'RTMP server',
  defaultUrl: null,
  // The address may name the stream itself: rtmp://host/app/stream.
  keyRequired: false,
  keyPlace: 'the settings of your server',
  checkKey: () => null,
  limits: null,
};

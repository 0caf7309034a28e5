import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { platformWarnings } from '../../../src/platforms/limits.js';
import { Platform, Settings } from '../../../src/protocol/resources.js';

const made = (video: object = {}, encoder: object = {}, audio: object = {}) => Settings.parse({ video, encoder, audio });

describe('what the encoder makes beside what a platform takes', () => {
  it('says nothing of what is taken', () => {
    for (const platform of Platform.options) expect(platformWarnings(platform, made()), platform).toEqual([]);
  });

  it('names the most that is taken, and what to do', () => {
    expect(platformWarnings('twitch', made({}, { bitrateKbps: 8000 }))).toEqual([
      'Twitch takes at most 6000 kb/s, and the encoder makes 8000. Lower the bitrate of the picture to 6000 kb/s.',
    ]);
  });

  it('goes by the frames a second where the platform does', () => {
    expect(platformWarnings('facebook', made({ fps: 60 }, { bitrateKbps: 9000 }))).toEqual([]);
    expect(platformWarnings('facebook', made({ fps: 30 }, { bitrateKbps: 9000 }))[0]).toContain('at most 6000 kb/s for 1080p30');
  });

  it('tells advice from limits', () => {
    expect(platformWarnings('youtube', made({}, { bitrateKbps: 20_000 }))).toEqual([expect.stringMatching(/^YouTube advises at most 10000 kb\/s/)]);
    expect(platformWarnings('youtube', made({ width: 3840, height: 2160 }, { bitrateKbps: 20_000 }))).toEqual([]);
  });

  it('knows a picture that is too large, upright ones included', () => {
    expect(platformWarnings('twitch', made({ width: 2560, height: 1440 }))[0]).toContain('at most 1080p60');
    expect(platformWarnings('twitch', made({ width: 1080, height: 1920 }))).toEqual([]);
  });

  it('knows keyframes that are too far apart, and sound that is too much', () => {
    const warnings = platformWarnings('facebook', made({}, { keyframeIntervalMs: 5000 }, { bitrateKbps: 320 }));
    expect(warnings).toEqual([expect.stringContaining('keyframe at least every 4 s'), expect.stringContaining('at most 256 kb/s')]);
  });

  it('lets everything go to a server of one\'s own', () => {
    expect(platformWarnings('custom', made({ width: 3840, height: 2160, fps: 60 }, { bitrateKbps: 50_000, keyframeIntervalMs: 10_000 }, { bitrateKbps: 320 }))).toEqual([]);
  });

  it('has nothing against the presets made for a platform', () => {
    for (const file of readdirSync('presets/encoder')) {
      const platform = Platform.options.find((one) => file.startsWith(`${one}-`));
      if (platform) expect(platformWarnings(platform, Settings.parse(JSON.parse(readFileSync(`presets/encoder/${file}`, 'utf8')))), file).toEqual([]);
    }
  });
});

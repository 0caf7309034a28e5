/** What the encoder makes beside what a platform takes, in sentences that say what to do. */
import type { Encoding } from '../protocol/presets.js';
import type { Platform } from '../protocol/resources.js';
import { PLATFORMS } from './address.js';

/** A sentence for each setting that does not suit the platform; empty: all do. */
export function platformWarnings(platform: Platform, { video, encoder, audio }: Encoding): string[] {
  const { label, limits } = PLATFORMS[platform];
  if (!limits) return [];
  const warnings: string[] = [];
  // An upright picture has its lines counted along its shorter side.
  const lines = Math.min(video.width, video.height);
  const entry = limits.video.find(({ maxHeight, maxFps }) => lines <= maxHeight && video.fps <= maxFps);
  const largest = limits.video.at(-1)!;
  if (!entry) {
    warnings.push(`${label} takes at most ${largest.maxHeight}p${largest.maxFps}, and the program is ${lines}p${video.fps}. Choose a smaller picture or fewer frames a second.`);
  }
  const most = (entry ?? largest).kbps;
  if (encoder.bitrateKbps > most) {
    warnings.push(limits.isAdvice
      ? `${label} advises at most ${most} kb/s for ${lines}p${video.fps}, and the encoder makes ${encoder.bitrateKbps}. More only needs a better connection.`
      : `${label} takes at most ${most} kb/s${limits.video.length > 1 ? ` for ${lines}p${video.fps}` : ''}, and the encoder makes ${encoder.bitrateKbps}. Lower the bitrate of the picture to ${most} kb/s.`);
  }
  if (encoder.keyframeIntervalMs > limits.keyframeMs) {
    warnings.push(`${label} wants a keyframe at least every ${limits.keyframeMs / 1000} s, and the encoder makes one every ${encoder.keyframeIntervalMs / 1000} s. Shorten the keyframe interval.`);
  }
  if (limits.audioKbps !== null && audio.bitrateKbps > limits.audioKbps) {
    warnings.push(`${label} takes sound of at most ${limits.audioKbps} kb/s, and the encoder makes ${audio.bitrateKbps}. Lower the bitrate of the sound.`);
  }
  return warnings;
}

/** Figures as they stand in a sentence, and sentences that are said in more than one place. */
import type { Settings } from '../../protocol/resources.js';

/** The ready settings for a weak machine: whoever has these, or less, is not helped by their name. */
const LEAST = { width: 1280, height: 720, fps: 30, preset: 'ultrafast' };

/** What to do about an encoder that is too slow. */
export function encodeLess(video: Settings['video'], { preset }: Pick<Settings['encoder'], 'preset'>): string {
  const isLeast = video.width * video.height <= LEAST.width * LEAST.height && video.fps <= LEAST.fps && preset === LEAST.preset;
  return isLeast
    ? 'It has the fastest preset already: choose a still smaller picture or fewer frames a second in the panel\'s Setup, or end what else runs on this machine.'
    : 'Choose a faster preset, fewer frames a second or a smaller picture: the ready settings “weak-machine-720p30” of the panel\'s Setup are all three.';
}

/** `3.1`, of Mb/s. */
export const mbit = (kbps: number): string => (kbps / 1000).toFixed(1);

/** `40 s`, `12 min`, `2 h`, `3 days`. */
export function roughly(seconds: number): string {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 90 * 60) return `${Math.round(seconds / 60)} min`;
  return seconds < 48 * 3600 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86_400)} days`;
}

/** `850 MB`, `4.2 GB`. */
export function bytes(count: number): string {
  return count >= 1e9 ? `${(count / 1e9).toFixed(1)} GB` : `${Math.round(count / 1e6)} MB`;
}

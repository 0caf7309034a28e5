/** Moments as people read and type them, and whole frames. */
import { FPS_FRACTIONS } from '../../../protocol/resources.js';

const two = (n: number) => String(n).padStart(2, '0');

/** `0:07.250`, `1:02:03.000`. */
export function timecode(ms: number): string {
  const whole = Math.max(0, Math.round(ms));
  return `${clockTime(whole)}.${String(whole % 1000).padStart(3, '0')}`;
}

/** `0:07`, `1:02:03`. */
export function clockTime(ms: number): string {
  const seconds = Math.floor(Math.max(0, ms) / 1000);
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

/** What was typed as `1:02:03.5`, `2:03`, `12.5` (seconds) → ms; null when it is none of these. */
export function readTime(text: string): number | null {
  const match = /^(?:(?:(\d+):)?(\d+):)?(\d+)(?:[.,](\d{1,3}))?$/.exec(text.trim());
  if (!match) return null;
  const [, h = '0', m = '0', s = '0', fraction = ''] = match;
  return (Number(h) * 3600 + Number(m) * 60 + Number(s)) * 1000 + Number(fraction.padEnd(3, '0'));
}

/** The moment some frames on from the frame that a moment lies in, rounded once: so that steps never add up errors. */
export function framesOn(ms: number, frames: number, fps: number): number {
  const [num, den] = FPS_FRACTIONS.get(fps) ?? [fps, 1];
  const frame = Math.round((ms * num) / (1000 * den)) + frames;
  return Math.max(0, Math.round((frame * 1000 * den) / num));
}

/** How long a frame is, ms; not whole. */
export function frameMs(fps: number): number {
  const [num, den] = FPS_FRACTIONS.get(fps) ?? [fps, 1];
  return (1000 * den) / num;
}

/**
 * Where in its file a film or sound is so long after its own begin, ms; null: it is over by then.
 * @param of where it begins in the file; how long it is by itself (null: nobody knows); after how long it begins again, where it loops
 */
export function placeInFile({ inMs, durationMs, lapMs }: { inMs: number; durationMs: number | null; lapMs?: number }, ms: number): number | null {
  if (lapMs !== undefined) return inMs + (ms % lapMs);
  return durationMs !== null && ms >= durationMs ? null : inMs + ms;
}

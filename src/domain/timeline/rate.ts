/**
 * Milliseconds ↔ program frames, exactly. Every boundary is rounded once from its absolute ms, so boundaries that touch in ms
 * touch in frames and nothing adds up over years of looping. Exact while ms and frames are safe integers: the products below
 * are taken within one period of `1000·den` ms, in which there are `num` frames to the dot. What the clock says, µs, becomes
 * frames here too.
 */

import { FPS_FRACTIONS } from '../../protocol/resources.js';

/** Frames a second as a fraction of whole numbers: 29.97 is 30000/1001. */
export interface Rate {
  readonly num: number;
  readonly den: number;
}

/** Of frames a second as people write them. */
export function rateOf(fps: number): Rate {
  const [num, den] = FPS_FRACTIONS.get(fps) ?? [Math.round(fps * 1000), 1000];
  return { num, den };
}

/** The frame that begins at a moment: `round(ms·num / (1000·den))`, halves up. `ms` is whole and may be negative. */
export function frameAt(ms: number, rate: Rate): number {
  const period = 1000 * rate.den;
  const periods = Math.floor(ms / period);
  return periods * rate.num + Math.round(((ms - periods * period) * rate.num) / period);
}

/**
 * The last whole ms that rounds to this frame or an earlier one. A frame stands for this moment: what begins at or before it
 * has begun, what ends at or before it is over. So a frame is resolved in ms alone, by the same half-open spans as the document's.
 */
export function momentOf(frame: number, rate: Rate): number {
  const period = 1000 * rate.den;
  const periods = Math.floor(frame / rate.num);
  return periods * period + Math.ceil(((2 * (frame - periods * rate.num) + 1) * period) / (2 * rate.num)) - 1;
}

/** How long so many frames are, whole µs, rounded once. */
export function usOf(frames: number, rate: Rate): number {
  const periods = Math.floor(frames / rate.num);
  return periods * rate.den * 1e6 + Math.round(((frames - periods * rate.num) * rate.den * 1e6) / rate.num);
}

/** The same in whole ms: also when a frame is due, program time. */
export function msOf(frames: number, rate: Rate): number {
  const periods = Math.floor(frames / rate.num);
  return periods * rate.den * 1000 + Math.round(((frames - periods * rate.num) * rate.den * 1000) / rate.num);
}

/** How many frames a duration has: at least one for anything above zero. */
export function framesOf(ms: number, rate: Rate): number {
  return ms <= 0 ? 0 : Math.max(1, frameAt(ms, rate));
}

/** The frame that is due at a moment, CLOCK_MONOTONIC µs, to the nearest. */
export function frameDueAt(us: number, rate: Rate): number {
  return Math.round((us * rate.num) / (rate.den * 1e6));
}

/** The last frame that is due by a moment, CLOCK_MONOTONIC µs. */
export function frameDueBy(us: number, rate: Rate): number {
  return Math.floor((us * rate.num) / (rate.den * 1e6));
}

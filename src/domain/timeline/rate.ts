/**
 * Milliseconds ↔ program frames, exactly. Every boundary is rounded once from its absolute ms, so boundaries that touch in ms
 * touch in frames and nothing adds up over years of looping. Exact while ms and frames are safe integers: the products below
 * are taken within one period of `1000·den` ms, in which there are `num` frames to the dot.
 */

/** Frames a second as a fraction of whole numbers: 29.97 is 30000/1001. */
export interface Rate {
  readonly num: number;
  readonly den: number;
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

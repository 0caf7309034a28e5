/** Keyframes → what a property is at a frame. */
import { CURVED, ease, type Curved } from '../../protocol/clip-rules.js';
import type { Easing, Keyframe } from '../../protocol/timeline.js';
import { frameAt, type Rate } from './rate.js';

/** The keyframes that name one property, in order of time. */
export interface Curve {
  /** From the clip's start, ms. */
  readonly at: readonly number[];
  readonly value: readonly number[];
  readonly easing: readonly Easing[];
}
export type Curves = { readonly [P in Curved]?: Curve };

/** Collects the earliest moment at which a result may change. */
export interface Until {
  /** Absolute ms, after the moment that is resolved; Infinity: never. */
  ms: number;
  /** Every frame is different. */
  moving: boolean;
}

export function changesAt(until: Until, ms: number): void {
  if (ms < until.ms) until.ms = ms;
}

const made = new WeakMap<readonly Keyframe[], Curves | null>();

/**
 * null: none of the keyframes says anything. Made once of a list, which is never changed: an edit of one clip leaves the others'
 * curves as they are.
 */
export function curvesOf(keyframes: readonly Keyframe[]): Curves | null {
  if (keyframes.length === 0) return null;
  let curves = made.get(keyframes);
  if (curves === undefined) made.set(keyframes, (curves = makeCurves(keyframes)));
  return curves;
}

function makeCurves(keyframes: readonly Keyframe[]): Curves | null {
  const inOrder = keyframes.some((keyframe, i) => i > 0 && keyframe.atMs < keyframes[i - 1]!.atMs) ? [...keyframes].sort((a, b) => a.atMs - b.atMs) : keyframes;
  const curves: { [P in Curved]?: { at: number[]; value: number[]; easing: Easing[] } } = {};
  let any = false;
  for (const keyframe of inOrder) {
    for (const property of CURVED) {
      const value = keyframe[property];
      if (value === undefined) continue;
      const curve = (curves[property] ??= { at: [], value: [], easing: [] });
      curve.at.push(keyframe.atMs);
      curve.value.push(value);
      curve.easing.push(keyframe.easing);
      any = true;
    }
  }
  return any ? curves : null;
}

/** The last index whose value is at most `limit`; -1 when there is none. `sorted` rises. */
export function lastUpTo(sorted: ArrayLike<number>, limit: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! <= limit) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/**
 * A curve's value at a frame. A keyframe lies on the frame of its absolute moment and has its value there to the dot, in every
 * lap; before the first and after the last the value stands still.
 * @param startMs the clip's start, absolute
 * @param now the moment that the frame stands for
 */
export function sample(curve: Curve, startMs: number, position: number, now: number, rate: Rate, until: Until): number {
  const i = lastUpTo(curve.at, now - startMs);
  const following = curve.at[i + 1];
  if (following === undefined) return curve.value[i]!;
  if (i < 0) {
    changesAt(until, startMs + following);
    return curve.value[0]!;
  }
  const from = curve.value[i]!;
  const to = curve.value[i + 1]!;
  if (from === to || curve.easing[i] === 'hold') {
    changesAt(until, startMs + following);
    return from;
  }
  until.moving = true;
  const first = frameAt(startMs + curve.at[i]!, rate);
  const share = (position - first) / (frameAt(startMs + following, rate) - first);
  return from + (to - from) * ease(curve.easing[i]!, share);
}

/** Keyframes of a clip: their curves, as the engine draws them (src/domain/timeline/curves.ts), and what becomes of them when a clip is cut. */
import { CURVED, CURVE_RANGE, ease, MAX_KEYFRAMES, type Curved } from '../../../protocol/clip-rules.js';
import { Keyframe, type Clip, type Easing, type Track } from '../../../protocol/timeline.js';

/** Of an eased way that is cut: so many straight ones stand for the rest of it. */
const PIECES = 6;

/** What a property is at a moment from the clip's start; undefined where no keyframe names it. */
export function valueAt(keyframes: readonly Keyframe[], property: Curved, atMs: number): number | undefined {
  let before: Keyframe | undefined;
  for (const keyframe of keyframes) {
    const value = keyframe[property];
    if (value === undefined) continue;
    if (keyframe.atMs > atMs) {
      if (!before) return value;
      const from = before[property]!;
      return from + (value - from) * ease(before.easing, (atMs - before.atMs) / (keyframe.atMs - before.atMs));
    }
    before = keyframe;
  }
  return before?.[property];
}

export const namedBy = (keyframes: readonly Keyframe[]): Curved[] => CURVED.filter((property) => keyframes.some((keyframe) => keyframe[property] !== undefined));

/** A keyframe that has at a moment what the curves have there; null where none goes on there: before the first and after the last nothing moves. */
function keyframeAt(keyframes: readonly Keyframe[], atMs: number): Keyframe | null {
  if (keyframes.some((keyframe) => keyframe.atMs === atMs)) return null;
  const named = namedBy(keyframes).filter((property) => keyframes.some((k) => k[property] !== undefined && k.atMs < atMs) && keyframes.some((k) => k[property] !== undefined && k.atMs > atMs));
  if (named.length === 0) return null;
  const before = keyframes.findLast((keyframe) => keyframe.atMs < atMs)!;
  const values = Object.fromEntries(named.map((property) => [property, valueAt(keyframes, property, atMs)]));
  return { atMs, ...values, easing: before.easing === 'hold' ? 'hold' : 'linear' };
}

/** The keyframes of the part of a clip between two moments from its start, counted from the first of them. */
export function cutKeyframes(keyframes: readonly Keyframe[], fromMs: number, toMs: number): Keyframe[] {
  if (keyframes.length === 0) return [];
  let all = [...keyframes];
  const add = (atMs: number): void => {
    const made = keyframeAt(all, atMs);
    if (made) all = [...all, made].sort((a, b) => a.atMs - b.atMs);
  };
  for (const edge of [fromMs, toMs]) {
    const before = all.findLast((keyframe) => keyframe.atMs < edge);
    const after = all.find((keyframe) => keyframe.atMs > edge);
    const isEased = before && after && before.easing !== 'linear' && before.easing !== 'hold' && !all.some((keyframe) => keyframe.atMs === edge);
    if (isEased) {
      for (let i = 1; i < PIECES; i++) add(Math.round(before.atMs + ((after.atMs - before.atMs) * i) / PIECES));
      all = all.map((keyframe) => (keyframe.atMs === before.atMs ? { ...keyframe, easing: 'linear' } : keyframe));
    }
    add(edge);
  }
  const inside = all.filter(({ atMs }) => atMs >= fromMs && atMs <= toMs);
  // Beyond the last and before the first the curves stand still: what they stand at has to be said there as well.
  const still = CURVED.filter((property) => all.some((k) => k[property] !== undefined) && !inside.some((k) => k[property] !== undefined));
  const held = Object.fromEntries(still.map((property) => [property, valueAt(all, property, fromMs)]));
  if (still.length > 0) {
    const [first] = inside;
    if (first?.atMs === fromMs) inside[0] = { ...first, ...held };
    else inside.unshift({ atMs: fromMs, ...held, easing: 'linear' });
  }
  return inside.map((keyframe) => ({ ...keyframe, atMs: keyframe.atMs - fromMs }));
}

/** The keyframes of two parts of a clip that are put together again, without those at the cut that say nothing new. */
export function joinKeyframes(left: readonly Keyframe[], right: readonly Keyframe[], cutMs: number): Keyframe[] {
  const later = right.map((keyframe) => ({ ...keyframe, atMs: keyframe.atMs + cutMs }));
  const earlier = left.filter((keyframe) => !(keyframe.atMs === cutMs && later.some(({ atMs }) => atMs === cutMs)));
  const all = [...earlier, ...later];
  const at = all.findIndex(({ atMs }) => atMs === cutMs);
  if (at < 0) return all;
  const without = all.filter((_, i) => i !== at);
  return says(all[at]!, without) ? all : without;
}

/** Whether a keyframe makes any curve another than it is without it. */
function says(keyframe: Keyframe, others: readonly Keyframe[]): boolean {
  const before = others.findLast(({ atMs }) => atMs <= keyframe.atMs);
  if (before && before.easing !== keyframe.easing && others.some(({ atMs }) => atMs > keyframe.atMs)) return true;
  return CURVED.some((property) => {
    const value = keyframe[property];
    if (value === undefined) return false;
    const otherwise = valueAt(others, property, keyframe.atMs);
    return otherwise === undefined || Math.abs(otherwise - value) > 1e-6;
  });
}

/** The clip with a keyframe at a moment: what it has there changes by `values`. Undefined takes a property out, and a keyframe that names nothing goes. */
export function withKeyframe(clip: Clip, atMs: number, values: Partial<Record<Curved, number | undefined>> & { easing?: Easing }): Clip {
  const at = Math.min(clip.durationMs, Math.max(0, Math.round(atMs)));
  const old = clip.keyframes.find((keyframe) => keyframe.atMs === at);
  const merged = { easing: 'linear' as const, ...old, ...values, atMs: at };
  const made = Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== undefined)) as Keyframe;
  const rest = clip.keyframes.filter((keyframe) => keyframe.atMs !== at);
  const isEmpty = CURVED.every((property) => made[property] === undefined);
  return { ...clip, keyframes: (isEmpty ? rest : [...rest, made]).sort((a, b) => a.atMs - b.atMs) };
}

export function withoutKeyframe(clip: Clip, atMs: number): Clip {
  return { ...clip, keyframes: clip.keyframes.filter((keyframe) => keyframe.atMs !== atMs) };
}

/** What can be keyframed of a clip on a track of this kind. */
export const curvesOn = (kind: Track['kind']): readonly Curved[] => (kind === 'audio' ? ['gainDb'] : CURVED);
/** The curve that is drawn on a track: of sound there is only one. */
export const drawnOn = (kind: Track['kind'], chosen: Curved): Curved => (kind === 'audio' ? 'gainDb' : chosen);

/** What a clip has at a moment from its start, keyframed or not. */
export const standingAt = (clip: Clip, property: Curved, atMs: number): number => valueAt(clip.keyframes, property, atMs) ?? (property === 'gainDb' ? 0 : clip[property]);

/** Steps in which values are dragged and moved by keys. */
export const CURVE_STEP: Readonly<Record<Curved, number>> = { x: 0.01, y: 0.01, width: 0.01, height: 0.01, opacity: 0.01, gainDb: 0.5 };

/** The nearest value that a keyframe may have, on a whole step. */
export function allowed(property: Curved, value: number): number {
  const [least, most] = CURVE_RANGE[property];
  const step = CURVE_STEP[property];
  return Number(Math.min(most, Math.max(least, Math.round(value / step) * step)).toFixed(4));
}

/** Whether the studio would take a clip's keyframes: by the schema, in their order, within the clip. */
export function areTaken({ keyframes, durationMs }: Pick<Clip, 'keyframes' | 'durationMs'>): boolean {
  return keyframes.length <= MAX_KEYFRAMES && keyframes.every((keyframe, i) => Keyframe.safeParse(keyframe).success && keyframe.atMs <= durationMs && keyframe.atMs > (keyframes[i - 1]?.atMs ?? -1));
}

/** The moments of the points of one curve, rising, ms from the clip's start. */
export const pointsOf = (clip: Clip, property: Curved): number[] => clip.keyframes.flatMap((keyframe) => (keyframe[property] === undefined ? [] : keyframe.atMs));

/**
 * A keyframe brought to another moment, with all that it names, and another value of one property. It stays between those beside it.
 * @returns the clip, and the moment it came to; the same clip when there is none at `fromMs`
 */
export function movedKeyframe(clip: Clip, fromMs: number, toMs: number, property: Curved, value: number): { clip: Clip; atMs: number } {
  const index = clip.keyframes.findIndex(({ atMs }) => atMs === fromMs);
  const old = clip.keyframes[index];
  if (!old) return { clip, atMs: fromMs };
  const least = index === 0 ? 0 : clip.keyframes[index - 1]!.atMs + 1;
  const most = index === clip.keyframes.length - 1 ? clip.durationMs : clip.keyframes[index + 1]!.atMs - 1;
  const atMs = Math.min(most, Math.max(least, Math.round(toMs)));
  const now = { ...old, atMs, [property]: allowed(property, value) };
  return { clip: { ...clip, keyframes: clip.keyframes.with(index, now) }, atMs };
}

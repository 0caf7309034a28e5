/** What fields of a clip mean wherever it is drawn, checked or edited. Pure. */
import type { Clip, Easing, TrackKind } from './timeline.js';

/** What can be keyframed. */
export const CURVED = ['x', 'y', 'width', 'height', 'opacity', 'gainDb'] as const;
export type Curved = (typeof CURVED)[number];

/** What a keyframe's values may be, as the schema has it (./timeline.ts); a width or height is more than 0. */
export const CURVE_RANGE: Readonly<Record<Curved, readonly [least: number, most: number]>> = {
  x: [-1, 2], y: [-1, 2], width: [0.001, 3], height: [0.001, 3], opacity: [0, 1], gainDb: [-60, 12],
};
/** In one clip. */
export const MAX_KEYFRAMES = 500;

/** The share of the way, 0..1, at a share of the time. */
export function ease(easing: Easing, share: number): number {
  switch (easing) {
    case 'linear': return share;
    case 'hold': return 0;
    case 'ease-in': return share * share;
    case 'ease-out': return 1 - (1 - share) * (1 - share);
    case 'ease-in-out': return share < 0.5 ? 2 * share * share : 1 - 2 * (1 - share) * (1 - share);
    default: return easing satisfies never;
  }
}

/** How much of the clip before it a clip's transition can take in, ms. */
export function coverOf({ transition, durationMs }: Pick<Clip, 'transition' | 'durationMs'>, kind: TrackKind): number {
  if (!transition || transition.kind === 'cut' || (kind === 'audio' && transition.kind !== 'fade')) return 0;
  return Math.min(transition.durationMs, durationMs);
}

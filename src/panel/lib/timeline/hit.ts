/** What lies under a point of the lanes. The topmost track is drawn first; the ruler lies above all. */
import { CURVE_RANGE, type Curved } from '../../../protocol/clip-rules.js';
import type { Clip, TimelineDocument, Track } from '../../../protocol/timeline.js';
import { endOf, inOrder, lastStarting } from './document.js';
import { drawnOn } from './keyframes.js';
import { toMs, toX, type Viewport } from './viewport.js';

export const RULER_HEIGHT = 30;
export const LANE_HEIGHT = 58;
/** Within this much of an end it is the end that is taken hold of, px. */
const EDGE = 7;
/** The square at a clip's upper corners by which its transitions are drawn out, px. */
export const HANDLE = 13;
/** Narrower clips have no ends to take hold of: else they could not be moved. */
const LEAST_FOR_EDGES = 22;
const LEAST_FOR_HANDLES = 48;

export type Zone = 'body' | 'start' | 'end' | 'fade-in' | 'fade-out';
export type Hit = { is: 'ruler' } | { is: 'lane'; track: Track } | { is: 'clip'; track: Track; clip: Clip; zone: Zone } | { is: 'below' };

/** Tracks as they lie on the screen, from the top. */
export const rowsOf = (document: TimelineDocument): Track[] => [...document.tracks].reverse();

export const heightOf = (document: TimelineDocument): number => RULER_HEIGHT + document.tracks.length * LANE_HEIGHT;

export function trackAt(document: TimelineDocument, y: number): Track | undefined {
  if (y < RULER_HEIGHT) return undefined;
  return document.tracks[document.tracks.length - 1 - Math.floor((y - RULER_HEIGHT) / LANE_HEIGHT)];
}

export function hit(document: TimelineDocument, view: Viewport, x: number, y: number): Hit {
  if (y < RULER_HEIGHT) return { is: 'ruler' };
  const track = trackAt(document, y);
  if (!track) return { is: 'below' };
  const clips = inOrder(track);
  // One pixel more to both sides: clips of less than a pixel can be met as well.
  for (let i = lastStarting(clips, toMs(view, x + 1)); i >= 0; i--) {
    const clip = clips[i]!;
    const [left, right] = [toX(view, clip.startMs), toX(view, endOf(clip))];
    if (right >= x - 1) return { is: 'clip', track, clip, zone: zoneOf(x - left, right - x, (y - RULER_HEIGHT) % LANE_HEIGHT, right - left) };
    // Few clips share time: those that begin long before have ended.
    if (right < x - 4000) break;
  }
  return { is: 'lane', track };
}

function zoneOf(fromLeft: number, fromRight: number, y: number, width: number): Zone {
  if (width >= LEAST_FOR_HANDLES && y < HANDLE + 4) {
    if (fromLeft < HANDLE + 4) return 'fade-in';
    if (fromRight < HANDLE + 4) return 'fade-out';
  }
  if (width < LEAST_FOR_EDGES) return 'body';
  if (fromLeft < EDGE) return 'start';
  return fromRight < EDGE ? 'end' : 'body';
}

/** Ids of the clips that a box touches. */
export function within(document: TimelineDocument, view: Viewport, x1: number, y1: number, x2: number, y2: number): string[] {
  const [from, to] = [toMs(view, Math.min(x1, x2)), toMs(view, Math.max(x1, x2))];
  const [top, bottom] = [Math.min(y1, y2), Math.max(y1, y2)];
  return rowsOf(document).flatMap((track, row) => {
    const y = RULER_HEIGHT + row * LANE_HEIGHT;
    if (y + LANE_HEIGHT <= top || y >= bottom) return [];
    return track.clips.filter((clip) => clip.startMs < to && endOf(clip) > from).map(({ id }) => id);
  });
}

/** Of a clip, which lies a little within its lane. */
export const CLIP_TOP = 3;
export const CLIP_HEIGHT = LANE_HEIGHT - 7;
/** Between a curve and the clip's edge. */
const CURVE_GAP = 4;
/** How near to a point of a curve it is that which is meant, px. */
const NEAR_POINT = 7;

/** Where a value of a curve lies, px from the clip's top. */
export function curveY(property: Curved, value: number): number {
  const [least, most] = CURVE_RANGE[property];
  return CLIP_HEIGHT - CURVE_GAP - ((value - least) / (most - least)) * (CLIP_HEIGHT - 2 * CURVE_GAP);
}

/** The value that lies so far from the clip's top; not within the range where that is beside the curve. */
export function curveValue(property: Curved, y: number): number {
  const [least, most] = CURVE_RANGE[property];
  return least + ((CLIP_HEIGHT - CURVE_GAP - y) / (CLIP_HEIGHT - 2 * CURVE_GAP)) * (most - least);
}

/** How far a place of the lanes is from the top of the clips there. */
export const inClip = (y: number): number => ((y - RULER_HEIGHT) % LANE_HEIGHT) - CLIP_TOP;

export interface PointHit { track: Track; clip: Clip; property: Curved; atMs: number }

/** The point of a drawn curve at a place, of the clips that are chosen. */
export function pointAt(document: TimelineDocument, view: Viewport, chosen: ReadonlySet<string>, curve: Curved, x: number, y: number): PointHit | null {
  const track = trackAt(document, y);
  if (!track) return null;
  const property = drawnOn(track.kind, curve);
  let best: PointHit | null = null;
  let least = NEAR_POINT;
  for (const clip of track.clips) {
    if (!chosen.has(clip.id)) continue;
    for (const keyframe of clip.keyframes) {
      const value = keyframe[property];
      if (value === undefined) continue;
      const off = Math.hypot(toX(view, clip.startMs + keyframe.atMs) - x, curveY(property, value) - inClip(y));
      if (off > least) continue;
      least = off;
      best = { track, clip, property, atMs: keyframe.atMs };
    }
  }
  return best;
}

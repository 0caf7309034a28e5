/** What the mouse does on the lanes, from the press to the release. What is moved is shown at once; the studio is told at the release. */
import type { Curved } from '../../../protocol/clip-rules.js';
import type { Clip, TimelineDocument, Track } from '../../../protocol/timeline.js';
import { clipsById, endOf } from '../../lib/timeline/document.js';
import { moved, trimmed, withChanged } from '../../lib/timeline/edits.js';
import { CLIP_TOP, curveValue, curveY, hit, LANE_HEIGHT, pointAt, RULER_HEIGHT, rowsOf, trackAt, within, type Hit, type PointHit } from '../../lib/timeline/hit.js';
import { movedKeyframe } from '../../lib/timeline/keyframes.js';
import { snapped, snapPoints } from '../../lib/timeline/snap.js';
import { timecode } from '../../lib/timeline/time.js';
import { rulerStep, toMs, type Viewport } from '../../lib/timeline/viewport.js';
import { texts } from '../../texts.js';
import { curveWords } from '../../store/timeline-points.js';
import { movedToKind } from '../../store/timeline-do.js';
import { hasTime } from '../../store/timeline-things.js';
import type { TransitionKind } from '../../../protocol/resources.js';

const did = texts.timelines.did;
/** Less than this is a click, px. */
const STILL = 4;
const SNAP_PX = 9;
const SNAP_VALUE_PX = 3;

export interface Pointed {
  x: number;
  y: number;
  /** Shift or Ctrl: adds to what is chosen. */
  adds: boolean;
  /** Alt: nothing catches. */
  free: boolean;
}

export interface DragContext {
  document: TimelineDocument;
  view(): Viewport;
  selection: ReadonlySet<string>;
  ripple: 'off' | 'track' | 'all';
  snaps: boolean;
  cursorMs: number;
  airMs: number | null;
  region: { fromMs: number; toMs: number } | null;
  /** Of a transition that is drawn out where there is none. */
  transitionKind: TransitionKind;
  frameMs: number;
  /** The curve that is drawn. */
  curve: Curved;
}

/** What is shown while the mouse is down, and what comes of it. */
export type Outcome =
  /** `refused`: the document stays as it is, and the words say why. */
  | { is: 'edit'; document: TimelineDocument; what: string; snapMs: number | null; words: string; refused?: true; point?: { clipId: string; atMs: number } }
  | { is: 'point'; clipId: string; atMs: number }
  | { is: 'select'; ids: string[]; focus: string | null; box: [number, number, number, number] | null }
  | { is: 'cursor'; ms: number }
  | { is: 'air'; ms: number }
  | { is: 'region'; fromMs: number; toMs: number };

/** A press, and how far it was moved since. */
export interface Drag {
  move(at: Pointed): Outcome | null;
  /** A press without a move. */
  click(): Outcome | null;
}

export function begin(at: Pointed, context: DragContext, onAirHead: boolean): Drag {
  const found = hit(context.document, context.view(), at.x, at.y);
  const isFar = (to: Pointed) => Math.abs(to.x - at.x) >= STILL || Math.abs(to.y - at.y) >= STILL;
  const whenFar = (make: (to: Pointed) => Outcome | null) => {
    let far = false;
    return (to: Pointed): Outcome | null => ((far ||= isFar(to)) ? make(to) : null);
  };
  const startMs = toMs(context.view(), at.x);
  const grabbed = pointAt(context.document, context.view(), context.selection, context.curve, at.x, at.y);
  if (grabbed && !onAirHead) return { move: whenFar(pointDrag(grabbed, context)), click: () => ({ is: 'point', clipId: grabbed.clip.id, atMs: grabbed.atMs }) };
  if (onAirHead) return { move: whenFar((to) => ({ is: 'air', ms: point(to, context) })), click: () => null };
  if (found.is === 'ruler') {
    if (at.adds) return { move: whenFar((to) => region(startMs, to, context)), click: () => null };
    return { move: (to) => ({ is: 'cursor', ms: point(to, context) }), click: () => ({ is: 'cursor', ms: point(at, context) }) };
  }
  if (found.is !== 'clip') {
    return {
      move: whenFar((to) => box(at, to, startMs, context)),
      click: () => ({ is: 'select', ids: at.adds ? [...context.selection] : [], focus: null, box: null }),
    };
  }
  return { move: whenFar(dragOf(found, at, context, startMs)), click: () => clicked(found, at, context) };
}

function clicked({ clip }: Extract<Hit, { is: 'clip' }>, { adds }: Pointed, { selection }: DragContext): Outcome {
  const ids = new Set(adds ? selection : []);
  if (adds && ids.has(clip.id)) ids.delete(clip.id);
  else ids.add(clip.id);
  return { is: 'select', ids: [...ids], focus: clip.id, box: null };
}

function dragOf(found: Extract<Hit, { is: 'clip' }>, at: Pointed, context: DragContext, startMs: number): (to: Pointed) => Outcome | null {
  const { document, selection, ripple } = context;
  const { clip, track, zone } = found;
  const ids = selection.has(clip.id) ? selection : new Set([clip.id]);
  const points = snapPoints(document, zone === 'start' || zone === 'end' ? new Set([clip.id]) : ids, snapMore(context));
  const byOf = (to: Pointed, edges: readonly number[]) => caught(edges, toMs(context.view(), to.x) - startMs, points, to, context);
  switch (zone) {
    case 'start':
    case 'end': {
      const edge = zone === 'start' ? clip.startMs : endOf(clip);
      return (to) => {
        const { byMs, atMs } = byOf(to, [edge]);
        const result = trimmed(document, clip.id, zone, byMs, ripple, hasTime, context.frameMs);
        const now = clipsById(result).get(clip.id)!.clip;
        return { is: 'edit', document: result, what: did.trim, snapMs: atMs, words: timecode(zone === 'start' ? now.startMs : endOf(now)) };
      };
    }
    case 'fade-in':
    case 'fade-out':
      return (to) => {
        const now = toMs(context.view(), to.x);
        const length = Math.round(Math.min(clip.durationMs, 60_000, Math.max(0, zone === 'fade-in' ? now - clip.startMs : endOf(clip) - now)));
        return { is: 'edit', document: faded(document, clip.id, zone, length, context.transitionKind), what: did.transition, snapMs: null, words: timecode(length) };
      };
    default: {
      const edges = [...ids].flatMap((id) => {
        const one = clipsById(document).get(id)?.clip;
        return one ? [one.startMs, endOf(one)] : [];
      }).sort((a, b) => a - b);
      const ends = [clip.startMs, endOf(clip), edges[0]!, edges.at(-1)!];
      const fromRow = rowsOf(document).filter(({ kind }) => kind === track.kind).findIndex(({ id }) => id === track.id);
      return (to) => {
        const { byMs, atMs } = byOf(to, ends);
        const target = trackAt(document, to.y);
        const other = target && target.kind !== track.kind ? onto(target, clip, ids, byMs, context) : null;
        // Where they may not lie they move in time, as if the pointer had stayed in its own row.
        if (other && !(other.refused && byMs !== 0)) return other;
        const row = rowsOf(document).filter(({ kind }) => kind === track.kind).findIndex(({ id }) => id === target?.id);
        // Rows are counted from the top, tracks from the lowest.
        const by = row < 0 ? 0 : fromRow - row;
        const result = moved(document, ids, byMs, by, ripple);
        const now = clipsById(result).get(clip.id)!.clip;
        return { is: 'edit', document: result, what: did.move, snapMs: now.startMs === clip.startMs + byMs ? atMs : null, words: other?.words ?? timecode(now.startMs) };
      };
    }
  }
}

/** To a track of another kind, where that takes them. */
function onto(target: Track, clip: Clip, ids: ReadonlySet<string>, byMs: number, { document }: DragContext): Extract<Outcome, { is: 'edit' }> {
  const result = movedToKind(document, ids, byMs, target);
  if ('refused' in result) return { is: 'edit', document, what: did.move, snapMs: null, words: result.refused, refused: true };
  const words = target.kind === 'audio' ? texts.timelines.soundOnly : timecode(clipsById(result.document).get(clip.id)!.clip.startMs);
  return { is: 'edit', document: result.document, what: did.move, snapMs: null, words };
}

/** In time and value at once; with Shift in value alone. Values catch at those of the points beside it, and at what the clip has by itself. */
function pointDrag({ clip, track, property, atMs }: PointHit, context: DragContext): (to: Pointed) => Outcome {
  const { document } = context;
  const others = clip.keyframes.filter((keyframe) => keyframe.atMs !== atMs);
  const points = snapPoints(document, new Set(), [...snapMore(context), ...others.map((keyframe) => clip.startMs + keyframe.atMs)]);
  const values = [...others.flatMap((keyframe) => keyframe[property] ?? []), property === 'gainDb' ? 0 : clip[property]];
  return (to) => {
    const atRest = clip.startMs + atMs;
    const { byMs, atMs: snapMs } = to.adds ? { byMs: 0, atMs: null } : caught([atRest], toMs(context.view(), to.x) - atRest, points, to, context);
    const top = rowsOf(document).findIndex(({ id }) => id === track.id);
    // Beyond its lane a point stays at the lane's edge.
    const y = Math.min(LANE_HEIGHT, Math.max(0, to.y - RULER_HEIGHT - top * LANE_HEIGHT)) - CLIP_TOP;
    const near = context.snaps && !to.free ? values.find((value) => Math.abs(curveY(property, value) - y) <= SNAP_VALUE_PX) : undefined;
    const result = movedKeyframe(clip, atMs, atMs + byMs, property, near ?? curveValue(property, y));
    const value = result.clip.keyframes.find((keyframe) => keyframe.atMs === result.atMs)![property]!;
    return {
      is: 'edit', document: withChanged(document, new Set([clip.id]), () => result.clip), what: did.keyframe, snapMs: result.atMs === atMs + byMs ? snapMs : null,
      words: `${timecode(clip.startMs + result.atMs)} · ${curveWords(property, value)}`, point: { clipId: clip.id, atMs: result.atMs },
    };
  };
}

/** Of a join it is the later clip that comes in. No length takes the transition away. */
function faded(document: TimelineDocument, id: string, zone: 'fade-in' | 'fade-out', durationMs: number, kind: TransitionKind): TimelineDocument {
  const { clip, track } = clipsById(document).get(id)!;
  const next = zone === 'fade-out' ? track.clips.find((one) => one.id !== id && one.startMs > clip.startMs && one.startMs <= endOf(clip)) : undefined;
  const field = zone === 'fade-in' || next ? 'transition' : 'transitionOut';
  return withChanged(document, new Set([next?.id ?? id]), (one) => {
    const { [field]: old, ...rest } = one;
    return durationMs === 0 ? (rest as typeof one) : { ...one, [field]: { ...old, kind: old && old.kind !== 'cut' ? old.kind : kind, durationMs } };
  });
}

function box(from: Pointed, to: Pointed, startMs: number, { document, view, selection }: DragContext): Outcome {
  // The view may have been scrolled since.
  const x = (startMs - view().fromMs) * view().pxPerMs;
  const ids = within(document, view(), x, from.y, to.x, to.y);
  return { is: 'select', ids: from.adds ? [...new Set([...selection, ...ids])] : ids, focus: ids[0] ?? null, box: [x, from.y, to.x, to.y] };
}

function region(startMs: number, to: Pointed, context: DragContext): Outcome {
  const [a, b] = [Math.round(caughtAt(startMs, to, context)), point(to, context)];
  return { is: 'region', fromMs: Math.max(0, Math.min(a, b)), toMs: Math.max(a, b, 1) };
}

const snapMore = ({ cursorMs, airMs, region: span }: DragContext): (number | null)[] => [cursorMs, airMs, span?.fromMs ?? null, span?.toMs ?? null];

function caught(edges: readonly number[], byMs: number, points: Float64Array, { free }: Pointed, { snaps, view }: DragContext): { byMs: number; atMs: number | null } {
  if (!snaps || free) return { byMs: Math.round(byMs), atMs: null };
  const { pxPerMs } = view();
  const found = snapped(edges, byMs, points, { withinMs: SNAP_PX / pxPerMs, stepMs: rulerStep(pxPerMs, 60) >= 1000 && pxPerMs < 0.012 ? 0 : 1000 });
  return { byMs: Math.round(found.byMs), atMs: found.atMs };
}

function caughtAt(ms: number, at: Pointed, context: DragContext): number {
  const points = snapPoints(context.document, new Set(), [context.airMs, context.region?.fromMs ?? null, context.region?.toMs ?? null]);
  return Math.max(0, Math.round(ms) + caught([Math.round(ms)], 0, points, at, context).byMs);
}

/** Within this of an edge a thing of the list is caught: whoever drags one sees no more of it than the pointer, px. */
const DROP_PX = 24;

/** Where a thing of that length begins when it is dropped there. */
export function dropAt(at: Pointed, lengthMs: number, { document, view, snaps, cursorMs }: Pick<DragContext, 'document' | 'view' | 'snaps' | 'cursorMs'>): { startMs: number; snapMs: number | null } {
  const ms = Math.max(0, Math.round(toMs(view(), at.x)));
  if (!snaps || at.free) return { startMs: ms, snapMs: null };
  const found = snapped([ms, ms + lengthMs], 0, snapPoints(document, new Set(), [cursorMs]), { withinMs: DROP_PX / view().pxPerMs, stepMs: 0 });
  return ms + found.byMs < 0 ? { startMs: 0, snapMs: 0 } : { startMs: Math.round(ms + found.byMs), snapMs: found.atMs };
}

const point = (at: Pointed, context: DragContext): number => caughtAt(Math.max(0, toMs(context.view(), at.x)), at, context);

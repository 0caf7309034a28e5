/** The points of the drawn curve: put there, chosen, moved and taken out, by keys or the mouse. */
import type { Curved } from '../../protocol/clip-rules.js';
import type { Clip, Track } from '../../protocol/timeline.js';
import { clipsById, endOf } from '../lib/timeline/document.js';
import { withChanged } from '../lib/timeline/edits.js';
import { allowed, areTaken, CURVE_STEP, drawnOn, movedKeyframe, pointsOf, standingAt, withKeyframe } from '../lib/timeline/keyframes.js';
import { framesOn, timecode } from '../lib/timeline/time.js';
import { texts } from '../texts.js';
import { notify } from './actions.js';
import { snapshot, spoken } from './state.js';
import { commit, shown } from './timeline.js';
import { curve, cursorMs, focused, moveCursor, point, reveal, select } from './timeline-view.js';

const t = texts.timelines;
/** With Shift a key moves a value by so many steps. */
const MANY = 10;

/** `50 %`, `-6 dB`. */
export const curveWords = (property: Curved, value: number): string => (property === 'gainDb' ? t.decibels(Number(value.toFixed(1))) : t.percent(Number((value * 100).toFixed(1))));

interface At {
  clip: Clip;
  track: Track;
  property: Curved;
}

function located(clipId: string | null): At | null {
  const found = shown.value && clipId !== null ? clipsById(shown.value).get(clipId) : undefined;
  return found ? { clip: found.clip, track: found.track, property: drawnOn(found.track.kind, curve.value) } : null;
}

/** Stores a clip whose keyframes were changed, where the studio would take it. @returns whether it was done */
function commitPoints(clip: Clip): boolean {
  const document = shown.value;
  if (!document) return false;
  if (!areTaken(clip)) {
    notify('timeline', t.noKeyframe);
    return false;
  }
  return commit(withChanged(document, new Set([clip.id]), () => clip), t.did.keyframe);
}

/** @param atMs from the clip's start */
export function choosePoint(clipId: string, atMs: number): void {
  select([clipId], clipId);
  point.value = { clipId, atMs };
  const at = located(clipId);
  if (!at) return;
  const points = pointsOf(at.clip, at.property);
  reveal(at.clip.startMs + atMs);
  spoken.value = t.pointChosen(points.indexOf(atMs) + 1, points.length, t.curves[at.property], curveWords(at.property, standingAt(at.clip, at.property, atMs)), timecode(at.clip.startMs + atMs));
}

/**
 * Puts a point on the drawn curve.
 * @param atMs from the clip's start
 * @param value what it is to be there; left out: what it is there already
 */
export function addPoint(clipId: string, atMs: number, value?: number): void {
  const at = located(clipId);
  if (!at) return;
  const whole = Math.round(Math.min(at.clip.durationMs, Math.max(0, atMs)));
  const clip = withKeyframe(at.clip, whole, { [at.property]: allowed(at.property, value ?? standingAt(at.clip, at.property, whole)) });
  if (commitPoints(clip)) choosePoint(clipId, whole);
}

/** Of the clip that has the focus, where the cursor is. */
export function addAtCursor(): void {
  const at = located(focused.value);
  if (!at) return;
  if (cursorMs.value < at.clip.startMs || cursorMs.value > endOf(at.clip)) notify('timeline', t.cursorOutside);
  else addPoint(at.clip.id, cursorMs.value - at.clip.startMs);
}

/** To the next point of the clip that has the focus, or to the one before; the cursor goes along. */
export function nextPoint(by: 1 | -1): void {
  const at = located(point.value?.clipId ?? focused.value);
  if (!at) return;
  const points = pointsOf(at.clip, at.property);
  const chosen = point.value ? points.indexOf(point.value.atMs) : -1;
  const atMs = chosen >= 0 ? points[chosen + by] : by > 0 ? points[0] : points.at(-1);
  if (atMs === undefined) {
    spoken.value = points.length === 0 ? t.noPoints(t.curves[at.property]) : t.noMorePoints;
    return;
  }
  choosePoint(at.clip.id, atMs);
  moveCursor(at.clip.startMs + atMs);
}

/** Moves the point that is chosen: by frames, and by steps of its value. */
export function nudgePoint({ frames = 0, steps = 0, shift }: { frames?: number; steps?: number; shift: boolean }): void {
  const is = point.value;
  const at = located(is?.clipId ?? null);
  if (!is || !at) return;
  const fps = snapshot.value?.settings.video.fps ?? 30;
  const start = at.clip.startMs;
  const toMs = frames === 0 ? is.atMs : framesOn(start + is.atMs, frames * (shift ? Math.round(fps) : 1), fps) - start;
  const value = standingAt(at.clip, at.property, is.atMs) + steps * CURVE_STEP[at.property] * (shift ? MANY : 1);
  const { clip, atMs } = movedKeyframe(at.clip, is.atMs, toMs, at.property, value);
  if (commitPoints(clip)) choosePoint(clip.id, atMs);
}

/** Takes the chosen point off its curve; other curves keep theirs. The one beside it is chosen then. */
export function removePoint(): void {
  const is = point.value;
  const at = located(is?.clipId ?? null);
  if (!is || !at) return;
  const points = pointsOf(at.clip, at.property);
  const next = points[points.indexOf(is.atMs) + 1] ?? points[points.indexOf(is.atMs) - 1];
  if (!commitPoints(withKeyframe(at.clip, is.atMs, { [at.property]: undefined }))) return;
  if (next === undefined) point.value = null;
  else choosePoint(at.clip.id, next);
  spoken.value = t.pointRemoved;
}

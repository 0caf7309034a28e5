/** The keys of the clips' grid. Those of the whole page, as digits, are not among them. */
import { clipAt, clipsById, endOf, inOrder } from '../../lib/timeline/document.js';
import { rowsOf } from '../../lib/timeline/hit.js';
import { framesOn } from '../../lib/timeline/time.js';
import { shown, redo, undo } from '../../store/timeline.js';
import {
  copy, cut, duplicateChosen, fps, join, moveToTrack, nudge, paste, removeChosen, splitAtCursor, trimBy, trimToCursor,
} from '../../store/timeline-do.js';
import { addAtCursor, nextPoint, nudgePoint, removePoint } from '../../store/timeline-points.js';
import { cursorMs, fit, focused, moveCursor, point, reveal, ripple, select, selection, snapping, view, zoomBy } from '../../store/timeline-view.js';

const SECOND = (): number => Math.round(fps());

type Handler = (event: { shift: boolean }) => void;

const middle = (): number => view.value.width / 2;
const steps = (shift: boolean): number => (shift ? SECOND() : 1);
const cursorBy = (frames: number): void => moveCursor(framesOn(cursorMs.value, frames, fps()));

/** By `event.key` in lower case, with `ctrl+` (also the Mac's command key) and `alt+` before it. */
const KEYS: Readonly<Record<string, Handler>> = {
  arrowleft: ({ shift }) => along(-1, shift),
  arrowright: ({ shift }) => along(1, shift),
  arrowup: ({ shift }) => across(-1, shift),
  arrowdown: ({ shift }) => across(1, shift),
  home: () => toEnd('first'),
  end: () => toEnd('last'),
  ' ': () => toggle(),
  enter: () => document.getElementById('clip-start')?.focus(),
  escape: () => select([], focused.value),
  'ctrl+a': () => select(shown.value ? clipsById(shown.value).keys() : []),
  ',': () => nudge(-1),
  '<': () => nudge(-SECOND()),
  '.': () => nudge(1),
  '>': () => nudge(SECOND()),
  'alt+arrowup': () => moveToTrack(1),
  'alt+arrowdown': () => moveToTrack(-1),
  'alt+arrowleft': ({ shift }) => trimBy('end', -steps(shift)),
  'alt+arrowright': ({ shift }) => trimBy('end', steps(shift)),
  'ctrl+alt+arrowleft': ({ shift }) => trimBy('start', -steps(shift)),
  'ctrl+alt+arrowright': ({ shift }) => trimBy('start', steps(shift)),
  '[': () => trimToCursor('start'),
  ']': () => trimToCursor('end'),
  s: () => splitAtCursor(),
  j: () => join(),
  c: () => { const at = focusedClip(); if (at) moveCursor(at.clip.startMs); },
  e: () => { const at = focusedClip(); if (at) moveCursor(endOf(at.clip)); },
  'ctrl+arrowleft': ({ shift }) => cursorBy(-steps(shift)),
  'ctrl+arrowright': ({ shift }) => cursorBy(steps(shift)),
  delete: ({ shift }) => removeChosen(shift ? 'track' : ripple.value),
  backspace: ({ shift }) => removeChosen(shift ? 'track' : ripple.value),
  'ctrl+c': () => void copy(),
  'ctrl+x': () => cut(),
  'ctrl+v': () => paste(),
  'ctrl+d': () => duplicateChosen(),
  'ctrl+z': ({ shift }) => void (shift ? redo() : undo()),
  'ctrl+y': () => void redo(),
  '+': () => zoomBy(1.25, middle()),
  '=': () => zoomBy(1.25, middle()),
  '-': () => zoomBy(0.8, middle()),
  '\\': () => fit(),
  n: () => { snapping.value = !snapping.value; },
  k: () => addAtCursor(),
  p: ({ shift }) => nextPoint(shift ? -1 : 1),
  r: () => { ripple.value = ripple.value === 'off' ? 'track' : ripple.value === 'track' ? 'all' : 'off'; },
};

/** While a point of a curve is chosen these come first. */
const POINT_KEYS: Readonly<Record<string, Handler>> = {
  arrowleft: ({ shift }) => nudgePoint({ frames: -1, shift }),
  arrowright: ({ shift }) => nudgePoint({ frames: 1, shift }),
  arrowup: ({ shift }) => nudgePoint({ steps: 1, shift }),
  arrowdown: ({ shift }) => nudgePoint({ steps: -1, shift }),
  delete: () => removePoint(),
  backspace: () => removePoint(),
  escape: () => { point.value = null; },
};

export const handlerOf = (name: string): Handler | undefined => (point.value && POINT_KEYS[name]) || KEYS[name];

export function keyName(event: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey'>): string {
  return `${event.ctrlKey || event.metaKey ? 'ctrl+' : ''}${event.altKey ? 'alt+' : ''}${event.key.toLowerCase()}`;
}

function focusedClip() {
  return shown.value && focused.value !== null ? clipsById(shown.value).get(focused.value) : undefined;
}

/** Puts the focus on a clip and, without Shift, chooses it alone. */
function go(id: string, adds: boolean): void {
  const at = clipsById(shown.value!).get(id)!;
  select(adds ? [...selection.value, ...(focused.value === null ? [] : [focused.value]), id] : [id], id);
  reveal(at.clip.startMs);
}

function along(by: number, adds: boolean): void {
  const at = focusedClip();
  if (!at) return first();
  const list = inOrder(at.track);
  const next = list[list.findIndex(({ id }) => id === at.clip.id) + by];
  if (next) go(next.id, adds);
}

/** To the clip of the next track that lies there or nearest to there. */
function across(by: number, adds: boolean): void {
  const at = focusedClip();
  if (!at) return first();
  const rows = rowsOf(shown.value!);
  for (let row = rows.findIndex(({ id }) => id === at.track.id) + by; row >= 0 && row < rows.length; row += by) {
    const list = inOrder(rows[row]!);
    if (list.length === 0) continue;
    const near = clipAt(list, at.clip.startMs) ?? list.reduce((best, clip) => (Math.abs(clip.startMs - at.clip.startMs) < Math.abs(best.startMs - at.clip.startMs) ? clip : best));
    return go(near.id, adds);
  }
}

function toEnd(which: 'first' | 'last'): void {
  const at = focusedClip();
  if (!at) return first();
  const list = inOrder(at.track);
  go((which === 'first' ? list[0] : list.at(-1))!.id, false);
}

function first(): void {
  const clip = shown.value && rowsOf(shown.value).map((track) => inOrder(track)[0]).find((one) => one !== undefined);
  if (clip) go(clip.id, false);
}

function toggle(): void {
  const id = focused.value;
  if (id === null) return first();
  const ids = new Set(selection.value);
  if (!ids.delete(id)) ids.add(id);
  select(ids, id);
}

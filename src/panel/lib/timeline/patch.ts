/** Two versions of a timeline → the JSON Patch that the studio takes. */
import { MAX_OPERATIONS, type Clip, type TimelineDocument, type TimelinePatch, type Track } from '../../../protocol/timeline.js';
import { same } from '../same.js';

/** A list that changes more than this is sent as a whole. */
const MANY = MAX_OPERATIONS / 4;

type Fields = Record<string, unknown>;

export function patchBetween(before: TimelineDocument, after: TimelineDocument): TimelinePatch {
  const { tracks: old, ...oldTop } = before;
  const { tracks: now, ...top } = after;
  return [...fieldsPatch('', oldTop, top), ...tracksPatch(old, now)];
}

function fieldsPatch(path: string, before: Fields, after: Fields): TimelinePatch {
  const patch: TimelinePatch = [];
  for (const field of new Set([...Object.keys(before), ...Object.keys(after)])) {
    if (same(before[field], after[field])) continue;
    if (after[field] === undefined) patch.push({ op: 'remove', path: `${path}/${field}` });
    else patch.push({ op: before[field] === undefined ? 'add' : 'replace', path: `${path}/${field}`, value: after[field] });
  }
  return patch;
}

function tracksPatch(before: readonly Track[], after: readonly Track[]): TimelinePatch {
  if (before === after) return [];
  const patch: TimelinePatch = [];
  // From here on `list` is what the studio has after the operations so far.
  const list = [...before];
  for (let i = list.length - 1; i >= 0; i--) {
    if (after.some(({ id }) => id === list[i]!.id)) continue;
    patch.push({ op: 'remove', path: `/tracks/${i}` });
    list.splice(i, 1);
  }
  after.forEach((track, i) => {
    const at = list.findIndex(({ id }) => id === track.id);
    if (at < 0) {
      patch.push({ op: 'add', path: `/tracks/${i}`, value: track });
      list.splice(i, 0, track);
    } else if (at !== i) {
      patch.push({ op: 'move', from: `/tracks/${at}`, path: `/tracks/${i}` });
      list.splice(i, 0, ...list.splice(at, 1));
    }
  });
  after.forEach((track, i) => {
    const old = list[i]!;
    if (old === track) return;
    const { clips: oldClips, ...oldFields } = old;
    const { clips, ...fields } = track;
    patch.push(...fieldsPatch(`/tracks/${i}`, oldFields, fields));
    if (oldClips !== clips) patch.push(...clipsPatch(`/tracks/${i}/clips`, oldClips, clips));
  });
  return patch;
}

function clipsPatch(path: string, before: readonly Clip[], after: readonly Clip[]): TimelinePatch {
  const whole: TimelinePatch = [{ op: 'replace', path, value: after }];
  const wanted = new Map(after.map((clip) => [clip.id, clip]));
  const patch: TimelinePatch = [];
  const list = [...before];
  for (let i = list.length - 1; i >= 0; i--) {
    if (wanted.has(list[i]!.id)) continue;
    patch.push({ op: 'remove', path: `${path}/${i}` });
    list.splice(i, 1);
    if (patch.length > MANY) return whole;
  }
  const known = new Set(list.map(({ id }) => id));
  for (let i = 0; i < after.length; i++) {
    const clip = after[i]!;
    const old = list[i];
    if (old?.id === clip.id) {
      if (old !== clip) patch.push(...fieldsPatch(`${path}/${i}`, old as Fields, clip as Fields));
    } else if (!known.has(clip.id)) {
      patch.push({ op: 'add', path: `${path}/${i}`, value: clip });
      list.splice(i, 0, clip);
    } else return whole;
    if (patch.length > MANY) return whole;
  }
  return patch;
}

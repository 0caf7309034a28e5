/**
 * What an edit changed, by ids: so that it can be done again on a document that somebody else changed in the meantime, as far
 * as the two do not touch the same things.
 */
import type { Clip, TimelineDocument, Track } from '../../../protocol/timeline.js';
import { same } from '../same.js';
import { clipsById } from './document.js';
import { overlapping } from './overlap.js';

type Fields = Record<string, unknown>;
/** A thing before and after; null: it was not there, or is no more. */
interface Change<T> {
  id: string;
  before: T | null;
  after: T | null;
}
interface PlacedClip {
  trackId: string;
  clip: Clip;
}

export interface Changes {
  clips: Change<PlacedClip>[];
  /** Without their clips. */
  tracks: Change<Omit<Track, 'clips'>>[];
  /** The order of the tracks, where it was changed; else null. */
  order: { before: string[]; after: string[] } | null;
  /** What stands at the top: name, loop, durationMs, filler. */
  top: { before: Fields; after: Fields };
}

const TOP = ['name', 'loop', 'durationMs', 'filler'] as const;

export function changesBetween(before: TimelineDocument, after: TimelineDocument): Changes {
  const clips: Changes['clips'] = [];
  const old = new Map(before.tracks.map((track) => [track.id, track]));
  const now = new Map(after.tracks.map((track) => [track.id, track]));
  const was = clipsById(before);
  const is = clipsById(after);
  for (const track of after.tracks) {
    if (old.get(track.id)?.clips === track.clips) continue;
    for (const clip of track.clips) {
      const at = was.get(clip.id);
      if (at && at.track.id === track.id && (at.clip === clip || same(at.clip, clip))) continue;
      clips.push({ id: clip.id, before: at ? { trackId: at.track.id, clip: at.clip } : null, after: { trackId: track.id, clip } });
    }
  }
  for (const track of before.tracks) {
    if (now.get(track.id)?.clips === track.clips) continue;
    for (const clip of track.clips) if (!is.has(clip.id)) clips.push({ id: clip.id, before: { trackId: track.id, clip }, after: null });
  }
  const tracks: Changes['tracks'] = [];
  for (const id of new Set([...old.keys(), ...now.keys()])) {
    const [a, b] = [bare(old.get(id)), bare(now.get(id))];
    if (!same(a, b)) tracks.push({ id, before: a, after: b });
  }
  const orders = [before, after].map((one) => one.tracks.map(({ id }) => id)) as [string[], string[]];
  const common = orders.map((list) => list.filter((id) => old.has(id) && now.has(id)).join());
  const isNew = orders[1].some((id) => !old.has(id));
  return {
    clips, tracks,
    order: common[0] !== common[1] || isNew ? { before: orders[0], after: orders[1] } : null,
    top: { before: differing(before, after), after: differing(after, before) },
  };
}

const bare = (track: Track | undefined): Omit<Track, 'clips'> | null => {
  if (!track) return null;
  const { clips: _, ...rest } = track;
  return rest;
};

function differing(one: TimelineDocument, other: TimelineDocument): Fields {
  return Object.fromEntries(TOP.filter((field) => !same(one[field], other[field])).map((field) => [field, one[field]]));
}

/** Why an edit cannot be done again: what of it somebody else changed. */
export type Conflict = { is: 'clip-changed' | 'clip-gone' | 'track-gone' | 'track-changed' | 'in-the-way' | 'settings-changed'; name?: string };

/** Does an edit again on another document: all of it, or nothing and why not. */
export function reapplied(document: TimelineDocument, changes: Changes): { document: TimelineDocument } | { conflict: Conflict } {
  const tops = mergedFields(document as unknown as Fields, changes.top.before, changes.top.after);
  if (!tops) return { conflict: { is: 'settings-changed' } };
  let tracks: Track[] = document.tracks;
  for (const { id, before, after } of changes.tracks) {
    const at = tracks.findIndex((track) => track.id === id);
    const track = tracks[at];
    if (!before && after) {
      if (!track) tracks = [...tracks, { ...after, clips: [] }];
      continue;
    }
    if (!after) {
      const taken = new Set(changes.clips.filter((change) => change.before?.trackId === id && change.after === null).map((change) => change.id));
      // Somebody put clips there: they are not thrown away with it.
      if (track?.clips.some((clip) => !taken.has(clip.id))) return { conflict: { is: 'track-changed', ...named(track) } };
      continue;
    }
    if (!track) return { conflict: { is: 'track-gone', ...named(after) } };
    const merged = mergedFields(track as unknown as Fields, before as Fields, after as Fields);
    if (!merged) return { conflict: { is: 'track-changed', ...named(track) } };
    tracks = tracks.with(at, merged as unknown as Track);
  }
  const clips = mergeClips({ ...document, tracks }, changes.clips);
  if ('conflict' in clips) return clips;
  const gone = new Set(changes.tracks.filter(({ after }) => after === null).map(({ id }) => id));
  tracks = clips.tracks.filter(({ id }) => !gone.has(id));
  if (changes.order) tracks = reordered(tracks, changes.order.after);
  const result = { ...(tops as unknown as TimelineDocument), tracks };
  const blocked = newlyBlocked(document, result, changes);
  return blocked ? { conflict: blocked } : { document: result };
}

const named = (thing: { name?: string | undefined }) => (thing.name === undefined ? {} : { name: thing.name });

function mergeClips(document: TimelineDocument, changes: Changes['clips']): { tracks: Track[] } | { conflict: Conflict } {
  const index = clipsById(document);
  const away = new Map<string, Set<string>>();
  const put = new Map<string, Map<string, Clip>>();
  const take = (trackId: string, id: string) => away.set(trackId, (away.get(trackId) ?? new Set()).add(id));
  const give = (trackId: string, clip: Clip) => put.set(trackId, (put.get(trackId) ?? new Map<string, Clip>()).set(clip.id, clip));
  for (const { id, before, after } of changes) {
    const at = index.get(id);
    if (!after) {
      if (!at) continue;
      if (before && !same(at.clip, before.clip)) return { conflict: { is: 'clip-changed', name: id } };
      take(at.track.id, id);
      continue;
    }
    if (!document.tracks.some((track) => track.id === after.trackId)) return { conflict: { is: 'track-gone' } };
    if (!before) {
      if (at && !same(at.clip, after.clip)) return { conflict: { is: 'clip-changed', name: id } };
      if (!at) give(after.trackId, after.clip);
      continue;
    }
    if (!at) return { conflict: { is: 'clip-gone', name: id } };
    const merged = mergedFields(at.clip as unknown as Fields, before.clip as unknown as Fields, after.clip as unknown as Fields) as unknown as Clip | null;
    const trackId = before.trackId === after.trackId ? at.track.id : after.trackId;
    if (!merged || (before.trackId !== after.trackId && at.track.id !== before.trackId && at.track.id !== after.trackId)) return { conflict: { is: 'clip-changed', name: id } };
    if (trackId !== at.track.id) take(at.track.id, id);
    give(trackId, merged);
  }
  const tracks = document.tracks.map((track) => {
    const [gone, fresh] = [away.get(track.id), put.get(track.id)];
    if (!gone && !fresh) return track;
    const known = new Set(track.clips.map(({ id }) => id));
    const stay = track.clips.filter((clip) => !gone?.has(clip.id)).map((clip) => fresh?.get(clip.id) ?? clip);
    return { ...track, clips: [...stay, ...[...(fresh?.values() ?? [])].filter(({ id }) => !known.has(id))] };
  });
  return { tracks };
}

/** Each field that an edit changed, where the other left it as it was, or changed it to the same; null where both changed it. */
function mergedFields(current: Fields, before: Fields, after: Fields): Fields | null {
  let result = current;
  for (const field of new Set([...Object.keys(before), ...Object.keys(after)])) {
    if (same(before[field], after[field]) || same(current[field], after[field])) continue;
    if (!same(current[field], before[field])) return null;
    const { [field]: _, ...rest } = result;
    result = after[field] === undefined ? rest : { ...result, [field]: after[field] };
  }
  return result;
}

/** The tracks in a wished order; those it does not name stay behind the one they were behind. */
function reordered(tracks: readonly Track[], order: readonly string[]): Track[] {
  const place = new Map(order.map((id, i) => [id, i]));
  let last = -1;
  return tracks.map((track) => ({ track, at: (last = place.get(track.id) ?? last + 0.001) })).sort((a, b) => a.at - b.at).map(({ track }) => track);
}

/** A clip of the edit that would now lie over another, where neither of the two did that alone. */
function newlyBlocked(before: TimelineDocument, after: TimelineDocument, changes: Changes): Conflict | null {
  const touched = new Set(changes.clips.flatMap((change) => change.after?.trackId ?? []));
  const wasWrong = new Set(changes.clips.flatMap(({ before: old, id }) => (old ? id : [])));
  for (const track of after.tracks) {
    if (!touched.has(track.id)) continue;
    const wrong = overlapping(track);
    if (wrong.size === 0) continue;
    const old = before.tracks.find(({ id }) => id === track.id);
    const known = old ? overlapping(old) : new Set<string>();
    const own = overlapping({ kind: track.kind, clips: changes.clips.flatMap(({ after: now }) => (now?.trackId === track.id ? now.clip : [])) });
    const fresh = [...wrong].find((id) => !known.has(id) && !(own.has(id) && wasWrong.has(id)));
    if (fresh !== undefined) return { is: 'in-the-way', name: fresh };
  }
  return null;
}

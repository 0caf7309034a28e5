/** Looking things up in a timeline's document, and making new ones. Documents are never changed: what an edit does not touch stays the same object. */
import { Clip, type Track, type TimelineDocument } from '../../../protocol/timeline.js';

/** What a clip shows. */
export type Content = { sourceId: string } | { sceneId: string } | { timelineId: string } | { overlayId: string };

export interface Located {
  track: Track;
  clip: Clip;
  trackIndex: number;
  clipIndex: number;
}

export const endOf = (clip: { startMs: number; durationMs: number }): number => clip.startMs + clip.durationMs;

const indexes = new WeakMap<TimelineDocument, ReadonlyMap<string, Located>>();

/** Every clip by its id. Made once a version. */
export function clipsById(document: TimelineDocument): ReadonlyMap<string, Located> {
  let index = indexes.get(document);
  if (!index) {
    const map = new Map<string, Located>();
    document.tracks.forEach((track, trackIndex) => track.clips.forEach((clip, clipIndex) => map.set(clip.id, { track, clip, trackIndex, clipIndex })));
    indexes.set(document, (index = map));
  }
  return index;
}

const sorted = new WeakMap<readonly Clip[], readonly Clip[]>();

/** A track's clips in the order in which they begin. Made once a version of the track. */
export function inOrder(track: Pick<Track, 'clips'>): readonly Clip[] {
  let list = sorted.get(track.clips);
  if (!list) {
    const isSorted = track.clips.every((clip, i) => i === 0 || track.clips[i - 1]!.startMs <= clip.startMs);
    list = isSorted ? track.clips : [...track.clips].sort((a, b) => a.startMs - b.startMs);
    sorted.set(track.clips, list);
  }
  return list;
}

const ends = new WeakMap<TimelineDocument, number>();

/** When the last clip is over, ms. */
export function contentEnd(document: TimelineDocument): number {
  let end = ends.get(document);
  if (end === undefined) {
    end = document.tracks.reduce((most, { clips }) => clips.reduce((m, clip) => Math.max(m, endOf(clip)), most), 0);
    ends.set(document, end);
  }
  return end;
}

/** How long it plays, ms. */
export const lengthOf = (document: TimelineDocument): number => document.durationMs ?? contentEnd(document);

/** The clip of a sorted list that is seen at a moment, and its index; the later one where two share it. */
export function clipAt(clips: readonly Clip[], ms: number): Clip | undefined {
  for (let i = lastStarting(clips, ms); i >= 0 && i > lastStarting(clips, ms) - 3; i--) if (endOf(clips[i]!) > ms) return clips[i];
  return undefined;
}

/** Index of the last clip of a sorted list that begins at or before a moment; -1: none. */
export function lastStarting(clips: readonly Clip[], ms: number): number {
  let low = 0;
  let high = clips.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (clips[middle]!.startMs <= ms) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** A document with other clips in its tracks; a track whose list is the same stays the same. */
export function withClips(document: TimelineDocument, change: (track: Track, index: number) => Clip[]): TimelineDocument {
  let changed = false;
  const tracks = document.tracks.map((track, index) => {
    const clips = change(track, index);
    if (clips === track.clips) return track;
    changed = true;
    return { ...track, clips };
  });
  return changed ? { ...document, tracks } : document;
}

/** The list with some of its clips put in the place of those of the same id; the same list when none is in it. */
export function replaced(clips: Clip[], by: ReadonlyMap<string, Clip>): Clip[] {
  let changed = false;
  const list = clips.map((clip) => {
    const other = by.get(clip.id);
    if (!other || other === clip) return clip;
    changed = true;
    return other;
  });
  return changed ? list : clips;
}

const LETTERS = 'abcdefghjkmnpqrstuvwxyz23456789';

/** An id as the studio makes them, that nothing here has. */
export function newId(prefix: 'clp' | 'trk', isTaken: (id: string) => boolean = () => false): string {
  for (;;) {
    const id = `${prefix}_${Array.from(crypto.getRandomValues(new Uint8Array(10)), (byte) => LETTERS[byte % LETTERS.length]).join('')}`;
    if (!isTaken(id)) return id;
  }
}

/** A clip with all that it may have, so that it is the same here and in the studio. */
export function makeClip(content: Content, startMs: number, durationMs: number, more: { inMs?: number; id?: string } = {}): Clip {
  const { id = newId('clp'), inMs = 0 } = more;
  return Clip.parse({ id, ...content, startMs: Math.max(0, Math.round(startMs)), durationMs: Math.max(1, Math.round(durationMs)), inMs });
}

export function contentId(clip: Clip): string {
  return clip.sourceId ?? clip.sceneId ?? clip.timelineId ?? clip.overlayId ?? '';
}

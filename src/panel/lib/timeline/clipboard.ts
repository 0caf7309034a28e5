/** Copying clips and putting them in elsewhere, in another timeline too. */
import type { Clip, TimelineDocument, Track } from '../../../protocol/timeline.js';
import { clipsById, newId } from './document.js';
import { inserted } from './edits.js';
import type { Ripple } from './ripple.js';

/** Clips as they were copied: by track, in the order of the tracks. */
export interface Copied {
  readonly tracks: readonly { readonly trackId: string; readonly kind: Track['kind']; readonly clips: readonly Clip[] }[];
}

export function copied(document: TimelineDocument, ids: ReadonlySet<string>): Copied | null {
  const tracks = document.tracks.flatMap(({ id, kind, clips }) => {
    const some = clips.filter((clip) => ids.has(clip.id));
    return some.length > 0 ? [{ trackId: id, kind, clips: some }] : [];
  });
  return tracks.length > 0 ? { tracks } : null;
}

/**
 * Puts copies where the first begins at a moment. They come onto their own tracks where these are there, else onto the first of their
 * kind; `ontoTrack` takes those of one track.
 * @returns the document and the ids of what was put in; the same document where there is no track or no room
 */
export function pasted(document: TimelineDocument, { tracks }: Copied, atMs: number, ripple: Ripple, ontoTrack?: string, makeId: () => string = () => newId('clp', (id) => clipsById(document).has(id))): { document: TimelineDocument; made: string[] } {
  const first = Math.min(...tracks.flatMap(({ clips }) => clips.map(({ startMs }) => startMs)));
  const made: string[] = [];
  let result = document;
  for (const { trackId, kind, clips } of tracks) {
    const wished = tracks.length === 1 ? document.tracks.find((track) => track.id === ontoTrack && track.kind === kind) : undefined;
    const target = wished ?? document.tracks.find((track) => track.id === trackId && track.kind === kind) ?? document.tracks.find((track) => track.kind === kind);
    if (!target) continue;
    const fresh = clips.map((clip) => ({ ...clip, id: makeId(), startMs: Math.round(atMs) + clip.startMs - first }));
    // Room is made once for all tracks.
    const next = inserted(result, target.id, fresh, ripple === 'all' && result !== document ? 'off' : ripple);
    if (next === result) continue;
    made.push(...fresh.map(({ id }) => id));
    result = next;
  }
  return { document: result, made };
}

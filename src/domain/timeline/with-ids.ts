/** Ids for what a client sent without. */
import type { Clip, ClipInput, TimelineDocument, TimelineInput } from '../../protocol/timeline.js';

const MAX_TRIES = 100;

/**
 * The same timeline, every track and clip with an id; those that had one keep it, even one that is there twice (`checkTimeline`
 * tells of it).
 * @param makeId a new id at every call; one that is taken is asked for again
 * @throws Error when makeId keeps giving ids that are taken
 */
export function withIds(timeline: TimelineInput, makeId: (kind: 'track' | 'clip') => string): TimelineDocument {
  const taken = new Set<string>();
  for (const track of timeline.tracks) {
    if (track.id !== undefined) taken.add(track.id);
    for (const clip of track.clips) if (clip.id !== undefined) taken.add(clip.id);
  }
  const fresh = (kind: 'track' | 'clip'): string => {
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const id = makeId(kind);
      if (taken.has(id)) continue;
      taken.add(id);
      return id;
    }
    throw new Error(`No new id for a ${kind} in ${MAX_TRIES} tries.`);
  };
  return {
    ...timeline,
    // Ids in front, as the schema has them: what is read again is written the same. A clip that has one stays the same object.
    tracks: timeline.tracks.map(({ id, ...track }) => ({
      id: id ?? fresh('track'),
      ...track,
      clips: track.clips.map((clip) => (hasId(clip) ? clip : { id: fresh('clip'), ...without(clip) })),
    })),
  };
}

function hasId(clip: ClipInput): clip is Clip {
  return clip.id !== undefined;
}

function without({ id: _, ...clip }: ClipInput): Omit<ClipInput, 'id'> {
  return clip;
}

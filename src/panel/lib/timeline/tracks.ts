/** What is done to tracks. They are drawn from the lowest up: the last of the document lies on top. */
import { MAX_TRACKS, Track, type TimelineDocument } from '../../../protocol/timeline.js';
import { newId } from './document.js';

/** Puts a new track above those of its kind; overlays lie above pictures, sound below. */
export function trackAdded(document: TimelineDocument, kind: Track['kind'], id: string = newId('trk')): TimelineDocument {
  if (document.tracks.length >= MAX_TRACKS) return document;
  const order: Track['kind'][] = ['audio', 'video', 'overlay'];
  const at = document.tracks.findLastIndex((track) => order.indexOf(track.kind) <= order.indexOf(kind)) + 1;
  return { ...document, tracks: document.tracks.toSpliced(at, 0, Track.parse({ id, kind, clips: [] })) };
}

export function trackRemoved(document: TimelineDocument, id: string): TimelineDocument {
  return { ...document, tracks: document.tracks.filter((track) => track.id !== id) };
}

/** @param by places up (towards the viewer), negative: down */
export function trackMoved(document: TimelineDocument, id: string, by: number): TimelineDocument {
  const from = document.tracks.findIndex((track) => track.id === id);
  const to = Math.min(document.tracks.length - 1, Math.max(0, from + by));
  if (from < 0 || from === to) return document;
  return { ...document, tracks: document.tracks.toSpliced(from, 1).toSpliced(to, 0, document.tracks[from]!) };
}

export type TrackFields = Partial<Pick<Track, 'enabled' | 'gainDb'>> & { name?: string | undefined };

/** A name of undefined takes the track's name away. */
export function trackChanged(document: TimelineDocument, id: string, fields: TrackFields): TimelineDocument {
  return {
    ...document,
    tracks: document.tracks.map((track) => {
      if (track.id !== id) return track;
      const { name, ...rest } = { ...track, ...fields };
      return name === undefined ? rest : { ...rest, name };
    }),
  };
}

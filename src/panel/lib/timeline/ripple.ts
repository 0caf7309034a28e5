/** What lies later goes along: the distances between later clips stay as they were, and nothing comes to lie over anything. */
import { MAX_MS } from '../../../protocol/resources.js';
import type { Clip, TimelineDocument, Track } from '../../../protocol/timeline.js';
import { endOf, withClips } from './document.js';

/** `track`: later clips of the same track; `all`: of every track. */
export type Ripple = 'off' | 'track' | 'all';

interface Span {
  startMs: number;
  durationMs: number;
}

/**
 * Shifts all clips of some tracks that begin at `fromMs` or later, by as much as goes: nothing begins before 0 or within what
 * stays, nothing ends after what a timeline may last.
 * @param except clips that stay and are in nobody's way
 * @returns the document, the same when nothing lies there
 */
export function shifted(document: TimelineDocument, isIn: (track: Track) => boolean, fromMs: number, byMs: number, except?: ReadonlySet<string>): TimelineDocument {
  if (byMs === 0) return document;
  const goes = (clip: Clip) => clip.startMs >= fromMs && !except?.has(clip.id);
  let least = -Infinity;
  let most = Infinity;
  for (const { clips } of document.tracks.filter(isIn)) {
    let stays = 0;
    let first = Infinity;
    let last = 0;
    for (const clip of clips) {
      if (goes(clip)) {
        first = Math.min(first, clip.startMs);
        last = Math.max(last, endOf(clip));
      } else if (!except?.has(clip.id)) stays = Math.max(stays, endOf(clip));
    }
    if (first === Infinity) continue;
    least = Math.max(least, Math.min(0, stays - first));
    most = Math.min(most, MAX_MS - last);
  }
  const by = Math.min(most, Math.max(least, byMs));
  if (!Number.isFinite(by) || by === 0) return document;
  return withClips(document, (track) => (isIn(track) && track.clips.some(goes) ? track.clips.map((clip) => (goes(clip) ? { ...clip, startMs: clip.startMs + by } : clip)) : track.clips));
}

/** Whether a track takes part in a ripple that begins on another. */
export const rippling = (ripple: Ripple, trackId: string) => (track: Track): boolean => ripple === 'all' || (ripple === 'track' && track.id === trackId);

/** Spans that lie over each other or touch, as one; in order. */
function joined(spans: readonly Span[]): { from: number; to: number }[] {
  const list: { from: number; to: number }[] = [];
  for (const span of [...spans].sort((a, b) => a.startMs - b.startMs)) {
    const last = list.at(-1);
    if (last && span.startMs <= last.to) last.to = Math.max(last.to, endOf(span));
    else list.push({ from: span.startMs, to: endOf(span) });
  }
  return list;
}

/**
 * Takes spans out of time, as what lay there is gone: what begins later moves up.
 * @param gone by the id of the track
 */
export function closed(document: TimelineDocument, ripple: Ripple, gone: ReadonlyMap<string, readonly Span[]>): TimelineDocument {
  if (ripple === 'off') return document;
  if (ripple === 'all') return closedIn(document, joined([...gone.values()].flat()), () => true, (track) => gone.has(track.id));
  let result = document;
  for (const [id, spans] of gone) result = closedIn(result, joined(spans), (track) => track.id === id, (track) => track.id === id);
  return result;
}

function closedIn(document: TimelineDocument, spans: readonly { from: number; to: number }[], isIn: (track: Track) => boolean, lost: (track: Track) => boolean): TimelineDocument {
  let result = document;
  for (const { from, to } of [...spans].reverse()) {
    // What came in over the end of what is gone comes along.
    const next = result.tracks.filter(lost).flatMap(({ clips }) => clips).reduce((ms, { startMs }) => (startMs >= from ? Math.min(ms, startMs) : ms), to);
    result = shifted(result, isIn, next, from - next);
  }
  return result;
}

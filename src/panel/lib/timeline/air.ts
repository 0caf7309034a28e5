/** What of a timeline is on air, and what comes next. */
import { roundRegion, type TimelineStatus } from '../../../protocol/playback.js';
import type { TimelineDocument } from '../../../protocol/timeline.js';
import { endOf, inOrder, lastStarting, lengthOf } from './document.js';

export interface OnAir {
  now: ReadonlySet<string>;
  next: ReadonlySet<string>;
}

const NOTHING: OnAir = { now: new Set(), next: new Set() };

/** The place within one lap, ms; positions count laps. */
export function placeOf(positionMs: number, document: TimelineDocument): number {
  const length = lengthOf(document);
  return document.loop && length > 0 ? positionMs % length : positionMs;
}

/** Clips that are seen or heard at a place, and on each track the one after. At the end of a loop that is its first. */
export function onAir(document: TimelineDocument, placeMs: number | null): OnAir {
  if (placeMs === null) return NOTHING;
  const now = new Set<string>();
  const next = new Set<string>();
  const length = lengthOf(document);
  for (const track of document.tracks) {
    if (!track.enabled) continue;
    const clips = inOrder(track);
    const last = lastStarting(clips, placeMs);
    // Clips may share time while one comes in: the few before may still be seen.
    for (let i = last; i >= 0 && i > last - 4; i--) if (placeMs < endOf(clips[i]!) && placeMs < length) now.add(clips[i]!.id);
    const following = clips[last + 1];
    if (following && following.startMs < length) next.add(following.id);
    else if (document.loop && clips[0] && !now.has(clips[0].id)) next.add(clips[0].id);
  }
  return { now, next };
}

/** Where a timeline is, some ms after it was reported. */
export function positionAfter(status: Pick<TimelineStatus, 'state' | 'positionMs' | 'durationMs' | 'region'>, ms: number, loop: boolean): number {
  if (status.state !== 'playing') return status.positionMs;
  const { region } = status;
  const position = status.positionMs + ms;
  if (region && position >= region.toMs) return roundRegion(position, region);
  return loop ? position : Math.min(position, Math.max(status.positionMs, status.durationMs));
}

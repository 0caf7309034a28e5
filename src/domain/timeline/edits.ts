/** What an edit means for what is on air. */
import type { CompiledClip, CompiledTimeline } from './compile.js';
import { lastUpTo } from './curves.js';
import type { Playout } from './model.js';
import { frameAt, momentOf, usOf, type Rate } from './rate.js';

/**
 * What an edit leaves where it is. `time`: the lap, and how far into it, as an operator means who moves clips about. `clip`: the one
 * on air, wherever in the lap it is now, as of a folder, to which files come by themselves.
 */
export type Keeps = 'time' | 'clip';

/**
 * Where a position of one version of a timeline is in another: in the same lap and as far into it. They differ where a loop has
 * become longer or shorter, which moves all its laps; whoever moves the anchor by the difference keeps what is on air, and its
 * keys, where they are. A version that does not loop has the first lap only.
 */
export function positionAfterEdit(before: CompiledTimeline, after: CompiledTimeline, position: number, keeps: Keeps = 'time'): number {
  const { durationMs, loop } = before.document;
  const kept = keeps === 'clip' && durationMs > 0 && position >= 0 ? positionOfClip(before, after, position) : null;
  if (kept !== null) return kept;
  if (!loop || durationMs === 0 || position < 0) return position;
  const now = momentOf(position, before.rate);
  const lap = (now - (now % durationMs)) / durationMs;
  const lapAfter = after.document.loop ? lap * after.document.durationMs : 0;
  return position - frameAt(lap * durationMs, before.rate) + frameAt(lapAfter, after.rate);
}

/** With the clip on air as far on as it is; null when that is gone. Of one that is over, what now follows its last clip begins. */
function positionOfClip(before: CompiledTimeline, after: CompiledTimeline, position: number): number | null {
  const { rate, document: { durationMs, loop, tracks } } = before;
  const now = momentOf(position, rate);
  const lap = loop ? Math.floor(now / durationMs) : 0;
  const lapMs = lap * durationMs;
  const lapMsAfter = after.document.loop ? lap * after.document.durationMs : 0;
  const find = (id: string | undefined): CompiledClip | undefined => after.document.tracks.flatMap(({ clips }) => clips).find((clip) => clip.id === id);
  if (!loop && now >= durationMs) {
    const last = find(tracks[0]?.clips.at(-1)?.id);
    if (!last) return null;
    const end = frameAt(last.endMs, rate);
    return last.endMs < after.document.durationMs ? end : Math.max(position, end);
  }
  for (const { clips, starts } of tracks) {
    const clip = clips[lastUpTo(starts, now - lapMs)];
    const same = clip && now - lapMs < clip.endMs ? find(clip.id) : undefined;
    if (clip && same) return position - frameAt(lapMs + clip.startMs, rate) + frameAt(lapMsAfter + same.startMs, rate);
  }
  return null;
}

/**
 * Whether a file's player of one version goes on as that of another: the same playout with the same picture at every position, to
 * within a frame. Where it begins or ends to be seen may differ, as when a clip is trimmed with its in-point.
 */
export function continues(before: Omit<Playout, 'endPosition'>, after: Omit<Playout, 'endPosition'>, rate: Rate): boolean {
  if (before.key !== after.key || before.sourceId !== after.sourceId || before.heardOnly !== after.heardOnly) return false;
  const inUs = before.inUs + usOf(after.startPosition - before.startPosition, rate);
  return Math.abs(inUs - after.inUs) < usOf(1, rate);
}

/** In-points are whole milliseconds, so the second half of a split clip may begin so far beside where the first has ended. */
const SPLIT_US = 1_000;

/** Whether a playout goes on in the same file, on the next frame, where another one ends: nobody could tell a cut from none. */
export function follows(before: Playout, after: Playout, rate: Rate): boolean {
  if (before.sourceId !== after.sourceId || before.heardOnly !== after.heardOnly || before.endPosition !== after.startPosition) return false;
  return Math.abs(before.inUs + usOf(after.startPosition - before.startPosition, rate) - after.inUs) <= SPLIT_US;
}

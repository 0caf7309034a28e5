/** What an edit means for what is on air. */
import type { CompiledTimeline } from './compile.js';
import type { Airing } from './model.js';
import { frameAt, momentOf, usOf, type Rate } from './rate.js';

/**
 * Where a position of one version of a timeline is in another: in the same lap and as far into it. They differ where a loop has
 * become longer or shorter, which moves all its laps; whoever moves the anchor by the difference keeps what is on air, and its
 * keys, where they are. A version that does not loop has the first lap only.
 */
export function positionAfterEdit(before: CompiledTimeline, after: CompiledTimeline, position: number): number {
  const { durationMs, loop } = before.document;
  if (!loop || durationMs === 0 || position < 0) return position;
  const now = momentOf(position, before.rate);
  const lap = (now - (now % durationMs)) / durationMs;
  const lapAfter = after.document.loop ? lap * after.document.durationMs : 0;
  return position - frameAt(lap * durationMs, before.rate) + frameAt(lapAfter, after.rate);
}

/**
 * Whether a file's player of one version goes on as that of another: the same airing with the same picture at every position, to
 * within a frame. Where it begins or ends to be seen may differ, as when a clip is trimmed with its in-point.
 */
export function continues(before: Omit<Airing, 'endPosition'>, after: Omit<Airing, 'endPosition'>, rate: Rate): boolean {
  if (before.key !== after.key || before.sourceId !== after.sourceId || before.heardOnly !== after.heardOnly) return false;
  const inUs = before.inUs + usOf(after.startPosition - before.startPosition, rate);
  return Math.abs(inUs - after.inUs) < usOf(1, rate);
}

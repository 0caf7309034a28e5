/** What trims teach: by how much people move the start and the end of highlights of a kind. */
import { z } from 'zod';
import { HighlightKind, type DecisionRow } from '../../protocol/highlights.js';

export const BoundsLesson = z.object({
  kind: HighlightKind, trims: z.number().int().nonnegative(),
  /** Added to the start and to the end, ms. */
  startMs: z.number().int(), endMs: z.number().int(),
});
export type BoundsLesson = z.infer<typeof BoundsLesson>;

/** From so many trims of a kind on its bounds are moved. */
export const TRIMS_NEEDED = 10;
/** A smaller change is none. */
const LEAST_TRIM_MS = 100;
/** As if so many had been accepted as they were. */
const DOUBT = 5;
const SHORTEST_MS = 1_000;

export function isTrim(row: DecisionRow): boolean {
  return row.verdict === 'accepted' && Math.max(Math.abs(row.startMs - row.foundStartMs), Math.abs(row.endMs - row.foundEndMs)) >= LEAST_TRIM_MS;
}

/** The median of each kind's trims, drawn towards 0 by those that were accepted as they were: where only a few are trimmed, most were right. */
export function lessonsOf(rows: readonly DecisionRow[]): BoundsLesson[] {
  return HighlightKind.options.flatMap((kind) => {
    const accepted = rows.filter((row) => row.kind === kind && row.verdict === 'accepted');
    const trims = accepted.filter(isTrim);
    if (trims.length < TRIMS_NEEDED) return [];
    const share = trims.length / (accepted.length + DOUBT);
    return [{
      kind, trims: trims.length,
      startMs: Math.round(share * median(trims.map((row) => row.startMs - row.foundStartMs))),
      endMs: Math.round(share * median(trims.map((row) => row.endMs - row.foundEndMs))),
    }];
  });
}

/** Bounds as people would have them: within the recording, around the peak, and never shorter than a second unless they were. */
export function moveBounds<T extends { startMs: number; endMs: number; peakMs: number; kind: HighlightKind }>(found: T, lessons: readonly BoundsLesson[], durationMs: number): T {
  const lesson = lessons.find(({ kind }) => kind === found.kind);
  if (!lesson) return found;
  const startMs = Math.max(0, Math.min(found.startMs + lesson.startMs, found.peakMs));
  const endMs = Math.min(durationMs, Math.max(found.endMs + lesson.endMs, found.peakMs));
  return endMs - startMs < SHORTEST_MS ? found : { ...found, startMs, endMs };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** How good what was found is, beside what was planted. */

export interface Span { startMs: number; endMs: number }

export interface Score {
  /** Of the first ten, the share that is planted; NaN where nothing was found. */
  precision: number;
  /** Of what is planted (of ten, where it is more), the share that is among the first ten. */
  recall: number;
  /** Of each planted one that was found. */
  ious: number[];
}

/** A found one is a planted one when they share this much of what both cover together. */
const LEAST_IOU = 0.3;
const FIRST = 10;

export function iou(a: Span, b: Span): number {
  const shared = Math.max(0, Math.min(a.endMs, b.endMs) - Math.max(a.startMs, b.startMs));
  return shared / (a.endMs - a.startMs + (b.endMs - b.startMs) - shared);
}

/** `found` in its order of rank. Each planted one is matched once. */
export function scoreOf(found: readonly Span[], planted: readonly Span[]): Score {
  const left = new Set(planted);
  const first = found.slice(0, FIRST);
  const ious: number[] = [];
  for (const one of first) {
    const best = [...left].reduce<Span | null>((a, b) => (a === null || iou(one, b) > iou(one, a) ? b : a), null);
    if (best === null || iou(one, best) < LEAST_IOU) continue;
    left.delete(best);
    ious.push(iou(one, best));
  }
  return { precision: ious.length / first.length, recall: ious.length / Math.min(FIRST, planted.length), ious };
}

export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? NaN;
}

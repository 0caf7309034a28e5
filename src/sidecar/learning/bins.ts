/** Columns as at most 63 bins of about as many values each, and one more for what is not known. */
import type { TrainingRows } from './rows.js';

const VALUE_BINS = 63;
/** The bin of what is not known. */
export const MISSING = VALUE_BINS;
export const BINS = VALUE_BINS + 1;

export interface Binned {
  count: number;
  width: number;
  /** Column after column: the bin of each row. */
  bins: Uint8Array;
  /** Of each column: bin b holds the values above `edges[b − 1]` up to and with `edges[b]`; the last bin all above. */
  edges: Float64Array[];
}

/** Edges are values that were seen, so that a column times a positive factor has the same bins. */
export function binRows(rows: TrainingRows): Binned {
  const { count, width } = rows;
  const bins = new Uint8Array(count * width);
  const edges: Float64Array[] = [];
  const column = new Float64Array(count);
  for (let f = 0; f < width; f++) {
    let seen = 0;
    for (let i = 0; i < count; i++) if (Number.isFinite(rows.x[i * width + f]!)) column[seen++] = rows.x[i * width + f]!;
    const own = edgesOf(column.slice(0, seen).sort());
    edges.push(own);
    for (let i = 0; i < count; i++) bins[f * count + i] = binOf(rows.x[i * width + f]!, own);
  }
  return { count, width, bins, edges };
}

/** Of chosen streams, by their number. */
export function pickBinned({ bins, count, width, edges }: Binned, { starts }: TrainingRows, streams: readonly number[]): Binned {
  const picked = streams.reduce((sum, s) => sum + starts[s + 1]! - starts[s]!, 0);
  const out = new Uint8Array(picked * width);
  for (let f = 0, at = 0; f < width; f++) {
    for (const s of streams) {
      out.set(bins.subarray(f * count + starts[s]!, f * count + starts[s + 1]!), at);
      at += starts[s + 1]! - starts[s]!;
    }
  }
  return { count: picked, width, bins: out, edges };
}

export function binOf(value: number, edges: Float64Array): number {
  if (!Number.isFinite(value)) return MISSING;
  let [low, high] = [0, edges.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (value <= edges[middle]!) high = middle;
    else low = middle + 1;
  }
  return low;
}

function edgesOf(sorted: Float64Array): Float64Array {
  const edges: number[] = [];
  for (let b = 1; b < VALUE_BINS; b++) {
    const edge = sorted[Math.floor((b * sorted.length) / VALUE_BINS) - 1];
    // Above the largest value nothing is left to part.
    if (edge !== undefined && edge !== edges.at(-1) && edge < sorted.at(-1)!) edges.push(edge);
  }
  return Float64Array.from(edges);
}

/** What people decided, as numbers to learn from: one row a highlight, those of a stream side by side, in an order of their own. */
import { createHash } from 'node:crypto';
import type { DecisionRow } from '../../protocol/highlights.js';

/** Rows as typed arrays. Stream k has the rows from `starts[k]` up to `starts[k + 1]`. */
export interface TrainingRows {
  count: number;
  width: number;
  /** Row after row, `count × width`; NaN where nothing is known. */
  x: Float64Array;
  /** The heuristic's score of each row. */
  heuristic: Float64Array;
  /** 1 for accepted. */
  label: Uint8Array;
  starts: Int32Array;
}

/**
 * The last word on each highlight, in an order that does not depend on how they came: by stream, then highlight. Rows whose vector has
 * another length than the schema are left out.
 */
export function lastWords(decisions: readonly DecisionRow[], width: number): DecisionRow[] {
  const last = new Map<string, DecisionRow>();
  for (const row of decisions) {
    if (row.vector.length !== width) continue;
    const key = `${row.stream}\0${row.highlightId}`;
    const before = last.get(key);
    if (!before || row.atMs > before.atMs || (row.atMs === before.atMs && JSON.stringify(row) > JSON.stringify(before))) last.set(key, row);
  }
  return [...last.values()].sort((a, b) => compare(a.stream, b.stream) || compare(a.highlightId, b.highlightId));
}

/** The same for the same decisions, in whatever order they came. */
export function hashOfRows(sorted: readonly DecisionRow[]): string {
  const hash = createHash('sha256');
  for (const r of sorted) {
    hash.update(JSON.stringify([r.stream, r.highlightId, r.verdict, r.startMs, r.endMs, r.foundStartMs, r.foundEndMs, r.score, r.kind, r.atMs]));
    hash.update(Float64Array.from(r.vector));
  }
  return hash.digest('hex');
}

/** @param sorted as `lastWords` gives them: those of a stream side by side, each with a vector of `width` */
export function toTrainingRows(sorted: readonly DecisionRow[], width: number): TrainingRows {
  const count = sorted.length;
  const rows: TrainingRows = { count, width, x: new Float64Array(count * width), heuristic: new Float64Array(count), label: new Uint8Array(count), starts: new Int32Array(0) };
  const starts: number[] = [];
  sorted.forEach((row, i) => {
    if (row.stream !== sorted[i - 1]?.stream) starts.push(i);
    rows.heuristic[i] = Number.isFinite(row.score) ? row.score : 0;
    rows.label[i] = row.verdict === 'accepted' ? 1 : 0;
    for (let f = 0; f < width; f++) rows.x[i * width + f] = row.vector[f]!;
  });
  rows.starts = Int32Array.from([...starts, count]);
  return rows;
}

/** Of chosen streams, by their number. */
export function pickStreams(rows: TrainingRows, streams: readonly number[]): TrainingRows {
  const { width } = rows;
  const starts = [0];
  for (const s of streams) starts.push(starts.at(-1)! + rows.starts[s + 1]! - rows.starts[s]!);
  const count = starts.at(-1)!;
  const out: TrainingRows = { count, width, x: new Float64Array(count * width), heuristic: new Float64Array(count), label: new Uint8Array(count), starts: Int32Array.from(starts) };
  streams.forEach((s, k) => {
    const [from, to, at] = [rows.starts[s]!, rows.starts[s + 1]!, starts[k]!];
    out.x.set(rows.x.subarray(from * width, to * width), at * width);
    out.heuristic.set(rows.heuristic.subarray(from, to), at);
    out.label.set(rows.label.subarray(from, to), at);
  });
  return out;
}

/** Accepted over rejected within a stream. */
export interface Pairs {
  count: number;
  better: Int32Array;
  worse: Int32Array;
  /** Such that all pairs of a stream together weigh as much as its decisions: a long list is not heard by the square of its length. */
  weight: Float64Array;
}

/** Of one stream: 12 accepted over 12 rejected, say. More are taken evenly from all there are. */
const MAX_PAIRS_A_STREAM = 144;

export function pairsOf(rows: TrainingRows): Pairs {
  const better: number[] = [];
  const worse: number[] = [];
  const weight: number[] = [];
  for (let s = 0; s + 1 < rows.starts.length; s++) {
    const accepted: number[] = [];
    const rejected: number[] = [];
    for (let i = rows.starts[s]!; i < rows.starts[s + 1]!; i++) (rows.label[i] ? accepted : rejected).push(i);
    const all = accepted.length * rejected.length;
    if (all === 0) continue;
    const taken = Math.min(all, MAX_PAIRS_A_STREAM);
    for (let k = 0; k < taken; k++) {
      const p = Math.floor((k * all) / taken);
      better.push(accepted[Math.floor(p / rejected.length)]!);
      worse.push(rejected[p % rejected.length]!);
      weight.push((accepted.length + rejected.length) / taken);
    }
  }
  return { count: better.length, better: Int32Array.from(better), worse: Int32Array.from(worse), weight: Float64Array.from(weight) };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

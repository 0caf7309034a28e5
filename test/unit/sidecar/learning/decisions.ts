/** Decisions to learn from: a taste for the first of a few features, in several recordings. */
import { random } from '../../../bench/learning-operator.js';
import type { DecisionRow } from '../../../../src/protocol/highlights.js';

export const schemaOf = (width: number) => ({ version: 1, names: Array.from({ length: width }, (_, f) => `f${f}`) });

export function decided(over: Partial<DecisionRow> = {}): DecisionRow {
  return { stream: 's', highlightId: 'h', verdict: 'accepted', startMs: 10_000, endMs: 30_000, foundStartMs: 10_000, foundEndMs: 30_000, score: 0.5, kind: 'sound', vector: [0], atMs: 0, ...over };
}

/** `taste` 1: what is accepted goes by feature 0 alone; 0: by chance. The heuristic knows nothing of it. */
export function tasteful(options: { seed?: number; streams?: number; each?: number; width?: number; taste?: number } = {}): DecisionRow[] {
  const { seed = 1, streams = 6, each = 10, width = 4, taste = 1 } = options;
  const uniform = random(seed);
  return Array.from({ length: streams * each }, (_, i) => {
    const vector = Array.from({ length: width }, () => uniform() * 4 - 2);
    const liked = taste * vector[0]! + (1 - taste) * (uniform() * 4 - 2) + 0.3 * (uniform() - 0.5);
    return decided({ stream: `s${Math.floor(i / each)}`, highlightId: `h${i}`, verdict: liked > 0 ? 'accepted' : 'rejected', score: uniform(), vector, atMs: i });
  });
}

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { binOf, binRows, BINS, MISSING, pickBinned } from '../../../../src/sidecar/learning/bins.js';
import { lastWords, pairsOf, pickStreams, toTrainingRows } from '../../../../src/sidecar/learning/rows.js';
import { bestSplit, growTrees, treeValue } from '../../../../src/sidecar/learning/trees.js';
import { decided, tasteful } from './decisions.js';

const OPTIONS = { trees: 20, rate: 0.1, pull: 1, minChildWeight: 0.5, columns: 1 };
const prepared = (decisions: ReturnType<typeof tasteful>, width: number) => toTrainingRows(lastWords(decisions, width), width);

/** Every way to part the rows at a value that was seen, with what is unknown on either side. */
function slowSplit(x: readonly (readonly number[])[], first: readonly number[], second: readonly number[]): number {
  const whole = (members: readonly number[]): [number, number] => [members.reduce((sum, i) => sum + first[i]!, 0), members.reduce((sum, i) => sum + second[i]!, 0)];
  const worth = ([g, h]: [number, number]): number => (g * g) / (h + OPTIONS.pull);
  const all = x.map((_, i) => i);
  let best = 0;
  for (let f = 0; f < x[0]!.length; f++) {
    for (const edge of all.map((i) => x[i]![f]!).filter(Number.isFinite)) {
      for (const unknownLeft of [false, true]) {
        const isLeft = (i: number): boolean => (Number.isFinite(x[i]![f]!) ? x[i]![f]! <= edge : unknownLeft);
        const [left, right] = [whole(all.filter(isLeft)), whole(all.filter((i) => !isLeft(i)))];
        if (left[1] >= OPTIONS.minChildWeight && right[1] >= OPTIONS.minChildWeight) best = Math.max(best, worth(left) + worth(right) - worth(whole(all)));
      }
    }
  }
  return best;
}

describe('a split', () => {
  it('gains as much as the best that a slow search finds, for up to 63 values a column', () => {
    const value = fc.oneof(fc.integer({ min: -5, max: 5 }), fc.constant(NaN));
    const row = fc.record({ x: fc.tuple(value, value), first: fc.integer({ min: -8, max: 8 }), second: fc.integer({ min: 1, max: 8 }).map((n) => n / 8) });
    fc.assert(fc.property(fc.array(row, { minLength: 2, maxLength: 40 }), (rows) => {
      const binned = binRows({ count: rows.length, width: 2, x: Float64Array.from(rows.flatMap(({ x }) => x)), heuristic: new Float64Array(rows.length), label: new Uint8Array(rows.length), starts: Int32Array.of(0, rows.length) });
      const histogram = new Float64Array(2 * BINS * 2);
      rows.forEach(({ first, second }, i) => {
        for (let f = 0; f < 2; f++) {
          const at = (f * BINS + binned.bins[f * rows.length + i]!) * 2;
          histogram[at]! += first;
          histogram[at + 1]! += second;
        }
      });
      const split = bestSplit(histogram, Int32Array.of(0, 1), binned.edges, OPTIONS);
      expect(split?.gain ?? 0).toBeCloseTo(slowSplit(rows.map(({ x }) => x), rows.map(({ first }) => first), rows.map(({ second }) => second)), 6);
    }));
  });
});

describe('bins', () => {
  it('hold about as many values each, 63 at most, and what is unknown has one of its own', () => {
    const rows = prepared(Array.from({ length: 1_000 }, (_, i) => decided({ highlightId: `h${i}`, vector: [i % 10 === 9 ? NaN : i] })), 1);
    const { bins, edges } = binRows(rows);
    const counts = new Map<number, number>();
    for (const bin of bins) counts.set(bin, (counts.get(bin) ?? 0) + 1);
    expect(edges[0]).toHaveLength(62);
    expect(counts.get(MISSING)).toBe(100);
    counts.delete(MISSING);
    expect(Math.max(...counts.values()) - Math.min(...counts.values())).toBeLessThanOrEqual(2);
    expect(binOf(-1, edges[0]!)).toBe(0);
    expect(binOf(5_000, edges[0]!)).toBe(62);
  });

  it('are the same for some streams as those of all', () => {
    const rows = prepared(tasteful({ streams: 4 }), 4);
    const [all, some] = [binRows(rows), pickStreams(rows, [1, 3])];
    const picked = pickBinned(all, rows, [1, 3]);
    expect(picked.count).toBe(some.count);
    for (let i = 0; i < some.count; i++) for (let f = 0; f < 4; f++) expect(picked.bins[f * some.count + i]).toBe(binOf(some.x[i * 4 + f]!, all.edges[f]!));
  });
});

describe('trees', () => {
  const grow = (decisions: ReturnType<typeof tasteful>, options = OPTIONS) => {
    const rows = prepared(decisions, 4);
    const margin = Float64Array.from(rows.heuristic);
    const trees = growTrees(binRows(rows), pairsOf(rows), margin, options);
    return { rows, trees, margin };
  };

  it('lower the loss, and give rows what the training left them with', () => {
    const { rows, trees, margin } = grow(tasteful({ streams: 8 }), { ...OPTIONS, columns: 0.5 });
    const loss = (scores: ArrayLike<number>): number => {
      const { better, worse, count } = pairsOf(rows);
      return Array.from({ length: count }, (_, p) => Math.log1p(Math.exp(scores[worse[p]!]! - scores[better[p]!]!))).reduce((sum, l) => sum + l, 0);
    };
    expect(loss(margin)).toBeLessThan(0.6 * loss(rows.heuristic));
    for (let i = 0; i < rows.count; i++) expect(rows.heuristic[i]! + trees.reduce((sum, tree) => sum + treeValue(tree, rows.x, i * 4), 0)).toBeCloseTo(margin[i]!, 9);
  });

  it('rank the same when a feature is scaled by a positive factor', () => {
    const decisions = tasteful({ streams: 8 });
    const { rows, trees } = grow(decisions);
    fc.assert(fc.property(fc.double({ min: 1e-3, max: 1e3, noNaN: true }), fc.nat({ max: 3 }), (factor, f) => {
      const stretched = grow(decisions.map((row) => ({ ...row, vector: row.vector.map((v, k) => (k === f ? v * factor : v)) })));
      for (let i = 0; i < rows.count; i++) for (const [t, tree] of trees.entries()) expect(treeValue(stretched.trees[t]!, stretched.rows.x, i * 4)).toBe(treeValue(tree, rows.x, i * 4));
    }), { numRuns: 20 });
  });

  it('learn from what is unknown', () => {
    const decisions = tasteful({ streams: 8 }).map((row) => ({ ...row, vector: [row.verdict === 'accepted' ? NaN : 1, 0, 0, 0] }));
    const { rows, margin } = grow(decisions);
    const of = (label: number): number[] => [...margin].filter((_, i) => rows.label[i] === label);
    expect(Math.min(...of(1)) - Math.max(...of(0))).toBeGreaterThan(0);
  });

  it('do not grow where all was decided alike', () => {
    expect(grow(tasteful().map((row) => ({ ...row, verdict: 'rejected' as const }))).trees).toEqual([]);
  });
});

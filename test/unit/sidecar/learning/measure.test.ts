import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { random } from '../../../bench/learning-operator.js';
import { accuracyBeyond, ndcgAt10, pairwiseAccuracy, weightBeside } from '../../../../src/sidecar/learning/measure.js';

describe('how well scores rank', () => {
  it('is the share of pairs in the right order, ties by half', () => {
    expect(pairwiseAccuracy([4, 3, 2, 1], [1, 1, 0, 0])).toBe(1);
    expect(pairwiseAccuracy([1, 2, 2, 3], [1, 1, 0, 0])).toBe(1 / 8);
    expect(pairwiseAccuracy([1, 2], [1, 1])).toBeNaN();
  });

  it('is NDCG as worked out by hand', () => {
    expect(ndcgAt10([3, 2, 1], [1, 0, 1])).toBeCloseTo((1 + 1 / Math.log2(4)) / (1 + 1 / Math.log2(3)), 12);
    expect(ndcgAt10([1, 1], [0, 1])).toBeCloseTo(1 / Math.log2(3), 12);
    expect(ndcgAt10([1, 2], [0, 0])).toBeNaN();
    expect(ndcgAt10(Array.from({ length: 12 }, (_, i) => -i), Array.from({ length: 12 }, (_, i) => Number(i >= 10)))).toBe(0);
  });

  it('is told with an error that is as large as figures of chance really spread', () => {
    const uniform = random(1);
    const tries = Array.from({ length: 400 }, () => {
      const streams = Array.from({ length: 6 }, () => ({
        label: Array.from({ length: 10 }, () => Number(uniform() < 0.4)), scores: Array.from({ length: 10 }, uniform), than: Array.from({ length: 10 }, uniform),
      }));
      const { mean, error } = accuracyBeyond(streams);
      return mean / error;
    });
    const beyond = (z: number): number => tries.filter((t) => t > z).length / tries.length;
    expect(beyond(0)).toBeGreaterThan(0.42);
    expect(beyond(0)).toBeLessThan(0.58);
    expect(beyond(1.64)).toBeGreaterThan(0.02);
    expect(beyond(1.64)).toBeLessThan(0.09);
  });

  it('is not known of streams that are decided alike', () => {
    expect(accuracyBeyond([{ label: [1, 1], scores: [1, 2], than: null }])).toEqual({ mean: 0, error: 1 });
  });
});

/** Ordinary least squares by Gauss-Jordan on the normal equations: weights and their standard errors. */
function leastSquares(x: number[][], y: number[]): { weight: number[]; error: number[] } {
  const width = x[0]!.length;
  const left = Array.from({ length: width }, (_, i) => [...Array.from({ length: width }, (__, j) => x.reduce((sum, row) => sum + row[i]! * row[j]!, 0)), ...Array.from({ length: width }, (__, j) => Number(i === j))]);
  for (let k = 0; k < width; k++) {
    const pivot = left.slice(k).reduce((best, row, i) => (Math.abs(row[k]!) > Math.abs(left[best]![k]!) ? k + i : best), k);
    [left[k], left[pivot]] = [left[pivot]!, left[k]!];
    const by = left[k]![k]!;
    left[k] = left[k]!.map((v) => v / by);
    for (let i = 0; i < width; i++) if (i !== k) left[i] = left[i]!.map((v, j) => v - left[i]![k]! * left[k]![j]!);
  }
  const inverse = left.map((row) => row.slice(width));
  const weight = inverse.map((row) => row.reduce((sum, v, j) => sum + v * x.reduce((all, own, i) => all + own[j]! * y[i]!, 0), 0));
  const rest = x.reduce((sum, row, i) => sum + (y[i]! - row.reduce((all, v, j) => all + v * weight[j]!, 0)) ** 2, 0) / (x.length - width);
  return { weight, error: inverse.map((row, j) => Math.sqrt(row[j]! * rest)) };
}

describe('the weight of scores beside others', () => {
  const value = fc.integer({ min: -300, max: 300 }).map((v) => v / 100);
  const stream = fc.array(fc.record({ label: fc.constantFrom(0, 1), score: value, other: value }), { minLength: 6, maxLength: 10 })
    .filter((rows) => new Set(rows.map(({ label }) => label)).size === 2);
  const asStream = (rows: { label: number; score: number; other: number }[], by = 0) => ({ label: rows.map(({ label }) => label), scores: rows.map(({ score }) => score + by), beside: rows.map(({ other }) => other) });

  it('is that of a line with a constant for each stream', () => {
    fc.assert(fc.property(fc.array(stream, { minLength: 2, maxLength: 4 }), (streams) => {
      fc.pre(streams.every((rows) => new Set(rows.map(({ score }) => Math.round(score * 10))).size > 3 && new Set(rows.map(({ other }) => Math.round(other * 10))).size > 3));
      const { weight: [weight], error: [error] } = leastSquares(streams.flatMap((rows, s) => rows.map(({ score, other }) => [score, other, ...streams.map((_, k) => Number(k === s))])), streams.flatMap((rows) => rows.map(({ label }) => label)));
      fc.pre(Number.isFinite(error!) && error! < 10);
      const told = weightBeside(streams.map((rows) => asStream(rows)));
      expect(told.mean).toBeCloseTo(weight!, 6);
      expect(told.error).toBeCloseTo(error!, 6);
      expect(weightBeside(streams.map((rows, s) => asStream(rows, s))).mean).toBeCloseTo(told.mean, 9);
    }));
  });

  it('is nothing where they say the same, and not known where nothing was decided both ways', () => {
    fc.assert(fc.property(stream, (rows) => {
      expect(weightBeside([{ ...asStream(rows), beside: rows.map(({ score }) => 2 * score + 1) }])).toEqual({ mean: 0, error: 1 });
    }));
    expect(weightBeside([{ label: [1, 1], scores: [1, 2], beside: [2, 1] }])).toEqual({ mean: 0, error: 1 });
  });
});

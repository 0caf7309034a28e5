import fc from 'fast-check';
import { expect, test } from 'vitest';
import { classicChunks } from '../../../../src/sidecar/finding/classic.js';
import { meanOver, overall, quantileOver, rollingBaseline } from '../../../../src/sidecar/finding/series.js';
import { tableOf } from './tables.js';

const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted.length % 2 === 1 ? sorted[sorted.length >> 1]! : (sorted[sorted.length / 2 - 1]! + sorted[sorted.length / 2]!) / 2;
};
const columns = fc.array(fc.oneof({ weight: 5, arbitrary: fc.float({ min: -100, max: 100, noNaN: true }) }, { weight: 1, arbitrary: fc.constant(NaN) }), { minLength: 1, maxLength: 120 }).map((values) => Float32Array.from(values));

test('the rolling baseline is the median of the calmer half of each window, and how far it is from that of the calmest quarter', () => {
  fc.assert(fc.property(columns, fc.integer({ min: 4, max: 40 }), (values, radius) => {
    const { centre, spread } = rollingBaseline(values, radius);
    for (let at = 0; at < values.length; at += 4) {
      const window = [...values.slice(Math.max(0, at - radius), at + radius + 1)].filter((value) => !Number.isNaN(value));
      if (window.length === 0) continue;
      const calm = window.sort((a, b) => a - b).slice(0, Math.ceil(window.length / 2));
      expect(centre[at]).toBeCloseTo(median(calm), 3);
      expect(spread[at]).toBeCloseTo(2.1 * (median(calm) - median(calm.slice(0, Math.ceil(calm.length / 2)))), 3);
    }
  }));
});

test('shifted and stretched values have a shifted and stretched baseline', () => {
  fc.assert(fc.property(columns, fc.integer({ min: 1, max: 8 }), fc.integer({ min: -50, max: 50 }), (values, factor, offset) => {
    const plain = rollingBaseline(values, 20);
    const other = rollingBaseline(values.map((value) => value * factor + offset), 20);
    for (const [i, value] of values.entries()) {
      if (Number.isNaN(value)) continue;
      expect(other.centre[i]).toBeCloseTo(plain.centre[i]! * factor + offset, 2);
      expect(other.spread[i]).toBeCloseTo(plain.spread[i]! * factor, 2);
    }
  }));
});

test('means and quantiles over windows leave out what is not known', () => {
  const values = Float32Array.of(1, NaN, 3, 8, NaN, NaN, NaN);
  expect([...meanOver(values, 1, 1)]).toEqual([1, 2, 5.5, 5.5, 8, NaN, NaN]);
  expect([...quantileOver(values, 1, 0, 1)]).toEqual([1, 1, 3, 3, 8, NaN, NaN]);
  expect([...quantileOver(values, 1, 0.99, 2)]).toEqual([NaN, 3, 8, 8, NaN, NaN, NaN]);
  expect(overall(values)).toEqual({ centre: 3, spread: expect.closeTo(2 * 1.4826, 5) });
  expect(overall(Float32Array.of(NaN))).toBeNull();
});

test('classic scores by the published formulas, in chunks of 30 s that overlap by half', () => {
  const table = tableOf(70);
  const chunks = classicChunks(table);
  expect(chunks.map(({ start, end }) => [start, end])).toEqual([[0, 30], [15, 45], [30, 60], [45, 70]]);
  const mean = (name: Parameters<typeof table.columns.get>[0], from: number, to: number): number => table.columns.get(name)!.slice(from, to).reduce((a, b) => a + b) / (to - from);
  for (const { start, end, sound, picture } of chunks) {
    const of = (name: Parameters<typeof table.columns.get>[0]): number => mean(name, start, end);
    expect(sound).toBeCloseTo(of('rmsMean') * 2 + of('rmsStd') * 1.5 + of('zeroCrossings') + of('centroidHz') / 1000 + of('loudnessVariance') * 0.5 + of('hfEnergy') / 1e9, 3);
    expect(picture).toBeCloseTo(of('motionMean') * 2 + of('motionStd') * 1.5 + of('edgeMean') * 100 + of('edgeStd') * 50 + of('colorVariance') / 1000, 3);
  }
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { random } from '../../../bench/learning-operator.js';
import { evidence } from '../../../../src/sidecar/learning/evidence.js';
import { lastWords, toTrainingRows } from '../../../../src/sidecar/learning/rows.js';
import { tasteful } from './decisions.js';

const rowsOf = (decisions: ReturnType<typeof tasteful>, width = 4) => toTrainingRows(lastWords(decisions, width), width);
const told = (options: Parameters<typeof tasteful>[0]): number => evidence(rowsOf(tasteful(options), options?.width));

describe('evidence that decisions go by the features', () => {
  it('is as far from none as chance is, where they are decided at random', () => {
    for (const width of [4, 108]) {
      const tries = Array.from({ length: 300 }, (_, seed) => told({ seed: seed + 1, taste: 0, streams: 4, width }));
      const beyond = (z: number): number => tries.filter((t) => t > z).length / tries.length;
      expect(beyond(0)).toBeGreaterThan(0.42);
      expect(beyond(0)).toBeLessThan(0.58);
      expect(beyond(1.64)).toBeGreaterThan(0.02);
      expect(beyond(1.64)).toBeLessThan(0.09);
      expect(beyond(2.5)).toBeLessThan(0.03);
    }
  });

  it('shows a taste, and the more the more of it was decided', () => {
    for (const seed of [1, 2, 3]) {
      const [few, many] = [told({ seed, streams: 3 }), told({ seed, streams: 12 })];
      expect(few).toBeGreaterThan(3);
      expect(many).toBeGreaterThan(1.5 * few);
    }
  });

  it('is none of what the heuristic tells, though a feature says the same', () => {
    const uniform = random(3);
    const tries = Array.from({ length: 20 }, (_, seed) => {
      const rows = tasteful({ seed: seed + 1, streams: 6 }).map((row) => ({ ...row, vector: [row.score + 0.01 * uniform(), ...row.vector.slice(1)], verdict: row.score + 0.6 * uniform() > 0.8 ? 'accepted' as const : 'rejected' as const }));
      return { beside: evidence(rowsOf(rows)), alone: evidence(rowsOf(rows.map((row) => ({ ...row, score: 0.5 })))) };
    });
    expect(tries.every(({ alone }) => alone > 2.5)).toBe(true);
    expect(tries.filter(({ beside }) => beside > 1.64).length).toBeLessThan(5);
  });

  it('is the same in other units, with features that say nothing and with streams that were decided alike', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 1e6 }), fc.double({ min: 0.01, max: 1e4, noNaN: true }), fc.integer({ min: -1_000, max: 1_000 }), (seed, by, add) => {
      const decisions = tasteful({ seed, streams: 3, taste: 0.5 });
      const one = evidence(rowsOf(decisions));
      expect(evidence(rowsOf(decisions.map((row) => ({ ...row, vector: row.vector.map((v) => v * by + add) }))))).toBeCloseTo(one, 3);
      expect(evidence(rowsOf(decisions.map((row) => ({ ...row, vector: [...row.vector, 7, NaN] })), 6))).toBeCloseTo(one, 9);
      expect(evidence(rowsOf([...decisions, ...tasteful({ seed: seed + 1, streams: 1 }).map((row) => ({ ...row, stream: 'alike', verdict: 'accepted' as const }))]))).toBeCloseTo(one, 9);
    }), { numRuns: 30 });
  });

  it('is that of the newest of very many', () => {
    const streams = (from: number, count: number, taste: number) => Array.from({ length: count }, (_, i) => tasteful({ seed: from + i, streams: 1, each: 20, taste }).map((row) => ({ ...row, stream: `s${from + i}` }))).flat();
    const newer = streams(300, 150, 1);
    const counted = rowsOf(newer.slice(-2_000));
    expect(evidence(rowsOf([...streams(100, 100, 0), ...newer]))).toBe(evidence(counted));
    expect(evidence(counted)).toBeGreaterThan(3);
  });

  it('is 0 where nothing can be told', () => {
    expect(told({ streams: 1 })).toBe(0);
    expect(evidence(rowsOf(tasteful().map((row) => ({ ...row, verdict: 'accepted' as const }))))).toBe(0);
    expect(evidence(rowsOf(tasteful().map((row) => ({ ...row, score: Number(row.verdict === 'accepted') }))))).toBe(0);
    expect(evidence(rowsOf(tasteful().map((row) => ({ ...row, vector: [1, 1, 1, 1] }))))).toBe(0);
  });
});

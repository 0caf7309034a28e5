import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fitWeights, pairLoss, product, scaleRows, scalingOf } from '../../../../src/sidecar/learning/linear.js';
import { lastWords, pairsOf, toTrainingRows } from '../../../../src/sidecar/learning/rows.js';
import { tasteful } from './decisions.js';

const WIDTH = 3;

function ready(seed: number) {
  const rows = toTrainingRows(lastWords(tasteful({ seed, streams: 3, each: 8, width: WIDTH }), WIDTH), WIDTH);
  const { scaling, heuristicMean, heuristicScale } = scalingOf(rows);
  return { rows, pairs: pairsOf(rows), scaled: scaleRows(rows, scaling, heuristicMean, heuristicScale) };
}

describe('pairwise logistic regression', () => {
  it('has the gradient that finite differences have', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 1e6 }), fc.array(fc.double({ min: -2, max: 2, noNaN: true }), { minLength: 4, maxLength: 4 }), fc.double({ min: 0, max: 20, noNaN: true }), (seed, weights, pull) => {
      const { pairs, scaled } = ready(seed);
      const gradient = new Float64Array(4);
      pairLoss(scaled, pairs, Float64Array.from(weights), pull, gradient);
      for (let k = 0; k < 4; k++) {
        const at = (by: number): number => pairLoss(scaled, pairs, Float64Array.from(weights, (w, i) => (i === k ? w + by : w)), pull, new Float64Array(4));
        expect(gradient[k]).toBeCloseTo((at(1e-5) - at(-1e-5)) / 2e-5, 4);
      }
    }), { numRuns: 50 });
  });

  it('has no slope left where it ends, but towards a heuristic that is not to be turned round', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const { pairs, scaled } = ready(seed);
      const theta = fitWeights(scaled, pairs, WIDTH, 3);
      const gradient = new Float64Array(4);
      const loss = pairLoss(scaled, pairs, theta, 3, gradient);
      expect(theta[0]).toBeGreaterThanOrEqual(0);
      for (let k = 0; k < 4; k++) {
        if (k === 0 && theta[0] === 0) expect(gradient[0]).toBeGreaterThan(-1e-3 * loss);
        else expect(Math.abs(gradient[k]!)).toBeLessThan(1e-3 * loss);
      }
    }
  });

  it('is the heuristic where there is nothing to learn, or the pull is strong', () => {
    const { rows, pairs, scaled } = ready(1);
    const none = fitWeights(scaled, pairsOf({ ...rows, label: new Uint8Array(rows.count) }), WIDTH, 1);
    expect([...none]).toEqual([1, 0, 0, 0]);
    const pulled = fitWeights(scaled, pairs, WIDTH, 1e9);
    const order = (scores: ArrayLike<number>): number[] => Array.from({ length: scores.length }, (_, i) => i).sort((a, b) => scores[a]! - scores[b]!);
    expect(order(product(scaled, pulled))).toEqual(order(rows.heuristic));
  });

  it('does not turn the heuristic round for people who want its opposite', () => {
    const decisions = tasteful({ streams: 4 }).map((row) => ({ ...row, verdict: row.score < 0.5 ? 'accepted' as const : 'rejected' as const }));
    const rows = toTrainingRows(lastWords(decisions, 4), 4);
    const { scaling, heuristicMean, heuristicScale } = scalingOf(rows);
    expect(fitWeights(scaleRows(rows, scaling, heuristicMean, heuristicScale), pairsOf(rows), 4, 1)[0]).toBe(0);
  });

  it('takes what is not known for the middle', () => {
    const decisions = tasteful({ streams: 2 }).map((row, i) => ({ ...row, vector: row.vector.map((v, f) => (f === 1 || i % 3 === 0 ? NaN : v)) }));
    const rows = toTrainingRows(lastWords(decisions, 4), 4);
    const { scaling, heuristicMean, heuristicScale } = scalingOf(rows);
    expect(scaling.scale[1]).toBe(0);
    const scaled = scaleRows(rows, scaling, heuristicMean, heuristicScale);
    expect(scaled.every(Number.isFinite)).toBe(true);
    expect(scaled[1]).toBe(0);
  });
});

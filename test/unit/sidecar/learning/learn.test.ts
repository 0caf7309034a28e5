import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Operator, VECTOR_WIDTH, type Taste } from '../../../bench/learning-operator.js';
import { learn } from '../../../../src/sidecar/learning/learn.js';
import { Model } from '../../../../src/sidecar/learning/model.js';
import { ranker } from '../../../../src/sidecar/learning/ranker.js';
import { pairwiseAccuracy } from '../../../../src/sidecar/learning/measure.js';
import { decided, schemaOf, tasteful } from './decisions.js';

const from = (decisions: ReturnType<typeof tasteful>, width = 4) => learn({ decisions, schema: schemaOf(width), createdAtMs: 7, parentId: null });
const linear = from(tasteful());
/** What lies far from the middle, on either side: no line tells that. */
const bent = (rows: ReturnType<typeof tasteful>) => rows.map((row) => ({ ...row, verdict: Math.abs(row.vector[0]!) > 1 ? 'accepted' as const : 'rejected' as const }));
const trees = from(bent(tasteful({ streams: 24 })));

describe('learning', () => {
  it('leaves it to the heuristic below 30 decisions, and says so', () => {
    const model = from(tasteful({ streams: 2, each: 14 }));
    expect(model).toMatchObject({ kind: 'heuristic', ranking: null, metrics: null, verdict: 'The heuristic ranks: 28 highlights have been decided, and 30 are needed to learn from.' });
    expect(ranker(model)([{ score: 0.25, vector: [1, 2, 3, 4] }])).toEqual([0.25]);
  });

  it('learns a taste that the heuristic does not know: linearly at first, by trees from 200 decisions on', () => {
    expect([linear.kind, trees.kind]).toEqual(['linear', 'trees']);
    const unseen = tasteful({ seed: 99, streams: 1, each: 100 });
    for (const [model, rows] of [[linear, unseen], [trees, bent(unseen)]] as const) {
      expect(pairwiseAccuracy(ranker(model)(rows), rows.map(({ verdict }) => Number(verdict === 'accepted')))).toBeGreaterThan(model === linear ? 0.9 : 0.75);
      expect(model.verdict).toMatch(/^It ranks, by .* recordings left out it had \d+ ± \d+ % of pairs/);
    }
  });

  it('blends 60 to 40 below 50 decisions', () => {
    const model = from(tasteful({ streams: 4 }));
    expect(model.ranking?.blend).toBe(0.4);
  });

  it('refuses what random decisions teach, and one-sided ones', () => {
    for (const seed of [1, 2, 3]) expect(from(tasteful({ seed, taste: 0, streams: 8 })).verdict).toMatch(/^The heuristic ranks: what was/);
    const oneSided = tasteful().map((row) => ({ ...row, verdict: 'accepted' as const }));
    expect(from(oneSided)).toMatchObject({ kind: 'heuristic', verdict: expect.stringMatching(/^The heuristic ranks: of 6 recordings fewer than two/) });
  });

  it('refuses what is no better than chance though the heuristic does worse', () => {
    const contrary = tasteful({ streams: 8, taste: 0 }).map((row) => ({ ...row, verdict: row.score < 0.5 ? 'accepted' as const : 'rejected' as const }));
    const model = from(contrary);
    expect(model.metrics!.gain.mean).toBeGreaterThan(2 * model.metrics!.gain.error);
    expect(model).toMatchObject({ kind: 'heuristic', verdict: expect.stringMatching(/^The heuristic ranks: what was accepted cannot be told from chance so far/) });
  });

  it('finds little more in random decisions than there is, however many ways of learning are tried', () => {
    const figures = Array.from({ length: 60 }, (_, seed) => from(tasteful({ seed: seed + 100, taste: 0, streams: 5 })).metrics!);
    const mean = (of: (one: (typeof figures)[number]) => number): number => figures.reduce((sum, one) => sum + of(one), 0) / figures.length;
    // Chosen on the very streams that it is tried on, both are 0.07.
    expect(Math.abs(mean(({ learned }) => learned.mean) - 0.5)).toBeLessThan(0.05);
    expect(Math.abs(mean(({ gain }) => gain.mean))).toBeLessThan(0.05);
  });

  it('is not taught what the heuristic knows already', () => {
    const agreeing = tasteful({ streams: 8 }).map((row) => ({ ...row, verdict: row.score > 0.5 ? 'accepted' as const : 'rejected' as const }));
    expect(from(agreeing)).toMatchObject({ kind: 'heuristic', verdict: expect.stringMatching(/^The heuristic ranks: what was learnt does not rank better beyond noise/) });
  });

  const byOperators = (taste: Taste) => Array.from({ length: 20 }, (_, seed) => {
    const operator = new Operator(seed + 61, taste);
    const decisions = Array.from({ length: 5 }, (__, s) => operator.decide(s, operator.stream(s).sort((a, b) => b.score - a.score).slice(0, 10))).flat();
    return from(decisions, VECTOR_WIDTH);
  });
  const atRandom = byOperators('none');

  it('leaves the order to the heuristic for those who agree with it and those who decide at random, and not for those with a taste of their own', () => {
    const [agreeing, random, tasting] = [byOperators('heuristic'), atRandom, byOperators('own')].map((models) => models.filter(({ kind }) => kind !== 'heuristic').length);
    expect([agreeing, random]).toEqual([0, 0]);
    expect(tasting).toBeGreaterThan(12);
  });

  it('takes the largest learnt share that a few streams cannot tell from the best', () => {
    const most = atRandom.filter(({ metrics }) => metrics!.choice.blend === 0.95);
    expect(most.length).toBeGreaterThan(10);
  });

  it('gives the same model for the same decisions in any order, and takes the last word on each', () => {
    const decisions = tasteful({ streams: 21 });
    const whole = from(decisions);
    fc.assert(fc.property(fc.shuffledSubarray(decisions, { minLength: decisions.length }), (shuffled) => {
      const revised = shuffled.map((row) => ({ ...row, verdict: row.verdict === 'accepted' ? 'rejected' as const : 'accepted' as const, atMs: -1 }));
      expect(from([...revised, ...shuffled])).toEqual(whole);
    }), { numRuns: 3 });
  });

  it('is a model that can be read again as JSON, and ranks the same then', () => {
    for (const model of [linear, trees]) {
      const again = Model.parse(JSON.parse(JSON.stringify(model)));
      expect(again).toEqual(model);
      const unseen = tasteful({ seed: 5, streams: 1 });
      expect(ranker(again)(unseen)).toEqual(ranker(model)(unseen));
    }
  });

  it('leaves out vectors of another length', () => {
    expect(from([...tasteful(), decided({ vector: [1] })]).rows.count).toBe(60);
  });
});

describe('a ranker', () => {
  it('has the learnt share that the model says', () => {
    const unseen = tasteful({ seed: 5, streams: 1 });
    const { blend, ...rest } = linear.ranking!;
    const at = (share: number): number[] => ranker({ ...linear, ranking: { ...rest, blend: share } })(unseen).map((score) => Math.log(score / (1 - score)));
    const [heuristic, learned] = [at(0), at(1)];
    heuristic.forEach((value, i) => { expect(value).toBeCloseTo((unseen[i]!.score - rest.heuristic.mean) / rest.heuristic.scale, 9); });
    at(blend).forEach((value, i) => { expect(value).toBeCloseTo(blend * learned[i]! + (1 - blend) * heuristic[i]!, 9); });
    expect(pairwiseAccuracy(learned, unseen.map(({ verdict }) => Number(verdict === 'accepted')))).toBeGreaterThan(0.9);
  });

  const anything = fc.double({ noDefaultInfinity: false, noNaN: false });

  it('never gives NaN, and equal candidates equal scores', () => {
    fc.assert(fc.property(fc.constantFrom(null, linear, trees), fc.array(fc.record({ score: anything, vector: fc.array(anything, { maxLength: 6 }) })), (model, candidates) => {
      const scores = ranker(model)(candidates);
      expect(scores.every((score) => score >= 0 && score <= 1)).toBe(true);
      expect(ranker(model)([...candidates].reverse()).reverse()).toEqual(scores);
    }));
  });

  it('puts the one that the heuristic prefers first, of two with the same features', () => {
    const unit = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(fc.property(fc.constantFrom(linear, trees), fc.array(fc.double({ min: -8, max: 8, noNaN: true }), { minLength: 4, maxLength: 4 }), unit, unit, (model, vector, a, b) => {
      const [low, high] = ranker(model)([{ score: Math.min(a, b), vector }, { score: Math.max(a, b), vector }]);
      expect(high! >= low!).toBe(true);
      if (Math.abs(a - b) > 1e-6) expect(high! > low!).toBe(true);
    }));
  });
});

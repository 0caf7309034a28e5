/** `node dist/test/bench/learning.js [seeds]`: how soon a simulated operator's taste is learnt, and what it never costs. */
import { fileURLToPath } from 'node:url';
import type { DecisionRow } from '../../src/protocol/highlights.js';
import { learn } from '../../src/sidecar/learning/learn.js';
import type { Model } from '../../src/sidecar/learning/model.js';
import { ranker } from '../../src/sidecar/learning/ranker.js';
import { ndcgAt10, Operator, VECTOR_WIDTH, type Shown, type Taste } from './learning-operator.js';

/** At these many decisions the models are tried on recordings that nobody has seen. */
export const CHECKPOINTS = [0, 30, 50, 100, 200, 500] as const;
const TEST_STREAMS = 20;
const SHOWN = 10;
const ROWS = 5_000;
const SCHEMA = { version: 1, names: Array.from({ length: VECTOR_WIDTH }, (_, f) => `f${f}`) };

export interface Curve {
  taste: Taste;
  seeds: number;
  points: {
    decisions: number;
    /** NDCG@10 on streams that nobody has seen, mean over seeds. */
    heuristic: number; learned: number;
    /** Of the difference: mean, and that of the seed with the least. */
    gain: number; leastGain: number;
    /** Seeds in which a model ranks, and in which it is below the heuristic by more than two standard errors over streams. */
    used: number; worse: number;
  }[];
}

export interface LearningFigures {
  curves: Curve[];
  rows: number;
  /** Of 5 times. */
  retrainMs: number;
  retrainMaxMs: number;
  modelKb: number;
  verdicts: string[];
}

export function measureLearning(seeds = 20): LearningFigures {
  const verdicts: string[] = [];
  const curves = (['own', 'heuristic', 'none'] as const).map((taste) => curveOf(taste, seeds, verdicts));
  const decisions = manyDecisions(ROWS);
  const times = Array.from({ length: 5 }, () => {
    const from = performance.now();
    train(decisions);
    return performance.now() - from;
  }).sort((a, b) => a - b);
  return { curves, rows: decisions.length, retrainMs: times[2]!, retrainMaxMs: times.at(-1)!, modelKb: JSON.stringify(train(decisions)).length / 1_000, verdicts };
}

export function curveOf(taste: Taste, seeds: number, verdicts: string[]): Curve {
  const perSeed = Array.from({ length: seeds }, (_, s) => checkpointsOf(new Operator(s + 1, taste), (model) => {
    if (s === 0) verdicts.push(`${taste}, ${model.rows.count} decisions: ${model.verdict}`);
  }));
  return {
    taste, seeds,
    points: CHECKPOINTS.map((decisions, c) => {
      const all = perSeed.map((points) => points[c]!);
      return {
        decisions, heuristic: mean(all.map((p) => p.heuristic)), learned: mean(all.map((p) => p.learned)), gain: mean(all.map((p) => p.gain)),
        leastGain: Math.min(...all.map((p) => p.gain)), used: all.filter((p) => p.used).length, worse: all.filter((p) => p.gain < -2 * p.error).length,
      };
    }),
  };
}

interface Checkpoint { heuristic: number; learned: number; gain: number; error: number; used: boolean }

/** The operator is shown the ten that rank highest by then, stream after stream; a model is learnt after each. */
function checkpointsOf(operator: Operator, say: (model: Model) => void): Checkpoint[] {
  const unseen = Array.from({ length: TEST_STREAMS }, (_, i) => operator.stream(100_000 + i));
  const decisions: DecisionRow[] = [];
  let model: Model | null = null;
  return CHECKPOINTS.map((wanted) => {
    while (decisions.length < wanted) {
      const number = decisions.length / SHOWN;
      decisions.push(...operator.decide(number, first(operator.stream(number), model)));
      // Beyond a hundred only now and then: what is shown hardly changes, and the measurement would take long.
      if (decisions.length >= 30 && (decisions.length <= 100 || decisions.length % 150 === 0 || decisions.length === wanted)) model = train(decisions);
    }
    if (model) say(model);
    const heuristic = unseen.map((shown) => ndcgAt10(shown, shown.map(({ score }) => score)));
    const learned = unseen.map((shown) => ndcgAt10(shown, ranker(model)(shown)));
    const gains = learned.map((value, i) => value - heuristic[i]!);
    const gain = mean(gains);
    const error = Math.sqrt(gains.reduce((sum, g) => sum + (g - gain) ** 2, 0) / (gains.length - 1) / gains.length);
    return { heuristic: mean(heuristic), learned: mean(learned), gain, error, used: model !== null && model.kind !== 'heuristic' };
  });
}

function first(shown: readonly Shown[], model: Model | null): Shown[] {
  const scores = ranker(model)(shown);
  return shown.map((one, i) => ({ one, score: scores[i]! })).sort((a, b) => b.score - a.score).slice(0, SHOWN).map(({ one }) => one);
}

/** Of one operator, twenty a stream. */
function manyDecisions(count: number): DecisionRow[] {
  const operator = new Operator(1);
  return Array.from({ length: count / 20 }, (_, s) => operator.decide(s, operator.stream(s).sort((a, b) => b.score - a.score).slice(0, 20))).flat();
}

const train = (decisions: readonly DecisionRow[]): Model => learn({ decisions, schema: SCHEMA, createdAtMs: 0, parentId: null });
const mean = (values: readonly number[]): number => values.reduce((sum, v) => sum + v, 0) / values.length;

/** Rows of the report: figure, measured, wanted. */
export function learningRows({ curves, rows, retrainMs, retrainMaxMs, modelKb }: LearningFigures): string[][] {
  const out: string[][] = [];
  const called: Record<Taste, string> = { own: 'a taste of their own', heuristic: 'the heuristic\'s own taste', none: 'random decisions' };
  for (const { taste, seeds, points } of curves) {
    for (const p of points) {
      const at = `${called[taste]}, ${p.decisions} decisions`;
      if (taste === 'none') {
        out.push([`${at}: operators of ${seeds} for whom a model is used`, String(p.used), '0']);
        continue;
      }
      out.push([`${at}: NDCG@10 (the heuristic ${p.heuristic.toFixed(3)}, a model used for ${p.used} of ${seeds})`, p.learned.toFixed(3), '']);
      out.push(['  gain, mean', p.gain.toFixed(3), taste === 'own' && p.decisions === 50 ? '≥ 0.150' : '']);
      out.push([`  operators worse off beyond noise (the least gain ${p.leastGain.toFixed(3)})`, String(p.worse), '0']);
    }
  }
  out.push([`retraining on ${rows} decisions, median ms`, retrainMs.toFixed(0), '≤ 1000'], ['  slowest ms', retrainMaxMs.toFixed(0), ''], ['  the model, kB', modelKb.toFixed(0), '']);
  return out;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const figures = measureLearning(Number(process.argv[2] ?? 20));
  for (const row of learningRows(figures)) console.log(`${row[0]!.padEnd(112)} ${row[1]!.padStart(7)}  ${row[2]}`);
  for (const verdict of figures.verdicts) console.log(verdict);
}

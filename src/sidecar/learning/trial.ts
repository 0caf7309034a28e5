/** Whether what is learnt ranks streams that it has not seen better than the heuristic does, and which way of learning does best. */
import { pickBinned, type Binned } from './bins.js';
import { evidence } from './evidence.js';
import { blended, fitAll, halves, type Method } from './fit.js';
import { accuracyBeyond, average, ndcgAt10, pairwiseAccuracy, weightBeside, weightOf, type Estimate } from './measure.js';
import { pickStreams, type TrainingRows } from './rows.js';

/** The learnt share at first, and those that cross-validation chooses from. Never all: where the learnt score sees no difference the heuristic decides. */
const FIRST_BLEND = 0.4;
const BLENDS = [0.2, 0.4, 0.6, 0.8, 0.95];
/** From so many decisions on the blend is what cross-validation finds. */
export const OWN_BLEND_FROM = 50;
/** From so many on there are trees. */
export const TREES_FROM = 200;
/** Within a wide range it hardly matters, and what is not chosen by a few recordings cannot be chosen wrongly. */
const PULL = 10;
/** Below so many decisions each stream is left out alone; above, several together, each still ranked by what has not seen it. */
const FOLDS = [[TREES_FROM, 20], [1_000, 8], [2_000, 4], [Infinity, 2]] as const;

export interface Choice extends Method { blend: number }

export interface Trial {
  /** The best over all streams. */
  choice: Choice;
  /** Streams with both accepted and rejected rows, and the groups that were left out together. */
  streams: number;
  folds: { streams: number; rows: number; learned: number; heuristic: number }[];
  /** Of pairs of accepted and rejected, the share in the right order, over streams left out. */
  learned: Estimate;
  heuristic: Estimate;
  gain: Estimate;
  /** What the learnt scores tell beside the heuristic's. */
  beside: Estimate;
  /** By how many standard errors decisions go by the features beside the heuristic at all, by a line through them all. */
  evidence: number;
  ndcg: { learned: number; heuristic: number };
}

/** Null where fewer than two streams have both accepted and rejected rows. @param binned the rows, where there are enough for trees */
export function trial(rows: TrainingRows, binned: Binned | null): Trial | null {
  const choices = choicesFor(rows.count);
  const folds = foldsOf(rows);
  const held = folds.flatMap((fold, k) => leaveOut(rows, binned, fold, choices).map((stream) => ({
    ...stream, fold: k, weight: weightOf(stream.label), accuracy: stream.learned.map((scores) => pairwiseAccuracy(scores, stream.label)),
  }))).filter(({ weight }) => weight > 0);
  if (held.length < 2) return null;
  // What a stream is ranked by was chosen on the others: the best of many would look better than it is.
  const chosen = folds.map((_, fold) => choose(held, choices, fold));
  const tried = held.map(({ label, heuristic, learned, pure, fold }) => ({ label, heuristic, learned: learned[chosen[fold]!]!, pure: pure[chosen[fold]!]!, fold }));
  return {
    choice: choices[choose(held, choices, -1)]!, streams: held.length,
    folds: folds.flatMap((fold, k) => {
      const own = tried.filter((stream) => stream.fold === k);
      const over = (scores: 'learned' | 'heuristic'): number => average(own.map((stream) => pairwiseAccuracy(stream[scores], stream.label)));
      return own.length === 0 ? [] : [{ streams: fold.length, rows: own.reduce((sum, { label }) => sum + label.length, 0), learned: over('learned'), heuristic: over('heuristic') }];
    }),
    learned: accuracyBeyond(tried.map(({ label, learned }) => ({ label, scores: learned, than: null }))),
    heuristic: accuracyBeyond(tried.map(({ label, heuristic }) => ({ label, scores: heuristic, than: null }))),
    gain: accuracyBeyond(tried.map(({ label, learned, heuristic }) => ({ label, scores: learned, than: heuristic }))),
    beside: weightBeside(tried.map(({ label, pure, heuristic }) => ({ label, scores: pure, beside: heuristic }))),
    evidence: evidence(rows),
    ndcg: { learned: average(tried.map(({ label, learned }) => ndcgAt10(learned, label))), heuristic: average(tried.map(({ label, heuristic }) => ndcgAt10(heuristic, label))) },
  };
}

/** From the one nearest to the heuristic to the one furthest from it: of equal ones, as few pairs often make them, the last is taken. It has to prove itself all the same. */
function choicesFor(decisions: number): Choice[] {
  const methods: Method[] = [{ pull: PULL, trees: false }, ...(decisions < TREES_FROM ? [] : [{ pull: PULL, trees: true }])];
  const blends = decisions < OWN_BLEND_FROM ? [FIRST_BLEND] : BLENDS;
  return methods.flatMap((method) => blends.map((blend) => ({ ...method, blend })));
}

/** Whole streams, so that the groups have about as many rows each; the same for the same rows. */
function foldsOf(rows: TrainingRows): number[][] {
  const most = FOLDS.find(([below]) => rows.count < below)![1];
  const size = (s: number): number => rows.starts[s + 1]! - rows.starts[s]!;
  const streams = Array.from({ length: rows.starts.length - 1 }, (_, s) => s).sort((a, b) => size(b) - size(a) || a - b);
  const folds = Array.from({ length: Math.min(most, streams.length) }, () => ({ streams: [] as number[], rows: 0 }));
  for (const s of streams) {
    const smallest = folds.reduce((least, fold) => (fold.rows < least.rows ? fold : least));
    smallest.streams.push(s);
    smallest.rows += size(s);
  }
  return folds.map((fold) => fold.streams);
}

interface HeldStream { label: Uint8Array; heuristic: Float64Array; /** By each choice; and the same without any of the heuristic blended in. */ learned: Float64Array[]; pure: Float64Array[] }

/** The streams of a fold by what was learnt of all others, a list of scores for each choice. */
function leaveOut(rows: TrainingRows, binned: Binned | null, fold: readonly number[], choices: readonly Choice[]): HeldStream[] {
  const others = Array.from({ length: rows.starts.length - 1 }, (_, s) => s).filter((s) => !fold.includes(s));
  const methods = choices.filter(({ blend }) => blend === choices[0]!.blend);
  const rankings = fitAll(pickStreams(rows, others), binned && pickBinned(binned, rows, others), methods);
  const methodOf = ({ pull, trees }: Choice): number => methods.findIndex((method) => method.pull === pull && method.trees === trees);
  return fold.map((s) => {
    const own = pickStreams(rows, [s]);
    const scores = rankings.map((ranking) => Array.from({ length: own.count }, (_, i) => halves(ranking, own.x, i * own.width, own.heuristic[i]!)));
    return {
      label: own.label, heuristic: own.heuristic,
      learned: choices.map((choice) => Float64Array.from(scores[methodOf(choice)]!, (half) => blended(half, choice.blend))),
      pure: choices.map((choice) => Float64Array.from(scores[methodOf(choice)]!, ({ learned }) => learned)),
    };
  });
}

/**
 * The choice with the highest accuracy over the streams outside of a fold; of equals the last. Of its way of learning the largest learnt share that is less
 * accurate by no more than its error: a few streams can hardly tell shares apart, and a small one gains little.
 */
function choose(held: readonly { label: Uint8Array; learned: Float64Array[]; weight: number; accuracy: number[]; fold: number }[], choices: readonly Choice[], without: number): number {
  const others = held.filter(({ fold }) => fold !== without);
  const sums = choices.map((_, c) => others.reduce((sum, { weight, accuracy }) => sum + weight * accuracy[c]!, 0));
  const best = sums.reduce((best, sum, c) => (sum > sums[best]! - 1e-9 ? c : best), 0);
  return choices.findLastIndex(({ trees }, c) => {
    if (c <= best || trees !== choices[best]!.trees) return c === best;
    const { mean, error } = accuracyBeyond(others.map(({ label, learned }) => ({ label, scores: learned[best]!, than: learned[c]! })));
    return mean <= error;
  });
}

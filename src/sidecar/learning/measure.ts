/** How well scores rank what people decided, and how sure that is. */
import { z } from 'zod';
import { dot } from './linear.js';

/**
 * Of a stream's pairs of an accepted and a rejected row, the share that is in the right order; a tie is half right. This is the area under the
 * ROC curve (Mann-Whitney). NaN where all were decided alike.
 */
export function pairwiseAccuracy(scores: ArrayLike<number>, label: ArrayLike<number>): number {
  const [accepted, rejected] = sides(label);
  let right = 0;
  for (const i of accepted) for (const j of rejected) right += order(scores, i, j);
  return right / (accepted.length * rejected.length);
}

/** Normalised discounted cumulative gain of the first ten, accepted counts 1 (Järvelin and Kekäläinen 2002); ties in the order of the rows. NaN where none was accepted. */
export function ndcgAt10(scores: ArrayLike<number>, label: ArrayLike<number>): number {
  const ranked = Array.from({ length: scores.length }, (_, i) => i).sort((a, b) => scores[b]! - scores[a]! || a - b);
  let [gain, best, accepted] = [0, 0, 0];
  for (const [rank, i] of ranked.entries()) {
    if (!label[i]) continue;
    if (rank < 10) gain += 1 / Math.log2(rank + 2);
    if (accepted < 10) best += 1 / Math.log2(accepted + 2);
    accepted++;
  }
  return best === 0 ? NaN : gain / best;
}

/** How much a stream's share says of the whole: the inverse of its variance, but for a factor. 0 where all were decided alike. */
export function weightOf(label: ArrayLike<number>): number {
  const [accepted, rejected] = sides(label);
  return (accepted.length * rejected.length) / Math.max(1, label.length);
}

export const Estimate = z.object({ mean: z.number(), /** Standard error. */ error: z.number() });
export type Estimate = z.infer<typeof Estimate>;

/**
 * Pairwise accuracy over streams, less that of `than`, with the error of paired areas under ROC curves (DeLong, DeLong and Clarke-Pearson 1988). The
 * variances between rows are pooled over streams: each alone has too few decisions to tell its own.
 */
export function accuracyBeyond(streams: readonly { label: ArrayLike<number>; scores: ArrayLike<number>; than: ArrayLike<number> | null }[]): Estimate {
  let [weights, sum] = [0, 0];
  let [acceptedSquares, acceptedFree, rejectedSquares, rejectedFree] = [0, 0, 0, 0];
  const sizes: { weight: number; accepted: number; rejected: number }[] = [];
  for (const { label, scores, than } of streams) {
    const [accepted, rejected] = sides(label);
    if (accepted.length === 0 || rejected.length === 0) continue;
    const beyond = (i: number, j: number): number => order(scores, i, j) - (than ? order(than, i, j) : 0);
    const ofAccepted = accepted.map((i) => average(rejected.map((j) => beyond(i, j))));
    const ofRejected = rejected.map((j) => average(accepted.map((i) => beyond(i, j))));
    const mean = average(ofAccepted);
    const weight = weightOf(label);
    weights += weight;
    sum += weight * mean;
    acceptedSquares += squares(ofAccepted, mean);
    acceptedFree += accepted.length - 1;
    rejectedSquares += squares(ofRejected, mean);
    rejectedFree += rejected.length - 1;
    sizes.push({ weight, accepted: accepted.length, rejected: rejected.length });
  }
  // Too few to tell how far they differ: then it is not known at all.
  if (acceptedFree === 0 || rejectedFree === 0) return { mean: weights ? sum / weights : 0, error: 1 };
  const variance = sizes.reduce((total, { weight, accepted, rejected }) => total + weight ** 2 * (acceptedSquares / acceptedFree / accepted + rejectedSquares / rejectedFree / rejected), 0);
  return { mean: sum / weights, error: Math.sqrt(variance) / weights };
}

/**
 * The weight of scores in a straight line through what was decided, beside the scores of `beside`, within streams: above 0 they tell what those do
 * not. Two orders can differ by a few pairs only where each knows something else; this sees that sooner than their difference in pairs does.
 */
export function weightBeside(streams: readonly { label: ArrayLike<number>; scores: ArrayLike<number>; beside: ArrayLike<number> }[]): Estimate {
  let [free, ss, sb, bb, sy, by, yy] = [-2, 0, 0, 0, 0, 0, 0];
  for (const { label, scores, beside } of streams) {
    const [accepted, rejected] = sides(label);
    if (accepted.length === 0 || rejected.length === 0) continue;
    const [s, b, y] = [centred(scores), centred(beside), centred(label)];
    free += y.length - 1;
    ss += dot(s, s);
    sb += dot(s, b);
    bb += dot(b, b);
    sy += dot(s, y);
    by += dot(b, y);
    yy += dot(y, y);
  }
  // What is left of each when what `beside` tells is taken off.
  const share = bb > 0 ? sb / bb : 0;
  const [own, told] = [ss - share * sb, sy - share * by];
  if (!(own > 1e-9 * ss) || free <= 0) return { mean: 0, error: 1 };
  const left = yy - (bb > 0 ? by ** 2 / bb : 0) - told ** 2 / own;
  return { mean: told / own, error: Math.sqrt(Math.max(0, left) / free / own) };
}

function centred(values: ArrayLike<number>): Float64Array {
  const mean = average(Array.from(values));
  return Float64Array.from(values, (value) => value - mean);
}

export function average(values: readonly number[]): number {
  return values.reduce((sum, v) => sum + v, 0) / values.length;
}

function squares(values: readonly number[], mean: number): number {
  return values.reduce((sum, v) => sum + (v - mean) ** 2, 0);
}

function order(scores: ArrayLike<number>, better: number, worse: number): number {
  const [a, b] = [scores[better]!, scores[worse]!];
  return a > b ? 1 : a === b ? 0.5 : 0;
}

function sides(label: ArrayLike<number>): [accepted: number[], rejected: number[]] {
  const out: [number[], number[]] = [[], []];
  for (let i = 0; i < label.length; i++) out[label[i] ? 0 : 1].push(i);
  return out;
}

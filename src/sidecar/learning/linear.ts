/**
 * Pairwise logistic regression (Bradley and Terry 1952, on features): P(a is preferred to b) = σ(s(a) − s(b)), where s is the heuristic's score and
 * a weighted sum of the features. The features' weights are pulled towards 0 and, less, the heuristic's towards 1 (L2): with no data s ranks as
 * the heuristic does, and what it explains by itself is not shared out among features that are like it. Its weight is never below 0: of two candidates with the same features the one that the heuristic prefers stays above.
 */
import type { Pairs, TrainingRows } from './rows.js';

/** How a value becomes comparable: (value − mean) / scale, within ±CLIP. */
export interface Scaling {
  mean: number[];
  /** 0 for a column that says nothing. */
  scale: number[];
}

/** Beyond so many deviations a value says no more: very loud is not more to a taste than loud, and one broken feature must not decide alone. */
const CLIP = 2;
/** Strength of the pull on the heuristic's weight, where that on the others is no less. */
const HEURISTIC_PULL = 1;
const NEWTON_STEPS = 12;
const CONJUGATE_STEPS = 20;

/** Mean and deviation within streams: a recording that is louder as a whole says nothing of its highlights. */
export function scalingOf(rows: TrainingRows): { scaling: Scaling; heuristicMean: number; heuristicScale: number } {
  const { mean, scale } = spreadsOf(rows.x, rows.width, rows.starts);
  const heuristic = spreadsOf(rows.heuristic, 1, rows.starts);
  return { scaling: { mean: [...mean], scale: [...scale] }, heuristicMean: heuristic.mean[0]!, heuristicScale: heuristic.scale[0]! || 1 };
}

/** One value, scaled; 0 where nothing is known. */
export function scaled(raw: number, mean: number, scale: number): number {
  if (!Number.isFinite(raw) || scale === 0) return 0;
  return Math.max(-CLIP, Math.min(CLIP, (raw - mean) / scale));
}

/** Row after row: the heuristic first, then the features; `count × (width + 1)`. */
export function scaleRows(rows: TrainingRows, { mean, scale }: Scaling, heuristicMean: number, heuristicScale: number): Float32Array {
  const stride = rows.width + 1;
  const z = new Float32Array(rows.count * stride);
  for (let i = 0; i < rows.count; i++) {
    z[i * stride] = (rows.heuristic[i]! - heuristicMean) / heuristicScale;
    for (let f = 0; f < rows.width; f++) z[i * stride + 1 + f] = scaled(rows.x[i * rows.width + f]!, mean[f]!, scale[f]!);
  }
  return z;
}

const pullOn = (k: number, pull: number): number => (k === 0 ? Math.min(HEURISTIC_PULL, pull) : pull);

/** Loss of the weights (`[0]` is the heuristic's) and its gradient, into `gradient`. `pull` is the strength of the shrinkage. */
export function pairLoss(z: Float32Array, pairs: Pairs, theta: Float64Array, pull: number, gradient: Float64Array): number {
  const stride = theta.length;
  const powers = powersOf(product(z, theta));
  const slope = new Float64Array(powers.length);
  let loss = 0;
  for (let p = 0; p < pairs.count; p++) {
    const [i, j, w] = [pairs.better[p]!, pairs.worse[p]!, pairs.weight[p]!];
    const odds = powers[j]! / powers[i]!;
    loss += w * Math.log1p(odds);
    const g = (w * odds) / (1 + odds);
    slope[i]! -= g;
    slope[j]! += g;
  }
  transposed(z, slope, gradient);
  for (let k = 0; k < stride; k++) {
    const off = theta[k]! - (k === 0 ? 1 : 0);
    loss += (pullOn(k, pull) / 2) * off * off;
    gradient[k]! += pullOn(k, pull) * off;
  }
  return loss;
}

/**
 * The weights with the least loss, by Newton's method whose steps are found by conjugate gradients; the loss is strictly convex for pull > 0.
 * @param start from which to begin; the heuristic when left out
 */
export function fitWeights(z: Float32Array, pairs: Pairs, width: number, pull: number, start?: Float64Array): Float64Array {
  const theta = start ? Float64Array.from(start) : Float64Array.from({ length: width + 1 }, (_, k) => (k === 0 ? 1 : 0));
  descend(z, pairs, theta, pull, false);
  if (theta[0]! < 0) {
    // The least loss under the bound lies on it, for a convex one.
    theta[0] = 0;
    descend(z, pairs, theta, pull, true);
  }
  return theta;
}

function descend(z: Float32Array, pairs: Pairs, theta: Float64Array, pull: number, bound: boolean): void {
  const size = theta.length;
  const gradient = new Float64Array(size);
  const next = new Float64Array(size);
  let loss = pairLoss(z, pairs, theta, pull, gradient);
  for (let n = 0; n < NEWTON_STEPS; n++) {
    if (bound) gradient[0] = 0;
    const norm = Math.sqrt(dot(gradient, gradient));
    if (norm < 1e-4 * (1 + loss)) return;
    const step = newtonStep(z, pairs, theta, pull, gradient, bound);
    let length = 1;
    for (; length > 1e-4; length /= 2) {
      for (let k = 0; k < size; k++) next[k] = theta[k]! - length * step[k]!;
      const tried = pairLoss(z, pairs, next, pull, gradient);
      if (tried < loss) {
        loss = tried;
        theta.set(next);
        break;
      }
    }
    if (length <= 1e-4) return;
  }
}

function newtonStep(z: Float32Array, pairs: Pairs, theta: Float64Array, pull: number, gradient: Float64Array, bound: boolean): Float64Array {
  const size = theta.length;
  const powers = powersOf(product(z, theta));
  const curve = new Float64Array(pairs.count);
  for (let p = 0; p < pairs.count; p++) {
    const odds = powers[pairs.worse[p]!]! / powers[pairs.better[p]!]!;
    curve[p] = (pairs.weight[p]! * odds) / (1 + odds) ** 2;
  }
  const times = (v: Float64Array, out: Float64Array): void => {
    const along = product(z, v);
    const by = new Float64Array(along.length);
    for (let p = 0; p < pairs.count; p++) {
      const [i, j] = [pairs.better[p]!, pairs.worse[p]!];
      const c = curve[p]! * (along[i]! - along[j]!);
      by[i]! += c;
      by[j]! -= c;
    }
    transposed(z, by, out);
    for (let k = 0; k < size; k++) out[k]! += pullOn(k, pull) * v[k]!;
    if (bound) out[0] = 0;
  };
  const step = new Float64Array(size);
  const rest = Float64Array.from(gradient);
  const direction = Float64Array.from(rest);
  const turned = new Float64Array(size);
  let left = dot(rest, rest);
  // A step need not be exact, the next one begins where it ends.
  const enough = left * 1e-2;
  for (let c = 0; c < CONJUGATE_STEPS && left > enough; c++) {
    times(direction, turned);
    const length = left / dot(direction, turned);
    for (let k = 0; k < size; k++) {
      step[k]! += length * direction[k]!;
      rest[k]! -= length * turned[k]!;
    }
    const before = left;
    left = dot(rest, rest);
    for (let k = 0; k < size; k++) direction[k] = rest[k]! + (left / before) * direction[k]!;
  }
  return step;
}

/** Beyond it a quotient of two powers would no longer be a number. */
const MOST_SCORE = 300;

/** e to the power of each score: of a pair the quotient says the odds, and there are fewer rows than pairs. */
export function powersOf(scores: Float64Array, into = new Float64Array(scores.length)): Float64Array {
  for (let i = 0; i < scores.length; i++) into[i] = Math.exp(Math.max(-MOST_SCORE, Math.min(MOST_SCORE, scores[i]!)));
  return into;
}

/** Scores of scaled rows. */
export function product(z: Float32Array, theta: Float64Array): Float64Array {
  const stride = theta.length;
  const out = new Float64Array(z.length / stride);
  const fours = out.length - (out.length % 4);
  // Four rows at once: a single sum waits for each addition before the next, and each weight is read once for all.
  for (let i = 0; i < fours; i += 4) {
    let [one, two, three, four] = [i * stride, (i + 1) * stride, (i + 2) * stride, (i + 3) * stride];
    let [a, b, c, d] = [0, 0, 0, 0];
    for (let k = 0; k < stride; k++) {
      const weight = theta[k]!;
      a += z[one++]! * weight;
      b += z[two++]! * weight;
      c += z[three++]! * weight;
      d += z[four++]! * weight;
    }
    out[i] = a;
    out[i + 1] = b;
    out[i + 2] = c;
    out[i + 3] = d;
  }
  for (let i = fours; i < out.length; i++) {
    for (let k = 0, at = i * stride; k < stride; k++) out[i]! += z[at++]! * theta[k]!;
  }
  return out;
}

/** Into `out`: the sum of all rows, each times its number in `by`. */
function transposed(z: Float32Array, by: Float64Array, out: Float64Array): void {
  const stride = out.length;
  const fours = by.length - (by.length % 4);
  out.fill(0);
  for (let i = 0; i < fours; i += 4) {
    const [a, b, c, d] = [by[i]!, by[i + 1]!, by[i + 2]!, by[i + 3]!];
    let [one, two, three, four] = [i * stride, (i + 1) * stride, (i + 2) * stride, (i + 3) * stride];
    for (let k = 0; k < stride; k++) out[k]! += a * z[one++]! + b * z[two++]! + (c * z[three++]! + d * z[four++]!);
  }
  for (let i = fours; i < by.length; i++) {
    for (let k = 0, at = i * stride; k < stride; k++) out[k]! += by[i]! * z[at++]!;
  }
}

export function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += a[k]! * b[k]!;
  return sum;
}

/** Of each column of what lies row after row; what is not known is left out. */
function spreadsOf(values: Float64Array, width: number, starts: Int32Array): { mean: Float64Array; scale: Float64Array } {
  const [sum, squares, seen, free] = [new Float64Array(width), new Float64Array(width), new Float64Array(width), new Float64Array(width)];
  const [here, known] = [new Float64Array(width), new Float64Array(width)];
  for (let s = 0; s + 1 < starts.length; s++) {
    const [from, to] = [starts[s]! * width, starts[s + 1]! * width];
    here.fill(0);
    known.fill(0);
    for (let at = from; at < to;) {
      for (let f = 0; f < width; f++, at++) {
        if (!Number.isFinite(values[at]!)) continue;
        here[f]! += values[at]!;
        known[f]! += 1;
      }
    }
    for (let f = 0; f < width; f++) {
      if (known[f] === 0) continue;
      sum[f]! += here[f]!;
      seen[f]! += known[f]!;
      free[f]! += known[f]! - 1;
      here[f]! /= known[f]!;
    }
    for (let at = from; at < to;) {
      for (let f = 0; f < width; f++, at++) if (Number.isFinite(values[at]!)) squares[f]! += (values[at]! - here[f]!) ** 2;
    }
  }
  const mean = sum.map((total, f) => (seen[f] ? total / seen[f]! : 0));
  const scale = squares.map((total, f) => {
    const deviation = free[f]! > 0 ? Math.sqrt(total / free[f]!) : 0;
    // Rounding alone gives a constant column a deviation.
    return deviation > 1e-12 * Math.max(1e-300, Math.abs(mean[f]!)) ? deviation : 0;
  });
  return { mean, scale };
}

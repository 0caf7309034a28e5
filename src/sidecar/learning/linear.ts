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
  const mean: number[] = [];
  const scale: number[] = [];
  for (let f = 0; f < rows.width; f++) {
    const [m, deviation] = spread(rows, (i) => rows.x[i * rows.width + f]!);
    mean.push(m);
    scale.push(deviation);
  }
  const [heuristicMean, heuristicScale] = spread(rows, (i) => rows.heuristic[i]!);
  return { scaling: { mean, scale }, heuristicMean, heuristicScale: heuristicScale || 1 };
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
  const scores = product(z, theta);
  const slope = new Float64Array(scores.length);
  let loss = 0;
  for (let p = 0; p < pairs.count; p++) {
    const [i, j, w] = [pairs.better[p]!, pairs.worse[p]!, pairs.weight[p]!];
    const d = scores[i]! - scores[j]!;
    loss += w * (d > 0 ? Math.log1p(Math.exp(-d)) : Math.log1p(Math.exp(d)) - d);
    const g = w / (1 + Math.exp(d));
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
  const scores = product(z, theta);
  const curve = new Float64Array(pairs.count);
  for (let p = 0; p < pairs.count; p++) {
    const s = 1 / (1 + Math.exp(scores[pairs.worse[p]!]! - scores[pairs.better[p]!]!));
    curve[p] = pairs.weight[p]! * s * (1 - s);
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

/** Scores of scaled rows. */
export function product(z: Float32Array, theta: Float64Array): Float64Array {
  const stride = theta.length;
  const out = new Float64Array(z.length / stride);
  const fours = stride - (stride % 4);
  for (let i = 0, at = 0; i < out.length; i++) {
    // Four sums at once: a single one waits for each addition before the next.
    let [a, b, c, d] = [0, 0, 0, 0];
    for (let k = 0; k < fours; k += 4, at += 4) {
      a += z[at]! * theta[k]!;
      b += z[at + 1]! * theta[k + 1]!;
      c += z[at + 2]! * theta[k + 2]!;
      d += z[at + 3]! * theta[k + 3]!;
    }
    for (let k = fours; k < stride; k++) a += z[at++]! * theta[k]!;
    out[i] = a + b + c + d;
  }
  return out;
}

/** Into `out`: the sum of all rows, each times its number in `by`. */
function transposed(z: Float32Array, by: Float64Array, out: Float64Array): void {
  const stride = out.length;
  out.fill(0);
  for (let i = 0; i < by.length; i++) {
    const c = by[i]!;
    if (c === 0) continue;
    for (let k = 0, at = i * stride; k < stride; k++) out[k]! += c * z[at++]!;
  }
}

export function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += a[k]! * b[k]!;
  return sum;
}

function spread(rows: TrainingRows, at: (i: number) => number): [mean: number, deviation: number] {
  let [sum, squares, seen, free] = [0, 0, 0, 0];
  for (let s = 0; s + 1 < rows.starts.length; s++) {
    let [here, n] = [0, 0];
    for (let i = rows.starts[s]!; i < rows.starts[s + 1]!; i++) {
      if (Number.isFinite(at(i))) {
        here += at(i);
        n++;
      }
    }
    if (n === 0) continue;
    const middle = here / n;
    for (let i = rows.starts[s]!; i < rows.starts[s + 1]!; i++) if (Number.isFinite(at(i))) squares += (at(i) - middle) ** 2;
    sum += here;
    seen += n;
    free += n - 1;
  }
  const mean = seen ? sum / seen : 0;
  const deviation = free > 0 ? Math.sqrt(squares / free) : 0;
  // Rounding alone gives a constant column a deviation.
  return [mean, deviation > 1e-12 * Math.max(1e-300, Math.abs(mean)) ? deviation : 0];
}

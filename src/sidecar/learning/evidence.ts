/** Whether what people decided goes by the features at all, beside the heuristic: told before anything is learnt of them. */
import { dot, scaleRows, scalingOf } from './linear.js';
import { weightOf } from './measure.js';
import { pickStreams, type TrainingRows } from './rows.js';

/** Pull of the ridge regression by which it is told, where features have a deviation of 1. From 100 to 300 it hardly matters. */
const RIDGE = 300;
/** Of more decisions what has not shown by then is little, and the time goes into learning. Recordings are called by their dates: the newest count. */
const MOST_ROWS = 2_000;

/**
 * In standard errors: the share of the decisions that a ridge regression on all features explains, of what the heuristic and the recording leave of
 * them, against the same share of what is turned at random (a rotation test: Langsrud 2005; for many weak weights, as the score tests of Wu et al. 2011).
 * Nothing is chosen and nothing left out, so it does not look better than it is: of decisions at random about as many are beyond some errors as normal numbers are.
 * 0 where fewer than two streams have both accepted and rejected rows, or the heuristic leaves nothing.
 */
export function evidence(rows: TrainingRows): number {
  const both = Array.from({ length: rows.starts.length - 1 }, (_, s) => s).filter((s) => weightOf(rows.label.subarray(rows.starts[s], rows.starts[s + 1])) > 0);
  if (both.length < 2) return 0;
  const { label, features, free } = leftOf(pickStreams(rows, newest(both, rows)));
  const all = dot(label, label);
  if (!(all > 1e-9 * label.length) || free < 2) return 0;
  const explained = Float64Array.from(features, (column) => dot(column, label));
  const inverse = inverseOf(productsOf(features, RIDGE));
  const share = inverse.reduce((sum, row, k) => sum + explained[k]! * dot(row, explained), 0) / all;
  return errorsBeyond(share, free, tracesOf(inverse, RIDGE));
}

/** Two at least. */
function newest(streams: readonly number[], { starts }: TrainingRows): number[] {
  let count = 0;
  const first = streams.findLastIndex((s, i) => (count += starts[s + 1]! - starts[s]!) > MOST_ROWS && i < streams.length - 2);
  return streams.slice(first + 1);
}

/** Labels and features column by column, less their mean in each stream and what the heuristic tells of them; and how many are free to differ then. */
function leftOf(rows: TrainingRows): { label: Float64Array; features: Float64Array[]; free: number } {
  const { scaling, heuristicMean, heuristicScale } = scalingOf(rows);
  const z = scaleRows(rows, scaling, heuristicMean, heuristicScale);
  const centred = (at: (i: number) => number): Float64Array => {
    const column = Float64Array.from({ length: rows.count }, (_, i) => at(i));
    for (let s = 0; s + 1 < rows.starts.length; s++) {
      const own = column.subarray(rows.starts[s], rows.starts[s + 1]);
      const mean = own.reduce((sum, v) => sum + v, 0) / own.length;
      for (let i = 0; i < own.length; i++) own[i]! -= mean;
    }
    return column;
  };
  const heuristic = centred((i) => z[i * (rows.width + 1)]!);
  const told = dot(heuristic, heuristic);
  const says = told > 1e-9 * rows.count;
  const without = (column: Float64Array): Float64Array => {
    const share = says ? dot(heuristic, column) / told : 0;
    for (let i = 0; i < column.length; i++) column[i]! -= share * heuristic[i]!;
    return column;
  };
  return {
    label: without(centred((i) => rows.label[i]!)),
    features: Array.from({ length: rows.width }, (_, f) => without(centred((i) => z[i * (rows.width + 1) + 1 + f]!))),
    free: rows.count - (rows.starts.length - 1) - (says ? 1 : 0),
  };
}

/** Of each two columns, with the ridge on the diagonal. */
function productsOf(columns: readonly Float64Array[], ridge: number): Float64Array[] {
  const out = columns.map(() => new Float64Array(columns.length));
  for (let a = 0; a < columns.length; a++) {
    for (let b = 0; b <= a; b++) out[a]![b] = out[b]![a] = dot(columns[a]!, columns[b]!) + (a === b ? ridge : 0);
  }
  return out;
}

/** In place, by Gauss and Jordan: what is symmetric and positive definite needs no pivots. */
function inverseOf(matrix: Float64Array[]): Float64Array[] {
  for (let k = 0; k < matrix.length; k++) {
    const row = matrix[k]!;
    const pivot = row[k]!;
    row[k] = 1;
    for (let c = 0; c < row.length; c++) row[c]! /= pivot;
    for (const other of matrix) {
      if (other === row) continue;
      const by = other[k]!;
      other[k] = 0;
      for (let c = 0; c < row.length; c++) other[c]! -= by * row[c]!;
    }
  }
  return matrix;
}

/** Of the regression as it maps decisions to what it explains, I − ridge · inverse but for what is 0: the sums of its eigenvalues, of their squares and cubes. */
function tracesOf(inverse: readonly Float64Array[], ridge: number): [number, number, number] {
  const size = inverse.length;
  let [one, two, three] = [0, 0, 0];
  inverse.forEach((row, a) => {
    one += row[a]!;
    two += dot(row, row);
    // Symmetric: the square's entries are products of rows.
    inverse.forEach((other, b) => { three += dot(row, other) * row[b]!; });
  });
  [one, two, three] = [ridge * one, ridge ** 2 * two, ridge ** 3 * three];
  return [size - one, size - 2 * one + two, size - 3 * one + 3 * two - three];
}

/**
 * The share of a random vector of `free` normal numbers is above `share` where the sum of (eigenvalue − share) times their squares is above 0: its chance from
 * the first three moments (Pearson; Imhof 1961) and the cube root of a chi-square number, which is about normal (Wilson and Hilferty 1931).
 */
function errorsBeyond(share: number, free: number, [one, two, three]: readonly [number, number, number]): number {
  const mean = one - free * share;
  const squares = two - 2 * share * one + free * share ** 2;
  const cubes = three - 3 * share * two + 3 * share ** 2 * one - free * share ** 3;
  if (!(squares > 1e-9)) return 0;
  const degrees = squares ** 3 / cubes ** 2;
  if (!(degrees < 1e9)) return -mean / Math.sqrt(2 * squares);
  const side = Math.sign(cubes);
  const value = Math.max(0, degrees - side * mean * Math.sqrt(degrees / squares));
  const spread = 2 / (9 * degrees);
  return (side * (Math.cbrt(value / degrees) - (1 - spread))) / Math.sqrt(spread);
}

/** Arithmetic on columns: robust local normalisation, means and quantiles over windows. NaN is "not known" and counts for nothing. */

/**
 * The lower share of a window that counts as calm. Where most of it is taken up by what is loud, as by songs and advertisements, the plain median
 * would lie among them and nothing would stand out.
 */
const CALM = 0.5;
/** Of a normal distribution's deviation the distance from the median of its calm half to that of its calmest quarter is 1/2.1. */
const TO_DEVIATION = 2.1;
/** Of a normal distribution's deviation the MAD is 1/1.4826 (Rousseeuw and Croux, 1993). */
const MAD_TO_DEVIATION = 1.4826;

/** How far apart the baseline is worked out; between, it is drawn straight. */
const STEP = 4;

export interface Baseline {
  /** The rolling median of the calmer half. */
  centre: Float32Array;
  /** A deviation, by the rolling median distance of those that are calmer still. */
  spread: Float32Array;
}

/** Over `radius` values to both sides (at least 4); where a window has nothing known, NaN. Linear in length, and in the window only by what moves within it. */
export function rollingBaseline(values: Float32Array, radius: number): Baseline {
  const length = values.length;
  const centre = new Float32Array(length).fill(NaN);
  const spread = new Float32Array(length).fill(NaN);
  const sorted = new Float64Array(Math.min(length, 2 * radius + 1) + 1);
  let size = 0;
  let entered = 0;
  let left = 0;
  for (let at = 0; ; at = Math.min(length - 1, at + STEP)) {
    for (; entered <= Math.min(length - 1, at + radius); entered++) {
      const value = values[entered]!;
      if (Number.isNaN(value)) continue;
      const place = lowerBound(sorted, size, value);
      sorted.copyWithin(place + 1, place, size++);
      sorted[place] = value;
    }
    for (; left < at - radius; left++) {
      const value = values[left]!;
      if (Number.isNaN(value)) continue;
      const place = lowerBound(sorted, size, value);
      sorted.copyWithin(place, place + 1, size--);
    }
    if (size > 0) {
      const calm = Math.ceil(CALM * size);
      centre[at] = middle(sorted, calm);
      spread[at] = TO_DEVIATION * (middle(sorted, calm) - middle(sorted, Math.ceil(calm / 2)));
    }
    if (at >= length - 1) break;
  }
  for (const column of [centre, spread]) drawBetween(column);
  return { centre, spread };
}

function lowerBound(sorted: Float64Array, size: number, value: number): number {
  let low = 0;
  let high = size;
  while (low < high) {
    const half = (low + high) >> 1;
    if (sorted[half]! < value) low = half + 1;
    else high = half;
  }
  return low;
}

function middle(sorted: ArrayLike<number>, size: number): number {
  return size % 2 === 1 ? sorted[size >> 1]! : (sorted[size / 2 - 1]! + sorted[size / 2]!) / 2;
}

function drawBetween(column: Float32Array): void {
  for (let from = 0; from < column.length - 1; from += STEP) {
    const to = Math.min(column.length - 1, from + STEP);
    const a = Number.isNaN(column[from]!) ? column[to]! : column[from]!;
    const b = Number.isNaN(column[to]!) ? column[from]! : column[to]!;
    for (let i = from + 1; i < to; i++) column[i] = a + ((b - a) * (i - from)) / (to - from);
  }
}

/** Median and deviation of all that is known; null when nothing is. */
export function overall(values: Float32Array): { centre: number; spread: number } | null {
  const known = values.filter((value) => !Number.isNaN(value)).sort();
  if (known.length === 0) return null;
  const centre = middle(known, known.length);
  const distances = known.map((value) => Math.abs(value - centre)).sort();
  return { centre, spread: MAD_TO_DEVIATION * middle(distances, distances.length) };
}

/** Mean of what is known from `before` values earlier to `after` later. */
export function meanOver(values: Float32Array, before: number, after: number): Float32Array {
  const length = values.length;
  const sums = new Float64Array(length + 1);
  const counts = new Uint32Array(length + 1);
  for (let i = 0; i < length; i++) {
    const known = !Number.isNaN(values[i]!);
    sums[i + 1] = sums[i]! + (known ? values[i]! : 0);
    counts[i + 1] = counts[i]! + Number(known);
  }
  return values.map((_, i) => {
    const from = Math.max(0, i - before);
    const to = Math.min(length, i + after + 1);
    return (sums[to]! - sums[from]!) / (counts[to]! - counts[from]!);
  });
}

/** Over `radius` values to both sides the one below which `share` of the known lie; NaN where less than `fewest` are known. */
export function quantileOver(values: Float32Array, radius: number, share: number, fewest: number): Float32Array {
  const window = new Float64Array(2 * radius + 1);
  return values.map((_, i) => {
    let size = 0;
    for (let j = Math.max(0, i - radius); j <= Math.min(values.length - 1, i + radius); j++) {
      const value = values[j]!;
      if (Number.isNaN(value)) continue;
      let place = size++;
      for (; place > 0 && window[place - 1]! > value; place--) window[place] = window[place - 1]!;
      window[place] = value;
    }
    return size < fewest ? NaN : window[Math.min(size - 1, Math.floor(size * share))]!;
  });
}

/** Mean of what is known in [from, to); NaN when nothing is. */
export function meanIn(values: Float32Array | undefined, from: number, to: number): number {
  let sum = 0;
  let count = 0;
  for (let i = Math.max(0, from); values && i < Math.min(values.length, to); i++) {
    if (Number.isNaN(values[i]!)) continue;
    sum += values[i]!;
    count++;
  }
  return sum / count;
}

/** The largest that is known in [from, to); NaN when nothing is. */
export function peakIn(values: Float32Array | undefined, from: number, to: number): number {
  let peak = NaN;
  for (let i = Math.max(0, from); values && i < Math.min(values.length, to); i++) if (!(values[i]! <= peak) && !Number.isNaN(values[i]!)) peak = values[i]!;
  return peak;
}

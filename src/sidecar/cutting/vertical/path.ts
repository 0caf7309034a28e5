/**
 * The way of a window over what is of interest, as an operator would pan: it stands as long as it can, moves evenly and not too
 * fast, and jumps only where another shot begins anyway. Pure.
 *
 * Chosen over the whole clip at once by dynamic programming: as much interest as possible inside, at a price for each step.
 */
import type { Interest } from './interest.js';

export interface PathOptions {
  columns: number;
  /** Width of the window, in columns. */
  window: number;
  looksPerSecond: number;
}

/** Straight between its points; two at the same moment are a jump. `x` is the left edge in columns. */
export interface PathPoint { atSeconds: number; x: number }

/** Places that are tried. */
const PLACES = 41;
/** Of the way from edge to edge, in a second: at most. */
const MOST_SPEED = 0.5;
/** What the way from edge to edge costs, in the interest of one look that lies wholly inside. */
const MOVE_PRICE = 4;
/** Interest of neighbouring looks is mixed: a flash of one look moves nothing. */
const MIX_SECONDS = 0.8;
/** Points nearer to a line than this are left out, columns. */
const STRAIGHT = 1.2;

export function choosePath({ columns, isCut }: Interest, options: PathOptions): PathPoint[] {
  const free = Math.max(0, options.columns - options.window);
  if (columns.length === 0 || free === 0) return [{ atSeconds: 0, x: free / 2 }];
  const inside = mixed(columns, isCut, Math.round((MIX_SECONDS * options.looksPerSecond) / 2)).map((weights) => insideEach(weights, free, options.window));
  const places = cheapest(inside, isCut, Math.max(1, Math.round((MOST_SPEED * (PLACES - 1)) / options.looksPerSecond)));
  const points = places.map((place, i) => ({ atSeconds: i / options.looksPerSecond, x: (place * free) / (PLACES - 1) }));
  return shots(points, isCut).flatMap((shot, i, all) => {
    const line = straightened(smoothed(shot));
    const next = all[i + 1]?.[0];
    // It stands until the next shot begins.
    return next ? [...line, { atSeconds: next.atSeconds, x: line.at(-1)!.x }] : line;
  });
}

/** Mean over neighbouring looks of the same shot. */
function mixed(columns: readonly Float32Array[], isCut: Uint8Array, reach: number): Float32Array[] {
  return columns.map((own, i) => {
    const sum = Float32Array.from(own);
    for (let j = i; j > 0 && i - j < reach && isCut[j] !== 1; j -= 1) add(sum, columns[j - 1]!);
    for (let j = i + 1; j < columns.length && j - i <= reach && isCut[j] !== 1; j += 1) add(sum, columns[j]!);
    const total = sum.reduce((all, value) => all + value, 0) || 1;
    return sum.map((value) => value / total);
  });
}

function add(sum: Float32Array, more: Float32Array): void {
  for (let x = 0; x < sum.length; x += 1) sum[x]! += more[x]!;
}

/** How much interest lies in the window at each place; what is at its edges counts less, so that it lies in its middle. */
function insideEach(weights: Float32Array, free: number, window: number): Float64Array {
  return Float64Array.from({ length: PLACES }, (_, place) => {
    const left = (place * free) / (PLACES - 1);
    let sum = 0;
    for (let x = Math.floor(left); x < Math.min(weights.length, left + window); x += 1) {
      const fromMiddle = Math.abs((x + 0.5 - left) / window - 0.5) * 2;
      sum += weights[x]! * (1 - 0.4 * fromMiddle ** 2);
    }
    return sum;
  });
}

/** A place for each look. */
function cheapest(inside: readonly Float64Array[], isCut: Uint8Array, reach: number): number[] {
  const price = MOVE_PRICE / (PLACES - 1);
  let costs = inside[0]!.map((value) => -value);
  const from: Int16Array[] = [new Int16Array(PLACES)];
  for (let i = 1; i < inside.length; i += 1) {
    const next = new Float64Array(PLACES);
    const came = new Int16Array(PLACES);
    const span = isCut[i] === 1 ? PLACES : reach;
    for (let place = 0; place < PLACES; place += 1) {
      let best = Infinity;
      for (let before = Math.max(0, place - span); before <= Math.min(PLACES - 1, place + span); before += 1) {
        const cost = costs[before]! + (isCut[i] === 1 ? 0 : price * Math.abs(place - before));
        if (cost < best - 1e-12) {
          best = cost;
          came[place] = before;
        }
      }
      next[place] = best - inside[i]![place]!;
    }
    costs = next;
    from.push(came);
  }
  const places = [costs.indexOf(Math.min(...costs))];
  for (let i = inside.length - 1; i > 0; i -= 1) places.unshift(from[i]![places[0]!]!);
  return places;
}

function shots(points: readonly PathPoint[], isCut: Uint8Array): PathPoint[][] {
  const list: PathPoint[][] = [[]];
  points.forEach((point, i) => {
    if (isCut[i] === 1 && list.at(-1)!.length > 0) list.push([]);
    list.at(-1)!.push(point);
  });
  return list;
}

/** A short mean: moves begin and end gently. */
function smoothed(points: readonly PathPoint[]): PathPoint[] {
  return points.map(({ atSeconds }, i) => {
    const near = points.slice(Math.max(0, i - 1), i + 2);
    return { atSeconds, x: near.reduce((sum, { x }) => sum + x, 0) / near.length };
  });
}

/** Ramer, Douglas and Peucker's simplification: as few points as describe it. */
function straightened(points: PathPoint[]): PathPoint[] {
  if (points.length < 3) return points;
  const [first, last] = [points[0]!, points.at(-1)!];
  let far = 0;
  let most = 0;
  points.forEach(({ atSeconds, x }, i) => {
    const share = (atSeconds - first.atSeconds) / (last.atSeconds - first.atSeconds);
    const off = Math.abs(x - first.x - share * (last.x - first.x));
    if (off > most) {
      most = off;
      far = i;
    }
  });
  if (most <= STRAIGHT) return [first, last];
  return [...straightened(points.slice(0, far + 1)).slice(0, -1), ...straightened(points.slice(far))];
}

/**
 * The same as an expression of `t`: a sum, because FFmpeg takes long sums but not deep brackets. Numbers alone, rounded to
 * hundredths of a pixel.
 */
export function pathExpression(points: readonly PathPoint[]): string {
  const terms = [(points[0]?.x ?? 0).toFixed(2)];
  for (let i = 0; i + 1 < points.length; i += 1) {
    const [a, b] = [points[i]!, points[i + 1]!];
    const rise = b.x - a.x;
    if (Math.abs(rise) < 0.005) continue;
    const length = b.atSeconds - a.atSeconds;
    terms.push(length <= 0
      ? `${rise.toFixed(2)}*gte(t\\,${b.atSeconds.toFixed(3)})`
      : `${rise.toFixed(2)}*clip((t-${a.atSeconds.toFixed(3)})/${length.toFixed(3)}\\,0\\,1)`);
  }
  return terms.join('+').replaceAll('+-', '-');
}

/** Where a signal stands out, and from when to when. */

export interface Region {
  /** Bins, the end excluded. */
  start: number;
  end: number;
  peak: number;
  /** Deviations: the mean over it. */
  strength: number;
}

/** Whose signal falls below this share of its peak is over. */
const HALF = 0.5;
/** So many seconds below it may lie between two above. */
const DIP_BINS = 3;
/** What goes on for longer is not a moment. What stands out even in that still may be. */
export const LONGEST_BINS = 55;
const MOST_REGIONS = 400;

/** The strongest first. They do not overlap. */
export function regionsOf(signal: Float32Array, threshold: number): Region[] {
  const z = signal.slice();
  const found: Region[] = [];
  for (let tries = 0; tries < 2 * MOST_REGIONS && found.length < MOST_REGIONS; tries++) {
    const peak = highest(z);
    if (!(z[peak]! >= threshold)) break;
    const level = Math.max(HALF * z[peak]!, 0.6 * threshold);
    const start = reach(z, peak, level, -1);
    const end = reach(z, peak, level, 1) + 1;
    if (end - start > LONGEST_BINS) {
      const plateau = z.slice(start, end).sort()[(end - start) >> 1]!;
      for (let i = start; i < end; i++) z[i]! -= plateau;
      clearSlope(z, start - 1, -1);
      clearSlope(z, end, 1);
      continue;
    }
    let sum = 0;
    for (let i = start; i < end; i++) sum += z[i]!;
    found.push({ start, end, peak, strength: sum / (end - start) });
    z.fill(-Infinity, start, end);
    // Its slopes are its own.
    clearSlope(z, start - 1, -1);
    clearSlope(z, end, 1);
  }
  return found.sort((a, b) => b.strength - a.strength);
}

function highest(z: Float32Array): number {
  let at = 0;
  for (let i = 1; i < z.length; i++) if (z[i]! > z[at]!) at = i;
  return at;
}

/** The furthest bin that is still part of what peaks at `from`. */
function reach(z: Float32Array, from: number, level: number, step: 1 | -1): number {
  let last = from;
  for (let i = from; i >= 0 && i < z.length && Math.abs(i - last) <= DIP_BINS && z[i]! > -Infinity; i += step) if (z[i]! >= level) last = i;
  return last;
}

function clearSlope(z: Float32Array, from: number, step: 1 | -1): void {
  let before = Infinity;
  for (let i = from; i >= 0 && i < z.length && z[i]! < before && z[i]! > 0; i += step) {
    before = z[i]!;
    z[i] = -Infinity;
  }
}

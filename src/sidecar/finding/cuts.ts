/** Which seconds show another shot than the one before. */

/** Colour histograms that differ so much are of different shots. */
const CUT_DISTANCE = 0.3;
/** Beside such a cut that much is one too: where one place after the other is shown, some look alike. */
const LIKELY_DISTANCE = 0.2;
const BESIDE_BINS = 4;
/** Pictures that lie further apart tell of no single cut. */
const MOST_BINS = 10;
/** So many within so many seconds: what lies between them tells of cuts, too. */
const DENSE_CUTS = 4;
const DENSE_BINS = 15;

/** A step from one picture to the next. The column shares its distance out among the bins that it spans. */
interface Step { from: number; to: number; distance: number; isCut: boolean }

/** 1 in each bin of a step that is a cut, or among many. */
export function cutsIn(cut: Float32Array | undefined): Uint8Array {
  const steps: Step[] = [];
  for (let from = 0, to = 0; cut && from < cut.length; from = to) {
    for (to = from + 1; to < cut.length && cut[to] === cut[from] && to - from < MOST_BINS; to++);
    const distance = cut[from]! * (to - from);
    if (distance >= LIKELY_DISTANCE) steps.push({ from, to, distance, isCut: distance >= CUT_DISTANCE });
  }
  for (const order of [steps, [...steps].reverse()]) {
    for (const [i, step] of order.entries()) {
      const before = order[i - 1];
      if (before?.isCut && Math.max(step.from - before.to, before.from - step.to) <= BESIDE_BINS) step.isCut = true;
    }
  }
  const cuts = new Uint8Array(cut?.length ?? 0);
  const sure = steps.filter(({ isCut }) => isCut);
  for (const [i, { from, to }] of sure.entries()) {
    const last = sure[i + DENSE_CUTS - 1];
    cuts.fill(1, from, last && last.from - from <= DENSE_BINS ? last.to : to);
  }
  return cuts;
}

/** The share of seconds in [start, end) in which one shot gives way to another. */
export function cutShare(cuts: Uint8Array, start: number, end: number): number {
  let count = 0;
  for (let i = Math.max(0, start); i < Math.min(end, cuts.length); i++) count += cuts[i]!;
  return count / (end - start);
}

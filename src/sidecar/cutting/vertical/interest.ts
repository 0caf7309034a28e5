/**
 * Where in the picture things happen: for each look a weight per column. Pure.
 *
 * What moves counts most, but not what moves everywhere (the camera itself) nor what stands and blinks in one place all the
 * time (a clock, a chat, a logo); after it edges, which faces, people and writing have and skies do not; and the middle a little,
 * where people put what they film.
 */

export interface Interest {
  /** For each look a weight per column, each look's sum 1. */
  columns: Float32Array[];
  /** Of looks: 1 where another shot begins. */
  isCut: Uint8Array;
}

const MOTION_SHARE = 0.7;
const EDGE_SHARE = 0.2;
const CENTRE_SHARE = 0.1;
/** Less is noise of the encoder. */
const LEAST_MOTION = 6;
/** A difference of histograms that is larger is another shot. */
const CUT_DISTANCE = 0.35;
const CUT_MEAN_CHANGE = 18;
const BINS = 32;

export function interest(pictures: readonly Uint8Array[], width: number, height: number): Interest {
  const isCut = new Uint8Array(pictures.length);
  const motions: Float32Array[] = [];
  const histograms = pictures.map(histogram);
  pictures.forEach((picture, i) => {
    const before = pictures[i - 1];
    const motion = new Float32Array(width);
    if (before) {
      const change = columnChange(picture, before, width, height, motion);
      if (change > CUT_MEAN_CHANGE && distance(histograms[i]!, histograms[i - 1]!) > CUT_DISTANCE) {
        isCut[i] = 1;
        motion.fill(0);
      }
    }
    motions.push(motion);
  });
  // What blinks in the same columns all the time says nothing.
  const steady = new Float32Array(width);
  for (let x = 0; x < width; x += 1) steady[x] = median(motions.map((motion) => motion[x]!));
  const columns = pictures.map((picture, i) => {
    const motion = motions[i]!.map((value, x) => Math.max(0, value - steady[x]!));
    const edges = columnEdges(picture, width, height);
    return blend(motion, edges, width);
  });
  return { columns, isCut };
}

/** Adds each column's change to `into`, less what the whole picture changed. Answers the mean change. */
function columnChange(picture: Uint8Array, before: Uint8Array, width: number, height: number, into: Float32Array): number {
  let sum = 0;
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const change = Math.abs(picture[y * width + x]! - before[y * width + x]!);
      sum += change;
      if (change > LEAST_MOTION) into[x]! += change;
    }
  }
  const everywhere = median([...into]);
  for (let x = 0; x < width; x += 1) into[x] = Math.max(0, into[x]! - everywhere);
  return sum / (width * height);
}

function columnEdges(picture: Uint8Array, width: number, height: number): Float32Array {
  const edges = new Float32Array(width);
  for (let y = 1; y < height - 1; y += 1) {
    for (let x = 1; x < width - 1; x += 1) {
      const at = y * width + x;
      edges[x]! += Math.abs(picture[at + 1]! - picture[at - 1]!) + Math.abs(picture[at + width]! - picture[at - width]!);
    }
  }
  const everywhere = median([...edges]);
  return edges.map((value) => Math.max(0, value - everywhere));
}

function blend(motion: Float32Array, edges: Float32Array, width: number): Float32Array {
  const total = (list: Float32Array): number => list.reduce((sum, value) => sum + value, 0);
  const [moved, edged] = [total(motion), total(edges)];
  const shares = { motion: moved > 0 ? MOTION_SHARE : 0, edges: edged > 0 ? EDGE_SHARE : 0, centre: CENTRE_SHARE };
  const all = shares.motion + shares.edges + shares.centre;
  const centre = Float32Array.from({ length: width }, (_, x) => 1 + Math.cos(((x + 0.5) / width - 0.5) * 2 * Math.PI));
  return centre.map((value, x) => (
    (moved > 0 ? (shares.motion * motion[x]!) / moved : 0) + (edged > 0 ? (shares.edges * edges[x]!) / edged : 0) + (shares.centre * value) / width
  ) / all);
}

function histogram(picture: Uint8Array): Float32Array {
  const bins = new Float32Array(BINS);
  for (const value of picture) bins[value >> 3]! += 1 / picture.length;
  return bins;
}

/** Half the sum of differences: 0 for the same, 1 for nothing in common. */
function distance(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, i) => sum + Math.abs(value - b[i]!), 0) / 2;
}

function median(values: number[]): number {
  if (values.length === 0) return 0;
  return values.sort((a, b) => a - b)[values.length >> 1]!;
}

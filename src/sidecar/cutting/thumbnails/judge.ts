/** Which pictures make good thumbnails: sharp, well lit, in no transition, and unlike each other. Pure. */

export interface Judged {
  atSeconds: number;
  /** 0 to 1. */
  score: number;
  /** Of colours, sums to 1. */
  histogram: Float32Array;
}

export interface SmallPicture {
  atSeconds: number;
  /** RGB, 8 bit. */
  rgb: Uint8Array;
}

/** Darker on average, or with less contrast, a picture shows nothing. */
const LEAST_MEAN = 28;
const LEAST_DEVIATION = 10;
/** Of a picture that was drawn, as a test card or a slate, so much and more is even; of what a camera sees, less. What is all drawn is worth the least. */
const DRAWN = { from: 0.55, to: 0.85, worth: 0.15 };
/** Luma of neighbours that coding alone makes differ. */
const EVEN = 2;
/** Luma that is neither too dark nor washed out. */
const GOOD_MEAN = { from: 80, to: 170 };
/** Neighbours that differ by more have something between them: a cut, or a transition. */
const CHANGE = 16;
/** Mixed of its neighbours, so that what is left is less than this of their difference. */
const BLEND_REST = 0.25;
const BLEND_SHARE = { from: 0.12, to: 0.88 };
/** More alike than this they are the same picture to a person. */
const SAME = 0.06;
/** From so much on, two are as different as can be. */
const DIFFERENT = 0.5;
const LEVELS = 4;

/** Those that may be used, each with its score. */
export function judge(pictures: readonly SmallPicture[], width: number, height: number): Judged[] {
  const lumas = pictures.map(({ rgb }) => lumaOf(rgb));
  const sharpness = lumas.map((luma) => laplacianVariance(luma, width, height));
  const sharpest = Math.max(1, ...sharpness);
  return pictures.flatMap(({ atSeconds, rgb }, i) => {
    const luma = lumas[i]!;
    const { mean, deviation, clipped } = exposure(luma);
    if (mean < LEAST_MEAN || deviation < LEAST_DEVIATION || isBlend(luma, lumas[i - 1], lumas[i + 1])) return [];
    // By the logarithm: twice the variance is seen as a little sharper.
    const sharp = Math.log1p(sharpness[i]!) / Math.log1p(sharpest);
    const off = Math.max(0, GOOD_MEAN.from - mean, mean - GOOD_MEAN.to);
    const bright = Math.max(0, 1 - off / GOOD_MEAN.from) * (1 - clipped);
    const contrast = Math.min(1, deviation / 60);
    const drawn = Math.min(1, Math.max(0, (evenShare(luma, width, height) - DRAWN.from) / (DRAWN.to - DRAWN.from)));
    return [{ atSeconds, score: sharp ** 2 * (0.35 + 0.65 * bright) * (0.6 + 0.4 * contrast) * (1 - (1 - DRAWN.worth) * drawn), histogram: histogramOf(rgb) }];
  });
}

/** The best first, then those that are good and unlike the ones chosen. Fewer where there are no more different ones. */
export function choose(judged: readonly Judged[], count: number): Judged[] {
  const chosen: Judged[] = [];
  const left = [...judged];
  while (chosen.length < count && left.length > 0) {
    const worth = left.map((one) => {
      const unlike = Math.min(Infinity, ...chosen.map((other) => distance(one.histogram, other.histogram)));
      if (unlike < SAME) return -1;
      return one.score * (0.25 + 0.75 * Math.min(1, unlike / DIFFERENT));
    });
    const best = Math.max(...worth);
    if (best < 0) break;
    chosen.push(...left.splice(worth.indexOf(best), 1));
  }
  return chosen;
}

function lumaOf(rgb: Uint8Array): Float32Array {
  return Float32Array.from({ length: Math.floor(rgb.length / 3) }, (_, i) => 0.2126 * rgb[i * 3]! + 0.7152 * rgb[i * 3 + 1]! + 0.0722 * rgb[i * 3 + 2]!);
}

/** Pech-Pacheco et al., "Diatom autofocusing in brightfield microscopy" (ICPR 2000): what is sharp has much of it. */
function laplacianVariance(luma: Float32Array, width: number, height: number): number {
  let sum = 0;
  let squares = 0;
  for (let y = 1; y < height - 1; y += 1) {
    for (let x = 1; x < width - 1; x += 1) {
      const at = y * width + x;
      const value = luma[at - 1]! + luma[at + 1]! + luma[at - width]! + luma[at + width]! - 4 * luma[at]!;
      sum += value;
      squares += value * value;
    }
  }
  const count = Math.max(1, (width - 2) * (height - 2));
  return squares / count - (sum / count) ** 2;
}

/** Of its places, how many are like those right of them and below. */
function evenShare(luma: Float32Array, width: number, height: number): number {
  let even = 0;
  for (let y = 0; y < height - 1; y += 1) {
    for (let x = 0; x < width - 1; x += 1) {
      const at = y * width + x;
      if (Math.abs(luma[at + 1]! - luma[at]!) <= EVEN && Math.abs(luma[at + width]! - luma[at]!) <= EVEN) even += 1;
    }
  }
  return even / Math.max(1, (width - 1) * (height - 1));
}

function exposure(luma: Float32Array): { mean: number; deviation: number; clipped: number } {
  let sum = 0;
  let squares = 0;
  let clipped = 0;
  for (const value of luma) {
    sum += value;
    squares += value * value;
    if (value > 250) clipped += 1;
  }
  const mean = sum / luma.length;
  return { mean, deviation: Math.sqrt(Math.max(0, squares / luma.length - mean * mean)), clipped: clipped / luma.length };
}

/** Whether it is its neighbours mixed, as in a dissolve or a fade: by least squares the share of each, and what is left over. */
function isBlend(luma: Float32Array, before: Float32Array | undefined, after: Float32Array | undefined): boolean {
  if (!before || !after) return false;
  let cross = 0;
  let squares = 0;
  let apart = 0;
  for (let i = 0; i < luma.length; i += 1) {
    const step = after[i]! - before[i]!;
    cross += (luma[i]! - before[i]!) * step;
    squares += step * step;
    apart += Math.abs(step);
  }
  if (apart / luma.length < CHANGE) return false;
  const share = cross / squares;
  let rest = 0;
  for (let i = 0; i < luma.length; i += 1) rest += Math.abs(luma[i]! - before[i]! - share * (after[i]! - before[i]!));
  return share > BLEND_SHARE.from && share < BLEND_SHARE.to && rest < apart * BLEND_REST;
}

function histogramOf(rgb: Uint8Array): Float32Array {
  const bins = new Float32Array(LEVELS ** 3);
  const each = 3 / rgb.length;
  for (let i = 0; i + 2 < rgb.length; i += 3) bins[((rgb[i]! >> 6) * LEVELS + (rgb[i + 1]! >> 6)) * LEVELS + (rgb[i + 2]! >> 6)]! += each;
  return bins;
}

/** Half the sum of differences: 0 for the same, 1 for nothing in common. */
function distance(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, i) => sum + Math.abs(value - b[i]!), 0) / 2;
}

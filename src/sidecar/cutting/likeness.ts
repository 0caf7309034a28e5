/** Whether a clip shows and sounds like its recording: small pictures and short stretches of sound compared. Pure. */

/** Of small pictures: mean squared error as dB below white, ITU-T J.340's PSNR for 8 bits; Infinity for equal ones. */
export function psnr(a: Uint8Array, b: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i += 1) sum += (a[i]! - (b[i] ?? 0)) ** 2;
  return sum === 0 ? Infinity : 10 * Math.log10((255 ** 2 * a.length) / sum);
}

/** What was encoded anew at a good quality is above 35 dB. Scaling and rounding of colours cost a little. */
const LEAST_PSNR = 28;
/** Where nothing moves its neighbours are as like it as it is itself. */
const MARGIN_DB = 0.5;
/** Differences beyond it are those of encoding. */
const ENOUGH_PSNR = 48;

/** Whether `got` is the source's picture `right`, and not rather one of its neighbours. */
export function isRightPicture(got: Uint8Array, right: Uint8Array, neighbours: readonly Uint8Array[]): boolean {
  const likeness = psnr(got, right);
  if (likeness < LEAST_PSNR) return false;
  return likeness >= ENOUGH_PSNR || neighbours.every((other) => psnr(got, other) <= likeness + MARGIN_DB);
}

export interface Lag {
  /** How much later `got` is than it should be, ms. */
  ms: number;
  /** Of the two there, -1 to 1. */
  correlation: number;
}

/** What is compared in each place, and how far around it is looked for. */
const WINDOW_SECONDS = 0.8;
const MOST_LAG_SECONDS = 0.15;
/** Of 16 bits. Below it there is nothing to hear, and nothing to compare. */
const LEAST_RMS = 20;
const WINDOWS = 3;
/** Correlations that differ by no more are the same. */
const EQUAL = 0.002;

/** By how much one is later than the other, in up to three places where something is to be heard. @param rate of both, Hz */
export function soundLags(reference: Int16Array, got: Int16Array, rate: number): Lag[] {
  const length = Math.min(Math.round(WINDOW_SECONDS * rate), reference.length);
  const reach = Math.round(MOST_LAG_SECONDS * rate);
  if (length < rate / 20) return [];
  return loudPlaces(reference, length).map((at) => {
    const heard = new Float32Array(length + 2 * reach);
    for (let i = 0; i < heard.length; i += 1) heard[i] = got[at - reach + i] ?? 0;
    const { lag, correlation } = bestLag(Float32Array.from(reference.subarray(at, at + length)), heard);
    return { ms: (lag * 1000) / rate, correlation };
  });
}

/** The loudest window of each third. */
function loudPlaces(samples: Int16Array, length: number): number[] {
  const places: number[] = [];
  const step = Math.max(1, length >> 1);
  const third = Math.ceil(samples.length / WINDOWS);
  for (let part = 0; part < WINDOWS; part += 1) {
    let best = -1;
    let most = LEAST_RMS ** 2 * length;
    for (let at = part * third; at < (part + 1) * third && at + length <= samples.length; at += step) {
      const energy = energyOf(samples.subarray(at, at + length));
      if (energy > most) {
        most = energy;
        best = at;
      }
    }
    if (best >= 0) places.push(best);
  }
  return places;
}

const energyOf = (samples: ArrayLike<number>): number => {
  let sum = 0;
  for (let i = 0; i < samples.length; i += 1) sum += samples[i]! * samples[i]!;
  return sum;
};

/** @param heard the same stretch, with as much before it as after it */
function bestLag(window: Float32Array, heard: Float32Array): { lag: number; correlation: number } {
  const { length } = window;
  const reach = (heard.length - length) / 2;
  const own = Math.sqrt(energyOf(window));
  let energy = energyOf(heard.subarray(0, length));
  let best = { lag: reach, correlation: -1 };
  for (let from = 0; from <= 2 * reach; from += 1) {
    let sum = 0;
    for (let i = 0; i < length; i += 1) sum += window[i]! * heard[from + i]!;
    const correlation = energy > 0 ? sum / (own * Math.sqrt(energy)) : 0;
    const lag = from - reach;
    // A tone is like itself a whole wave later too: of equals the nearest counts.
    const isEqual = Math.abs(correlation - best.correlation) <= EQUAL;
    if (isEqual ? Math.abs(lag) < Math.abs(best.lag) : correlation > best.correlation) best = { lag, correlation };
    if (from < 2 * reach) energy += heard[from + length]! ** 2 - heard[from]! ** 2;
  }
  return best;
}

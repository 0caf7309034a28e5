/** What planted streams sound with: noise through filters, voices with formants, drums and chords. All add into a buffer of 16 kHz. */
import type { Chance } from './random.js';

export const RATE = 16_000;

/** Loudness over a sound's length: 0 to 1, told how far it is, 0 to 1. */
export type Swell = (progress: number) => number;

/** A resonance: two poles, near unit gain at its middle. */
export class Resonator {
  readonly #a: number;
  readonly #b: number;
  readonly #gain: number;
  #y1 = 0;
  #y2 = 0;

  constructor(hz: number, width: number) {
    const radius = Math.exp((-Math.PI * width) / RATE);
    this.#a = 2 * radius * Math.cos((2 * Math.PI * hz) / RATE);
    this.#b = -radius * radius;
    this.#gain = (1 - radius) * Math.sqrt(1 - 2 * radius * Math.cos((4 * Math.PI * hz) / RATE) + radius * radius);
  }

  run(x: number): number {
    const y = this.#gain * x + this.#a * this.#y1 + this.#b * this.#y2;
    this.#y2 = this.#y1;
    this.#y1 = y;
    return y;
  }
}

interface Range { start: number; end: number; level: number; swell?: Swell }

function samples({ start, end }: Range, into: Float32Array): [from: number, to: number] {
  return [Math.max(0, Math.round(start * RATE)), Math.min(into.length, Math.round(end * RATE))];
}

/** A wind, a room, a crowd: noise around some frequencies that comes and goes a little. */
export function noise(into: Float32Array, chance: Chance, range: Range & { bands: readonly { hz: number; width: number; share: number }[]; unrest: number }): void {
  const [from, to] = samples(range, into);
  const filters = range.bands.map(({ hz, width, share }) => ({ filter: new Resonator(hz, width), share: share * Math.sqrt(RATE / width) }));
  let unrest = 0;
  for (let i = from; i < to; i++) {
    unrest += 0.0003 * (chance.next() - 0.5 - unrest * 0.05);
    const white = chance.next() * 2 - 1;
    let sum = 0;
    for (let k = 0; k < filters.length; k++) sum += filters[k]!.share * filters[k]!.filter.run(white);
    into[i]! += sum * range.level * (range.swell?.((i - from) / (to - from)) ?? 1) * Math.max(0.2, 1 + range.unrest * unrest * 30);
  }
}

const VOWELS = [[700, 1200, 2600], [400, 2000, 2600], [300, 2300, 3000], [450, 850, 2500], [350, 700, 2400], [600, 1700, 2500]] as const;

/** Somebody who talks: phrases of syllables over a falling pitch, with pauses. `effort` 0 is calm; 1 shouts: higher, brighter, hardly a pause. */
export function speech(into: Float32Array, chance: Chance, range: Range & { pitch: number; effort: number }): void {
  const { start, end, level, pitch, effort, swell } = range;
  let at = start;
  while (at < end) {
    const phraseEnd = Math.min(end, at + chance.between(1, 3.5));
    const phrase = at;
    while (at < phraseEnd) {
      const length = chance.between(0.1, 0.24) * (1 + 0.5 * effort);
      const loud = level * (swell?.((at - start) / (end - start)) ?? 1) * chance.between(0.6, 1);
      if (chance.is(0.35)) noise(into, chance, { start: at - 0.05, end: at + 0.03, level: loud * 0.3, bands: [{ hz: 5_000, width: 2_500, share: 1 }], unrest: 0 });
      const fall = 1.1 - 0.2 * ((at - phrase) / (phraseEnd - phrase + 0.01));
      vowel(into, { start: at, end: Math.min(end, at + length), level: loud }, pitch * (1 + 0.9 * effort) * fall * chance.between(0.92, 1.1), chance.pick(VOWELS), effort);
      at += length + chance.between(0.01, 0.07);
    }
    at += chance.between(0.2, 1.6) * (1 - 0.85 * effort);
  }
}

/** A buzz through three formants. */
function vowel(into: Float32Array, range: Range, hz: number, formants: readonly number[], effort: number): void {
  const [from, to] = samples(range, into);
  const filters = formants.map((formant, i) => new Resonator(formant * (1 + 0.1 * effort), 80 + 60 * i));
  let phase = 0;
  let last = 0;
  for (let i = from; i < to; i++) {
    const progress = (i - from) / (to - from);
    phase += (hz * (1 + 0.02 * Math.sin((2 * Math.PI * 5.5 * i) / RATE))) / RATE;
    if (phase >= 1) phase -= 1;
    // What is shouted is less smooth at its source.
    const buzz = (0.35 + 0.5 * effort) * (1 - 2 * phase) + (0.65 - 0.5 * effort) * last;
    last = buzz;
    let sum = 0;
    for (let k = 0; k < filters.length; k++) sum += filters[k]!.run(buzz) / (1 + k * (1 - 0.5 * effort));
    into[i]! += sum * 9 * range.level * Math.sin(Math.PI * Math.min(1, progress * 4, (1 - progress) * 3) / 2);
  }
}

/** Hands: many short clicks. */
export function applause(into: Float32Array, chance: Chance, range: Range & { rate: number }): void {
  for (let at = range.start; at < range.end; at += chance.wait(range.rate)) {
    const loud = range.level * chance.between(0.3, 1) * (range.swell?.((at - range.start) / (range.end - range.start)) ?? 1);
    const from = Math.round(at * RATE);
    const filter = new Resonator(chance.between(1_200, 3_500), 1_200);
    for (let i = from; i < Math.min(into.length, from + 320); i++) into[i]! += 4 * loud * filter.run((chance.next() * 2 - 1) * Math.exp((from - i) / 60));
  }
}

/** Tones and their overtones with vibrato, each with a soft edge. */
export function chord(into: Float32Array, range: Range & { notes: readonly number[]; overtones: number }): void {
  const [from, to] = samples(range, into);
  const parts = range.notes.flatMap((hz) => Array.from({ length: range.overtones }, (_, k) => ({ hz: hz * (k + 1), share: 1 / ((k + 1) ** 1.4 * range.notes.length) }))).filter(({ hz }) => hz < 7_500);
  for (const { hz, share } of parts) {
    let phase = 0;
    for (let i = from; i < to; i++) {
      phase += (2 * Math.PI * hz * (1 + 0.004 * Math.sin((2 * Math.PI * 5 * i) / RATE))) / RATE;
      into[i]! += share * range.level * Math.sin(phase) * Math.min(1, (i - from) / 400, (to - i) / 800) * (range.swell?.((i - from) / (to - from)) ?? 1);
    }
  }
}

/** A drum: a tone that falls. */
export function thump(into: Float32Array, at: number, level: number, hz: number): void {
  const from = Math.round(at * RATE);
  for (let i = Math.max(0, from); i < Math.min(into.length, from + 3_200); i++) {
    const since = (i - from) / RATE;
    into[i]! += level * Math.exp(-since * 18) * Math.sin(2 * Math.PI * hz * since * (1 + 0.8 * Math.exp(-since * 30)));
  }
}

/** The sound of a planted stream, 16 kHz mono: its world, what excites in it, and what only seems to. */
import { applause, chord, noise, RATE, speech, thump, type Swell } from './instruments.js';
import type { Decoy, Planted, StreamPlan } from './plan.js';
import { Chance } from './random.js';

const decibels = (db: number): number => 10 ** (db / 20);

export function soundOf(plan: StreamPlan): Int16Array {
  const chance = new Chance(plan.seed + 5_000);
  const mix = new Float32Array(plan.seconds * RATE);
  const pitch = chance.between(95, 220);
  const talkDb = chance.between(-32, -24);
  world(mix, plan, chance, pitch, talkDb);
  const cheer = chance.pick(['crowd', 'voice', 'both', 'applause'] as const);
  for (const highlight of plan.highlights) if (highlight.senses.includes('sound')) excitement(mix, highlight, chance, pitch, talkDb, cheer);
  for (const decoy of plan.decoys) {
    switch (decoy.kind) {
      case 'music': music(mix, decoy, chance, talkDb + chance.between(4, 11)); break;
      case 'advertisement': advertisement(mix, decoy, chance, talkDb + chance.between(6, 12)); break;
      case 'shouting': shouting(mix, decoy, chance, pitch, talkDb + chance.between(6, 11)); break;
      case 'raid': case 'cuts': break;
    }
  }
  const out = new Int16Array(mix.length);
  for (let i = 0; i < mix.length; i++) out[i] = Math.round(32_000 * Math.tanh(mix[i]!));
  return out;
}

function world(mix: Float32Array, plan: StreamPlan, chance: Chance, pitch: number, talkDb: number): void {
  const all = { start: 0, end: plan.seconds };
  noise(mix, chance, { ...all, level: decibels(talkDb - chance.between(14, 24)), bands: [{ hz: 200, width: 400, share: 1 }, { hz: 2_000, width: 3_000, share: 0.3 }], unrest: 0.2 });
  if (plan.world === 'arena') {
    noise(mix, chance, { ...all, level: decibels(talkDb - 8), bands: [{ hz: 500, width: 500, share: 1 }, { hz: 1_400, width: 900, share: 0.5 }], unrest: 0.6 });
  }
  if (plan.world === 'game') {
    for (let at = chance.wait(0.4); at < plan.seconds; at += chance.wait(0.4)) {
      if (chance.is(0.6)) thump(mix, at, decibels(talkDb + chance.between(-6, 2)), chance.between(50, 140));
      else chord(mix, { start: at, end: at + chance.between(0.1, 0.4), level: decibels(talkDb - 4), notes: [chance.between(400, 1_800)], overtones: 3 });
    }
  }
  // Talk, with rests of up to half a minute.
  for (let at = 1; at < plan.seconds;) {
    const until = Math.min(plan.seconds, at + chance.between(10, 70));
    speech(mix, chance, { start: at, end: until, level: decibels(talkDb), pitch, effort: chance.between(0, 0.25) });
    at = until + (chance.is(0.3) ? chance.between(5, 30) : chance.between(0.5, 3));
  }
}

function excitement(mix: Float32Array, { start, end, strength }: Planted, chance: Chance, pitch: number, talkDb: number, cheer: 'crowd' | 'voice' | 'both' | 'applause'): void {
  const attack = chance.between(0.3, 2) / (end - start);
  const decay = chance.between(1, 4) / (end - start);
  const swell: Swell = (progress) => Math.min(1, progress / attack, (1 - progress) / decay) * (0.85 + 0.15 * Math.sin(progress * 9));
  const level = decibels(talkDb + 6 + 10 * strength);
  if (cheer !== 'voice') {
    noise(mix, chance, { start, end, level: cheer === 'applause' ? level * 0.4 : level, swell, bands: [{ hz: 700, width: 600, share: 1 }, { hz: 1_500, width: 900, share: 0.8 }, { hz: 3_000, width: 1_800, share: 0.4 }], unrest: 0.5 });
    if (chance.is(0.5)) for (let i = 0; i < 4; i++) speech(mix, chance, { start: start + chance.between(0, 1), end, level: level * 0.4, pitch: chance.between(150, 350), effort: 0.9, swell });
  }
  if (cheer === 'applause') applause(mix, chance, { start, end, level: level * 0.8, rate: 90, swell });
  if (cheer === 'voice' || cheer === 'both') speech(mix, chance, { start, end, level: level * 1.6, pitch, effort: chance.between(0.7, 1), swell });
}

function music(mix: Float32Array, { start, end }: Pick<Decoy, 'start' | 'end'>, chance: Chance, db: number): void {
  const beat = 60 / chance.between(80, 150);
  const root = chance.between(110, 220);
  const drums = chance.is(0.85);
  const level = decibels(db);
  const steps = [0, 5, 7, 9, 3, 8].map((tones) => root * 2 ** (tones / 12));
  for (let at = start, n = 0; at + beat < end; at += beat, n++) {
    if (drums) {
      thump(mix, at, level * 1.2, 60);
      noise(mix, chance, { start: at + beat / 2, end: at + beat / 2 + 0.05, level: level * 0.3, bands: [{ hz: 6_500, width: 2_000, share: 1 }], unrest: 0 });
    }
    if (n % 4 === 0) {
      const base = chance.pick(steps);
      chord(mix, { start: at, end: Math.min(end, at + 4 * beat), level: level * 1.5, notes: [base, base * 1.26, base * 1.5], overtones: 5 });
    }
    chord(mix, { start: at, end: at + beat * 0.9, level: level * 0.6, notes: [chance.pick(steps) * 2], overtones: 4 });
  }
}

/** Spots, one after the other: a jingle, then somebody who talks fast over music, all pressed to one loudness. */
function advertisement(mix: Float32Array, { start, end }: Decoy, chance: Chance, db: number): void {
  for (let at = start; at < end;) {
    const until = Math.min(end, at + chance.between(10, 30));
    const from = Math.round(at * RATE);
    const spot = new Float32Array(Math.round((until - at) * RATE));
    const jingle = Math.min(until - at, chance.between(1.5, 3));
    for (let t = 0; t < jingle; t += 0.18) chord(spot, { start: t, end: t + 0.3, level: 0.5, notes: [chance.pick([523, 659, 784, 1047])], overtones: 5 });
    music(spot, { start: 0, end: until - at }, chance, -14);
    speech(spot, chance, { start: jingle, end: until - at, level: 0.5, pitch: chance.between(100, 240), effort: 0.6 });
    for (let i = 0; i < spot.length && from + i < mix.length; i++) mix[from + i] = 1.6 * decibels(db) * Math.tanh(spot[i]! * 5);
    at = until;
  }
}

/** The whole of it as loud and as high as its beginning. */
function shouting(mix: Float32Array, { start, end }: Decoy, chance: Chance, pitch: number, db: number): void {
  speech(mix, chance, { start, end, level: decibels(db), pitch, effort: 0.85 });
}

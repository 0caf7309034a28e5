/** What happens in a planted stream, and when: drawn by a seed, before a sound or a picture is made. */
import { Chance } from './random.js';

export type Sense = 'sound' | 'picture' | 'chat';
export type DecoyKind = 'music' | 'advertisement' | 'raid' | 'shouting' | 'cuts';

/** Seconds from the stream's start. */
export interface Planted { start: number; end: number; senses: readonly Sense[]; strength: number }
export interface Decoy { start: number; end: number; kind: DecoyKind }

export interface StreamPlan {
  seed: number;
  seconds: number;
  has: Readonly<Record<Sense, boolean>>;
  /** What the stream is otherwise. */
  world: 'talk' | 'game' | 'arena';
  keyframeSeconds: 1 | 2;
  /** Messages a second in quiet times. */
  chatRate: number;
  highlights: readonly Planted[];
  decoys: readonly Decoy[];
}

const SUBSETS: readonly (readonly Sense[])[] = [
  ['sound', 'picture', 'chat'], ['sound', 'picture', 'chat'], ['sound', 'picture', 'chat'], ['sound', 'chat'], ['sound', 'chat'], ['picture', 'chat'], ['sound', 'picture'], ['sound', 'picture'], ['picture'], ['chat'],
];
const DECOY_SECONDS: Readonly<Record<DecoyKind, readonly [number, number]>> = { music: [40, 150], advertisement: [20, 75], raid: [15, 50], shouting: [90, 240], cuts: [20, 60] };

/** `minutes` is drawn where it is not given. */
export function planStream(seed: number, minutes?: number): StreamPlan {
  const chance = new Chance(seed);
  const seconds = Math.round((minutes ?? chance.between(20, 30)) * 60);
  const lacking = chance.next();
  const has = { sound: lacking > 0.08, picture: lacking < 0.08 || lacking > 0.16, chat: lacking < 0.16 || lacking > 0.34 };
  const wanted = Math.max(1, Math.round((minutes ?? chance.between(20, 30)) / 25 * chance.whole(6, 10)));
  const kinds = (['music', 'advertisement', 'raid', 'shouting', 'cuts'] as const).filter((kind) => kind === 'raid' ? has.chat : kind === 'cuts' ? has.picture : has.sound);
  const things: (Omit<Planted, 'start' | 'end'> | { kind: DecoyKind })[] = [];
  for (let i = 0; i < wanted; i++) {
    const able = SUBSETS.filter((senses) => senses.every((sense) => has[sense]));
    const senses = able.length > 0 ? chance.pick(able) : (['sound', 'picture', 'chat'] as const).filter((sense) => has[sense]);
    things.push({ senses, strength: chance.between(0.45, 1) });
  }
  // One of each that is possible, and some more.
  for (const kind of kinds) things.push({ kind });
  if (seconds > 900) for (let i = chance.whole(0, 3); i > 0 && kinds.length > 0; i--) things.push({ kind: chance.pick(kinds) });

  const lengths = things.map((thing) => 'kind' in thing ? chance.between(...DECOY_SECONDS[thing.kind]) : chance.between(9, 32));
  // What does not fit goes shorter; where there is room, the gaps are of all sizes.
  const room = seconds - 40;
  const needed = lengths.reduce((sum, length) => sum + length, 0) + 25 * things.length;
  const squeeze = Math.min(1, room / needed);
  const slack = Math.max(0, room - needed);
  const shares = things.map(() => chance.next() ** 2);
  const total = shares.reduce((sum, share) => sum + share, 0);
  const highlights: Planted[] = [];
  const decoys: Decoy[] = [];
  let at = 20;
  for (const i of chance.shuffled(things.map((_, index) => index))) {
    at += 25 * squeeze + slack * shares[i]! / total;
    const thing = things[i]!;
    const length = Math.max(6, lengths[i]! * squeeze);
    if ('kind' in thing) decoys.push({ ...thing, start: at, end: at + length });
    else highlights.push({ ...thing, start: at, end: at + length });
    at += length;
  }
  return {
    seed, seconds, has, highlights, decoys,
    world: chance.pick(['talk', 'game', 'arena']), keyframeSeconds: chance.is(0.5) ? 1 : 2, chatRate: 10 ** chance.between(-1.2, 0.5),
  };
}

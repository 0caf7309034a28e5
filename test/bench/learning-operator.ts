/** An operator with a taste that nobody is told, and recordings to use it on: for the measurement of what is learnt of them. */
import type { DecisionRow } from '../../src/protocol/highlights.js';

/** A candidate as the learner sees it, with what the operator thinks of it, which it does not. */
export interface Shown {
  id: string;
  score: number;
  vector: number[];
  /** In standard deviations over candidates of all streams, without the operator's moods. */
  worth: number;
}

/** What the taste is made of. */
export type Taste = 'own' | 'heuristic' | 'none';

const MEASURED = 28;
const SOUND = 14;
const PICTURE = 10;
const TIMBRE = 13;
const COUNTED = 5;
const CAUSES = 6;
/** Mean, peak and contrast of what is measured; then timbre, counts, five scores and the length: as the finder's vectors are. */
export const VECTOR_WIDTH = MEASURED * 3 + TIMBRE + COUNTED + 6;
export const CANDIDATES_A_STREAM = 40;
/** Deviation of what an operator says from what they think, and what they want of a highlight at least; both in units of worth. */
const MOOD = 0.4;
const USUAL_BAR = 0.2;

export function random(seed: number): () => number {
  let a = seed >>> 0;
  return () => {
    a = (a + 0x6D2B79F5) >>> 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

export function normal(uniform: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
}

const clip = (v: number): number => Math.max(-8, Math.min(8, v));

/**
 * The world is the same for every operator: six causes (a crowd, a fight, talk, music, chat, a change of scene) behind 28 measured features, each
 * of which says three things and none of them exactly. A third of the streams has no chat. The heuristic likes the causes as most people do.
 */
export class Operator {
  readonly #loadings: number[][];
  readonly #common: number[];
  readonly #own: { linear: [feature: number, weight: number][]; both: [number, number]; bothWeight: number; seconds: number; secondsWeight: number; edge: number; edgeWeight: number };

  constructor(private readonly seed: number, private readonly taste: Taste = 'own') {
    const world = random(4_711);
    this.#loadings = Array.from({ length: MEASURED }, (_, f) => {
      const main = f < SOUND ? Math.floor(world() * 4) : f < SOUND + PICTURE ? [1, 5, 0][Math.floor(world() * 3)]! : 4;
      return Array.from({ length: CAUSES }, (_, c) => (c === main ? 1 : 0) * (world() < 0.2 ? -1 : 1) + 0.25 * normal(world));
    });
    this.#common = [1, 0.8, 0.1, 0.1, 0.9, 0.3];
    const own = random(seed * 7_919 + 13);
    const feature = (): number => Math.floor(own() * MEASURED);
    this.#own = {
      linear: Array.from({ length: 4 }, () => [feature(), normal(own)]),
      both: [feature(), feature()], bothWeight: 0.5 * normal(own),
      seconds: 0.5 + own(), secondsWeight: 0.6, edge: feature(), edgeWeight: normal(own),
    };
  }

  /** One recording's candidates, in order of time. */
  stream(number: number): Shown[] {
    const uniform = random(this.seed * 1_000_003 + number * 101 + 7);
    const withChat = uniform() > 1 / 3;
    const moods = Array.from({ length: CAUSES }, () => 0.4 * normal(uniform));
    return Array.from({ length: CANDIDATES_A_STREAM }, (_, k) => this.#candidate(`h${k}`, uniform, withChat, moods));
  }

  #candidate(id: string, uniform: () => number, withChat: boolean, moods: readonly number[]): Shown {
    const causes = moods.map((mood) => mood + normal(uniform));
    if (!withChat) causes[4] = 0;
    const vector: number[] = [];
    const means: number[] = [];
    for (const [f, loading] of this.#loadings.entries()) {
      const silent = f >= SOUND + PICTURE && !withChat;
      const pull = silent ? 0 : loading.reduce((sum, l, c) => sum + l * causes[c]!, 0);
      const mean = silent ? 0 : clip(pull + 0.5 * normal(uniform));
      means.push(mean);
      vector.push(mean, silent ? 0 : clip(1.5 * mean + 1 + Math.abs(normal(uniform))), silent ? 0 : clip(0.7 * mean + 0.7 * normal(uniform)));
    }
    for (let m = 0; m < TIMBRE; m++) vector.push(clip(0.5 * causes[m % 4]! + normal(uniform)));
    for (let e = 0; e < COUNTED; e++) vector.push(uniform() < 0.15 ? 1 + Math.floor(uniform() * 3) : 0);
    const liked = this.#common.reduce((sum, weight, c) => sum + weight * causes[c]!, 0);
    const score = 1 / (1 + Math.exp(-(liked + 0.5 * normal(uniform))));
    const part = (...of: number[]): number => 1 / (1 + Math.exp(-of.reduce((sum, c) => sum + causes[c]!, 0.5 * normal(uniform))));
    const seconds = 0.3 + 1.7 * uniform();
    vector.push(part(0, 2, 3), part(1, 5), withChat ? part(4) : 0, uniform() < 0.2 ? uniform() : 0, score, seconds);
    return { id, score, vector, worth: this.#worth(means, score, seconds) };
  }

  /** Nonlinear: an edge, a product, and a length that is liked best. A third of it is what the heuristic likes too. */
  #worth(means: readonly number[], score: number, seconds: number): number {
    if (this.taste === 'none') return 0;
    const common = (score - 0.5) * 4;
    if (this.taste === 'heuristic') return common;
    const { linear, both, bothWeight, edge, edgeWeight, secondsWeight } = this.#own;
    let own = 0;
    for (const [f, weight] of linear) own += weight * Math.tanh(means[f]!);
    own += bothWeight * Math.tanh(means[both[0]]! * means[both[1]]!);
    own += edgeWeight * (means[edge]! > 0.7 ? 1 : 0);
    own -= secondsWeight * Math.abs(seconds - this.#own.seconds);
    return 0.35 * common + own;
  }

  /** The operator's word on those shown of a stream, with noise. The bar lies half-way between one for all streams and the middle of this one's. */
  decide(number: number, shown: readonly Shown[]): DecisionRow[] {
    const uniform = random(this.seed * 31 + number * 1_009 + 3);
    const middle = shown.map((one) => one.worth).sort((a, b) => a - b)[Math.floor(shown.length / 2)] ?? 0;
    const bar = (USUAL_BAR + middle) / 2;
    return shown.map((one, k) => {
      const accepted = this.taste === 'none' ? uniform() < 0.5 : one.worth + MOOD * normal(uniform) > bar;
      return {
        stream: `s${number}`, highlightId: one.id, verdict: accepted ? 'accepted' : 'rejected', startMs: k * 60_000, endMs: k * 60_000 + 20_000,
        foundStartMs: k * 60_000, foundEndMs: k * 60_000 + 20_000, score: one.score, kind: 'combined', vector: one.vector, atMs: number * 1_000_000 + k,
      };
    });
  }
}

/** Normalised discounted cumulative gain of the first ten (Järvelin and Kekäläinen 2002); the gain of a candidate is what share of its stream is worth less, cubed. */
export function ndcgAt10(shown: readonly Shown[], ranks: readonly number[]): number {
  const gain = shown.map((one) => (shown.filter((other) => other.worth < one.worth).length / shown.length) ** 3);
  const sum = (order: readonly number[]): number => order.slice(0, 10).reduce((total, i, rank) => total + gain[i]! / Math.log2(rank + 2), 0);
  const indices = shown.map((_, i) => i);
  const best = sum(indices.toSorted((a, b) => gain[b]! - gain[a]!));
  return best === 0 ? 1 : sum(indices.toSorted((a, b) => ranks[b]! - ranks[a]! || a - b)) / best;
}

/** Where talk turns to something else: TextTiling (Hearst, 1997) over the words of a transcript. */
import { sentences } from '../transcript/sentences.js';
import type { Transcript } from '../transcript/transcript.js';
import { isStopWord } from './stop-words.js';
import { keysOf } from './tokens.js';

export interface Turn {
  atMs: number;
  /** How much the words before and after it differ against those around: more is surer. */
  depth: number;
}

/** Words that mean something, in one step; and steps that are compared on each side. */
const STEP = 12;
const SIDE = 8;
/** A turn is moved to the beginning of a sentence that is so near. */
const NEAR_MS = 20_000;
/** Endings matter less than what comes before them. */
const STEM = 6;

/** In order. Only valleys that are deeper than most. */
export function turns(transcript: Pick<Transcript, 'words'>, language: string | null): Turn[] {
  const bags: Bag[] = [];
  const startsMs: number[] = [];
  // Each stem once, however often it is said.
  const stems = new Map<string, string>();
  let bag: string[] = [];
  for (const { startMs, text } of transcript.words) {
    for (const key of keysOf(text)) {
      if (isStopWord(key, language) || !/\p{L}{2}/u.test(key)) continue;
      if (bag.length === 0) startsMs.push(startMs);
      const stem = key.slice(0, STEM);
      if (!stems.has(stem)) stems.set(stem, stem);
      bag.push(stems.get(stem)!);
      if (bag.length < STEP) continue;
      bags.push(bag);
      bag = [];
    }
  }
  const steps = bags.length;
  if (steps < 2 * SIDE) return [];
  // Gap i lies before step i.
  const alike = Array.from({ length: steps }, (_, i) => (i === 0 ? 1 : cosine(bags.slice(Math.max(0, i - SIDE), i), bags.slice(i, i + SIDE))));
  const smooth = alike.map((value, i) => (i === 0 ? value : (alike[i - 1]! + value + (alike[i + 1] ?? value)) / 3));
  const depths = smooth.map((value, i) => ({ i, depth: i < 2 || i > steps - 2 ? 0 : climb(smooth, i, -1) + climb(smooth, i, 1) - 2 * value, isValley: value <= (smooth[i - 1] ?? 1) && value <= (smooth[i + 1] ?? 1) }));
  const mean = depths.reduce((sum, { depth }) => sum + depth, 0) / steps;
  const deviation = Math.sqrt(depths.reduce((sum, { depth }) => sum + (depth - mean) ** 2, 0) / steps);
  const starts = sentences(transcript).map(({ startMs }) => startMs);
  return depths.filter(({ depth, isValley }) => isValley && depth > mean + deviation / 2)
    .map(({ i, depth }) => ({ atMs: nearest(starts, startsMs[i]!), depth }));
}

/** Stems in the order in which they are said. */
type Bag = readonly string[];

function cosine(before: readonly Bag[], after: readonly Bag[]): number {
  const [a, b] = [before, after].map((bags) => {
    const sum = new Map<string, number>();
    for (const bag of bags) for (const stem of bag) sum.set(stem, (sum.get(stem) ?? 0) + 1);
    return sum;
  }) as [Map<string, number>, Map<string, number>];
  const length = (bag: Map<string, number>): number => Math.sqrt([...bag.values()].reduce((sum, count) => sum + count * count, 0));
  const common = [...a].reduce((sum, [stem, count]) => sum + count * (b.get(stem) ?? 0), 0);
  return common / (length(a) * length(b) || 1);
}

/** The height of the hill beside a valley. */
function climb(values: readonly number[], from: number, by: 1 | -1): number {
  let i = from;
  while (values[i + by] !== undefined && values[i + by]! >= values[i]!) i += by;
  return values[i]!;
}

function nearest(starts: readonly number[], atMs: number): number {
  const best = starts.reduce((kept, startMs) => (Math.abs(startMs - atMs) < Math.abs(kept - atMs) ? startMs : kept), Infinity);
  return Math.abs(best - atMs) <= NEAR_MS ? best : atMs;
}

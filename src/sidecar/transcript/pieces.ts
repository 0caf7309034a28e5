/** How a recording is cut into pieces that a transcriber takes, and what of each is kept when their words are joined again. */
import type { TimedText } from './transcript.js';
import type { Span } from './sentences.js';

/** What a piece holds reaches over its own part into its neighbours', so that a word that is cut by its edge is whole in the other. */
export interface Piece extends Span {
  /** Its own part: those of all pieces follow one another. */
  ownStartMs: number;
  ownEndMs: number;
}

export const OVERLAP_MS = 3_000;

/** So far apart the same word may be heard in two pieces; words are matched the more, the nearer they are. */
const MATCH_MS = 2_000;
const NEAR_MS = 300;
/** Two words that are not spelled alike and take the same time are most likely the same one, heard differently. */
const OTHER_SPELLING = 0.3;
/** Of words around a joint that are compared; more in so short a time is not speech. */
const MAX_COMPARED = 120;

/**
 * At silences where there are any in the second half of what a piece may be, the latest first; else where it is full.
 * @param maxMs of a piece with its overlaps
 */
export function cutIntoPieces(durationMs: number, silences: readonly Span[], maxMs: number, overlapMs = OVERLAP_MS): Piece[] {
  const stepMs = maxMs - 2 * overlapMs;
  if (!(stepMs > 0)) throw new RangeError('A piece must be longer than its two overlaps.');
  const bounds = [0];
  let silence = 0;
  for (;;) {
    const from = bounds.at(-1)!;
    // The first and the last have one overlap only; that they could be a little longer is not worth two more cases.
    if (durationMs - from <= stepMs) break;
    let cut = Math.floor(from + stepMs);
    while (silence < silences.length && middle(silences[silence]!) <= from + stepMs) {
      const at = middle(silences[silence]!);
      if (at >= from + stepMs / 2) cut = at;
      silence += 1;
    }
    bounds.push(cut);
  }
  return bounds.map((ownStartMs, i) => {
    const ownEndMs = bounds[i + 1] ?? durationMs;
    return { ownStartMs, ownEndMs, startMs: Math.max(0, ownStartMs - overlapMs), endMs: Math.min(durationMs, ownEndMs + overlapMs) };
  });
}

const middle = ({ startMs, endMs }: Span): number => Math.floor((startMs + endMs) / 2);

/**
 * Joins what was heard in two pieces at `atMs`, where the one's own part ends and the next one's begins. Where both heard the same
 * words the joint is between two of them; else it is the moment itself.
 * @param left,right sorted by their starts
 */
export function joinAt(left: readonly TimedText[], right: readonly TimedText[], atMs: number, overlapMs = OVERLAP_MS): TimedText[] {
  const isNear = (word: TimedText): boolean => Math.abs(middle(word) - atMs) <= overlapMs + MATCH_MS;
  const leftFrom = firstIndex(left, isNear);
  const rightFrom = firstIndex(right, isNear);
  const a = left.slice(leftFrom).filter(isNear).slice(0, MAX_COMPARED);
  const b = right.slice(rightFrom).filter(isNear).slice(0, MAX_COMPARED);
  const nearest = matches(a, b).sort((one, other) => Math.abs(midOf(a, b, one) - atMs) - Math.abs(midOf(a, b, other) - atMs))[0];
  const kept = nearest
    ? [...left.slice(0, leftFrom + nearest[0] + 1), ...right.slice(rightFrom + nearest[1] + 1)]
    : [...left.filter((word) => middle(word) < atMs), ...right.filter((word) => middle(word) >= atMs)];
  return inOrder(kept);
}

/** Two transcribers' clocks differ by a little: no word begins before the one before it does. */
export function inOrder(words: readonly TimedText[]): TimedText[] {
  let fromMs = 0;
  return words.map(({ startMs, endMs, text }) => {
    fromMs = Math.max(fromMs, startMs);
    return { startMs: fromMs, endMs: Math.max(fromMs, endMs), text };
  });
}

function firstIndex(words: readonly TimedText[], found: (word: TimedText) => boolean): number {
  const index = words.findIndex(found);
  return index < 0 ? words.length : index;
}

const midOf = (a: readonly TimedText[], b: readonly TimedText[], [i, j]: readonly [number, number]): number => (middle(a[i]!) + middle(b[j]!)) / 2;

/** Pairs of the same word, in order: of all ways to pair them the one whose pairs are closest in sum (Needleman and Wunsch, 1970, without a price for gaps). */
function matches(a: readonly TimedText[], b: readonly TimedText[]): [number, number][] {
  const width = b.length + 1;
  const best = new Float64Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      best[i * width + j] = Math.max(best[(i + 1) * width + j]!, best[i * width + j + 1]!, likeness(a[i]!, b[j]!) + best[(i + 1) * width + j + 1]!);
    }
  }
  const pairs: [number, number][] = [];
  for (let i = 0, j = 0; i < a.length && j < b.length;) {
    const here = best[i * width + j]!;
    if (here === best[(i + 1) * width + j]) i += 1;
    else if (here === best[i * width + j + 1]) j += 1;
    else {
      pairs.push([i, j]);
      i += 1;
      j += 1;
    }
  }
  return pairs;
}

function likeness(one: TimedText, other: TimedText): number {
  const apartMs = Math.abs(middle(one) - middle(other));
  if (apartMs > MATCH_MS) return 0;
  if (plain(one.text) === plain(other.text)) return 1 / (1 + (apartMs / NEAR_MS) ** 2);
  const common = Math.min(one.endMs, other.endMs) - Math.max(one.startMs, other.startMs);
  const all = Math.max(one.endMs, other.endMs) - Math.min(one.startMs, other.startMs);
  return all > 0 && common / all > 0.5 ? (OTHER_SPELLING * common) / all : 0;
}

/** Letters and digits only, in lower case: what two hearings of a word have in common. */
export function plain(text: string): string {
  return text.normalize('NFKC').toLowerCase().replace(/[^\p{L}\p{M}\p{N}]+/gu, '');
}

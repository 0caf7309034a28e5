/** What was said in a recording and when: its words, and cues of them to be read. Times count from the recording's start, ms. */
import { z } from 'zod';

export const TimedText = z.object({ startMs: z.number().int().nonnegative(), endMs: z.number().int().nonnegative(), text: z.string() });
export type TimedText = z.infer<typeof TimedText>;

/** Both lists are sorted by their starts; nothing ends before it starts. */
export const Transcript = z.object({
  /** ISO 639-1; null where nobody knows. */
  language: z.string().nullable(),
  /** Each with its punctuation, without spaces around it. */
  words: z.array(TimedText),
  cues: z.array(TimedText),
});
export type Transcript = z.infer<typeof Transcript>;

const PIECE = 1_000;

/** For who writes: so many at once that each is some 100 kB. */
export function* inPieces<T>(list: readonly T[]): Generator<readonly T[]> {
  for (let from = 0; from < list.length; from += PIECE) yield list.slice(from, from + PIECE);
}

export const NOTHING_SAID: Transcript = { language: null, words: [], cues: [] };

/** Scripts that put no spaces between words: Chinese, Japanese, Thai, Lao, Khmer, Burmese. Korean does. */
export const UNSPACED = '\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Thai}\\p{Script=Lao}\\p{Script=Khmer}\\p{Script=Myanmar}\\u3001-\\u303f\\uff01-\\uff60ー';
const ENDS_UNSPACED = new RegExp(`[${UNSPACED}]$`, 'u');
const BEGINS_UNSPACED = new RegExp(`^[${UNSPACED}]`, 'u');
export const IS_UNSPACED = new RegExp(`[${UNSPACED}]`, 'u');

/** So many are put together at once: V8 keeps 64 bytes for each that is added to a text until somebody reads the whole. */
const PIECE_WORDS = 1_000;

/** Words as a text: with spaces where the script has them. @param most characters that are wanted; there may be some more */
export function joinWords(words: readonly { text: string }[], most = Infinity): string {
  const pieces: string[] = [];
  let piece: string[] = [];
  let length = 0;
  // The word before, not the text's end: to look into a string that is being put together costs as much as all of it, each time.
  let before = '';
  for (const { text } of words) {
    if (before !== '' && !(ENDS_UNSPACED.test(before) && BEGINS_UNSPACED.test(text))) piece.push(' ');
    piece.push(text);
    if (text !== '') before = text;
    if (piece.length < PIECE_WORDS) continue;
    const joined = piece.join('');
    pieces.push(joined);
    piece = [];
    length += joined.length;
    if (length >= most) break;
  }
  return pieces.join('') + piece.join('');
}

/** A text's words, each with the punctuation that belongs to it; what has none of a word is added to the one before. */
export function splitWords(text: string): string[] {
  const words: string[] = [];
  for (const piece of text.split(/\s+/u)) {
    if (piece === '') continue;
    if (!IS_UNSPACED.test(piece)) words.push(piece);
    else words.push(...splitUnspaced(piece));
  }
  return words;
}

let segmenter: Intl.Segmenter | undefined;

function splitUnspaced(piece: string): string[] {
  const words: string[] = [];
  let before = '';
  for (const { segment, isWordLike } of (segmenter ??= new Intl.Segmenter('ja', { granularity: 'word' })).segment(piece)) {
    if (isWordLike === true) {
      words.push(before + segment);
      before = '';
    } else if (words.length > 0) words[words.length - 1] += segment;
    else before += segment;
  }
  if (before !== '') words.push(before);
  return words;
}

/** Shares a span of time among words by their length: all that is known where nobody says when each was spoken. */
export function spread(words: readonly string[], startMs: number, endMs: number): TimedText[] {
  const weights = words.map((word) => word.length + 1);
  const all = weights.reduce((sum, weight) => sum + weight, 0);
  let before = 0;
  return words.map((text, i) => {
    const from = startMs + ((endMs - startMs) * before) / all;
    before += weights[i]!;
    return { startMs: Math.round(from), endMs: Math.round(startMs + ((endMs - startMs) * before) / all), text };
  });
}

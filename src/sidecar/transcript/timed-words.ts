/** From what a transcriber says of a piece, in any of its forms, to words with their times and their punctuation. */
import { IS_UNSPACED, splitWords, spread, type TimedText } from './transcript.js';
import { inOrder, plain } from './pieces.js';

/** Times as the door gave them, ms from the piece's start; null where it gave none. */
export interface HeardWord { text: string; startMs: number | null; endMs: number | null }

export interface HeardSegment {
  text: string;
  startMs: number | null;
  endMs: number | null;
  /** Those that the door put inside it. */
  words: readonly HeardWord[];
}

export interface Heard {
  language: string | null;
  segments: readonly HeardSegment[];
  /** Those beside the segments. */
  words: readonly HeardWord[];
}

/** More is no speech: ten words a second for an hour. */
const MAX_WORDS = 36_000;
const MAX_WORD_CHARACTERS = 200;
/** Whisper's marks that are no words: [_BEG_], [_TT_50], <|en|>, and half of a letter. */
const MARK = /\[_[A-Z]+_?(?:\d+)?_?\]|<\|[^|>]{0,20}\|>|\uFFFD/gu;

type Timed = HeardWord & { startMs: number; endMs: number };

/**
 * The words of a piece, sorted, within 0 and `pieceMs`. The text is the segments', which has the punctuation; the times are the words',
 * inside the segments or beside them, letter by letter, since the two are rarely cut alike. Without such words a segment's time is
 * shared out among its words, and without segments the piece's.
 */
export function timedWords(heard: Heard, pieceMs: number): TimedText[] {
  const beside = heard.words.map(cleaned).filter(isTimed);
  if (heard.segments.length === 0) return bounded(joined(beside), pieceMs);
  let used = 0;
  const words: TimedText[] = [];
  let lastMs = 0;
  for (const segment of heard.segments) {
    if (words.length >= MAX_WORDS) break;
    const text = segment.text.replace(MARK, '');
    const parts = splitWords(text).map((part) => part.slice(0, MAX_WORD_CHARACTERS));
    const inside = segment.words.map(cleaned).filter(isTimed);
    const taken = inside.length > 0 ? null : take(beside, used, parts, segment.endMs);
    if (taken) used = taken.next;
    const own = inside.length > 0 ? inside : taken!.words;
    const startMs = segment.startMs ?? own[0]?.startMs ?? lastMs;
    const endMs = Math.max(startMs, segment.endMs ?? own.at(-1)?.endMs ?? pieceMs);
    lastMs = endMs;
    if (parts.length === 0) words.push(...joined(own));
    else words.push(...(byLetters(parts, own) ?? (own.length > 0 && !segment.words.some((word) => word.text.includes('\uFFFD')) ? joined(own) : spread(parts, startMs, endMs))));
  }
  return bounded(words, pieceMs);
}

function cleaned(word: HeardWord): HeardWord {
  return { ...word, text: word.text.replace(MARK, '').slice(0, MAX_WORD_CHARACTERS) };
}

function isTimed(word: HeardWord): word is Timed {
  return word.startMs !== null && word.endMs !== null && word.text.trim() !== '';
}

/** Of the words beside the segments those of one: as many as spell it; where none do, those until its end. */
function take(words: readonly Timed[], from: number, parts: readonly string[], endMs: number | null): { words: readonly Timed[]; next: number } {
  const wanted = plain(parts.join(''));
  let spelled = '';
  let next = from;
  while (next < words.length && spelled.length < wanted.length) spelled += plain(words[next++]!.text);
  if (spelled !== wanted) {
    next = from;
    while (next < words.length && endMs !== null && (words[next]!.startMs + words[next]!.endMs) / 2 < endMs) next += 1;
  }
  return { words: words.slice(from, next), next };
}

/** Gives the parts of a text the times of the letters of `own`; null where the two do not spell the same. */
function byLetters(parts: readonly string[], own: readonly Timed[]): TimedText[] | null {
  const letters = own.map((word) => plain(word.text));
  const wanted = parts.map(plain);
  if (own.length === 0 || letters.join('') !== wanted.join('') || letters.join('') === '') return null;
  const ends: number[] = [];
  letters.reduce((sum, text, i) => (ends[i] = sum + text.length), 0);
  const timeAt = (letter: number, isEnd: boolean): number => {
    const i = ends.findIndex((end) => (isEnd ? letter <= end : letter < end));
    const word = own[i < 0 ? own.length - 1 : i]!;
    const length = letters[i < 0 ? own.length - 1 : i]!.length || 1;
    const into = 1 - ((i < 0 ? ends.at(-1)! : ends[i]!) - letter) / length;
    return word.startMs + (word.endMs - word.startMs) * into;
  };
  let at = 0;
  return parts.map((text, i) => {
    const from = at;
    at += wanted[i]!.length;
    return { startMs: timeAt(from, false), endMs: at > from ? timeAt(at, true) : timeAt(from, false), text };
  });
}

/** Whisper.cpp's words are parts of words; those that begin one begin with a space. */
function joined(words: readonly Timed[]): TimedText[] {
  const isParts = words.some(({ text }) => /^\s/u.test(text));
  const out: TimedText[] = [];
  for (const { startMs, endMs, text } of words) {
    const last = out.at(-1);
    if (isParts && last !== undefined && !/^\s/u.test(text) && !IS_UNSPACED.test(text)) {
      last.text = (last.text + text).slice(0, MAX_WORD_CHARACTERS);
      last.endMs = Math.max(last.endMs, endMs);
    } else out.push({ startMs, endMs, text: text.trim() });
  }
  return out;
}

function bounded(words: readonly TimedText[], pieceMs: number): TimedText[] {
  const within = (ms: number): number => Math.round(Math.min(Math.max(0, Number.isFinite(ms) ? ms : 0), pieceMs));
  const own = words.slice(0, MAX_WORDS)
    .map(({ startMs, endMs, text }) => ({ startMs: within(startMs), endMs: within(endMs), text: text.replace(/[\p{Cc}\p{Surrogate}]+/gu, '') }))
    .filter(({ text }) => text !== '');
  // Sorting is stable: words of the same moment keep their order.
  return inOrder(own.sort((a, b) => a.startMs - b.startMs));
}

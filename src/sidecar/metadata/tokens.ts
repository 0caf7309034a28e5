/** Texts as words, in any script: by letters, and by ICU's dictionaries where no spaces stand between words. */
import { IS_UNSPACED } from '../transcript/transcript.js';

export interface Token {
  /** As it is compared: NFKC, lower case, with ' for every apostrophe. */
  key: string;
  /** As it was written. */
  text: string;
  /** Something stands between it and the word before: the end of a sentence, a comma, a line's end. */
  isAfterBreak: boolean;
}

/** Of a single text; eight hours of speech are some 500,000 characters. */
export const MAX_CHARACTERS = 2_000_000;
/** V8 takes time that grows with the square of a text to segment it: 128,000 characters 2.8 s in pieces of 64,000, 0.2 s in pieces of 1,000. */
const PIECE = 400;
const WORD = /[\p{L}\p{N}][\p{L}\p{M}\p{N}]*(?:['’ʼ.,](?=[\p{L}\p{N}])[\p{L}\p{M}\p{N}]+)*/gu;
let segmenter: Intl.Segmenter | undefined;

export const tokensOf = (text: string): Token[] => [...tokensIn(text)];

/** The same, one after another: those of hours of speech are never all kept at once. */
export function* tokensIn(text: string): Generator<Token> {
  let isAfterBreak = true;
  const token = (word: string): Token => {
    const made = { key: word.toLowerCase().replace(/[’ʼ]/g, "'"), text: word, isAfterBreak };
    isAfterBreak = false;
    return made;
  };
  const pass = (between: string): void => {
    if (!/^[^\S\n]*(?:[-'’&+][^\S\n]*)*$/u.test(between)) isAfterBreak = true;
  };
  for (const piece of piecesOf(text.slice(0, MAX_CHARACTERS).normalize('NFKC'))) {
    if (IS_UNSPACED.test(piece)) {
      for (const { segment, isWordLike } of (segmenter ??= new Intl.Segmenter('ja', { granularity: 'word' })).segment(piece)) {
        if (isWordLike === true) yield token(segment);
        else pass(segment);
      }
      continue;
    }
    let from = 0;
    for (const match of piece.matchAll(WORD)) {
      pass(piece.slice(from, match.index));
      yield token(match[0]);
      from = match.index + match[0].length;
    }
    pass(piece.slice(from));
  }
}

/** Cut at a space, or where a sentence ends; where there is neither, anywhere but within a letter. */
function* piecesOf(text: string): Generator<string> {
  for (let from = 0; from < text.length;) {
    let end = Math.min(text.length, from + PIECE);
    if (end < text.length) {
      const last = Math.max(...[' ', '\n', '。', '、'].map((one) => text.slice(from, end).lastIndexOf(one)));
      if (last > 0) end = from + last + 1;
      else if (/[\uD800-\uDBFF]/.test(text[end - 1]!)) end -= 1;
    }
    yield text.slice(from, end);
    from = end;
  }
}

export const keysOf = (text: string): string[] => tokensOf(text).map(({ key }) => key);

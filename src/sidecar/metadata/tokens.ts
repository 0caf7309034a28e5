/** Texts as words, in any script: by letters, and by ICU's dictionaries where no spaces stand between words. */
import { isShortened, leaningOf, type Leaning } from '../transcript/sentence-end.js';
import { IS_UNSPACED, UNSPACED } from '../transcript/transcript.js';

export interface Token {
  /** As it is compared: NFKC, lower case, with ' for every apostrophe and - for every hyphen, without the point of what is shortened. */
  key: string;
  /** As it was written: "St.", "U.S.", "Spider-Man", "AT&T". */
  text: string;
  /** Something stands between it and the word before: the end of a sentence, a comma, a line's end. */
  isAfterBreak: boolean;
  /** Of a word that means nothing without those beside it, as "Dr." and "vs.": which. */
  leaning: Leaning | null;
}

/** Of a single text; eight hours of speech are some 500,000 characters. */
export const MAX_CHARACTERS = 2_000_000;
/** V8 takes time that grows with the square of a text to segment it: 128,000 characters 2.8 s in pieces of 64,000, 0.2 s in pieces of 1,000. */
const PIECE = 400;
const WORD = /(?<![\p{L}\p{N}])['’ʼ]?n['’ʼ](?![\p{L}\p{N}])|[\p{L}\p{N}][\p{L}\p{M}\p{N}]*(?:['’ʼ.,&‐-](?=[\p{L}\p{N}])[\p{L}\p{M}\p{N}]+)*/giu;
/** "rock 'n' roll". */
const AND = /^'?n'$/;
/** Names of abroad in Japanese, with a point between their parts; everything else that has no spaces; and the rest. */
const BY_SCRIPT = new RegExp(`(?<name>[\\p{Script=Katakana}ー]+(?:・[\\p{Script=Katakana}ー]+)+)|(?<unspaced>[${UNSPACED}]+)|[^${UNSPACED}]+`, 'gu');
let segmenter: Intl.Segmenter | undefined;

export const tokensOf = (text: string): Token[] => [...tokensIn(text)];

/** The same, one after another: those of hours of speech are never all kept at once. */
export function* tokensIn(text: string): Generator<Token> {
  let isAfterBreak = true;
  const token = (word: string, hasPoint = false): Token => {
    const key = word.toLowerCase().replace(/[’ʼ]/g, "'").replace(/‐/g, '-');
    const made = { key, text: hasPoint ? `${word}.` : word, isAfterBreak, leaning: AND.test(key) ? 'between' as const : leaningOf(word, hasPoint) };
    isAfterBreak = false;
    return made;
  };
  const pass = (between: string): void => {
    if (!/^[^\S\n]*(?:[-'’&+][^\S\n]*)*$/u.test(between)) isAfterBreak = true;
  };
  for (const piece of piecesOf(text.slice(0, MAX_CHARACTERS).normalize('NFKC'))) {
    for (const { 0: part, groups } of IS_UNSPACED.test(piece) ? piece.matchAll(BY_SCRIPT) : [{ 0: piece, groups: undefined }]) {
      if (groups?.name !== undefined) yield token(part);
      else if (groups?.unspaced !== undefined) {
        for (const { segment, isWordLike } of (segmenter ??= new Intl.Segmenter('ja', { granularity: 'word' })).segment(part)) {
          if (isWordLike === true) yield token(segment);
          else pass(segment);
        }
      } else {
        let from = 0;
        for (const match of part.matchAll(WORD)) {
          pass(part.slice(from, match.index));
          from = match.index + match[0].length;
          const hasPoint = part[from] === '.' && isShortened(match[0]);
          if (hasPoint) from += 1;
          yield token(match[0], hasPoint);
        }
        pass(part.slice(from));
      }
    }
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

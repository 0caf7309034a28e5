/** Cues of words, as subtitles are read: at most two lines of 42 characters and 7 s, cut at the ends of sentences and at pauses. */
import { endsSentence } from './sentence-end.js';
import { joinWords, type TimedText } from './transcript.js';

const LINE_CHARACTERS = 42;
const MAX_CHARACTERS = 2 * LINE_CHARACTERS;
const MAX_MS = 7_000;
const PAUSE_MS = 600;
/** A cue stands at least so long, where nothing else is to be read by then. */
const MIN_MS = 1_000;
const CLAUSE_END = /[,;:、，；：،]["'’”»」』）)]*$/u;

/** @param words sorted by their starts */
export function cuesOf(words: readonly TimedText[]): TimedText[] {
  const groups: TimedText[][] = [];
  let group: TimedText[] = [];
  let length = 0;
  for (const word of words) {
    const last = group.at(-1);
    const isFull = length + 1 + word.text.length > MAX_CHARACTERS || (last !== undefined && word.endMs - group[0]!.startMs > MAX_MS);
    if (last !== undefined && (isFull || word.startMs - last.endMs >= PAUSE_MS || endsHere(last.text, word.text, length))) {
      groups.push(group);
      group = [];
      length = 0;
    }
    group.push(word);
    length += word.text.length + (length > 0 ? 1 : 0);
  }
  if (group.length > 0) groups.push(group);
  return groups.map((own, i) => {
    const { startMs } = own[0]!;
    const nextMs = groups[i + 1]?.[0]!.startMs ?? Infinity;
    const endMs = Math.max(own.at(-1)!.endMs, Math.min(startMs + MIN_MS, nextMs));
    return { startMs, endMs, text: joinWords(own) };
  });
}

function endsHere(text: string, next: string, length: number): boolean {
  return endsSentence(text, next) || (length > LINE_CHARACTERS && CLAUSE_END.test(text));
}

/** A cue's text in lines of at most 42 characters, of about the same length; a word that is longer stands alone. */
export function lines(text: string): string[] {
  return text.split('\n').flatMap((line) => {
    const words = line.trim().split(/\s+/u).filter((word) => word !== '');
    const fewest = filled(words, LINE_CHARACTERS);
    for (let width = Math.ceil(words.join(' ').length / Math.max(1, fewest.length)); width < LINE_CHARACTERS; width++) {
      const balanced = filled(words, width);
      if (balanced.length === fewest.length) return balanced;
    }
    return fewest;
  });
}

function filled(words: readonly string[], width: number): string[] {
  const out: string[] = [];
  for (const word of words) {
    const last = out.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) out[out.length - 1] = `${last} ${word}`;
    else out.push(word);
  }
  return out;
}

/** Where sentences begin and end, for whoever cuts: by punctuation, and by pauses where a transcriber writes none. */
import { joinWords, type TimedText, type Transcript } from './transcript.js';

const ENDS = /[.!?…。！？｡؟।॥։][\])}"'’”»」』）]*$/u;
/** What ends in a point and ends no sentence: an initial, and these. */
const ABBREVIATION = /^(?:\p{L}|mr|mrs|ms|dr|prof|st|vs|etc|e\.g|i\.e|no|nr|bzw|z\.b|ca|usw|sr|sra|m|mme|sig)\.$/iu;
const PAUSE_MS = 800;
const LONGEST_MS = 30_000;
/** Speech without points is cut at a pause of this length once a sentence has gone on for so long. */
const SHORT_PAUSE_MS = 350;
const LONG_MS = 12_000;

export interface Span { startMs: number; endMs: number }

/** In order, none overlapping; every word lies in one. */
export function sentences(transcript: Pick<Transcript, 'words'>): Span[] {
  return sentencesOf(transcript).map(({ startMs, endMs }) => ({ startMs, endMs }));
}

/** The same with their text. */
export function sentencesOf({ words }: Pick<Transcript, 'words'>): TimedText[] {
  const found: TimedText[] = [];
  let from = 0;
  words.forEach((word, i) => {
    const next = words[i + 1];
    if (next !== undefined && !endsSentence(words[from]!, word, next)) return;
    const own = words.slice(from, i + 1);
    const startMs = Math.max(own[0]!.startMs, found.at(-1)?.endMs ?? 0);
    found.push({ startMs, endMs: Math.max(startMs, ...own.map(({ endMs }) => endMs)), text: joinWords(own) });
    from = i + 1;
  });
  return found;
}

function endsSentence(first: TimedText, word: TimedText, next: TimedText): boolean {
  const pauseMs = next.startMs - word.endMs;
  const lengthMs = word.endMs - first.startMs;
  if (pauseMs >= PAUSE_MS || next.endMs - first.startMs > LONGEST_MS) return true;
  if (pauseMs >= SHORT_PAUSE_MS && lengthMs >= LONG_MS) return true;
  if (!ENDS.test(word.text)) return false;
  return !(word.text.endsWith('.') && (ABBREVIATION.test(word.text) || /^\p{Ll}/u.test(next.text)));
}

/** Where sentences begin and end, for whoever cuts: by punctuation, and by pauses where a transcriber writes none. */
import { endsSentence } from './sentence-end.js';
import { joinWords, type TimedText, type Transcript } from './transcript.js';

const PAUSE_MS = 800;
const LONGEST_MS = 30_000;
/** Speech without points is cut at a pause of this length once a sentence has gone on for so long. */
const SHORT_PAUSE_MS = 350;
const LONG_MS = 12_000;

export interface Span { startMs: number; endMs: number }

/** In order, none overlapping; every word lies in one. */
export function sentences(transcript: Pick<Transcript, 'words'>): Span[] {
  return [...bounds(transcript)].map(({ startMs, endMs }) => ({ startMs, endMs }));
}

/** The same with their text. */
export function sentencesOf(transcript: Pick<Transcript, 'words'>): TimedText[] {
  return [...bounds(transcript)].map(({ startMs, endMs, from, to }) => ({ startMs, endMs, text: joinWords(transcript.words.slice(from, to)) }));
}

/** @returns with the first word of each, and the first that is none of its own */
function* bounds({ words }: Pick<Transcript, 'words'>): Generator<Span & { from: number; to: number }> {
  let from = 0;
  let lastMs = 0;
  let endMs = 0;
  for (const [i, word] of words.entries()) {
    const next = words[i + 1];
    endMs = Math.max(endMs, word.endMs);
    if (next !== undefined && !endsAt(words[from]!, word, next)) continue;
    const startMs = Math.max(words[from]!.startMs, lastMs);
    lastMs = Math.max(startMs, endMs);
    yield { startMs, endMs: lastMs, from, to: i + 1 };
    from = i + 1;
    endMs = 0;
  }
}

function endsAt(first: TimedText, word: TimedText, next: TimedText): boolean {
  const pauseMs = next.startMs - word.endMs;
  const lengthMs = word.endMs - first.startMs;
  if (pauseMs >= PAUSE_MS || next.endMs - first.startMs > LONGEST_MS) return true;
  if (pauseMs >= SHORT_PAUSE_MS && lengthMs >= LONG_MS) return true;
  return endsSentence(word.text, next.text);
}

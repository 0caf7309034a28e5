/** What the doors answer, as tolerant schemas: an answer with less than is hoped for is used as far as it goes. */
import { z } from 'zod';
import { languageCode } from './languages.js';
import type { Heard, HeardWord } from './timed-words.js';

/** Of an answer; a piece of ten minutes has some 2,000. */
const MAX_ITEMS = 50_000;

const Seconds = z.number().finite().nullish().catch(null);
const VerboseWord = z.object({ word: z.string().nullish(), text: z.string().nullish(), start: Seconds, end: Seconds });
const VerboseSegment = z.object({ text: z.string().catch(''), start: Seconds, end: Seconds, words: z.array(VerboseWord).max(MAX_ITEMS).nullish() });
const Verbose = z.object({
  text: z.string().nullish(), language: z.string().nullish(),
  segments: z.array(VerboseSegment).max(MAX_ITEMS).nullish(), words: z.array(VerboseWord).max(MAX_ITEMS).nullish(),
}).refine((answer) => typeof answer.text === 'string' || Array.isArray(answer.segments) || Array.isArray(answer.words), 'neither text nor segments nor words');

const ms = (seconds: number | null | undefined): number | null => (typeof seconds === 'number' ? seconds * 1000 : null);
const word = ({ word: own, text, start, end }: z.infer<typeof VerboseWord>): HeardWord => ({ text: own ?? text ?? '', startMs: ms(start), endMs: ms(end) });

/**
 * `verbose_json` of `/v1/audio/transcriptions`. OpenAI puts words beside segments, whisper.cpp's server inside them, faster-whisper's
 * either; a server that knows nothing of it answers a text alone.
 */
export function heardOfVerboseJson(answer: unknown): Heard {
  const { text, language, segments, words } = Verbose.parse(answer);
  const own = (segments ?? []).map((one) => ({ text: one.text, startMs: ms(one.start), endMs: ms(one.end), words: (one.words ?? []).map(word) }));
  const textAlone = own.length === 0 && (words ?? []).length === 0 && text ? [{ text, startMs: 0, endMs: null, words: [] }] : [];
  // A text beside words without segments has the punctuation that they lack.
  const beside = own.length === 0 && (words ?? []).length > 0 && text ? [{ text, startMs: null, endMs: null, words: [] }] : [];
  return { language: languageCode(language), segments: [...own, ...textAlone, ...beside], words: (words ?? []).map(word) };
}

const Offsets = z.object({ from: z.number().finite(), to: z.number().finite() }).nullish().catch(null);
const Whisper = z.object({
  result: z.object({ language: z.string().nullish() }).nullish().catch(null),
  transcription: z.array(z.object({
    text: z.string().catch(''), offsets: Offsets,
    tokens: z.array(z.object({ text: z.string().catch(''), offsets: Offsets })).max(MAX_ITEMS).nullish(),
  })).max(MAX_ITEMS),
});

/** The file that whisper.cpp's command writes with --output-json-full; offsets are ms. Without tokens, as with --output-json, segments alone. */
export function heardOfWhisperJson(answer: unknown): Heard {
  const { result, transcription } = Whisper.parse(answer);
  const segments = transcription.map(({ text, offsets, tokens }) => ({
    text, startMs: offsets?.from ?? null, endMs: offsets?.to ?? null,
    words: (tokens ?? []).map((token) => ({ text: token.text, startMs: token.offsets?.from ?? null, endMs: token.offsets?.to ?? null })),
  }));
  return { language: languageCode(result?.language), segments, words: [] };
}

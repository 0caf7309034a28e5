/** `node dist/test/bench/metadata.js`: whether metadata of nasty inputs is within the platforms' limits, and what that of a long recording costs. */
import { fileURLToPath } from 'node:url';
import { makeChapters } from '../../src/sidecar/metadata/chapters.js';
import { lintMetadata } from '../../src/sidecar/metadata/lint.js';
import { makeMetadata } from '../../src/sidecar/metadata/metadata.js';
import type { MetadataInputs } from '../../src/sidecar/metadata/text-fallback.js';
import { cuesOf } from '../../src/sidecar/transcript/cues.js';
import { splitWords, spread, type Transcript } from '../../src/sidecar/transcript/transcript.js';
import { beyondLimits } from '../support/metadata_limits.js';
import { nastyText, randomOf } from '../support/nasty_texts.js';

const LONG_MS = 8 * 3_600_000;
/** Speech of people who are in no hurry. */
const WORDS_A_MINUTE = 150;

export interface MetadataFigures {
  inputs: number;
  /** Of them. */
  beyond: number;
  /** Without a title or a description. */
  empty: number;
  eachMs: number;
  /** Of eight hours of speech: chapters, then the texts. */
  longChaptersMs: number;
  longTextsMs: number;
  /** Least of the lint's scores over ten recordings of ordinary speech. */
  lintLeast: number;
}

export async function measureMetadata(inputs = 10_000): Promise<MetadataFigures> {
  const { signal } = new AbortController();
  let beyond = 0;
  let empty = 0;
  const startMs = performance.now();
  for (let seed = 1; seed <= inputs; seed++) {
    const { metadata } = await makeMetadata(nastyInputs(seed), { signal });
    if (beyondLimits(metadata).length > 0) beyond += 1;
    if (metadata.title === '' || metadata.description === '') empty += 1;
  }
  const eachMs = (performance.now() - startMs) / inputs;
  const transcript = talk(LONG_MS, 1);
  const chaptersAt = performance.now();
  const chapters = makeChapters({ durationMs: LONG_MS, transcript });
  const textsAt = performance.now();
  await makeMetadata({ fileName: 'recording.mp4', durationMs: LONG_MS, transcript, chapters }, { signal });
  const endMs = performance.now();
  return { inputs, beyond, empty, eachMs, longChaptersMs: textsAt - chaptersAt, longTextsMs: endMs - textsAt, lintLeast: await lintLeast(signal) };
}

/** Everything a recording may bring along, none of it fit to be shown. */
function nastyInputs(seed: number): MetadataInputs {
  const random = randomOf(seed);
  const text = (most: number): string => nastyText(random, most);
  const list = (most: number): string[] => Array.from({ length: Math.floor(random() * most) }, () => text(3));
  const durationMs = Math.floor(random() * 4_000_000);
  const parts = splitWords(text(30));
  const transcript = random() < 0.6 ? { language: null, words: spread(parts, 0, durationMs), cues: [] } : null;
  const moments = list(6).map((own) => ({ atMs: Math.floor(random() * durationMs), kind: 'marker' as const, text: own }));
  return {
    fileName: text(4), durationMs, transcript, moments, channel: text(2), chat: list(6).map((own, i) => ({ atMs: 0, user: `user ${i}`, text: own })),
    chapters: makeChapters({ durationMs, transcript, moments }), highlights: [{ startMs: 0, endMs: 1, score: 1, reasons: list(3) }],
    past: [0, 1].map(() => ({ title: text(3), description: text(6), tags: list(9), hashtags: list(5) })),
  };
}

const SMALL = 'so and then we have to see that the one is here but it was not what you think because they do this'.split(' ');

/** Each quarter of an hour has ten words of its own; the rest is what people say anyway. */
function talk(durationMs: number, seed: number): Transcript {
  const random = randomOf(seed);
  const count = Math.floor((durationMs / 60_000) * WORDS_A_MINUTE);
  const pick = <T>(all: readonly T[]): T => all[Math.floor(random() * all.length)]!;
  let subject: string[] = [];
  const texts = Array.from({ length: count }, (_, i) => {
    if (i % (15 * WORDS_A_MINUTE) === 0) subject = Array.from({ length: 10 }, () => Array.from({ length: 3 }, () => pick(['ba', 'ke', 'lo', 'mi', 'ru', 'sta', 'ven', 'zor', 'qui', 'pel'])).join(''));
    const word = random() < 0.3 ? pick(subject) : pick(SMALL);
    return i % 12 === 11 ? `${word}.` : word;
  });
  const words = spread(texts, 0, durationMs);
  return { language: 'en', words, cues: cuesOf(words) };
}

async function lintLeast(signal: AbortSignal): Promise<number> {
  const scores: number[] = [];
  for (let seed = 1; seed <= 10; seed++) {
    const durationMs = 3_600_000;
    const transcript = talk(durationMs, seed);
    const { metadata } = await makeMetadata({ fileName: 'recording.mp4', durationMs, transcript, chapters: makeChapters({ durationMs, transcript }) }, { signal });
    scores.push(lintMetadata(metadata, { durationMs }).score);
  }
  return Math.min(...scores);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(await measureMetadata(Number(process.argv[2] ?? 10_000)));

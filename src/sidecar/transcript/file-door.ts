/** The door to captions that lie beside the recording: `name.vtt`, `name.en.srt`, … */
import { readdir } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { NotAFileError, readBounded, TooLargeError } from '../../runtime/bounded-file.js';
import { ServerError } from '../../runtime/errors.js';
import { decodeCaptions, MAX_CAPTION_BYTES, readCaptions } from './captions-read.js';
import { languageCode } from './languages.js';
import { inOrder } from './pieces.js';
import { ENDS } from './sentence-end.js';
import type { Transcriber } from './transcriber.js';
import { joinWords, splitWords, spread, type TimedText, type Transcript } from './transcript.js';

const CAPTIONS = /^(?:\.([a-z]{2,3}(?:-[a-z0-9]{2,8})?))?\.(vtt|srt)$/i;

/** Eight hours of speech have some 10,000. */
const MOST_CUES_IN_WORDS = 30_000;

/**
 * The captions of a recording, or null: those without a language first, then by name, and a VTT before an SRT.
 * @param mediaPath absolute
 */
export async function captionsBeside(mediaPath: string): Promise<string | null> {
  const stem = basename(mediaPath, extname(mediaPath));
  const names = await readdir(dirname(mediaPath)).catch(() => []);
  const rank = (name: string): string => {
    const [, language, kind] = CAPTIONS.exec(name.slice(stem.length))!;
    return `${language?.toLowerCase() ?? ''} ${kind!.toLowerCase() === 'vtt' ? 0 : 1}`;
  };
  const found = names.filter((name) => name.startsWith(stem) && CAPTIONS.test(name.slice(stem.length))).sort((a, b) => (rank(a) < rank(b) ? -1 : 1))[0];
  return found === undefined ? null : join(dirname(mediaPath), found);
}

/** @param path absolute */
export function fileDoor(path: string): Transcriber {
  return {
    id: `file ${basename(path)}`,
    async transcribe({ durationMs, language, signal, onProgress }): Promise<Transcript> {
      signal.throwIfAborted();
      const cues = readCaptions(decodeCaptions(await readFile(path))).filter(({ startMs }) => startMs < durationMs);
      for (const cue of cues) cue.endMs = Math.min(cue.endMs, durationMs);
      onProgress?.(1);
      const tag = CAPTIONS.exec(/(?:\.[^.]+)?\.[^.]+$/.exec(basename(path))?.[0] ?? '')?.[1];
      return { language: language ?? languageCode(tag), words: wordsOf(cues), cues };
    },
  };
}

/**
 * A cue says when a line is read: its words share its time, or what of it is left before the next one comes. Of more cues than are spoken in a day, words
 * that follow each other are one, up to that which ends a sentence, which stands alone: a million of them would take most of the memory.
 */
function wordsOf(cues: readonly TimedText[]): TimedText[] {
  const isLarge = cues.length > MOST_CUES_IN_WORDS;
  return inOrder(cues.flatMap(({ startMs, endMs, text }, i) => {
    const next = cues[i + 1];
    const until = next !== undefined && next.startMs > startMs ? Math.min(endMs, next.startMs) : endMs;
    const words = spread(splitWords(text), startMs, until);
    return isLarge ? inRuns(words) : words;
  }));
}

function inRuns(words: readonly TimedText[]): TimedText[] {
  const out: TimedText[] = [];
  for (let from = 0; from < words.length;) {
    let to = from;
    while (to < words.length && !ENDS.test(words[to]!.text)) to += 1;
    const run = words.slice(from, Math.max(to, from + 1));
    out.push({ startMs: run[0]!.startMs, endMs: run.at(-1)!.endMs, text: joinWords(run) });
    from += run.length;
  }
  return out;
}

/** @throws ServerError CAPTIONS_INVALID */
function readFile(path: string): Promise<Buffer> {
  return readBounded(path, MAX_CAPTION_BYTES).catch((error: NodeJS.ErrnoException) => {
    const name = basename(path);
    if (error instanceof TooLargeError) throw new ServerError('CAPTIONS_INVALID', `${name} is larger than captions can be (${MAX_CAPTION_BYTES / 1024 / 1024} MB).`);
    if (error instanceof NotAFileError) throw new ServerError('CAPTIONS_INVALID', `${name} is not a file.`);
    if (error.syscall === 'open') throw new ServerError('CAPTIONS_INVALID', `The captions in ${name} cannot be read (${error.code ?? 'unknown'}).`);
    throw error;
  });
}

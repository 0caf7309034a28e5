/** The OpenAI-compatible door: `POST …/audio/transcriptions`, as OpenAI, whisper.cpp's server, faster-whisper's and others offer it. */
import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import type { Clock } from '../../runtime/clock.js';
import { ask, endpoint, type Patience, type Question } from '../outside.js';
import { heardOfVerboseJson } from './heard.js';
import type { PieceDoor } from './piecewise.js';
import type { SoundFormat } from './sound-piece.js';

export interface ServerDoorSettings {
  /** Such as http://127.0.0.1:8080/v1. */
  baseUrl: string;
  model: string;
  apiKey?: string | undefined;
  /** FLAC is half as long; a server of an old make may know WAV only. */
  format?: SoundFormat;
  maxBytes?: number;
  maxPieceMs?: number;
  patience?: Partial<Patience>;
  clock?: Clock;
}

/** OpenAI's own bound is 25 MB for the file; and room for what stands around it. */
const MAX_BYTES = 24_500_000;
const MAX_PIECE_MS = 600_000;
/** A minute of speech with times for each word is some 20 kB. */
const MAX_ANSWER_BYTES = 32 * 1024 * 1024;
/** A small machine listens about as long as it was spoken. */
const PATIENCE: Patience = { timeoutMs: 1_800_000, tries: 4, firstWaitMs: 1_000, longestWaitMs: 60_000 };
const NAME = 'The transcription server';

export function serverDoor(settings: ServerDoorSettings): PieceDoor {
  const url = endpoint(NAME, settings.baseUrl, 'audio/transcriptions');
  const format = settings.format ?? 'flac';
  return {
    id: `server ${url.host} ${settings.model}`, format,
    maxBytes: settings.maxBytes ?? MAX_BYTES, maxPieceMs: settings.maxPieceMs ?? MAX_PIECE_MS,
    async hear(file, { language, signal }) {
      const fields = formFields(settings.model, language);
      const question = await formQuestion(fields, file, `piece.${format}`, `audio/${format}`);
      return ask({ name: NAME, url, apiKey: settings.apiKey }, question, heardOfVerboseJson, {
        patience: { ...PATIENCE, ...settings.patience }, maxAnswerBytes: MAX_ANSWER_BYTES, signal, ...(settings.clock ? { clock: settings.clock } : {}),
      });
    },
  };
}

/** Both times are asked for: the words' for cutting, the segments' for their punctuation. */
function formFields(model: string, language: string | undefined): [string, string][] {
  return [
    ['model', model], ['response_format', 'verbose_json'], ['timestamp_granularities[]', 'word'], ['timestamp_granularities[]', 'segment'], ['temperature', '0'],
    ...(language === undefined ? [] : [['language', language] as [string, string]]),
  ];
}

/** multipart/form-data (RFC 7578) with a file that is read while it is sent. */
async function formQuestion(fields: readonly [string, string][], file: string, fileName: string, fileType: string): Promise<Question> {
  const boundary = `vistter-${randomBytes(18).toString('hex')}`;
  // A name or a value that ends its line could add fields of its own.
  const plain = (value: string): string => value.replace(/[\r\n"]+/g, ' ');
  const head = Buffer.from(fields.map(([name, value]) => `--${boundary}\r\nContent-Disposition: form-data; name="${plain(name)}"\r\n\r\n${plain(value)}\r\n`).join('')
    + `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="${plain(fileName)}"\r\nContent-Type: ${fileType}\r\n\r\n`);
  const tail = Buffer.from(`\r\n--${boundary}--\r\n`);
  const { size } = await stat(file);
  return {
    contentType: `multipart/form-data; boundary=${boundary}`, bytes: head.length + size + tail.length,
    body: () => Readable.from(parts(head, file, tail), { objectMode: false }),
  };
}

async function* parts(head: Buffer, file: string, tail: Buffer): AsyncGenerator<Buffer> {
  yield head;
  for await (const piece of createReadStream(file) as AsyncIterable<Buffer>) yield piece;
  yield tail;
}

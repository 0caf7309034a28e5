/** The door to whisper.cpp's command, which runs here and needs no server. */
import { readFile, rm, stat } from 'node:fs/promises';
import { ServerError } from '../../runtime/errors.js';
import { runChild } from './child.js';
import { heardOfWhisperJson } from './heard.js';
import type { PieceDoor } from './piecewise.js';
import type { Heard } from './timed-words.js';

export interface CommandDoorSettings {
  /** `whisper-cli`, or where it lies. */
  command: string;
  /** A model in whisper.cpp's own format (ggml). */
  modelPath: string;
  /** It shares the machine with the live program. */
  threads?: number;
  maxPieceMs?: number;
  timeoutMs?: number;
}

/** whisper.cpp of any age reads WAV, and only new ones more. */
const FORMAT = 'wav';
/** Its own queue is short, and the disk is its only bound. */
const MAX_BYTES = 100 * 1024 * 1024;
const MAX_PIECE_MS = 600_000;
const TIMEOUT_MS = 7_200_000;
const MAX_ANSWER_BYTES = 32 * 1024 * 1024;

/** @param output without its .json */
export function whisperArgs(settings: CommandDoorSettings, file: string, output: string, language: string | undefined): string[] {
  return [
    '--model', settings.modelPath, '--file', file, '--language', language ?? 'auto', '--threads', String(settings.threads ?? 1),
    '--output-json-full', '--output-file', output, '--no-prints',
  ];
}

export function commandDoor(settings: CommandDoorSettings): PieceDoor {
  return {
    id: `command ${baseName(settings.command)} ${baseName(settings.modelPath)}`, format: FORMAT, maxBytes: MAX_BYTES, maxPieceMs: settings.maxPieceMs ?? MAX_PIECE_MS,
    async hear(file, { language, signal }) {
      const output = file.replace(/\.[a-z]+$/, '');
      await rm(`${output}.json`, { force: true });
      const { code, stderr } = await runChild(settings.command, whisperArgs(settings, file, output, language), { signal, timeoutMs: settings.timeoutMs ?? TIMEOUT_MS, mayWait: true });
      if (code === 127) throw failed(`${settings.command} was not found. Install whisper.cpp, or set where its command lies.`);
      if (code !== 0) throw failed(`whisper.cpp ${code === null ? 'took too long, or was ended' : `failed (${code})`}.${lastLine(stderr)}`);
      // It ends with 0 as well where it did not understand what it was asked.
      return read(`${output}.json`, stderr);
    },
  };
}

async function read(path: string, stderr: string): Promise<Heard> {
  const found = await stat(path).catch(() => null);
  if (!found) throw failed(`whisper.cpp wrote no transcript.${lastLine(stderr)}`);
  if (found.size > MAX_ANSWER_BYTES) throw failed('whisper.cpp wrote more than a transcript can be.');
  try {
    return heardOfWhisperJson(parsed(await readFile(path, 'utf8')));
  } catch {
    throw failed('whisper.cpp wrote what cannot be read. This needs a version of 2023 or later.');
  }
}

/** It escapes quotes and backslashes only; anything else below a space would not be JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return JSON.parse(text.replace(/\p{Cc}/gu, ' '));
  }
}

function lastLine(stderr: string): string {
  const line = stderr.trim().split('\n').at(-1)?.replace(/\p{Cc}+/gu, ' ').trim().slice(0, 200) ?? '';
  return line === '' ? '' : ` It said: “${line}”`;
}

const failed = (message: string): ServerError => new ServerError('TRANSCRIBER_FAILED', message);
const baseName = (path: string): string => path.split('/').at(-1) ?? path;

/**
 * Runs FFmpeg or ffprobe as a child of the sidecar: behind everything else, but for what takes no time, ended when its parent ends, its every stream read,
 * its progress told, and what went wrong put in one of a few classes.
 *
 * Progress comes on descriptor 3 (`-progress pipe:3`); what it gives is read from descriptor 1 and from 4 on.
 */
import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { systemClock, type Clock } from '../../runtime/clock.js';
import { readLines } from '../../runtime/lines.js';
import { inBackground, withParent } from '../../runtime/background.js';
import { diskCodeIn } from '../../runtime/scarcity.js';
import { HangWatch } from './hang-watch.js';

/** Kept of what it says, from the end: of a damaged file it complains without end. */
const KEPT_BYTES = 256 * 1024;
/** Of one descriptor. More than that is a mistake in the arguments. */
const MOST_OUTPUT_BYTES = 256 * 1024 * 1024;

/**
 * `ENOSPC` no room on the disk · `EROFS` it is read-only · `KILLED` by a signal, as the kernel does where memory runs out: it says nothing about the input ·
 * `STALLED` it hung · `UNREADABLE` the input is damaged or no media · `CANNOT_RUN` there is no such program · `FAILED` anything else.
 */
export type OfflineFailure = 'ENOSPC' | 'EROFS' | 'KILLED' | 'STALLED' | 'UNREADABLE' | 'CANNOT_RUN' | 'FAILED';

/** Its message is FFmpeg's last word as a sentence. */
export class OfflineError extends Error {
  constructor(readonly code: OfflineFailure, message: string) {
    super(message);
    this.name = 'OfflineError';
  }
}

export interface OfflineRun {
  program: 'ffmpeg' | 'ffprobe';
  args: readonly string[];
  /** Of descriptors 4, 5, …: how many are read. */
  moreOutputs?: number;
  cwd?: string;
  /** It takes no time to speak of, and is waited for: not behind everybody else in line for the processor. */
  isShort?: boolean;
  signal?: AbortSignal | undefined;
  /** Time of what is written, ms, as often as FFmpeg tells. */
  onProgress?: ((atMs: number) => void) | undefined;
  clock?: Clock;
}

export interface OfflineResult {
  /** Of descriptors 1, 4, 5, …. */
  outputs: Buffer[];
  /** The end of what was said on descriptor 2. */
  said: string;
}

/** Resolves when it has ended well. Rejects with an OfflineError, or with the signal's reason once it is gone. */
export async function runOffline({ program, args, moreOutputs = 0, cwd, isShort = false, signal, onProgress, clock = systemClock }: OfflineRun): Promise<OfflineResult> {
  signal?.throwIfAborted();
  const pipes = Array.from({ length: moreOutputs + 1 }, () => 'pipe' as const);
  const child = spawn(...(isShort ? withParent(program, args) : inBackground(program, args)), { cwd, stdio: ['ignore', 'pipe', 'pipe', ...pipes] });
  let failure: OfflineError | null = null;
  const end = (error: OfflineError | null = null): void => {
    failure ??= error;
    child.kill('SIGKILL');
  };
  const watch = new HangWatch({ pid: child.pid, clock, onHang: (forMs) => end(new OfflineError('STALLED', `${program} did nothing for ${forMs / 1000} s and was ended.`)) });
  const streams = child.stdio as (Readable | null)[];
  const outputs = [1, ...pipes.slice(1).map((_, i) => i + 4)].map((fd) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    streams[fd]?.on('data', (chunk: Buffer) => {
      watch.feed();
      bytes += chunk.length;
      if (bytes <= MOST_OUTPUT_BYTES) chunks.push(chunk);
      else end(new OfflineError('FAILED', `${program} gave more than it was asked for.`));
    });
    return chunks;
  });
  let said = '';
  child.stderr!.setEncoding('utf8').on('data', (text: string) => { said = (said + text).slice(-KEPT_BYTES); });
  let lastLine = '';
  readLines(streams[3]!, 4096, (line) => {
    const us = /^out_time_us=(\d+)$/.exec(line)?.[1];
    if (us === undefined || line === lastLine) return;
    lastLine = line;
    watch.feed();
    onProgress?.(Number(us) / 1000);
  });
  const abort = (): void => end();
  signal?.addEventListener('abort', abort, { once: true });
  try {
    const exit = await new Promise<{ code: number | null; signal: string | null }>((resolve) => {
      child.once('error', () => resolve({ code: 127, signal: null }));
      child.once('close', (code, name) => resolve({ code, signal: name }));
    });
    signal?.throwIfAborted();
    const problem = failure ?? classify(program, exit, said);
    if (problem) throw problem;
    return { outputs: outputs.map((chunks) => Buffer.concat(chunks)), said };
  } finally {
    watch.stop();
    signal?.removeEventListener('abort', abort);
  }
}

/** What an end means; null when all went well. Exported for its test. */
export function classify(program: string, { code, signal }: { code: number | null; signal: string | null }, said: string): OfflineError | null {
  if (signal !== null) return new OfflineError('KILLED', `${program} was killed with signal ${signal}.`);
  // FFmpeg goes on after a write that failed and ends with 0 now and then, so its words come first.
  const refusal = diskCodeIn(said);
  if (refusal) return new OfflineError(refusal, refusal === 'ENOSPC' ? 'There is no room left on the disk.' : 'The disk is read-only.');
  if (code === 0) return null;
  // The launcher's codes and the shell's.
  if (code === 125 || code === 126 || code === 127) return new OfflineError('CANNOT_RUN', `${program} could not be run: ${lastWord(said)}`);
  if (/Invalid data found|moov atom not found|No such file|could not find codec parameters|does not contain any stream|matches no streams|Permission denied|Is a directory/i.test(said)) {
    return new OfflineError('UNREADABLE', lastWord(said));
  }
  return new OfflineError('FAILED', lastWord(said));
}

function lastWord(said: string): string {
  const line = said.trim().split('\n').at(-1)?.trim().slice(0, 300) || 'it said nothing';
  return /[.!?]$/.test(line) ? line : `${line}.`;
}

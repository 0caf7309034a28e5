/**
 * The features of a recording's sound and picture, by `vistter-features` (native/features): a child of low priority that reads the file
 * once. It may crash on a hostile file; what it found until then is used.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { inBackground } from '../../runtime/background.js';
import { systemClock, type Clock } from '../../runtime/clock.js';
import { ServerError } from '../../runtime/errors.js';
import { readLines } from '../../runtime/lines.js';
import { isScarcity } from '../../runtime/scarcity.js';
import { nativeProgram } from '../../runtime/paths.js';
import { toErrorCode } from '../../protocol/error-codes.js';
import { HangWatch } from '../offline/hang-watch.js';
import { EXTRACTED_FEATURES, GrowingTable } from './growing-table.js';
import { BIN_MS, type FeatureTable } from './table.js';

/** A file, or FLV that comes as it is recorded (`RecordingTail`). */
export type FeatureInput = { path: string } | { stream: AsyncIterable<Buffer> };

export interface ExtractOptions {
  input: FeatureInput;
  signal: AbortSignal;
  /** At most twice a second; `totalMs` is null where it is not known. */
  onProgress?(doneMs: number, totalMs: number | null): void;
  /** A second is complete. `row` has a value for each of `EXTRACTED_FEATURES`, NaN where it is unknown; it is used again for the next. */
  onBin?(bin: number, row: Float32Array): void;
  clock?: Clock;
}

export interface ExtractedTable extends FeatureTable {
  /** Of the child, at its highest. */
  peakRssBytes: number;
  /** Time of processors that the child took. */
  cpuMs: number;
  /** Bytes that were read. Of an indexed file less than it has. */
  bytesRead: number;
}

const MAX_LINE_BYTES = 64 * 1024;
const KEPT_WORDS = 2_000;
/** What a damaged file does to whoever reads it. Other signals come from people and the kernel, and say nothing about the file. */
const CRASHES: readonly (NodeJS.Signals | null)[] = ['SIGSEGV', 'SIGABRT', 'SIGBUS', 'SIGFPE', 'SIGILL'];
/** vistter-launch: there is no such command, or it cannot be run. */
const NOT_STARTED = [126, 127];

const Ms = z.number().int();
const Line = z.discriminatedUnion('event', [
  z.object({ event: z.literal('start'), version: z.number().int(), totalMs: Ms.nullable(), columns: z.array(z.string()) }),
  z.object({ event: z.literal('bin'), bin: z.number().int(), values: z.array(z.number().nullable()).length(EXTRACTED_FEATURES.length) }),
  z.object({ event: z.literal('shot'), atMs: Ms }),
  z.object({ event: z.literal('silence'), startMs: Ms, endMs: Ms }),
  z.object({ event: z.literal('gap'), startMs: Ms, endMs: Ms, what: z.enum(['sound', 'picture', 'both']) }),
  z.object({ event: z.literal('note'), text: z.string() }),
  z.object({ event: z.literal('progress'), doneMs: Ms }),
  z.object({ event: z.literal('end'), durationMs: Ms, peakRssBytes: z.number(), cpuMs: z.number(), bytesRead: z.number() }),
  z.object({ event: z.literal('error'), code: z.string(), message: z.string() }),
]);
type Line = z.infer<typeof Line>;
type Ending = Extract<Line, { event: 'end' }>;

/**
 * Reads the whole of `input` and resolves with its table. The child dies with this process.
 * @throws ServerError MEDIA_MISSING, MEDIA_UNREADABLE, MEDIA_INVALID, MEDIA_EMPTY, MEDIA_BROKEN; NATIVE_MISSING; TIMEOUT when it hangs; INTERNAL
 *   when the child was killed from outside. The signal's reason when that is aborted.
 */
export async function extractFeatures(options: ExtractOptions): Promise<ExtractedTable> {
  options.signal.throwIfAborted();
  return new Extraction(options).run();
}

class Extraction {
  readonly #table = new GrowingTable();
  readonly #row = new Float32Array(EXTRACTED_FEATURES.length);
  #version = 0;
  #totalMs: number | null = null;
  #ending: Ending | null = null;
  #error: Error | null = null;
  #words = '';
  #child!: ChildProcess;
  #watch!: HangWatch;
  /** More of a recording that is still being made may come. */
  #isFed = false;

  constructor(private readonly options: ExtractOptions) {}

  async run(): Promise<ExtractedTable> {
    const { input, signal } = this.options;
    const place = 'path' in input ? input.path : '-';
    // A path that begins with a dash is none of the program's options, and "-" alone is a file of that name.
    const argument = 'path' in input && place.startsWith('-') ? `./${place}` : place;
    const child = spawn(...inBackground(nativeProgram('vistter-features'), [argument]), { stdio: ['pipe', 'pipe', 'pipe'] });
    this.#child = child;
    this.#isFed = 'stream' in input;
    this.#watch = new HangWatch({
      pid: child.pid, clock: this.options.clock ?? systemClock, mayWait: () => this.#isFed && child.stdin.writableLength === 0,
      onHang: (forMs) => this.#fail(new ServerError('TIMEOUT', `The analysis has not gone on for ${forMs / 1000} s and was ended. It was stopped from outside, the disk does not answer, or the file is damaged in a way that is not known yet.`)),
    });
    const exited = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
      child.once('error', (cause: NodeJS.ErrnoException) => {
        // What the machine has too little of says nothing about the program.
        if (isScarcity(cause)) this.#error ??= cause;
        resolve({ code: NOT_STARTED[0]!, signal: null });
      });
      child.once('close', (code, by) => resolve({ code, signal: by }));
    });
    child.stderr.on('data', (chunk: Buffer) => { this.#words = (this.#words + chunk.toString('utf8')).slice(-KEPT_WORDS); });
    readLines(child.stdout, MAX_LINE_BYTES, (line) => this.#hear(line), () => this.#fail(new ServerError('INTERNAL', 'vistter-features wrote a line that is too long.')));
    const abort = (): void => this.#fail(signal.reason instanceof Error ? signal.reason : new Error('It was called off.'));
    signal.addEventListener('abort', abort, { once: true });
    try {
      const fed = this.#feed();
      const exit = await exited;
      await fed;
      return this.#result(exit);
    } finally {
      signal.removeEventListener('abort', abort);
      this.#watch.stop();
    }
  }

  /** The first thing that goes wrong is what is told; the child's own end is waited for. */
  #fail(error: Error): void {
    this.#error ??= error;
    this.#child.kill('SIGKILL');
  }

  async #feed(): Promise<void> {
    const { input } = this.options;
    const stdin = this.#child.stdin!;
    if ('path' in input) {
      stdin.on('error', () => undefined);
      stdin.end();
    } else {
      let readingFailed: unknown = null;
      const noting = async function* (): AsyncGenerator<Buffer, void, void> {
        try {
          yield* input.stream;
        } catch (error) {
          // Whatever ends the child's stdin is thrown in here as well.
          if (!stdin.destroyed) readingFailed = error;
        }
      };
      // A child that ended takes no more; its exit says why.
      await pipeline(Readable.from(noting(), { objectMode: false }), stdin, { signal: this.options.signal }).catch(() => undefined);
      if (readingFailed !== null) this.#fail(new ServerError('MEDIA_UNREADABLE', `The recording cannot be read: ${(readingFailed as Error).message}`, { cause: readingFailed }));
    }
    this.#isFed = false;
  }

  #hear(text: string): void {
    if (this.#error !== null) return;
    this.#watch.feed();
    let line: Line;
    try {
      line = Line.parse(JSON.parse(text));
    } catch (cause) {
      this.#fail(new ServerError('INTERNAL', 'vistter-features and this server are of different versions. Run "npm run build:native" and start again.', { cause }));
      return;
    }
    this.#take(line);
  }

  #take(line: Line): void {
    const table = this.#table;
    switch (line.event) {
      case 'start':
        this.#version = line.version;
        this.#totalMs = line.totalMs;
        if (line.columns.join() !== EXTRACTED_FEATURES.join()) this.#fail(new ServerError('INTERNAL', 'vistter-features has other columns than this server. Run "npm run build:native" and start again.'));
        return;
      case 'bin':
        line.values.forEach((value, i) => { this.#row[i] = value ?? Number.NaN; });
        table.add(this.#row);
        this.options.onBin?.(line.bin, this.#row);
        return;
      case 'shot': table.shotsMs.push(line.atMs); return;
      case 'silence': table.silences.push({ startMs: line.startMs, endMs: line.endMs }); return;
      case 'gap': table.gaps.push({ startMs: line.startMs, endMs: line.endMs, what: line.what }); return;
      case 'note': table.notes.push(line.text); return;
      case 'progress': this.options.onProgress?.(line.doneMs, this.#totalMs); return;
      case 'end': this.#ending = line; return;
      case 'error': this.#error = new ServerError(toErrorCode(line.code), line.message); return;
      default: line satisfies never;
    }
  }

  #result(exit: { code: number | null; signal: NodeJS.Signals | null }): ExtractedTable {
    if (this.#error) throw this.#error;
    if (this.#ending) {
      const { durationMs, peakRssBytes, cpuMs, bytesRead } = this.#ending;
      this.options.onProgress?.(durationMs, durationMs);
      return { ...this.#table.finish(this.#version, durationMs), peakRssBytes, cpuMs, bytesRead };
    }
    if (exit.code !== null && NOT_STARTED.includes(exit.code)) {
      throw new ServerError('NATIVE_MISSING', 'The native programs are not built. Run "npm run build:native" and start again.');
    }
    const how = exit.signal ?? `exit code ${exit.code ?? 'unknown'}`;
    if (!CRASHES.includes(exit.signal)) throw new ServerError('INTERNAL', `The analysis was ended from outside (${how}).`, { details: this.#words });
    if (this.#table.bins === 0) throw new ServerError('MEDIA_BROKEN', `The file is damaged in a way that ended its analysis (${how}). Try another copy of it, or convert it with FFmpeg.`, { details: this.#words });
    const endMs = this.#table.bins * BIN_MS;
    this.#table.notes.push(`The file is damaged in a way that ended its analysis after ${Math.round(endMs / 1000)} s (${how}); what was found until then is used. Try another copy of it, or convert it with FFmpeg, to have the rest.`);
    if (this.#totalMs !== null && this.#totalMs > endMs) this.#table.gaps.push({ startMs: endMs, endMs: this.#totalMs, what: 'both' });
    return { ...this.#table.finish(this.#version), peakRssBytes: 0, cpuMs: 0, bytesRead: 0 };
  }
}

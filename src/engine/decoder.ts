/** One source's decoder: a child that fills a ring, restarted whenever it ends. */
import type { ChildProcess } from 'node:child_process';
import { z } from 'zod';
import type { EngineSource } from '../protocol/link.js';
import type { Problem } from '../protocol/status.js';
import { Backoff } from '../runtime/backoff.js';
import { SupervisedChild } from '../runtime/child.js';
import type { Owner } from '../runtime/lifecycle.js';
import { readLines } from '../runtime/lines.js';
import type { Log } from '../runtime/log.js';
import { nativeProgram } from '../runtime/paths.js';
import { decoderArgs, type DecoderPlaces } from './decoder-args.js';
import type { NativeCore, NativeProgram } from './native.js';

/** The decoder speaks at least once a second; silence this long means that it hangs. */
const SILENCE_LIMIT_MS = 2000;
const MAX_EVENT_BYTES = 64 * 1024;

const DecoderEvent = z.object({
  event: z.string(),
  width: z.number().optional(), height: z.number().optional(), fps: z.number().optional(),
  code: z.string().optional(), message: z.string().optional(),
});

export interface DecoderInfo {
  width?: number;
  height?: number;
  fps?: number;
  problem?: Problem;
}

export class Decoder implements Owner {
  readonly #child: SupervisedChild;
  #stdin: ChildProcess['stdin'] = null;
  #lastWordMs = 0;
  #watchdog: NodeJS.Timeout | undefined;
  #info: DecoderInfo = {};

  constructor(
    readonly source: EngineSource,
    places: DecoderPlaces,
    private readonly core: NativeCore,
    private readonly program: NativeProgram,
    private readonly log: Log,
  ) {
    this.#child = new SupervisedChild({
      name: `decoder of ${source.name}`,
      log,
      backoff: new Backoff(100, source.kind === 'camera' ? 1000 : 10_000),
      plan: () => {
        const ring = program.openRing(source.id);
        // The child has its own copy once it runs; ours must not keep a dead ring's memory.
        queueMicrotask(() => core.closeFd(ring));
        return { command: nativeProgram('vistter-decoder'), args: decoderArgs(source, places), stdio: ['pipe', 'pipe', 'pipe', ring] };
      },
      onStart: (child) => this.#attach(child),
      onExit: ({ code, signal, stopped }) => {
        // A source that was removed has no ring any more.
        if (stopped) return false;
        this.program.detachRing(source.id);
        // One that said why it failed will say so again at each try; once is enough to read.
        if (!this.#info.problem) this.log.warn({ source: source.id, code, signal }, `the decoder of "${source.name}" ended; starting it again`);
        return true;
      },
    });
  }

  get info(): DecoderInfo {
    return this.#info;
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  start(): void {
    this.#lastWordMs = Date.now();
    this.#child.start();
    this.#watchdog = setInterval(() => {
      if (this.#child.pid === undefined || Date.now() - this.#lastWordMs < SILENCE_LIMIT_MS) return;
      this.log.warn({ source: this.source.id }, `the decoder of "${this.source.name}" hangs; replacing it`);
      this.#lastWordMs = Date.now();
      this.#child.kill();
    }, 250);
  }

  async stop(): Promise<void> {
    clearInterval(this.#watchdog);
    await this.#child.stop();
  }

  /** Files: back to the in-point, held there. */
  rewind(): void {
    if (this.#stdin?.writable) this.#stdin.write('seek 0\n');
  }

  #attach(child: ChildProcess): void {
    this.#lastWordMs = Date.now();
    this.#stdin = child.stdin;
    child.stdin?.on('error', () => {});
    if (child.stdout) readLines(child.stdout, MAX_EVENT_BYTES, (line) => this.#onEvent(line));
    if (child.stderr) readLines(child.stderr, MAX_EVENT_BYTES, (line) => this.log.debug({ source: this.source.id }, line));
  }

  #onEvent(line: string): void {
    this.#lastWordMs = Date.now();
    let parsed;
    try {
      parsed = DecoderEvent.parse(JSON.parse(line));
    } catch {
      this.log.warn({ source: this.source.id }, 'the decoder said something that was not understood');
      return;
    }
    if (parsed.event === 'format') {
      const { width, height, fps } = parsed;
      this.#info = { ...(width === undefined ? {} : { width }), ...(height === undefined ? {} : { height }), ...(fps === undefined ? {} : { fps }) };
    } else if (parsed.event === 'error') {
      const problem = { code: parsed.code ?? 'DECODER_FAILED', message: parsed.message ?? 'The decoder failed.' };
      const known = this.#info.problem?.message === problem.message;
      this.#info = { ...this.#info, problem };
      if (!known) this.log.warn({ source: this.source.id, code: problem.code }, `"${this.source.name}": ${problem.message} It is tried again until it works.`);
    }
  }
}

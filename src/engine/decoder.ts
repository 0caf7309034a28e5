/** One source's decoder: a child that fills a ring, restarted whenever it ends. */
import type { ChildProcess } from 'node:child_process';
import type { EngineSource } from '../protocol/link.js';
import type { Problem } from '../protocol/status.js';
import { Backoff } from '../runtime/backoff.js';
import { SupervisedChild } from '../runtime/child.js';
import { systemClock, type Clock } from '../runtime/clock.js';
import type { Owner } from '../runtime/lifecycle.js';
import { readLines } from '../runtime/lines.js';
import type { Log } from '../runtime/log.js';
import { nativeProgram } from '../runtime/paths.js';
import { DeniedTime, Silence } from '../runtime/silence.js';
import { decoderArgs, type DecoderPlaces } from './decoder-args.js';
import { DecoderEvent } from './decoder-events.js';
import type { NativeCore, NativeProgram } from './native.js';

/** The decoder speaks at least once a second; silence this long, of the time that it could use, means that it hangs. */
const SILENCE_LIMIT_MS = 1700;
/** It reads on for this long and nothing comes of it, or is at one picture for as long, though its sound may go on: decoding hangs though the process lives. */
const FRUITLESS_LIMIT_MS = 6000;
const WATCH_EVERY_MS = 250;
/** How often it reports what it has done. */
const REPORT_EVERY_MS = 1000;
/** A problem that comes again and again, as at each try to open a broken file, is logged once in this time. */
const SAY_AGAIN_MS = 3_600_000;
const MAX_EVENT_BYTES = 64 * 1024;

/** What a decoder had read, what came of it as picture and as sound, since when reading has been in vain, and how long one picture has taken by then. */
const NO_WORK = { bytesRead: 0, framesDecoded: 0, audioWritten: 0, fruitlessSinceMs: null as number | null, pictureStepMs: 0 };

export interface DecoderInfo {
  width?: number;
  height?: number;
  fps?: number;
  problem?: Problem;
  /** That problem keeps all its pictures from being decoded: its sound, which goes on, is no sign that nothing is wrong. */
  isBlind?: true;
  /** Of a camera: what is wrong with what it sends, as a person would see and hear it. */
  sight?: Sight;
}

export interface Sight {
  still: boolean;
  black: boolean;
  silent: boolean;
}

export interface DecoderOptions {
  clock?: Clock;
  /** Where a file is to begin each time it is opened, µs from its in-point. */
  fromUs?(): number;
  /** What is seen or heard of a camera has changed for better or worse. */
  onSight?(): void;
}

export class Decoder implements Owner {
  readonly #clock: Clock;
  readonly #onSight: () => void;
  readonly #child: SupervisedChild;
  #stdin: ChildProcess['stdin'] = null;
  readonly #denied: DeniedTime;
  readonly #wordless: Silence;
  /** How long its pictures' thread has not got on. */
  readonly #stuck: Silence;
  #watchedMs = 0;
  #stopped: Promise<void> | undefined;
  /** Of its last report. */
  #work = NO_WORK;
  /** Why it has decoded no picture since it said so. */
  #refused: Problem | undefined;
  #watchdog: NodeJS.Timeout | undefined;
  #info: DecoderInfo = {};
  /** The problem that was logged last, and when. */
  #said = { message: '', atMs: 0 };

  constructor(
    readonly source: EngineSource,
    places: DecoderPlaces,
    private readonly core: NativeCore,
    private readonly program: NativeProgram,
    private readonly log: Log,
    { clock = systemClock, fromUs = () => 0, onSight = () => {} }: DecoderOptions = {},
  ) {
    this.#clock = clock;
    this.#onSight = onSight;
    this.#denied = new DeniedTime(clock);
    this.#wordless = new Silence(clock, this.#denied);
    this.#stuck = new Silence(clock, this.#denied);
    this.#child = new SupervisedChild({
      name: `decoder of ${source.name}`,
      log,
      backoff: new Backoff(100, source.kind === 'camera' ? 1000 : 4000),
      plan: () => {
        const ring = program.openRing(source.id);
        // The child has its own copy once it runs; ours must not keep a dead ring's memory.
        queueMicrotask(() => core.closeFd(ring));
        return { command: nativeProgram('vistter-decoder'), args: decoderArgs(source, places, fromUs()), stdio: ['pipe', 'pipe', 'pipe', ring] };
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
    this.#watchedMs = this.#clock.monotonicMs();
    this.#wordless.broken();
    this.#child.start();
    this.#watchdog = setInterval(() => this.#watch(), WATCH_EVERY_MS);
  }

  stop(): Promise<void> {
    clearInterval(this.#watchdog);
    return (this.#stopped ??= this.#child.stop());
  }

  /** Files: back to the in-point, held there. */
  rewind(): void {
    if (this.#stdin?.writable) this.#stdin.write('seek 0\n');
  }

  #watch(): void {
    const now = this.#clock.monotonicMs();
    // We stood still ourselves: its words wait in the pipe, so its time starts again.
    if (now - this.#watchedMs > WATCH_EVERY_MS * 4) this.#wordless.broken();
    this.#watchedMs = now;
    const { pid } = this.#child;
    if (pid === undefined) return;
    if (this.#wordless.isOdd || this.#stuck.isOdd) this.#denied.look(pid);
    else this.#denied.rest();
    const { fruitlessSinceMs, pictureStepMs } = this.#work;
    const isFruitless = fruitlessSinceMs !== null && now - fruitlessSinceMs >= FRUITLESS_LIMIT_MS;
    // Its own clock tells one long step from many short ones, and ours what of it the machine has to answer for.
    const isStuck = pictureStepMs >= FRUITLESS_LIMIT_MS && this.#stuck.usableMs >= FRUITLESS_LIMIT_MS;
    if (this.#wordless.usableMs < SILENCE_LIMIT_MS && !isFruitless && !isStuck) return;
    this.log.warn({ source: this.source.id }, `the decoder of "${this.source.name}" hangs; replacing it`);
    this.#forget();
    this.#child.kill();
  }

  /** Nothing is known of the next life yet. */
  #forget(): void {
    this.#denied.rest();
    this.#wordless.broken();
    this.#stuck.broken();
    this.#seeNothing();
    // It will say so itself if its pictures are refused; what was wrong is known until it works.
    this.#refused = undefined;
    const { isBlind: _, ...rest } = this.#info;
    this.#info = rest;
    this.#work = NO_WORK;
  }

  #attach(child: ChildProcess): void {
    this.#forget();
    this.#stdin = child.stdin;
    child.stdin?.on('error', () => {});
    if (child.stdout) readLines(child.stdout, MAX_EVENT_BYTES, (line) => this.#onEvent(line));
    if (child.stderr) readLines(child.stderr, MAX_EVENT_BYTES, (line) => this.log.debug({ source: this.source.id }, line));
  }

  #onEvent(line: string): void {
    this.#wordless.broken();
    let said: DecoderEvent;
    try {
      said = DecoderEvent.parse(JSON.parse(line));
    } catch {
      this.log.warn({ source: this.source.id }, 'the decoder said something that was not understood');
      return;
    }
    switch (said.event) {
      case 'format': {
        const { width, height, fps } = said;
        const { width: _w, height: _h, fps: _f, ...rest } = this.#info;
        this.#info = { ...(width === undefined ? {} : { width }), ...(height === undefined ? {} : { height }), ...(fps === undefined ? {} : { fps }), ...rest };
        return;
      }
      case 'error':
        this.#onProblem({ code: said.code, message: said.message });
        return;
      case 'stats':
        this.#onStats(said);
        return;
      case 'waiting':
        // Whose stream it was has gone, and what was wrong with it too.
        this.#refused = undefined;
        this.#overcome();
        this.#seeNothing();
        return;
      case 'sight':
        this.#info = { ...this.#info, sight: { still: said.still > 0, black: said.black > 0, silent: said.silent > 0 } };
        this.#onSight();
        return;
      case 'running':
      case 'ended':
      case 'jump':
        // The ring says so as well, and in time with its pictures.
        return;
      default:
        said satisfies never;
    }
  }

  /** Nothing is wrong any more but what keeps its pictures away; that it is known what it was keeps the log from filling with it. */
  #overcome(): void {
    const { problem: _, isBlind: __, ...rest } = this.#info;
    this.#info = this.#refused ? { ...rest, problem: this.#refused, isBlind: true } : rest;
  }

  #seeNothing(): void {
    const { sight: _, ...rest } = this.#info;
    this.#info = rest;
  }

  #onProblem(problem: Problem): void {
    const now = this.#clock.monotonicMs();
    const known = this.#said.message === problem.message && now - this.#said.atMs < SAY_AGAIN_MS;
    this.#info = { ...this.#info, problem };
    if (problem.code === 'VIDEO_CODEC') this.#refused = problem;
    if (!known) this.#said = { message: problem.message, atMs: now };
    if (!known) this.log.warn({ source: this.source.id, code: problem.code }, `"${this.source.name}": ${problem.message} It is tried again until it works.`);
  }

  /** A decoder that waits or is held reads nothing; one that reads must have something to show for it. */
  #onStats({ bytesRead, framesDecoded, audioWritten, pictureStepMs }: Extract<DecoderEvent, { event: 'stats' }>): void {
    const before = this.#work;
    const isSeen = framesDecoded > before.framesDecoded;
    const isHeard = audioWritten > before.audioWritten;
    // Sound comes of another codec, so only pictures show that theirs works.
    if (isSeen) this.#refused = undefined;
    if (isSeen || isHeard) this.#overcome();
    const inVain = bytesRead > before.bytesRead && !isSeen && !isHeard;
    const fruitlessSinceMs = inVain ? (before.fruitlessSinceMs ?? this.#clock.monotonicMs()) : null;
    if (pictureStepMs < REPORT_EVERY_MS) this.#stuck.broken(pictureStepMs);
    this.#work = { bytesRead, framesDecoded, audioWritten, fruitlessSinceMs, pictureStepMs };
  }
}

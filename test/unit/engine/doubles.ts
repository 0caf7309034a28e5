/**
 * Stand-ins for what the engine starts: decoders, encoders and the drawing thread, on vitest's fake time. Every test of this
 * folder gets them in the place of Node's own (setup.ts).
 */
import { EventEmitter } from 'node:events';
import { basename } from 'node:path';
import { PassThrough } from 'node:stream';
import { vi } from 'vitest';
import type { FromDrawing, ToDrawing } from '../../../src/engine/overlay-messages.js';
import { EngineDesired, EngineSource } from '../../../src/protocol/link.js';
import { Settings } from '../../../src/protocol/resources.js';
import type { Sight } from '../../../src/runtime/proc-sight.js';
import { FakeNativeCore } from '../../fakes/native-core.js';
import type { FakeNativeProgram } from '../../fakes/native-program.js';

const STEP_MS = 10;
const SPEAKS_EVERY_MS = { 'vistter-decoder': 1000, ffmpeg: 500 };

/** A decoder or an encoder: speaks as often as a sound one does, and ends when it is told to. */
export class FakeChild extends EventEmitter {
  static #nextPid = 100;
  readonly pid = FakeChild.#nextPid++;
  readonly stdin = new PassThrough();
  readonly stdout = new PassThrough();
  readonly stderr = new PassThrough();
  readonly progress = new PassThrough();
  readonly stdio = [this.stdin, this.stdout, this.stderr, this.progress];
  readonly program: keyof typeof SPEAKS_EVERY_MS;
  /** What was written to its stdin, a line each. */
  readonly told: string[] = [];
  readonly signals: string[] = [];
  /** What the kernel says of it: that it waits for something to do. */
  readonly sight: Sight = { ranNs: 0, waitedNs: 0, isRunnable: false, isAtDisk: false, isStopped: false };
  /** TERM does nothing to it. */
  stubborn = false;
  exitCode: number | null = null;
  signalCode: NodeJS.Signals | null = null;
  readonly #inherited: (() => void)[];
  readonly #chatter: NodeJS.Timeout;
  #frames = 0;

  constructor(command: string, readonly args: string[], readonly descriptors: number[]) {
    super();
    this.program = basename(command) === 'vistter-decoder' ? 'vistter-decoder' : 'ffmpeg';
    this.#inherited = descriptors.map((fd) => children.core.inherit(fd));
    this.stdin.on('data', (chunk: Buffer) => this.told.push(...chunk.toString().trimEnd().split('\n')));
    this.#chatter = setInterval(() => this.speak(), SPEAKS_EVERY_MS[this.program]);
  }

  get ended(): boolean {
    return this.exitCode !== null || this.signalCode !== null;
  }

  /** What a sound one says from time to time. */
  speak(): void {
    if (this.program === 'vistter-decoder') this.say({ event: 'stats', bytesRead: 0, framesDecoded: 0, audioWritten: 0, pictureStepMs: 0 });
    else this.report(15);
  }

  /** It says no more by itself: it hangs. */
  fallSilent(): this {
    clearInterval(this.#chatter);
    return this;
  }

  /** A decoder's event. */
  say(event: object | string): void {
    if (!this.ended) this.stdout.write(`${typeof event === 'string' ? event : JSON.stringify(event)}\n`);
  }

  /** An encoder's progress: so many frames more. */
  report(frames: number): void {
    this.#frames += frames;
    if (!this.ended) this.progress.write(`frame=${this.#frames}\nbitrate=6000.0kbits/s\nprogress=continue\n`);
  }

  kill(signal: NodeJS.Signals = 'SIGTERM'): boolean {
    if (this.ended) return false;
    this.signals.push(signal);
    if (signal === 'SIGKILL' || !this.stubborn) this.exit(null, signal);
    return true;
  }

  exit(code: number | null, signal: NodeJS.Signals | null = null): void {
    if (this.ended) return;
    this.fallSilent();
    this.exitCode = code;
    this.signalCode = signal;
    for (const release of this.#inherited) release();
    process.nextTick(() => {
      this.emit('exit', code, signal);
      this.emit('close', code, signal);
    });
  }
}

/** All that were started since `begin`, the newest last. */
export const children = {
  core: new FakeNativeCore(),
  all: [] as FakeChild[],
  /** Told of each as it is started. */
  onSpawn: undefined as ((child: FakeChild) => void) | undefined,
  running: (program: FakeChild['program']): FakeChild[] => children.all.filter((child) => child.program === program && !child.ended),
  /** The decoder started last for a source whose id or path is among its arguments. */
  decoderOf: (id: string): FakeChild => children.all.findLast((child) => child.program === 'vistter-decoder' && child.args.some((arg) => arg.includes(id)))!,
  decodersOf: (id: string): FakeChild[] => children.all.filter((child) => child.program === 'vistter-decoder' && child.args.some((arg) => arg.includes(id))),
};

/** In place of `spawn` of node:child_process. */
export function spawn(command: string, args: string[], options: { stdio: unknown[] }): FakeChild {
  const child = new FakeChild(command, args, options.stdio.filter((what): what is number => typeof what === 'number'));
  children.all.push(child);
  children.onSpawn?.(child);
  return child;
}

/** In place of the kernel's word. */
export function sightOf(pid: number): Sight | null {
  const child = children.all.find((one) => one.pid === pid && !one.ended);
  return child ? { ...child.sight } : null;
}

/** The native source that a decoder was started for, and its program. */
export function sourceOf(child: FakeChild): { program: FakeNativeProgram; id: string } | undefined {
  for (const program of children.core.programs) {
    const id = child.descriptors.map((fd) => program.rings.get(fd)).find((ring) => ring !== undefined);
    if (id !== undefined) return { program, id };
  }
  return undefined;
}

/** In place of the drawing thread; draws nothing unless the test says so, but answers. */
export class FakeWorker extends EventEmitter {
  static all: FakeWorker[] = [];
  readonly told: ToDrawing[] = [];
  /** It answers no more. */
  hangs = false;
  terminated = false;

  constructor() {
    super();
    FakeWorker.all.push(this);
  }

  static get newest(): FakeWorker {
    return FakeWorker.all.at(-1)!;
  }

  postMessage(message: ToDrawing): void {
    this.told.push(structuredClone(message));
    if (message.type === 'overlays' && !this.hangs) process.nextTick(() => this.say({ type: 'known' }));
  }

  /** Hands over a picture of one colour. */
  draw(pictureId: string, width = 4, height = 2): void {
    this.say({ type: 'picture', pictureId, picture: { width, height, stride: width * 4, rgba: new Uint8Array(width * 4 * height) } });
  }

  say(message: FromDrawing): void {
    this.emit('message', message);
  }

  crash(): void {
    this.emit('error', new Error('out of memory'));
    this.emit('exit', 1);
  }

  terminate(): Promise<number> {
    this.terminated = true;
    return new Promise((resolve) => {
      process.nextTick(() => {
        this.emit('exit', 1);
        resolve(1);
      });
    });
  }
}

/** A fresh machine on fake time. */
export function begin(): FakeNativeCore {
  vi.useFakeTimers();
  children.core = new FakeNativeCore();
  children.all = [];
  children.onSpawn = undefined;
  FakeWorker.all = [];
  return children.core;
}

/** Lets time pass for timers and programs alike. */
export async function pass(ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= STEP_MS) {
    const step = Math.min(STEP_MS, left);
    children.core.advance(step);
    await vi.advanceTimersByTimeAsync(step);
  }
}

/** What was said and posted so far arrives. */
export const settle = (): Promise<unknown> => vi.advanceTimersByTimeAsync(0);

/** The program made last. */
export const newestProgram = (): FakeNativeProgram => children.core.programs.at(-1)!;

/** A source as the studio would ask for it; what is not given is the default. */
export const source = (input: Record<string, unknown> & { id: string; kind: string }): EngineSource => EngineSource.parse({ name: input.id, ...input });
export const camera = (id: string, over: object = {}): EngineSource => source({ id, kind: 'camera', ...over });
export const film = (id: string, over: object = {}): EngineSource => source({ id, kind: 'media', path: `/media/${id}.mp4`, ...over });

export const desired = (over: Partial<EngineDesired> = {}): EngineDesired => EngineDesired.parse({
  settings: Settings.parse({}), mediaFolder: '/media', sources: [], scenes: [], overlays: [], timelines: [], program: { sourceId: 'src_1' }, armed: null, emergency: null, insert: null, levels: false, ...over,
});

export const places = { cameraSocket: (id: string) => `/run/camera-${id}.sock`, allowHttp: false, programSocket: '/run/program.sock', bootId: 'boot-1' };

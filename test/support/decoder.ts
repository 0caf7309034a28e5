/** What the decoder's tests share: the decoder run by ring-dump, and a camera that plays FLV tags over a unix socket. */
import { spawn, type ChildProcess } from 'node:child_process';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { repositoryRoot } from './media.js';
import { makeNative } from './native_build.js';
import { run } from './process.js';

const nativeFolder = join(repositoryRoot, 'native');
/** With VISTTER_SANITIZED the same tests run on the build that stops at the first bad memory access. */
const sanitized = Boolean(process.env.VISTTER_SANITIZED);
const build = join(nativeFolder, sanitized ? 'build/asan' : 'build');
export const decoderPath = join(build, 'vistter-decoder');
export const ringDumpPath = join(build, 'ring-dump');

/** Builds what is not there yet: the decoder is part of set-up, ring-dump is only a tool of these tests. */
export function buildDecoder(): void {
  if (sanitized) makeNative('asan');
  else makeNative('build/vistter-decoder', 'build/ring-dump');
}

export interface DumpedFrame {
  sequence: number; epoch: number; ptsUs: number; durationUs: number; delayUs: number;
  width: number; height: number; flags: number; crc: number; y: number; u: number; v: number; alpha?: number;
}
export interface DumpedAnchor { epoch: number; sampleIndex: number; ptsUs: number }
export interface DecoderEvent {
  event: string; code?: string; message?: string; deltaMs?: number; width?: number; height?: number; fps?: number;
  videoCodec?: string; audioCodec?: string; sampleRate?: number; channels?: number; [key: string]: unknown;
}
export interface Summary {
  frames: number; audioWritten: number; heard: number; lost: number; meanSquare: [number, number]; largestStep: number;
  anchorSample: number; anchorPtsUs: number; state: number; epoch: number; hasAudio: number; hasVideo: number; dropped: number;
  exitCode: number; signal: number; quitMs: number;
}
/** ProducerState of native/ring/ring.h. */
export const state = { opening: 0, waiting: 1, running: 2, ended: 3, failed: 4 } as const;
/** SlotFlags of native/ring/ring.h. */
export const flag = { alpha: 1, still: 2 } as const;

export interface Dump {
  frames: DumpedFrame[];
  anchors: DumpedAnchor[];
  events: DecoderEvent[];
  summary: Summary;
}

/** A ring-dump at work; its lines are parsed as they come. */
export class RunningDump {
  readonly child: ChildProcess;
  readonly done: Promise<Dump>;
  readonly frames: DumpedFrame[] = [];
  readonly anchors: DumpedAnchor[] = [];
  readonly events: DecoderEvent[] = [];
  stderr = '';
  #summary: Summary | undefined;

  constructor(settings: readonly string[], decoder: readonly string[]) {
    this.child = spawn(ringDumpPath, [...settings, decoderPath, ...decoder], { stdio: ['ignore', 'pipe', 'pipe'] });
    let rest = '';
    this.child.stdout!.setEncoding('utf8').on('data', (chunk: string) => {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop()!;
      for (const line of lines) this.#take(line);
    });
    this.child.stderr!.setEncoding('utf8').on('data', (chunk: string) => { this.stderr = (this.stderr + chunk).slice(-20_000); });
    this.done = new Promise((resolve, reject) => {
      this.child.once('close', () => {
        if (/Sanitizer|runtime error/.test(this.stderr)) reject(new Error(this.stderr));
        else if (!this.#summary) reject(new Error(`ring-dump gave no summary: ${this.stderr}`));
        else resolve({ frames: this.frames, anchors: this.anchors, events: this.events, summary: this.#summary });
      });
    });
  }

  #take(line: string): void {
    const parsed = JSON.parse(line) as { frame?: DumpedFrame; anchor?: DumpedAnchor; summary?: Summary } & DecoderEvent;
    if (parsed.frame) this.frames.push(parsed.frame);
    else if (parsed.anchor) this.anchors.push(parsed.anchor);
    else if (parsed.summary) this.#summary = parsed.summary;
    else this.events.push(parsed);
  }
}

export const dump = (settings: readonly string[], decoder: readonly string[]): Promise<Dump> => new RunningDump(settings, decoder).done;

export interface Tag { type: number; timestampMs: number; body: Buffer }

/** Cuts an FLV file into its tags. */
function flvTags(file: Buffer): Tag[] {
  const tags: Tag[] = [];
  for (let at = file.readUInt32BE(5) + 4; at + 11 <= file.length;) {
    const size = file.readUIntBE(at + 1, 3);
    tags.push({
      type: file[at]!,
      timestampMs: file.readUIntBE(at + 4, 3) + file[at + 7]! * 2 ** 24,
      body: file.subarray(at + 11, at + 11 + size),
    });
    at += 11 + size + 4;
  }
  return tags;
}

export const flvHeader = Buffer.from([0x46, 0x4c, 0x56, 1, 5, 0, 0, 0, 9, 0, 0, 0, 0]);

export function flvTag({ type, timestampMs, body }: Tag): Buffer {
  const head = Buffer.alloc(11);
  head[0] = type;
  head.writeUIntBE(body.length, 1, 3);
  const wire = ((timestampMs % 2 ** 32) + 2 ** 32) % 2 ** 32;
  head.writeUIntBE(wire % 2 ** 24, 4, 3);
  head[7] = Math.floor(wire / 2 ** 24);
  const back = Buffer.alloc(4);
  back.writeUInt32BE(body.length + 11);
  return Buffer.concat([head, body, back]);
}

/** Encodes with FFmpeg into FLV and answers its tags. `args` are inputs, filters and codecs. */
export async function encodeFlv(args: readonly string[]): Promise<Tag[]> {
  const file = await run('ffmpeg', ['-v', 'error', '-nostdin', ...args, '-flvflags', 'no_duration_filesize', '-f', 'flv', 'pipe:1']);
  return flvTags(file);
}

/** The ingest's side of a camera's socket. */
export class FakeCamera {
  readonly #server: Server;
  readonly #waiting: ((socket: Socket) => void)[] = [];
  readonly #sockets = new Set<Socket>();
  connections = 0;

  constructor(readonly path: string) {
    this.#server = createServer((socket) => {
      this.connections++;
      this.#sockets.add(socket);
      socket.on('error', () => undefined).on('close', () => this.#sockets.delete(socket));
      this.#waiting.shift()?.(socket);
    });
  }

  listen(): Promise<void> {
    return new Promise((done, fail) => this.#server.once('error', fail).listen(this.path, done));
  }

  /** The next connection. Ask before it can come. */
  connection(): Promise<Socket> {
    return new Promise((done) => this.#waiting.push(done));
  }

  close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    return new Promise((done) => this.#server.close(() => done()));
  }
}

/**
 * Writes tags when their timestamps are due, `speed` times as fast as that (a ring of 64 pictures is soon overrun by a
 * camera that sends all it has, and then drops the oldest, as it should).
 */
export async function play(socket: Socket, tags: readonly Tag[], { speed = 5, shiftMs = 0 } = {}): Promise<void> {
  const start = performance.now();
  const first = tags.find((tag) => tag.type !== 18)?.timestampMs ?? 0;
  for (const tag of tags) {
    const waitMs = start + (tag.timestampMs - first) / speed - performance.now();
    if (waitMs > 0) await new Promise((done) => setTimeout(done, waitMs));
    // The decoder may have seen enough.
    if (socket.destroyed) return;
    if (!socket.write(flvTag({ ...tag, timestampMs: tag.timestampMs + shiftMs })) && !socket.destroyed) {
      await new Promise((done) => socket.once('drain', done).once('close', done));
    }
  }
}

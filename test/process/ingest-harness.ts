/** A real ingest process, a stand-in studio that tells it its cameras, and hand-made RTMP clients. */
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';

import type { IngestActual, IngestDesired } from '../../src/protocol/link.js';
import { amf0Fields, type Amf0Value } from '../../src/rtmp/amf0.js';
import { ChunkReader } from '../../src/rtmp/chunk-reader.js';
import { ChunkWriter } from '../../src/rtmp/chunk-writer.js';
import { FlvParser, type FlvTag } from '../../src/rtmp/flv.js';
import { ClientHandshake } from '../../src/rtmp/handshake.js';
import {
  connectCommand, createStreamCommand, MessageType, parseCommand, publishCommand, type RtmpMessage,
} from '../../src/rtmp/messages.js';
import { LinkServer } from '../../src/runtime/link-server.js';
import { silentLog } from '../../src/runtime/log.js';
import { Paths } from '../../src/runtime/paths.js';
import { repositoryRoot } from '../support/media.js';
import { run, startProcess, type RunningProcess } from '../support/process.js';
import { treeMemoryBytes } from '../support/procfs.js';
import { freePort, removeFolder, tempFolder } from '../support/temp.js';
import { waitFor, within } from '../support/wait.js';

export const INGEST_MAIN = join(repositoryRoot, 'dist/src/ingest/main.js');

/** The process's environment with nothing of ours in it but what is given. */
export function ingestEnvironment(home: string, port: number): NodeJS.ProcessEnv {
  const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('VISTTER_')));
  return { ...clean, VISTTER_HOME: home, VISTTER_RTMP: `127.0.0.1:${port}`, VISTTER_LOG: 'json', VISTTER_LOG_LEVEL: 'debug' };
}

/** Cameras as the studio wishes them, by id; one without a name is called as its id, in capitals. */
function wish(keys: Record<string, string>, names: Record<string, string> = {}): IngestDesired['cameras'] {
  return Object.entries(keys).map(([id, key]) => ({ id, name: names[id] ?? id.toUpperCase(), key }));
}

export class Ingest {
  actual: IngestActual | undefined;
  desired: IngestDesired;

  private constructor(
    readonly home: string,
    readonly port: number,
    readonly paths: Paths,
    readonly studio: LinkServer,
    readonly process: RunningProcess,
    desired: IngestDesired,
  ) {
    this.desired = desired;
  }

  /** @param keys camera id → stream key */
  static async start(keys: Record<string, string>): Promise<Ingest> {
    const home = tempFolder('ingest-');
    const port = await freePort();
    const paths = new Paths(home);
    paths.create();
    const links: { ingest?: Ingest } = {};
    const desired = { cameras: wish(keys) };
    const studio = new LinkServer({
      socketPath: paths.studioSocket,
      log: silentLog,
      desired: (role) => (role === 'ingest' ? (links.ingest?.desired ?? desired) : {}) as never,
      onActual: (_role, actual) => {
        if (links.ingest) links.ingest.actual = actual as IngestActual;
      },
      onEvent: () => {},
      onPresence: () => {},
    });
    await studio.start();
    const child = startProcess(process.execPath, [INGEST_MAIN], { env: ingestEnvironment(home, port), keepBytes: 4 * 2 ** 20 });
    const ingest = new Ingest(home, port, paths, studio, child, desired);
    links.ingest = ingest;
    try {
      await waitFor('ingest to know its cameras', () => ingest.actual?.cameras.length === desired.cameras.length);
    } catch (error) {
      await ingest.stop();
      throw new Error(`${String(error)}\n${child.stdout()}${child.stderr()}`, { cause: error });
    }
    return ingest;
  }

  async stop(): Promise<void> {
    await this.process.stop();
    await this.studio.stop();
    removeFolder(this.home);
  }

  desire(keys: Record<string, string>, names?: Record<string, string>): void {
    this.desired = { cameras: wish(keys, names) };
    this.studio.push('ingest');
  }

  url(key: string): string {
    return `rtmp://127.0.0.1:${this.port}/live/${key}`;
  }

  camera(id: string): IngestActual['cameras'][number] | undefined {
    return this.actual?.cameras.find((camera) => camera.id === id);
  }

  socket(id: string): string {
    return this.paths.cameraSocket(id);
  }

  get rssMb(): number {
    return Math.round(treeMemoryBytes([this.process.pid]).rss / 2 ** 20);
  }

  get alive(): boolean {
    return this.process.child.exitCode === null && this.process.child.signalCode === null;
  }

  /** ms that a real FFmpeg publisher needs from its start until its camera is live; it then ends. */
  async timePublisher(id: string, key: string): Promise<number> {
    const before = this.actual?.counters.accepted ?? 0;
    const startMs = performance.now();
    // prettier-ignore
    const publisher = startProcess('ffmpeg', ['-nostdin', '-loglevel', 'error', '-re', '-f', 'lavfi', '-i', 'testsrc2=s=320x240:r=30', '-t', '5',
      '-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-g', '30', '-pix_fmt', 'yuv420p', '-f', 'flv', this.url(key)]);
    try {
      await waitFor('the publisher to be accepted', () => (this.actual?.counters.accepted ?? 0) > before, { everyMs: 5 });
      await waitFor('the camera to be live', () => this.camera(id)?.state === 'live', { everyMs: 5 });
      return Math.round(performance.now() - startMs);
    } finally {
      await publisher.stop();
      await waitFor('the camera to be idle again', () => this.camera(id)?.state === 'idle');
    }
  }
}

/** A client by hand: what it sends is up to the test. */
export class RawClient {
  readonly received: RtmpMessage[] = [];
  readonly writer = new ChunkWriter();
  closed = false;
  /** ms of `performance.now()`. */
  closedMs = 0;

  private constructor(readonly socket: Socket) {}

  /** Connected; nothing sent yet. */
  static async open(port: number): Promise<RawClient> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    const client = new RawClient(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => {
      client.closed = true;
      client.closedMs = performance.now();
    });
    await within('a TCP connection', 5000, new Promise<void>((resolve) => socket.once('connect', () => resolve())));
    return client;
  }

  /** Open and past the handshake. */
  static async greet(port: number): Promise<RawClient> {
    const client = await RawClient.open(port);
    const handshake = new ClientHandshake();
    const reader = new ChunkReader();
    await within('the handshake', 5000, new Promise<void>((resolve, reject) => {
      let done = false;
      client.socket.on('close', () => reject(new Error('closed in the handshake')));
      client.socket.on('data', (bytes) => {
        let rest: Buffer = bytes;
        if (!done) {
          const step = handshake.push(bytes);
          if (step.output) client.socket.write(step.output);
          if (!step.done) return;
          done = true;
          rest = step.rest;
          resolve();
        }
        for (const message of reader.push(rest)) client.received.push({ ...message, payload: Buffer.from(message.payload) });
      });
      client.socket.write(handshake.start());
    }));
    return client;
  }

  /** Greeted and connected to the app, with stream 1. */
  static async connect(port: number): Promise<RawClient> {
    const client = await RawClient.greet(port);
    client.send(connectCommand({ app: 'live', tcUrl: `rtmp://127.0.0.1:${port}/live` }));
    client.raw(...client.writer.setChunkSize(65_536));
    client.send(createStreamCommand(2));
    await waitFor('the stream', () => client.results() >= 2);
    return client;
  }

  /** Publishing with the given key, and told so. */
  static async publish(port: number, key: string): Promise<RawClient> {
    const client = await RawClient.connect(port);
    client.send(publishCommand(3, key, 1));
    await waitFor('the publish to be answered', () => client.codes().length > 0 || client.closed, { everyMs: 5 });
    return client;
  }

  send(...messages: RtmpMessage[]): void {
    this.raw(...messages.flatMap((message) => this.writer.write(message)));
  }

  raw(...pieces: Buffer[]): void {
    if (!this.socket.destroyed) this.socket.write(Buffer.concat(pieces));
  }

  media(type: number, timestampMs: number, payload: Buffer): void {
    this.send({ type, streamId: 1, timestampMs, payload });
  }

  results(): number {
    return this.#commands('_result').length;
  }

  /** Codes of the statuses that came. */
  codes(): unknown[] {
    return [...this.#commands('onStatus'), ...this.#commands('_error')].map((args) => amf0Fields(args[1])?.['code']);
  }

  async untilClosed(timeoutMs: number): Promise<void> {
    await waitFor('the server to close the connection', () => this.closed, { timeoutMs, everyMs: 10 });
  }

  close(): void {
    this.socket.destroy();
  }

  #commands(name: string): Amf0Value[][] {
    return this.received
      .filter((message) => message.type === MessageType.command)
      .map((message) => parseCommand(message))
      .filter((command) => command.name === name)
      .map((command) => command.args);
  }
}

/** Reads a camera's unix socket as a decoder would. */
export class FeedClient {
  readonly tags: FlvTag[] = [];
  closed = false;
  failure: unknown;
  readonly socket: Socket;

  constructor(path: string) {
    const parser = new FlvParser((tag) => this.tags.push(tag));
    this.socket = connect(path);
    this.socket.on('error', () => undefined);
    this.socket.on('close', () => (this.closed = true));
    this.socket.on('data', (bytes) => {
      try {
        parser.push(bytes);
      } catch (error) {
        this.failure ??= error;
      }
    });
  }

  close(): void {
    this.socket.destroy();
  }
}

/** The tags of an FLV file; end marks and empty tags left out. */
export function flvFile(bytes: Buffer): FlvTag[] {
  const tags: FlvTag[] = [];
  new FlvParser((tag) => tags.push(tag)).push(bytes);
  return tags.filter((tag) => tag.payload.length > 0);
}

/** A small H.264 and AAC film as FLV tags, made once by FFmpeg. */
export async function smallFilm(seconds = 2, extra: readonly string[] = []): Promise<FlvTag[]> {
  // prettier-ignore
  const flv = await run('ffmpeg', ['-nostdin', '-loglevel', 'error', '-f', 'lavfi', '-i', 'testsrc2=s=320x240:r=25', '-f', 'lavfi', '-i', 'sine=r=48000',
    '-t', String(seconds), '-c:v', 'libx264', '-preset', 'ultrafast', '-g', '25', '-pix_fmt', 'yuv420p', '-c:a', 'aac', '-ac', '2', ...extra, '-f', 'flv', 'pipe:1']);
  return flvFile(flv);
}

/** Publishes tags by hand, all at once or in real time; `timeMs` shifts their timestamps. */
export async function play(client: RawClient, tags: readonly FlvTag[], options: { timeMs?: number; paced?: boolean } = {}): Promise<void> {
  const startMs = performance.now();
  for (const tag of tags) {
    const wait = options.paced ? tag.timestampMs - (performance.now() - startMs) : 0;
    if (wait > 1) await new Promise((resolve) => setTimeout(resolve, wait));
    if (client.closed) return;
    client.media(tag.type, tag.timestampMs + (options.timeMs ?? 0), tag.payload);
  }
}

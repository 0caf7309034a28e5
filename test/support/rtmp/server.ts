/**
 * An RTMP server for tests that takes one kind of guest, publishers, keeps what they send with the time it came, and can
 * behave as a platform does on a bad day: refuse a key by name, close without a word, stop reading, reset.
 * The independent server is nginx (nginx_rtmp.ts); this one says when each frame was here, to the millisecond.
 */
import { randomBytes } from 'node:crypto';
import { createServer, type Server, type Socket } from 'node:net';
import { freePort } from '../temp.js';
import { monotonicMs } from '../wait.js';
import { decodeAmf, encodeAmf } from './amf.js';
import { ChunkReader, encodeMessage, setChunkSize, type RtmpMessage } from './chunks.js';
import type { ArrivedTag } from './client.js';
import { flvHeader, isKeyframe, isSequenceHeader, writeTag } from './flv.js';

export type Verdict = 'accept' | 'bad-name' | 'close';

export interface Publication {
  key: string;
  connectedMs: number;
  acceptedMs: number | null;
  closedMs: number | null;
  bytes: number;
  tags: ArrivedTag[];
  socket: Socket;
}

export interface RtmpSinkOptions {
  /** Judges each publish by its key. Default: accept. */
  judge?: (key: string) => Verdict;
  /** Keep tags; off for long runs where only counts matter. */
  keepTags?: boolean;
  port?: number;
}

export class RtmpSink {
  readonly publications: Publication[] = [];
  connections = 0;
  private readonly sockets = new Set<Socket>();
  private server: Server | undefined;
  private stopping: Promise<void> | undefined;
  port = 0;

  constructor(private readonly options: RtmpSinkOptions = {}) {}

  async start(): Promise<this> {
    const server = createServer((socket) => this.greet(socket));
    this.server = server;
    this.port = this.options.port ?? await freePort();
    await new Promise<void>((done, fail) => {
      server.once('error', fail);
      server.listen(this.port, '127.0.0.1', done);
    });
    return this;
  }

  get url(): string {
    return `rtmp://127.0.0.1:${this.port}/live`;
  }

  /** The publication that is going on now with this key, if any. */
  current(key: string): Publication | undefined {
    return this.publications.findLast((p) => p.key === key && p.acceptedMs !== null && p.closedMs === null);
  }

  /** Resets every connection, as a failing load balancer does. */
  resetAll(): void {
    for (const socket of this.sockets) socket.resetAndDestroy();
  }

  /** Stops or goes on reading: a peer that froze. */
  setReading(reading: boolean): void {
    for (const socket of this.sockets) {
      if (reading) socket.resume();
      else socket.pause();
    }
  }

  /** A publication as an FLV file, to be read by readPattern: all of it, or from the last keyframe before a moment. */
  static flv(publication: Publication, sinceMs = -Infinity): Buffer {
    const { tags } = publication;
    const from = Math.max(0, tags.findLastIndex((tag) => tag.arrivedMs <= sinceMs && isKeyframe(tag) && !isSequenceHeader(tag)));
    const headers = tags.slice(0, from).filter((tag) => tag.type === 18 || isSequenceHeader(tag));
    return Buffer.concat([flvHeader, ...[...headers, ...tags.slice(from)].map(writeTag)]);
  }

  stop(): Promise<void> {
    this.stopping ??= new Promise((done) => {
      for (const socket of this.sockets) socket.destroy();
      if (this.server) this.server.close(() => done());
      else done();
    });
    return this.stopping;
  }

  private greet(socket: Socket): void {
    this.connections++;
    this.sockets.add(socket);
    socket.setNoDelay(true);
    const session = new SinkSession(socket, this.options, (publication) => this.publications.push(publication));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.sockets.delete(socket);
      session.ended();
    });
  }
}

/** Until the publisher asks for another, as real servers have it. */
const defaultWindowBytes = 2_500_000;

class SinkSession {
  private readonly reader = new ChunkReader();
  private readonly connectedMs = monotonicMs();
  private stage: 'hello' | 'shaking' | 'open' = 'hello';
  private pending: Buffer = Buffer.alloc(0);
  private received = 0;
  private acknowledged = 0;
  private windowBytes = defaultWindowBytes;
  private publication: Publication | undefined;

  constructor(private readonly socket: Socket, private readonly options: RtmpSinkOptions, private readonly onPublish: (p: Publication) => void) {
    socket.on('data', (bytes: Buffer) => {
      try {
        this.take(bytes);
      } catch {
        socket.destroy();
      }
    });
  }

  ended(): void {
    if (this.publication) this.publication.closedMs ??= monotonicMs();
  }

  private take(bytes: Buffer): void {
    const arrivedMs = monotonicMs();
    this.received += bytes.length;
    let data = bytes;
    if (this.stage !== 'open') {
      this.pending = Buffer.concat([this.pending, bytes]);
      if (this.stage === 'hello' && this.pending.length >= 1_537) {
        this.socket.write(Buffer.concat([Buffer.from([3]), Buffer.alloc(8), randomBytes(1_528), this.pending.subarray(1, 1_537)]));
        this.stage = 'shaking';
      }
      if (this.stage !== 'shaking' || this.pending.length < 3_073) return;
      this.stage = 'open';
      data = this.pending.subarray(3_073);
    }
    for (const message of this.reader.push(data)) this.handle(message, arrivedMs);
    if (this.received - this.acknowledged >= this.windowBytes) {
      this.acknowledged = this.received;
      this.control(3, this.received >>> 0);
    }
  }

  private control(type: number, value: number, extra: number[] = []): void {
    const body = Buffer.alloc(4);
    body.writeUInt32BE(value);
    this.socket.write(encodeMessage({ type, timestamp: 0, streamId: 0, body: Buffer.concat([body, Buffer.from(extra)]) }, 2, 128));
  }

  private handle({ type, timestamp, body }: RtmpMessage, arrivedMs: number): void {
    const publication = this.publication;
    if (publication && publication.acceptedMs !== null && (type === 8 || type === 9 || type === 18)) {
      publication.bytes += body.length;
      if (this.options.keepTags !== false) publication.tags.push({ type, timestampMs: timestamp, body: type === 18 ? stripSetDataFrame(body) : body, arrivedMs });
    }
    if (type === 5) this.windowBytes = body.readUInt32BE(0);
    if (type !== 20 && type !== 17) return;
    const [name, id, , fourth] = decodeAmf(type === 17 ? body.subarray(1) : body);
    const transaction = typeof id === 'number' ? id : 0;
    if (name === 'connect') {
      this.control(5, defaultWindowBytes);
      this.control(6, defaultWindowBytes, [2]);
      this.socket.write(setChunkSize());
      this.reply('_result', transaction, { fmsVer: 'FMS/3,0,1,123', capabilities: 31 }, { level: 'status', code: 'NetConnection.Connect.Success', description: 'Connected.' });
    } else if (name === 'createStream') {
      this.reply('_result', transaction, null, 1);
    } else if (name === 'publish') {
      this.judge(typeof fourth === 'string' ? fourth : '');
    }
  }

  private judge(key: string): void {
    const verdict = this.options.judge?.(key) ?? 'accept';
    this.publication = { key, connectedMs: this.connectedMs, acceptedMs: verdict === 'accept' ? monotonicMs() : null, closedMs: null, bytes: 0, tags: [], socket: this.socket };
    this.onPublish(this.publication);
    if (verdict === 'accept') this.status('status', 'NetStream.Publish.Start', 'Publishing.');
    else if (verdict === 'bad-name') {
      this.status('error', 'NetStream.Publish.BadName', 'Stream name is already in use or not known.');
      this.socket.end();
    } else this.socket.destroy();
  }

  private status(level: string, code: string, description: string): void {
    this.reply('onStatus', 0, null, { level, code, description }, 1);
  }

  private reply(name: string, transaction: number, first: Parameters<typeof encodeAmf>[0], second: Parameters<typeof encodeAmf>[0], streamId = 0): void {
    this.socket.write(encodeMessage({ type: 20, timestamp: 0, streamId, body: encodeAmf(name, transaction, first, second) }, 3));
  }
}

/** Publishers wrap their metadata in a command name that a file does not have. */
function stripSetDataFrame(body: Buffer): Buffer {
  const wrapper = encodeAmf('@setDataFrame');
  return body.subarray(0, wrapper.length).equals(wrapper) ? body.subarray(wrapper.length) : body;
}

/** An RTMP client that publishes or plays, apart from the product's own. It paces nothing: what is sent goes out at once. */
import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { monotonicMs, within } from '../wait.js';
import { decodeAmf, encodeAmf, type Amf } from './amf.js';
import { ChunkReader, encodeMessage, setChunkSize, type RtmpMessage } from './chunks.js';
import type { Tag } from './flv.js';

export interface ArrivedTag extends Tag {
  /** CLOCK_MONOTONIC, ms, when its last byte was here. */
  arrivedMs: number;
}

export interface RtmpClientOptions {
  /** rtmp://host:port/app/key or rtmps:// (verified against nothing: a test's own certificate). */
  url: string;
  mode: 'publish' | 'play';
  onTag?: (tag: ArrivedTag) => void;
  timeoutMs?: number;
  /** Bind this local address, so that a firewall rule or a namespace can meet it. */
  localAddress?: string;
}

export interface RtmpClient {
  readonly socket: Socket;
  /** When the server said that publishing or playing has begun, CLOCK_MONOTONIC ms. */
  readonly startedMs: number;
  /** False when the socket's buffer is full: wait for its `drain`. */
  send(tag: Tag): boolean;
  /** Resolves with the reason when the connection is over, whoever ended it. */
  readonly closed: Promise<string>;
  close(): void;
}

/** Resolves once the server accepted; rejects when it refused, closed or took longer than the limit. */
export async function openRtmp(options: RtmpClientOptions): Promise<RtmpClient> {
  const url = new URL(options.url.replace(/^rtmp/, 'http'));
  const secure = url.protocol === 'https:';
  const [, app = '', ...rest] = url.pathname.split('/');
  const key = rest.join('/') + url.search;
  const port = Number(url.port) || (secure ? 443 : 1935);
  const socket: Socket = secure
    ? connectTls({ host: url.hostname, port, rejectUnauthorized: false })
    : connect({ host: url.hostname, port, localAddress: options.localAddress });
  socket.setNoDelay(true);
  const session = new ClientSession(socket, options);
  try {
    await within(`RTMP ${options.mode} at ${url.host}`, options.timeoutMs ?? 5_000, session.open(app, decodeURI(key), `rtmp${secure ? 's' : ''}://${url.host}/${app}`));
  } catch (error) {
    socket.destroy();
    throw error;
  }
  return session;
}

class ClientSession implements RtmpClient {
  readonly closed: Promise<string>;
  startedMs = NaN;
  private readonly reader = new ChunkReader();
  private handshake: Buffer | undefined = Buffer.alloc(0);
  private streamId = 1;
  private received = 0;
  private acknowledged = 0;
  private windowBytes = 2_500_000;
  private waiting: { wanted: string; done: (values: Amf[]) => void; fail: (error: Error) => void } | undefined;
  private onHandshake: (() => void) | undefined;
  private early: Error | undefined;

  constructor(readonly socket: Socket, private readonly options: RtmpClientOptions) {
    this.closed = new Promise((done) => {
      let reason = 'closed';
      socket.on('error', (error) => { reason = error.message; });
      socket.on('close', () => {
        this.fail(new Error(`the connection was closed (${reason})`));
        done(reason);
      });
    });
    socket.on('data', (bytes: Buffer) => this.take(bytes));
  }

  async open(app: string, key: string, tcUrl: string): Promise<void> {
    await new Promise<void>((done, fail) => {
      this.socket.once('connect', done);
      this.socket.once('error', fail);
    });
    const shaken = new Promise<void>((done) => { this.onHandshake = done; });
    this.socket.write(Buffer.concat([Buffer.from([3]), Buffer.alloc(8), randomBytes(1_528)]));
    await Promise.race([shaken, this.closed.then((why) => { throw new Error(`closed in the handshake (${why})`); })]);
    this.socket.write(setChunkSize());
    await this.command('_result', ['connect', 1, { app, tcUrl, type: 'nonprivate', flashVer: 'FMLE/3.0 (test)' }], 0);
    if (this.options.mode === 'publish') this.write(['releaseStream', 2, null, key], 0);
    const created = await this.command('_result', ['createStream', 4, null], 0);
    this.streamId = typeof created[3] === 'number' ? created[3] : 1;
    if (this.options.mode === 'publish') await this.command('onStatus', ['publish', 5, null, key, 'live'], this.streamId);
    else await this.command('onStatus', ['play', 5, null, key, -2_000], this.streamId);
    this.startedMs = monotonicMs();
  }

  send({ type, timestampMs, body }: Tag): boolean {
    const timestamp = timestampMs >>> 0;
    const message = type === 18 ? Buffer.concat([encodeAmf('@setDataFrame'), body]) : body;
    return this.socket.write(encodeMessage({ type, timestamp, streamId: this.streamId, body: message }, type === 8 ? 4 : type === 9 ? 6 : 5));
  }

  close(): void {
    this.socket.destroy();
  }

  private write(values: Amf[], streamId: number): void {
    this.socket.write(encodeMessage({ type: 20, timestamp: 0, streamId, body: encodeAmf(...values) }, 3));
  }

  private command(wanted: string, values: Amf[], streamId: number): Promise<Amf[]> {
    return new Promise((done, fail) => {
      if (this.early) return fail(this.early);
      this.waiting = { wanted, done, fail };
      this.write(values, streamId);
    });
  }

  private fail(error: Error): void {
    this.early = error;
    this.waiting?.fail(error);
    this.waiting = undefined;
  }

  private take(bytes: Buffer): void {
    const arrivedMs = monotonicMs();
    this.received += bytes.length;
    if (this.handshake) {
      this.handshake = Buffer.concat([this.handshake, bytes]);
      if (this.handshake.length < 3_073) return;
      const rest = this.handshake.subarray(3_073);
      this.socket.write(this.handshake.subarray(1, 1_537));
      this.handshake = undefined;
      this.onHandshake?.();
      if (rest.length === 0) return;
      bytes = rest;
    }
    for (const message of this.reader.push(bytes)) this.handle(message, arrivedMs);
    if (this.received - this.acknowledged > this.windowBytes / 2) {
      this.acknowledged = this.received;
      const body = Buffer.alloc(4);
      body.writeUInt32BE(this.received >>> 0);
      this.socket.write(encodeMessage({ type: 3, timestamp: 0, streamId: 0, body }, 2));
    }
  }

  private handle({ type, timestamp, body }: RtmpMessage, arrivedMs: number): void {
    if (type === 5) this.windowBytes = body.readUInt32BE(0);
    if (type === 8 || type === 9 || type === 18) this.options.onTag?.({ type, timestampMs: timestamp, body, arrivedMs });
    if (type === 4 && body.readUInt16BE(0) === 6) {
      const pong = Buffer.from(body);
      pong.writeUInt16BE(7);
      this.socket.write(encodeMessage({ type: 4, timestamp: 0, streamId: 0, body: pong }, 2));
    }
    if (type !== 20) return;
    const values = decodeAmf(body);
    const info = values[3] as { level?: string; code?: string; description?: string } | null;
    const refused = values[0] === '_error' || (values[0] === 'onStatus' && info?.level === 'error');
    if (refused) this.fail(new Error(`refused: ${info?.code ?? 'no code'} ${info?.description ?? ''}`.trim()));
    else if (values[0] === this.waiting?.wanted) {
      const { done } = this.waiting!;
      this.waiting = undefined;
      done(values);
    }
  }
}

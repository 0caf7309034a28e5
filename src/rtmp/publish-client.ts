/**
 * Publishes one stream to an RTMP or RTMPS server, the way encoders in use do.
 *
 * The life of one: `open()` connects, shakes hands, asks for application and stream, and resolves when the far end says that
 * publishing has begun; then media is sent; then it closes once, and `onClose` says why. It never reconnects: whoever owns
 * it makes a new one.
 */
import { isIP, connect as connectTcp, type LookupFunction, type Socket } from 'node:net';
import { connect as connectTls, rootCertificates } from 'node:tls';
import { amf0Fields, encodeAmf0, type Amf0Value } from './amf0.js';
import { CONNECT_TIMEOUT_MS } from './bounded-lookup.js';
import { CHUNK_LIMITS, ChunkReader } from './chunk-reader.js';
import { ChunkWriter } from './chunk-writer.js';
import { RtmpError } from './errors.js';
import { ClientHandshake } from './handshake.js';
import {
  MessageType, UserControl, acknowledgement, connectCommand, createStreamCommand, deleteStreamCommand, fcPublishCommand,
  fcUnpublishCommand, parseCommand, parseUserControl, publishCommand, readUint32, releaseStreamCommand, userControl,
  windowAckSize, type RtmpMessage,
} from './messages.js';
import type { PublishAddress } from './publish-address.js';
import { PublishError, closedByPeer, fromSocketError, fromStatus, noAnswer, type PublishPhase } from './publish-errors.js';

export interface PublishClientOptions {
  target: PublishAddress;
  /** Finds the host's addresses, as `dns.lookup` does; that of a BoundedLookup. */
  lookup: LookupFunction;
  /** PEM of authorities to trust besides Node's own; for a private server. */
  extraCa?: string | undefined;
  /** Once, after `open()` has resolved, when the connection is over. Null: we closed it. */
  onClose(error: PublishError | null): void;
  /** There is room in the socket again after `wantsMore` was false. */
  onRoom?(): void;
  connectTimeoutMs?: number;
  /** For each answer of the far end while opening. */
  answerTimeoutMs?: number;
}

/** FFmpeg publishes with 60,000 to every platform; it keeps most frames in one chunk. */
const CHUNK_SIZE = 60_000;
/** The far end acknowledges every so many bytes: 12 times a second at 6 Mb/s, often enough to see in time that it stalls. */
const ACK_WINDOW_BYTES = 64 * 1024;
/** Above this, what we hand over would only wait in this process. */
const HIGH_WATER_BYTES = 256 * 1024;
const CLOSE_GRACE_MS = 500;
/** Answers, acknowledgements and pings are a few kB a second; what says more than this in one takes time from the other destinations. */
const MOST_HEARD_A_SECOND = 1024 * 1024;
const INCOMING_LIMITS = { ...CHUNK_LIMITS, maxMessageBytes: 1024 * 1024, maxPendingBytes: 2 * 1024 * 1024 };

const CONNECT_ID = 1;
const CREATE_STREAM_ID = 4;
const AMF_METADATA_PREFIX = encodeAmf0(['@setDataFrame']);

export class PublishClient {
  readonly #options: PublishClientOptions;
  readonly #handshake = new ClientHandshake();
  readonly #reader = new ChunkReader(INCOMING_LIMITS);
  readonly #writer = new ChunkWriter();
  #socket: Socket | undefined;
  #phase: PublishPhase = 'connect';
  #state: 'new' | 'opening' | 'open' | 'closed' = 'new';
  #settle: { resolve(): void; reject(error: PublishError): void } | undefined;
  #timer: NodeJS.Timeout | undefined;
  #streamId = 0;
  #corked = false;
  #hadRoom = true;
  #bytesIn = 0;
  /** Within the present second of hearing. */
  #heard = { sinceMs: -Infinity, bytes: 0 };
  #ackedIn = 0;
  #peerWindow = 0;
  #acked: number | null = null;
  #acks = 0;
  #closing: Promise<void> | undefined;

  constructor(options: PublishClientOptions) {
    this.#options = options;
  }

  /**
   * Connects and publishes.
   * @throws PublishError saying why not; the connection is closed then
   */
  open(): Promise<void> {
    if (this.#state !== 'new') throw new Error('A PublishClient opens once.');
    this.#state = 'opening';
    return new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
      this.#connect();
    });
  }

  /** Ends the stream as encoders do and closes; by force after half a second. Memoised. */
  stop(): Promise<void> {
    return (this.#closing ??= new Promise((resolve) => {
      const socket = this.#socket;
      if (!socket || socket.destroyed) {
        this.#close(null);
        resolve();
        return;
      }
      socket.once('close', () => resolve());
      const force = setTimeout(() => socket.destroy(), CLOSE_GRACE_MS);
      socket.once('close', () => clearTimeout(force));
      if (this.#state === 'open') {
        this.#send(fcUnpublishCommand(6, this.#options.target.streamName));
        this.#send(deleteStreamCommand(7, this.#streamId));
        this.#close(null);
        socket.end();
      } else {
        this.#close(null);
        socket.destroy();
      }
    }));
  }

  /** Sends one media payload. `timestampMs` is that of this connection, 0 … 2³²−1, not before that of the last one of its kind. */
  sendMedia(kind: 'audio' | 'video', timestampMs: number, payload: Buffer): void {
    if (this.#state !== 'open') return;
    this.#send({ type: kind === 'audio' ? MessageType.audio : MessageType.video, streamId: this.#streamId, timestampMs, payload });
  }

  /** Sends `onMetaData`; `payload` is that of an FLV script tag. */
  sendMetadata(timestampMs: number, payload: Buffer): void {
    if (this.#state !== 'open') return;
    this.#send({ type: MessageType.data, streamId: this.#streamId, timestampMs, payload: Buffer.concat([AMF_METADATA_PREFIX, payload]) });
  }

  /** A few bytes without meaning, for connections on which nothing goes for a while. */
  keepAlive(): void {
    if (this.#state === 'open') this.#send(windowAckSize(ACK_WINDOW_BYTES));
  }

  /** False while more would only pile up in this process; `onRoom` tells when it is true again. */
  get wantsMore(): boolean {
    const wants = this.#socket !== undefined && this.#socket.writableLength < HIGH_WATER_BYTES;
    if (!wants) this.#hadRoom = false;
    return wants;
  }

  /** Bytes given to the socket so far, sent or not. */
  get bytesWritten(): number {
    return this.#socket?.bytesWritten ?? 0;
  }

  /** Of these, those still in this process. */
  get bytesWaiting(): number {
    return this.#socket?.writableLength ?? 0;
  }

  /** What the far end says it has received, unwrapped to 64 bits; null when it never said. */
  get bytesAcked(): number | null {
    return this.#acked;
  }

  /** How often it said so. */
  get acks(): number {
    return this.#acks;
  }

  /** Our end, to find the socket in /proc/net/tcp. */
  get endpoint(): { family: 4 | 6; localPort: number; remotePort: number } | null {
    const { localPort, remotePort, localAddress } = this.#socket ?? {};
    if (localPort === undefined || remotePort === undefined || localAddress === undefined) return null;
    return { family: localAddress.includes(':') ? 6 : 4, localPort, remotePort };
  }

  // ---- opening

  #connect(): void {
    const { target, lookup, extraCa, connectTimeoutMs = CONNECT_TIMEOUT_MS } = this.#options;
    const { host, port } = target;
    this.#expect('connect', connectTimeoutMs);
    const socket = target.tls
      ? connectTls({
          host, port, lookup, rejectUnauthorized: true, minVersion: 'TLSv1.2',
          ...(isIP(host) === 0 ? { servername: host } : {}),
          ...(extraCa === undefined ? {} : { ca: [...rootCertificates, extraCa] }),
        })
      : connectTcp({ host, port, lookup });
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.setKeepAlive(true, 10_000);
    if (target.tls) socket.on('connect', () => this.#expect('tls', connectTimeoutMs));
    socket.on(target.tls ? 'secureConnect' : 'connect', () => {
      this.#expect('handshake');
      socket.write(this.#handshake.start());
    });
    socket.on('data', (bytes: Buffer) => this.#onData(bytes));
    socket.on('drain', () => {
      if (this.#hadRoom) return;
      this.#hadRoom = true;
      this.#options.onRoom?.();
    });
    socket.on('error', (error) => this.#close(fromSocketError(error, this.#phase, host)));
    socket.on('end', () => this.#close(this.#closedByPeer()));
    socket.on('close', () => this.#close(this.#closedByPeer()));
  }

  #expect(phase: PublishPhase, timeoutMs = this.#options.answerTimeoutMs ?? 5000): void {
    this.#phase = phase;
    clearTimeout(this.#timer);
    if (phase === 'publishing') return;
    const { host } = this.#options.target;
    this.#timer = setTimeout(() => this.#close(noAnswer(phase, host, timeoutMs)), timeoutMs);
  }

  #closedByPeer(): PublishError {
    return closedByPeer(this.#phase, this.#options.target.host);
  }

  // ---- what comes back

  #onData(bytes: Buffer): void {
    this.#bytesIn += bytes.length;
    if (this.#saysTooMuch(bytes.length)) {
      this.#close(new PublishError('protocol', this.#phase, `${this.#options.target.host} sends far more than a server has to say to an encoder. Check the address and port.`));
      return;
    }
    try {
      if (this.#phase === 'handshake') {
        const step = this.#handshake.push(bytes);
        if (step.output) this.#socket!.write(step.output);
        if (!step.done) return;
        this.#expect('app');
        const { app, tcUrl } = this.#options.target;
        this.#send(connectCommand({ app, tcUrl }, CONNECT_ID));
        bytes = step.rest;
      }
      for (const message of this.#reader.push(bytes)) {
        if (this.#state === 'closed') return;
        this.#onMessage(message);
      }
    } catch (error) {
      const { host } = this.#options.target;
      // An RtmpError names limits, but "not RTMP" is what a person needs to know. All else is a fault of ours.
      this.#close(error instanceof RtmpError
        ? new PublishError('protocol', this.#phase, `${host} answered something that is not RTMP. Check the address and port.`, { cause: error })
        : new PublishError('fault', this.#phase, `An answer of ${host} could not be worked on; the server's log says more.`, { cause: error }));
      return;
    }
    if (this.#peerWindow > 0 && this.#bytesIn - this.#ackedIn >= this.#peerWindow) {
      this.#ackedIn = this.#bytesIn;
      this.#reply(acknowledgement(this.#bytesIn));
    }
  }

  #saysTooMuch(bytes: number): boolean {
    const nowMs = performance.now();
    if (nowMs - this.#heard.sinceMs > 1000) this.#heard = { sinceMs: nowMs, bytes: 0 };
    this.#heard.bytes += bytes;
    return this.#heard.bytes > MOST_HEARD_A_SECOND;
  }

  #onMessage(message: RtmpMessage): void {
    switch (message.type) {
      case MessageType.acknowledgement:
        this.#onAck(readUint32(message));
        return;
      case MessageType.windowAckSize:
        this.#peerWindow = readUint32(message);
        return;
      case MessageType.userControl: {
        const { event, value } = parseUserControl(message);
        if (event === UserControl.pingRequest) this.#reply(userControl(UserControl.pingResponse, value));
        return;
      }
      case MessageType.command:
      case MessageType.commandAmf3:
        this.#onCommand(message);
        return;
      default:
    }
  }

  #onAck(value: number): void {
    this.#acks += 1;
    if (this.#acked === null) {
      this.#acked = value;
      return;
    }
    // The counter has 32 bits; it wraps every 4 GiB. A step back is a server's mistake and no progress.
    const step = (value - this.#acked) >>> 0;
    if (step < 0x80000000) this.#acked += step;
  }

  #onCommand(message: RtmpMessage): void {
    const { name, transactionId, args } = parseCommand(message);
    const { host, streamName } = this.#options.target;
    const info = amf0Fields(args[1] as Amf0Value);
    if (name === '_result' && transactionId === CONNECT_ID && this.#phase === 'app') {
      this.#expect('stream');
      this.#send(windowAckSize(ACK_WINDOW_BYTES));
      this.#write(this.#writer.setChunkSize(CHUNK_SIZE));
      this.#send(releaseStreamCommand(2, streamName));
      this.#send(fcPublishCommand(3, streamName));
      this.#send(createStreamCommand(CREATE_STREAM_ID));
    } else if (name === '_error' && transactionId === CONNECT_ID && this.#phase === 'app') {
      this.#close(fromStatus(info?.['code'], 'app', host, streamName));
    } else if (name === '_result' && transactionId === CREATE_STREAM_ID && this.#phase === 'stream') {
      this.#streamId = typeof args[1] === 'number' ? args[1] : 1;
      this.#send(publishCommand(5, streamName, this.#streamId));
    } else if (name === '_error' && transactionId === CREATE_STREAM_ID && this.#phase === 'stream') {
      this.#close(fromStatus(info?.['code'], 'stream', host, streamName));
    } else if (name === 'onStatus') {
      const code = info?.['code'];
      if (code === 'NetStream.Publish.Start') this.#opened();
      else if (info?.['level'] === 'error' || code === 'NetStream.Unpublish.Success') this.#close(fromStatus(code, this.#phase, host, streamName));
    } else if (name === 'close' && this.#phase !== 'handshake') {
      this.#close(this.#closedByPeer());
    }
  }

  #opened(): void {
    if (this.#state !== 'opening') return;
    this.#state = 'open';
    this.#expect('publishing');
    this.#settle?.resolve();
    this.#settle = undefined;
  }

  #close(error: PublishError | null): void {
    if (this.#state === 'closed') return;
    const was = this.#state;
    this.#state = 'closed';
    clearTimeout(this.#timer);
    if (error) this.#socket?.destroy();
    if (was === 'open') this.#options.onClose(error);
    else this.#settle?.reject(error ?? new PublishError('closed', this.#phase, 'We closed the connection.'));
    this.#settle = undefined;
  }

  // ---- sending

  /** To what the far end said. One that asks and does not read gets no answer: it would only pile up here. */
  #reply(message: RtmpMessage): void {
    if (this.bytesWaiting < HIGH_WATER_BYTES) this.#send(message);
  }

  #send(message: RtmpMessage): void {
    this.#write(this.#writer.write(message));
  }

  /** Everything of one turn of the event loop goes out in one system call. Payloads are not copied. */
  #write(pieces: Buffer[]): void {
    const socket = this.#socket;
    if (!socket || socket.destroyed) return;
    if (!this.#corked) {
      this.#corked = true;
      socket.cork();
      process.nextTick(() => {
        this.#corked = false;
        socket.uncork();
      });
    }
    for (const piece of pieces) {
      if (piece.length > 0) socket.write(piece);
    }
  }
}

/**
 * The one file that knows node-media-server.
 *
 * Its RTMP session and broadcast serve each publisher that the guard has accepted, and nobody else: what they get is
 * written by us, one well-formed message after another, under a name of ours. So its parser never sees a byte that a
 * stranger wrote, no key is in its paths or logs, and its HTTP side, store, recorder and listeners are never loaded.
 */
import { EventEmitter } from 'node:events';
import { createRequire } from 'node:module';
import { ChunkWriter } from '../rtmp/chunk-writer.js';
import { ClientHandshake } from '../rtmp/handshake.js';
import { connectCommand, createStreamCommand, publishCommand, setChunkSize } from '../rtmp/messages.js';
import { TimestampUnwrapper } from '../rtmp/timestamps.js';
import type { Log } from '../runtime/log.js';
import type { NmsContext, NmsLogger, NmsSession, NmsSessionConstructor, NmsSocket } from './media-server-shape.js';

const load = createRequire(import.meta.url);
const RtmpSession = load('node-media-server/src/session/rtmp_session.js') as NmsSessionConstructor;
const Context = load('node-media-server/src/core/context.js') as NmsContext;
const logger = load('node-media-server/src/core/logger.js') as NmsLogger;

const APP = 'live';
/** Above the longest message there is, so that each is one chunk and its payload is copied but once. */
const CHUNK_BYTES = 0x1000000;
const HANDSHAKE_ECHO_BYTES = 1536;

/** Sends node-media-server's own words to our log, at debug. */
export function quietMediaServer(log: Log): void {
  logger.log = (message) => log.debug({ from: 'node-media-server' }, String(message));
}

class StandInSocket extends EventEmitter implements NmsSocket {
  readonly remotePort = 0;
  /** node-media-server wants the connection closed: it refused. */
  ended = false;

  constructor(
    readonly remoteAddress: string,
    private readonly output: (bytes: Buffer) => void,
  ) {
    super();
  }

  write(bytes: Buffer): boolean {
    this.output(bytes);
    return true;
  }

  end(): void {
    this.ended = true;
  }
}

export interface MediaSessionOptions {
  /** Its name inside node-media-server: letters, digits, `_` and `-`, never used twice. Not the key. */
  name: string;
  remote: string;
  /** The message stream that the client publishes on. */
  streamId: number;
  /** Bytes for the client: whole messages in chunks of up to 65,535 bytes. */
  output(bytes: Buffer): void;
  /** A message came through; its time is the one it was fed with. `payload` is only valid during the call. */
  packet(type: number, timestampMs: number, payload: Buffer): void;
}

/** One accepted publisher's session in node-media-server. */
export class MediaSession {
  readonly #socket: StandInSocket;
  readonly #session: NmsSession;
  /** node-media-server counts in 32 bits. */
  readonly #clock = new TimestampUnwrapper();
  #muted = true;
  #closed = false;

  /**
   * Publishes at once; `output` gets the answer for the client.
   * @throws Error when node-media-server does not take it
   */
  constructor(options: MediaSessionOptions) {
    this.#socket = new StandInSocket(options.remote, (bytes) => {
      if (!this.#muted) options.output(bytes);
    });
    const session = (this.#session = new RtmpSession(this.#socket));
    session.onPacket = ({ codec_type: type, dts, size, data }) => {
      // It hands on whatever any session sends; only the publisher of the broadcast may be heard.
      if (session.broadcast.publisher === session) options.packet(type, this.#clock.unwrap(dts), data.subarray(0, size));
    };
    session.run();
    Context.sessions.set(session.id, session);
    try {
      const writer = new ChunkWriter(65_536);
      session.onData(new ClientHandshake().start());
      session.onData(Buffer.alloc(HANDSHAKE_ECHO_BYTES));
      session.onData(writer.encode(setChunkSize(CHUNK_BYTES)));
      session.onData(writer.encode(connectCommand({ app: APP, tcUrl: `rtmp://ingest/${APP}` })));
      session.onData(writer.encode(createStreamCommand(2)));
      this.#muted = false;
      session.onData(writer.encode(publishCommand(3, options.name, options.streamId)));
      if (session.broadcast.publisher !== session) throw new Error('node-media-server did not take the publisher');
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /**
   * Hands on one checked message.
   * @param timestampMs its low 32 bits are used
   * @throws whatever node-media-server throws; the session is then of no more use
   */
  feed(type: number, timestampMs: number, payload: Buffer): void {
    // Always a full header: what node-media-server makes of deltas near 2^32 ms is to drop everything.
    const [head] = new ChunkWriter(65_536).write({ type, streamId: 1, timestampMs, payload });
    if (head === undefined || payload.length === 0) return;
    this.#session.onData(head);
    this.#session.onData(payload);
  }

  /** Ends it at once, without the 30 s in which node-media-server would keep the name for a comeback. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#muted = true;
    const { broadcast } = this.#session;
    broadcast.publishGraceMs = 0;
    this.#socket.emit('close');
    if (broadcast.publisher === this.#session) broadcast._finishPublish();
    Context.sessions.delete(this.#session.id);
  }
}

/** How much node-media-server still holds; 0 and 0 when nobody publishes. */
export function mediaServerHolds(): { sessions: number; broadcasts: number } {
  return { sessions: Context.sessions.size, broadcasts: Context.broadcasts.size };
}

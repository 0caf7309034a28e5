/**
 * The guard: what stands between a stranger's bytes and everything else. It speaks the handshake and every command
 * before publish itself, under limits, and lets nothing through but checked media of a publisher who showed a key.
 */
import { amf0Fields, decodeAmf0, EcmaArray, encodeAmf0, type Amf0Value } from '../rtmp/amf0.js';
import { ChunkReader } from '../rtmp/chunk-reader.js';
import { ChunkWriter } from '../rtmp/chunk-writer.js';
import { RtmpError } from '../rtmp/errors.js';
import { ServerHandshake } from '../rtmp/handshake.js';
import {
  acknowledgement, errorMessage, MessageType, onStatus, parseCommand, parseUserControl, readUint32, resultMessage,
  setPeerBandwidth, UserControl, userControl, windowAckSize, type RtmpCommand, type RtmpMessage,
} from '../rtmp/messages.js';
import { TimestampUnwrapper } from '../rtmp/timestamps.js';
import { PUBLISHER_CHUNKS, STRANGER_CHUNKS } from './limits.js';
import { MediaCheck } from './media-check.js';

/** Why a connection was turned away; safe to log. */
export type Refusal = 'bad-app' | 'bad-url' | 'bad-name' | 'bad-key' | 'key-in-use' | 'play' | 'out-of-order' | 'too-many-commands';

/** What becomes of a publish: media follows; the key is none; another one sends with it and stays. */
export type Verdict = 'accepted' | 'bad-key' | 'key-in-use';

export interface GuardHandler {
  write(pieces: Buffer[]): void;
  /** The handshake is done. */
  opened(): void;
  /** A well-formed publish. One that is not accepted is refused, by `refuse` of the handler. `later`: `decide` will be called. */
  publish(key: string, streamId: number): Verdict | 'later';
  /** A checked message of the accepted publisher; time unwrapped, in ms. */
  media(type: number, timestampMs: number, payload: Buffer): void;
  /** The publisher said that it is done. */
  unpublish(): void;
  refuse(reason: Refusal, answer: Buffer[]): void;
}

type State =
  | { kind: 'handshake'; handshake: ServerHandshake }
  | { kind: 'greeting' }
  | { kind: 'connected'; streams: number }
  /** With what came meanwhile: not every encoder waits for the answer. Nothing more is to be pushed. */
  | { kind: 'asked'; streamId: number; held: RtmpMessage[] }
  | { kind: 'publishing' }
  | { kind: 'done' };

const OUT_CHUNK_BYTES = 65_535;
const WINDOW_BYTES = 5_000_000;
const ACK_BYTES = 1_000_000;
const MAX_COMMANDS = 64;
const MAX_STREAMS = 8;
const MAX_NAME_BYTES = 256;
const MAX_URL_BYTES = 2048;
const APP = 'live';

export class RtmpGuard {
  #state: State = { kind: 'handshake', handshake: new ServerHandshake() };
  readonly #reader = new ChunkReader(STRANGER_CHUNKS);
  readonly #writer = new ChunkWriter();
  readonly #clock = new TimestampUnwrapper();
  readonly #check = new MediaCheck();
  #commands = 0;
  #bytes = 0;
  #acknowledged = 0;

  constructor(private readonly handler: GuardHandler) {}

  /** Messages of the publisher that were not passed on. */
  get dropped(): number {
    return this.#check.dropped;
  }

  /** @throws RtmpError when the bytes are not RTMP or go beyond a limit: then the connection is to be closed */
  push(bytes: Buffer): void {
    this.#bytes += bytes.length;
    let rest = bytes;
    if (this.#state.kind === 'handshake') {
      const step = this.#state.handshake.push(bytes);
      if (step.output) this.handler.write([step.output]);
      if (!step.done) return;
      this.#state = { kind: 'greeting' };
      this.handler.opened();
      rest = step.rest;
    }
    if (this.#isDone() || rest.length === 0) return;
    for (const message of this.#reader.push(rest)) {
      if (this.#state.kind === 'asked') this.#state.held.push(message);
      else this.#message(message);
      if (this.#isDone()) return;
    }
    if (this.#bytes - this.#acknowledged >= ACK_BYTES) {
      this.#acknowledged = this.#bytes;
      this.#send(acknowledgement(this.#bytes));
    }
  }

  /** The answer to a publish that was to be had later. */
  decide(verdict: Verdict): void {
    if (this.#state.kind !== 'asked') return;
    const { streamId, held } = this.#state;
    this.#answer(verdict, streamId);
    for (const message of held) if (!this.#isDone()) this.#message(message);
  }

  /** Bytes of an error status, for a publisher that is turned away or taken over. */
  status(code: string, description: string, streamId = 1): Buffer[] {
    return this.#writer.write(onStatus(streamId, 'error', code, description));
  }

  /** From here on everything that comes is ignored. */
  close(): void {
    this.#state = { kind: 'done' };
  }

  // A method, so that the compiler does not take the state for unchanged by the calls between.
  #isDone(): boolean {
    return this.#state.kind === 'done';
  }

  #send(...messages: RtmpMessage[]): void {
    this.handler.write(messages.flatMap((message) => this.#writer.write(message)));
  }

  /** What a publisher garbles beside its media is not worth its connection; what a stranger garbles is. */
  #message(message: RtmpMessage): void {
    try {
      this.#handle(message);
    } catch (error) {
      if (this.#state.kind !== 'publishing' || !(error instanceof RtmpError)) throw error;
      this.#check.dropped += 1;
    }
  }

  #handle(message: RtmpMessage): void {
    switch (message.type) {
      case MessageType.command:
      case MessageType.commandAmf3:
        this.#command(parseCommand(message), message.streamId);
        return;
      case MessageType.audio:
      case MessageType.video:
        this.#media(message);
        return;
      case MessageType.data:
      case MessageType.dataAmf3:
        this.#data(message);
        return;
      case MessageType.userControl: {
        const { event, value } = parseUserControl(message);
        if (event === UserControl.pingRequest) this.#send(userControl(UserControl.pingResponse, value));
        return;
      }
      case MessageType.windowAckSize:
        readUint32(message);
        return;
      default:
        // Acknowledgements, shared objects, aggregates and what nobody knows: of no use here.
        return;
    }
  }

  #media(message: RtmpMessage): void {
    if (this.#state.kind !== 'publishing') return;
    const timestampMs = this.#clock.unwrap(message.timestampMs);
    if (this.#check.passes(message.type, message.payload)) this.handler.media(message.type, timestampMs, message.payload);
  }

  /** Only `onMetaData` goes through, and as we write it. */
  #data(message: RtmpMessage): void {
    if (this.#state.kind !== 'publishing') return;
    const payload = message.type === MessageType.dataAmf3 ? message.payload.subarray(1) : message.payload;
    const values = decodeAmf0(payload);
    if (values[0] === '@setDataFrame') values.shift();
    const fields = amf0Fields(values[1]);
    if (values[0] !== 'onMetaData' || fields === null) return;
    const timestampMs = this.#clock.unwrap(message.timestampMs);
    this.handler.media(MessageType.data, timestampMs, encodeAmf0(['onMetaData', new EcmaArray(fields)]));
  }

  #command(command: RtmpCommand, streamId: number): void {
    const state = this.#state;
    if (state.kind === 'publishing') {
      if (['deleteStream', 'closeStream', 'FCUnpublish'].includes(command.name)) {
        this.close();
        this.handler.unpublish();
      }
      return;
    }
    if ((this.#commands += 1) > MAX_COMMANDS) return this.#refuse('too-many-commands', []);
    switch (command.name) {
      case 'connect':
        return state.kind === 'greeting' ? this.#connect(command) : this.#refuse('out-of-order', []);
      case 'createStream':
        if (state.kind !== 'connected') return this.#refuse('out-of-order', []);
        if ((state.streams += 1) > MAX_STREAMS) return this.#refuse('too-many-commands', []);
        return this.#send(resultMessage(command.transactionId, [null, state.streams]));
      case 'releaseStream':
      case 'FCPublish':
        return this.#send(resultMessage(command.transactionId, [null, undefined]));
      case 'publish':
        return state.kind === 'connected' ? this.#publish(command, streamId) : this.#refuse('out-of-order', []);
      case 'play':
      case 'play2':
        return this.#refuse('play', this.status('NetStream.Play.Failed', 'Streams cannot be played from here.', streamId));
      default:
        return;
    }
  }

  #connect(command: RtmpCommand): void {
    const fields = amf0Fields(command.args[0]);
    const app = fields?.['app'];
    const url = fields?.['tcUrl'];
    const reject = (reason: Refusal, description: string): void =>
      this.#refuse(
        reason,
        this.#writer.write(
          errorMessage(command.transactionId, [null, { level: 'error', code: 'NetConnection.Connect.Rejected', description }]),
        ),
      );
    if (typeof url !== 'string' || !isRtmpUrl(url)) return reject('bad-url', 'The server address is not an RTMP address.');
    if (typeof app !== 'string' || app.split('?')[0]?.replace(/\/+$/, '') !== APP) {
      return reject('bad-app', `The server address must end in /${APP}.`);
    }
    this.#state = { kind: 'connected', streams: 0 };
    const properties = { fmsVer: 'FMS/3,0,1,123', capabilities: 31, fourCcList: ['hvc1', 'av01', 'vp09'] };
    const info = { level: 'status', code: 'NetConnection.Connect.Success', description: 'Connection succeeded.', objectEncoding: 0 };
    this.#send(windowAckSize(WINDOW_BYTES), setPeerBandwidth(WINDOW_BYTES, 2));
    this.handler.write(this.#writer.setChunkSize(OUT_CHUNK_BYTES));
    this.#send(resultMessage(command.transactionId, [properties, info]));
  }

  #publish(command: RtmpCommand, streamId: number): void {
    const name: Amf0Value = command.args[1];
    const key = typeof name === 'string' ? (name.split('?')[0] ?? '') : '';
    if (key === '' || key.length > MAX_NAME_BYTES) {
      return this.#refuse('bad-name', this.status('NetStream.Publish.BadName', 'A stream key is needed.', streamId));
    }
    const verdict = this.handler.publish(key, streamId);
    if (verdict === 'later') this.#state = { kind: 'asked', streamId, held: [] };
    else this.#answer(verdict, streamId);
  }

  #answer(verdict: Verdict, streamId: number): void {
    if (verdict === 'accepted') {
      this.#reader.limits = PUBLISHER_CHUNKS;
      this.#state = { kind: 'publishing' };
      return;
    }
    const why = verdict === 'bad-key' ? 'This stream key is not known here.' : 'Another encoder is sending with this stream key.';
    this.#refuse(verdict, this.status('NetStream.Publish.BadName', why, streamId));
  }

  #refuse(reason: Refusal, answer: Buffer[]): void {
    this.close();
    this.handler.refuse(reason, answer);
  }
}

function isRtmpUrl(text: string): boolean {
  if (text.length > MAX_URL_BYTES) return false;
  try {
    const url = new URL(text);
    return /^rtmp[a-z]{0,2}:$/.test(url.protocol) && url.hostname !== '';
  } catch (error) {
    if (error instanceof TypeError) return false;
    throw new RtmpError('COMMAND', 'tcUrl cannot be read');
  }
}

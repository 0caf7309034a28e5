import { decodeAmf0, encodeAmf0, AMF0_LIMITS, type Amf0Limits, type Amf0Value } from './amf0.js';
import { RtmpError } from './errors.js';

/** RTMP message type ids (Adobe RTMP 1.0, sections 5.4, 6.2 and 7.1). */
export const MessageType = {
  setChunkSize: 1,
  abort: 2,
  acknowledgement: 3,
  userControl: 4,
  windowAckSize: 5,
  setPeerBandwidth: 6,
  audio: 8,
  video: 9,
  dataAmf3: 15,
  commandAmf3: 17,
  data: 18,
  command: 20,
  aggregate: 22,
} as const;

/** User control event ids (section 7.1.7). */
export const UserControl = { streamBegin: 0, streamEof: 1, setBufferLength: 3, pingRequest: 6, pingResponse: 7 } as const;

/** One whole message. `timestampMs` is 32 bits wide when read; the writer takes any integer and keeps its low 32 bits. */
export interface RtmpMessage {
  type: number;
  streamId: number;
  timestampMs: number;
  payload: Buffer;
}

/** A decoded command: `args[0]` is the command object (null for most), the rest are its arguments. */
export interface RtmpCommand {
  name: string;
  transactionId: number;
  args: Amf0Value[];
}

function control(type: number, payload: Buffer): RtmpMessage {
  return { type, streamId: 0, timestampMs: 0, payload };
}

function uint32(...values: number[]): Buffer {
  const out = Buffer.allocUnsafe(values.length * 4);
  values.forEach((value, index) => out.writeUInt32BE(value >>> 0, index * 4));
  return out;
}

export const setChunkSize = (bytes: number): RtmpMessage => control(MessageType.setChunkSize, uint32(bytes));
/** @param bytes all bytes received so far; its low 32 bits are sent */
export const acknowledgement = (bytes: number): RtmpMessage =>
  control(MessageType.acknowledgement, uint32(bytes % 2 ** 32));
export const windowAckSize = (bytes: number): RtmpMessage => control(MessageType.windowAckSize, uint32(bytes));

/** @param limit 0 hard, 1 soft, 2 dynamic */
export function setPeerBandwidth(bytes: number, limit: 0 | 1 | 2 = 2): RtmpMessage {
  return control(MessageType.setPeerBandwidth, Buffer.concat([uint32(bytes), Buffer.from([limit])]));
}

/** @param value stream id for stream events, a time in ms for pings */
export function userControl(event: number, value: number): RtmpMessage {
  return control(MessageType.userControl, Buffer.concat([Buffer.from([event >> 8, event & 0xff]), uint32(value)]));
}

/** @throws RtmpError `CONTROL_MESSAGE` when the payload is shorter than the message needs */
export function readUint32(message: RtmpMessage, offset = 0): number {
  if (message.payload.length < offset + 4) throw new RtmpError('CONTROL_MESSAGE', 'control message is cut short');
  return message.payload.readUInt32BE(offset);
}

/** @returns event id and its first value; @throws RtmpError `CONTROL_MESSAGE` */
export function parseUserControl(message: RtmpMessage): { event: number; value: number } {
  return { value: readUint32(message, 2), event: message.payload.readUInt16BE(0) };
}

/**
 * Decode a command message of type 20 or 17 (whose AMF3 wrapper byte is skipped). One that is a name alone, as FFmpeg's own
 * server sends `onFCPublish`, has transaction id 0: nobody waits for it.
 * @throws RtmpError `AMF_*`, or `COMMAND` when name or transaction id are not what they must be
 */
export function parseCommand(message: RtmpMessage, limits: Readonly<Amf0Limits> = AMF0_LIMITS): RtmpCommand {
  const payload = message.type === MessageType.commandAmf3 ? message.payload.subarray(1) : message.payload;
  const [name, transactionId = 0, ...args] = decodeAmf0(payload, limits);
  if (typeof name !== 'string' || name === '') throw new RtmpError('COMMAND', 'command has no name');
  if (typeof transactionId !== 'number') throw new RtmpError('COMMAND', 'command has no transaction id');
  return { name, transactionId, args };
}

/** Any command; `args[0]` is its command object. */
export function commandMessage(name: string, transactionId: number, args: readonly Amf0Value[], streamId = 0): RtmpMessage {
  const payload = encodeAmf0([name, transactionId, ...args]);
  return { type: MessageType.command, streamId, timestampMs: 0, payload };
}

/** What a client says of itself when it connects. */
export interface ConnectOptions {
  app: string;
  tcUrl: string;
  flashVer?: string;
}

export function connectCommand({ app, tcUrl, flashVer }: ConnectOptions, transactionId = 1): RtmpMessage {
  const version = flashVer ?? 'FMLE/3.0 (compatible; VistterStudio)';
  return commandMessage('connect', transactionId, [
    { app, type: 'nonprivate', flashVer: version, swfUrl: tcUrl, tcUrl },
  ]);
}

export const releaseStreamCommand = (transactionId: number, name: string): RtmpMessage =>
  commandMessage('releaseStream', transactionId, [null, name]);
export const fcPublishCommand = (transactionId: number, name: string): RtmpMessage =>
  commandMessage('FCPublish', transactionId, [null, name]);
export const fcUnpublishCommand = (transactionId: number, name: string): RtmpMessage =>
  commandMessage('FCUnpublish', transactionId, [null, name]);
export const createStreamCommand = (transactionId: number): RtmpMessage =>
  commandMessage('createStream', transactionId, [null]);
export const publishCommand = (transactionId: number, name: string, streamId: number): RtmpMessage =>
  commandMessage('publish', transactionId, [null, name, 'live'], streamId);
export const deleteStreamCommand = (transactionId: number, streamId: number): RtmpMessage =>
  commandMessage('deleteStream', transactionId, [null, streamId]);

export const resultMessage = (transactionId: number, args: readonly Amf0Value[]): RtmpMessage =>
  commandMessage('_result', transactionId, args);
export const errorMessage = (transactionId: number, args: readonly Amf0Value[]): RtmpMessage =>
  commandMessage('_error', transactionId, args);

/** @param code such as `NetStream.Publish.Start` */
export function onStatus(
  streamId: number,
  level: 'status' | 'warning' | 'error',
  code: string,
  description: string,
): RtmpMessage {
  return commandMessage('onStatus', 0, [null, { level, code, description }], streamId);
}

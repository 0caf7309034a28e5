/** Messages → chunks. Payloads are not copied. */
import { DEFAULT_CHUNK_SIZE, EXTENDED, HEADER_BYTES } from './chunks.js';
import { RtmpError } from './errors.js';
import { MessageType, setChunkSize, type RtmpMessage } from './messages.js';
import { timestamp32 } from './timestamps.js';

interface OutStream {
  type: number;
  streamId: number;
  timestamp: number;
  length: number;
  /** Null after a full header: what a type 3 would then mean differs between implementations. */
  delta: number | null;
}

/** The chunk stream id that our messages of a type go by; control messages must go by 2. */
function chunkStreamId(type: number): number {
  if (type <= MessageType.setPeerBandwidth) return 2;
  if (type === MessageType.audio) return 4;
  if (type === MessageType.video) return 6;
  return type === MessageType.data ? 5 : 3;
}

/**
 * Messages in, pieces of bytes out; pieces of payload share memory with the message.
 * Headers are as short as what came before on the same chunk stream allows; extended timestamps are repeated in every
 * type 3 chunk, as the specification and all known readers have it.
 */
export class ChunkWriter {
  private readonly streams = new Map<number, OutStream>();

  constructor(private chunkSize = DEFAULT_CHUNK_SIZE) {}

  /** Announce a chunk size (1 … 65,536) and use it from the next message on. */
  setChunkSize(bytes: number): Buffer[] {
    if (!Number.isInteger(bytes) || bytes < 1 || bytes > 65_536) {
      throw new RtmpError('CHUNK_SIZE', 'chunk size is out of bounds');
    }
    const pieces = this.write(setChunkSize(bytes));
    this.chunkSize = bytes;
    return pieces;
  }

  /**
   * @param id chunk stream id, 2 … 63; by default what `chunkStreamId` says
   * @throws RtmpError `MESSAGE_SIZE` for a payload that 24 bits cannot count
   */
  write(message: RtmpMessage, id = chunkStreamId(message.type)): Buffer[] {
    const { payload } = message;
    if (payload.length > 0xffffff) throw new RtmpError('MESSAGE_SIZE', 'message is too long');
    const pieces = [this.head(message, id)];
    const timestamp = timestamp32(message.timestampMs);
    const extended = this.streams.get(id)?.delta === null && timestamp >= EXTENDED;
    pieces.push(payload.subarray(0, this.chunkSize));
    if (payload.length <= this.chunkSize) return pieces;
    const next = Buffer.alloc(extended ? 5 : 1);
    next[0] = 0xc0 | id;
    if (extended) next.writeUInt32BE(timestamp, 1);
    for (let at = this.chunkSize; at < payload.length; at += this.chunkSize) {
      pieces.push(next, payload.subarray(at, at + this.chunkSize));
    }
    return pieces;
  }

  /** Like `write`, in one buffer: a copy. */
  encode(message: RtmpMessage, id?: number): Buffer {
    return Buffer.concat(this.write(message, id));
  }

  private head(message: RtmpMessage, id: number): Buffer {
    const { type, streamId } = message;
    const length = message.payload.length;
    const timestamp = timestamp32(message.timestampMs);
    const last = this.streams.get(id);
    const delta = last === undefined ? -1 : timestamp - last.timestamp;
    const full = last === undefined || last.streamId !== streamId || delta < 0 || delta >= EXTENDED;
    this.streams.set(id, { type, streamId, timestamp, length, delta: full ? null : delta });
    const format = full ? 0 : last.type !== type || last.length !== length ? 1 : last.delta !== delta ? 2 : 3;
    const extended = full && timestamp >= EXTENDED;
    const out = Buffer.allocUnsafe(1 + (HEADER_BYTES[format] as number) + (extended ? 4 : 0));
    out[0] = (format << 6) | id;
    if (format < 3) out.writeUIntBE(full ? Math.min(timestamp, EXTENDED) : delta, 1, 3);
    if (format < 2) {
      out.writeUIntBE(length, 4, 3);
      out[7] = type;
    }
    if (format === 0) out.writeUInt32LE(streamId, 8);
    if (extended) out.writeUInt32BE(timestamp, 12);
    return out;
  }
}

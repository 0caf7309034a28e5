/** Chunks as they come in → messages. A payload is copied once at most. */
import { DEFAULT_CHUNK_SIZE, EXTENDED, HEADER_BYTES } from './chunks.js';
import { RtmpError } from './errors.js';
import { MessageType, readUint32, type RtmpMessage } from './messages.js';
import { timestamp32 } from './timestamps.js';

/** Bounds on what a peer may send. They may be changed between messages, as when a publisher has been accepted. */
export interface ChunkLimits {
  maxChunkSize: number;
  maxChunkStreams: number;
  maxMessageBytes: number;
  /** Sum of what is held for messages that are not whole yet. */
  maxPendingBytes: number;
}

export const CHUNK_LIMITS: Readonly<ChunkLimits> = {
  maxChunkSize: 65_536,
  maxChunkStreams: 16,
  maxMessageBytes: 10 * 2 ** 20,
  maxPendingBytes: 20 * 2 ** 20,
};

/** A message up to here gets its memory at once; a longer one grows with what really arrived. */
const FIRST_ALLOCATION_BYTES = 65_536;

interface InStream {
  /** Whether a message header came on this chunk stream yet: types 1 to 3 build upon it. */
  known: boolean;
  type: number;
  streamId: number;
  timestamp: number;
  /** What a type 3 chunk that begins a message adds: the last delta, or after a type 0 its timestamp (5.3.1.2.4). */
  delta: number;
  extended: boolean;
  extendedValue: number;
  length: number;
  received: number;
  payload: Buffer | null;
}

interface Header {
  stream: InStream;
  bytes: number;
}

/**
 * Bytes in, whole messages out. Set chunk size and abort are obeyed and handed out too.
 * A payload may share memory with the bytes pushed: do not write into those afterwards.
 */
export class ChunkReader {
  limits: Readonly<ChunkLimits>;
  private chunkSize = DEFAULT_CHUNK_SIZE;
  private readonly streams = new Map<number, InStream>();
  /** The beginning of a chunk header that was cut by the end of the last push; 17 bytes at most. */
  private carry: Buffer | null = null;
  private current: InStream | null = null;
  private chunkLeft = 0;
  private pendingBytes = 0;

  constructor(limits: Readonly<ChunkLimits> = CHUNK_LIMITS) {
    this.limits = limits;
  }

  /**
   * Read on. Drain the iterator before the next push; leave it early only when the connection is given up.
   * @throws RtmpError `CHUNK_*`, `MESSAGE_SIZE` or `CONTROL_MESSAGE`; after one the reader is of no more use
   */
  *push(input: Buffer): Generator<RtmpMessage, void, void> {
    const bytes = this.carry === null ? input : Buffer.concat([this.carry, input]);
    this.carry = null;
    let at = 0;
    for (;;) {
      if (this.current === null) {
        const header = this.header(bytes, at);
        if (header === null) {
          if (at < bytes.length) this.carry = Buffer.from(bytes.subarray(at));
          return;
        }
        at += header.bytes;
        this.current = header.stream;
        this.chunkLeft = Math.min(this.chunkSize, header.stream.length - header.stream.received);
      }
      const stream = this.current;
      const count = Math.min(this.chunkLeft, bytes.length - at);
      const done = this.fill(stream, bytes.subarray(at, at + count));
      at += count;
      this.chunkLeft -= count;
      if (this.chunkLeft > 0) return;
      this.current = null;
      if (done === null) continue;
      const message = { type: stream.type, streamId: stream.streamId, timestampMs: stream.timestamp, payload: done };
      this.obey(message);
      yield message;
    }
  }

  /** Parse one chunk header at `at`, or null when it is not all there. Changes nothing unless it is. */
  private header(bytes: Buffer, at: number): Header | null {
    const left = bytes.length - at;
    if (left < 1) return null;
    const first = bytes[at] as number;
    const format = first >> 6;
    const basic = (first & 0x3f) === 0 ? 2 : (first & 0x3f) === 1 ? 3 : 1;
    if (left < basic) return null;
    const id =
      basic === 1 ? first & 0x3f : basic === 2 ? 64 + (bytes[at + 1] as number) : 64 + bytes.readUInt16LE(at + 1);
    const fixed = basic + (HEADER_BYTES[format] as number);
    if (left < fixed) return null;
    const stream = this.streams.get(id) ?? this.open(format);
    if (format !== 0 && !stream.known) throw new RtmpError('CHUNK_HEADER', 'chunk stream begins without a full header');
    if (format !== 3 && stream.received > 0) throw new RtmpError('CHUNK_HEADER', 'message begins inside another one');
    const field = at + basic;
    const size =
      format === 3 ? this.continued(stream, bytes, at + fixed) : this.begun(stream, format, bytes, field, at + fixed);
    if (size === null) return null;
    this.streams.set(id, stream);
    return { stream, bytes: fixed + size };
  }

  /** Type 0, 1, 2. @returns bytes of extended timestamp, or null if these are not all there */
  private begun(stream: InStream, format: number, bytes: Buffer, field: number, after: number): number | null {
    let value = bytes.readUIntBE(field, 3);
    const extended = value === EXTENDED;
    if (extended) {
      if (bytes.length - after < 4) return null;
      value = bytes.readUInt32BE(after);
    }
    const length = format < 2 ? bytes.readUIntBE(field + 3, 3) : stream.length;
    if (length > this.limits.maxMessageBytes) throw new RtmpError('MESSAGE_SIZE', 'message is too long');
    stream.length = length;
    if (format < 2) stream.type = bytes[field + 6] as number;
    if (format === 0) stream.streamId = bytes.readUInt32LE(field + 7);
    stream.timestamp = format === 0 ? value : timestamp32(stream.timestamp + value);
    stream.delta = value;
    stream.extended = extended;
    stream.extendedValue = value;
    stream.known = true;
    return extended ? 4 : 0;
  }

  /**
   * Type 3. The specification repeats an extended timestamp in it; some senders do not. It is taken for repeated when
   * the four bytes are those of the timestamp, as far as they have come.
   */
  private continued(stream: InStream, bytes: Buffer, after: number): number | null {
    let size = 0;
    if (stream.extended) {
      const here = Math.min(4, bytes.length - after);
      let same = true;
      for (let index = 0; index < here; index += 1) {
        same &&= bytes[after + index] === ((stream.extendedValue >>> (24 - 8 * index)) & 0xff);
      }
      if (same && here < 4) return null;
      if (same) size = 4;
    }
    if (stream.received === 0) {
      if (stream.length > this.limits.maxMessageBytes) throw new RtmpError('MESSAGE_SIZE', 'message is too long');
      stream.timestamp = timestamp32(stream.timestamp + stream.delta);
    }
    return size;
  }

  private open(format: number): InStream {
    if (format === 0 && this.streams.size >= this.limits.maxChunkStreams) {
      throw new RtmpError('CHUNK_STREAMS', 'too many chunk streams');
    }
    return {
      known: false,
      type: 0,
      streamId: 0,
      timestamp: 0,
      delta: 0,
      extended: false,
      extendedValue: 0,
      length: 0,
      received: 0,
      payload: null,
    };
  }

  /** @returns the payload when it is whole */
  private fill(stream: InStream, part: Buffer): Buffer | null {
    if (stream.received === 0 && part.length === stream.length) return part;
    if (part.length === 0) return null;
    const need = stream.received + part.length;
    let payload = stream.payload;
    if (payload === null || payload.length < need) {
      const wanted = stream.length <= FIRST_ALLOCATION_BYTES ? stream.length : Math.max(need, FIRST_ALLOCATION_BYTES);
      const capacity = Math.min(stream.length, payload === null ? wanted : Math.max(need, payload.length * 4));
      const grown = Buffer.allocUnsafeSlow(capacity);
      payload?.copy(grown, 0, 0, stream.received);
      this.pendingBytes += capacity - (payload?.length ?? 0);
      if (this.pendingBytes > this.limits.maxPendingBytes) {
        throw new RtmpError('CHUNK_PENDING', 'too many unfinished messages');
      }
      payload = grown;
    }
    part.copy(payload, stream.received);
    stream.payload = payload;
    stream.received = need;
    if (need < stream.length) return null;
    this.drop(stream);
    return payload;
  }

  private drop(stream: InStream): void {
    this.pendingBytes -= stream.payload?.length ?? 0;
    stream.payload = null;
    stream.received = 0;
  }

  private obey(message: RtmpMessage): void {
    if (message.type === MessageType.setChunkSize) {
      const size = readUint32(message);
      if (size < 1 || size > this.limits.maxChunkSize) throw new RtmpError('CHUNK_SIZE', 'chunk size is out of bounds');
      this.chunkSize = size;
    } else if (message.type === MessageType.abort) {
      const stream = this.streams.get(readUint32(message));
      if (stream !== undefined) this.drop(stream);
    }
  }
}

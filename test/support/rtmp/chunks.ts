/** RTMP's chunk stream: messages out as bytes, bytes in as messages. */

export interface RtmpMessage {
  type: number;
  /** 32 bits, ms. */
  timestamp: number;
  streamId: number;
  body: Buffer;
}

const outChunkBytes = 65_536;

/** First message to send: from then on bodies go out in chunks of 64 KiB. */
export function setChunkSize(): Buffer {
  const body = Buffer.alloc(4);
  body.writeUInt32BE(outChunkBytes);
  return encodeMessage({ type: 1, timestamp: 0, streamId: 0, body }, 2, 128);
}

/** Always a full header, which every peer understands. */
export function encodeMessage({ type, timestamp, streamId, body }: RtmpMessage, chunkStream: number, chunkBytes = outChunkBytes): Buffer {
  const extended = timestamp >= 0xffffff;
  const head = Buffer.alloc(12 + (extended ? 4 : 0));
  head[0] = chunkStream;
  head.writeUIntBE(extended ? 0xffffff : timestamp, 1, 3);
  head.writeUIntBE(body.length, 4, 3);
  head[7] = type;
  head.writeUInt32LE(streamId, 8);
  if (extended) head.writeUInt32BE(timestamp >>> 0, 12);
  const parts: Buffer[] = [head];
  for (let i = 0; i < body.length || i === 0; i += chunkBytes) {
    if (i > 0) {
      const next = Buffer.alloc(extended ? 5 : 1);
      next[0] = 0xc0 | chunkStream;
      if (extended) next.writeUInt32BE(timestamp >>> 0, 1);
      parts.push(next);
    }
    parts.push(body.subarray(i, i + chunkBytes));
  }
  return Buffer.concat(parts);
}

interface ChunkState extends RtmpMessage {
  length: number;
  delta: number;
  extended: boolean;
  parts: Buffer[];
  received: number;
}

/** Gathers messages from bytes that come in any portions. Chunk size messages are obeyed here and passed on too. */
export class ChunkReader {
  private readonly streams = new Map<number, ChunkState>();
  private pending: Buffer = Buffer.alloc(0);
  private chunkBytes = 128;

  push(bytes: Buffer): RtmpMessage[] {
    this.pending = this.pending.length === 0 ? bytes : Buffer.concat([this.pending, bytes]);
    const messages: RtmpMessage[] = [];
    for (;;) {
      const used = this.readChunk(messages);
      if (used === 0) return messages;
      this.pending = this.pending.subarray(used);
    }
  }

  /** Bytes of the chunk at the front, 0 when it is not all here. */
  private readChunk(messages: RtmpMessage[]): number {
    const bytes = this.pending;
    if (bytes.length < 3) return 0;
    const format = bytes[0]! >> 6;
    let id = bytes[0]! & 63;
    let at = 1;
    if (id === 0) { id = 64 + bytes[1]!; at = 2; } else if (id === 1) { id = 64 + bytes.readUInt16LE(1); at = 3; }
    const headBytes = [11, 7, 3, 0][format]!;
    if (bytes.length < at + headBytes + 4 && bytes.length < at + headBytes) return 0;
    const state = this.streams.get(id) ?? { type: 0, timestamp: 0, streamId: 0, body: Buffer.alloc(0), length: 0, delta: 0, extended: false, parts: [], received: 0 };
    const begins = state.received === 0;
    let stamp = format < 3 ? bytes.readUIntBE(at, 3) : 0;
    const length = format < 2 ? bytes.readUIntBE(at + 3, 3) : state.length;
    const type = format < 2 ? bytes[at + 6]! : state.type;
    const streamId = format === 0 ? bytes.readUInt32LE(at + 7) : state.streamId;
    at += headBytes;
    const extended = format < 3 ? stamp === 0xffffff : state.extended;
    if (extended) {
      if (bytes.length < at + 4) return 0;
      stamp = bytes.readUInt32BE(at);
      at += 4;
    }
    const take = Math.min(this.chunkBytes, length - state.received);
    if (bytes.length < at + take) return 0;
    if (begins) {
      if (format === 0) { state.timestamp = stamp; state.delta = stamp; } else {
        if (format < 3) state.delta = stamp;
        state.timestamp = (state.timestamp + state.delta) >>> 0;
      }
    }
    Object.assign(state, { length, type, streamId, extended });
    this.streams.set(id, state);
    state.parts.push(Buffer.from(bytes.subarray(at, at + take)));
    state.received += take;
    if (state.received === length) {
      const body = state.parts.length === 1 ? state.parts[0]! : Buffer.concat(state.parts);
      state.parts = [];
      state.received = 0;
      if (type === 1 && body.length >= 4) this.chunkBytes = body.readUInt32BE(0) & 0x7fffffff;
      messages.push({ type, timestamp: state.timestamp, streamId, body });
    }
    return at + take;
  }
}

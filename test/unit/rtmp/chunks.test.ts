import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { CHUNK_LIMITS, ChunkReader, type ChunkLimits } from '../../../src/rtmp/chunk-reader.js';
import { ChunkWriter } from '../../../src/rtmp/chunk-writer.js';
import { RtmpError } from '../../../src/rtmp/errors.js';
import { MessageType, type RtmpMessage } from '../../../src/rtmp/messages.js';
import { timestamp32, TimestampUnwrapper } from '../../../src/rtmp/timestamps.js';

const EDGES = [0, 2 ** 24 - 1, 2 ** 24, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1];
const timestamp = fc
  .tuple(fc.constantFrom(...EDGES), fc.integer({ min: -70, max: 70 }))
  .map(([edge, step]) => timestamp32(edge + step));
const message: fc.Arbitrary<RtmpMessage> = fc.record({
  type: fc.constantFrom<number>(MessageType.audio, MessageType.video, MessageType.data, MessageType.command),
  streamId: fc.constantFrom(0, 1, 1, 1, 0xfffffffe),
  timestampMs: timestamp,
  payload: fc.uint8Array({ maxLength: 700 }).map((bytes) => Buffer.from(bytes)),
});

function readAll(reader: ChunkReader, bytes: Buffer, cuts: readonly number[] = [bytes.length]): RtmpMessage[] {
  const out: RtmpMessage[] = [];
  let at = 0;
  for (let turn = 0; at < bytes.length; turn += 1) {
    const end = at + Math.max(1, cuts[turn % cuts.length] ?? bytes.length);
    for (const read of reader.push(Buffer.from(bytes.subarray(at, end)))) {
      if (read.type !== MessageType.setChunkSize) out.push({ ...read, payload: Buffer.from(read.payload) });
    }
    at = end;
  }
  return out;
}

function codeOf(bytes: Buffer, limits: Partial<ChunkLimits> = {}): string {
  try {
    readAll(new ChunkReader({ ...CHUNK_LIMITS, ...limits }), bytes);
  } catch (error) {
    if (error instanceof RtmpError) return error.code;
    throw error;
  }
  return 'none';
}

/** A type 0 header. */
function full(id: number, time: number, length: number, type: number, streamId = 1): Buffer {
  const out = Buffer.alloc(time >= 0xffffff ? 16 : 12);
  out[0] = id;
  out.writeUIntBE(Math.min(time, 0xffffff), 1, 3);
  out.writeUIntBE(length, 4, 3);
  out[7] = type;
  out.writeUInt32LE(streamId, 8);
  if (time >= 0xffffff) out.writeUInt32BE(time, 12);
  return out;
}

describe('chunk stream', () => {
  it('gives back what was written, however the bytes are cut', () => {
    fc.assert(
      fc.property(
        fc.array(message, { maxLength: 12 }),
        fc.constantFrom(1, 7, 128, 4096, 65_536),
        fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 5 }),
        (messages, chunkSize, cuts) => {
          const writer = new ChunkWriter();
          const bytes = Buffer.concat([...writer.setChunkSize(chunkSize), ...messages.flatMap((one) => writer.write(one))]);
          expect(readAll(new ChunkReader(), bytes, cuts)).toEqual(messages);
        },
      ),
    );
  });

  it('answers any bytes with messages or an RtmpError', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => void codeOf(Buffer.from(bytes))), { numRuns: 500 });
  });

  it('uses short headers for a steady stream', () => {
    const writer = new ChunkWriter(4096);
    const sizes = [0, 20, 40, 60, 83].map((timestampMs) => {
      return writer.write({ type: MessageType.audio, streamId: 1, timestampMs, payload: Buffer.alloc(9) })[0]?.length;
    });
    expect(sizes).toEqual([12, 4, 1, 1, 4]);
  });

  it('goes on over 2^24, 2^31 and 2^32 ms', () => {
    for (const edge of [2 ** 24, 2 ** 31, 2 ** 32]) {
      const writer = new ChunkWriter(128);
      const times = Array.from({ length: 200 }, (_, index) => edge - 2000 + index * 20);
      const bytes = Buffer.concat(
        times.map((timestampMs) => writer.encode({ type: 9, streamId: 1, timestampMs, payload: Buffer.alloc(300, 7) })),
      );
      const clock = new TimestampUnwrapper();
      expect(readAll(new ChunkReader(), bytes, [1000]).map((one) => clock.unwrap(one.timestampMs))).toEqual(times);
    }
  });

  it('reads type 3 chunks with and without a repeated extended timestamp', () => {
    const time = 0x01020304;
    const payload = Buffer.from(Array.from({ length: 300 }, (_, index) => index & 0xff));
    const repeat = Buffer.from([1, 2, 3, 4]);
    for (const extra of [repeat, Buffer.alloc(0)]) {
      const next = Buffer.concat([Buffer.from([0xc6]), extra]);
      const bytes = Buffer.concat([
        full(6, time, 300, 9),
        payload.subarray(0, 128),
        next,
        payload.subarray(128, 256),
        next,
        payload.subarray(256),
        // A type 3 chunk that begins a message adds the last delta: after a type 0, its timestamp.
        next,
        payload.subarray(0, 128),
        next,
        payload.subarray(128, 256),
        next,
        payload.subarray(256),
      ]);
      for (const cut of [1, 2, 3, 130, 10_000]) {
        const read = readAll(new ChunkReader(), bytes, [cut]);
        expect(read.map((one) => one.timestampMs)).toEqual([time, 2 * time]);
        for (const one of read) expect(one.payload.equals(payload)).toBe(true);
      }
    }
  });

  it('reads interleaved chunk streams and both longer chunk stream ids', () => {
    const a = Buffer.alloc(200, 1);
    const b = Buffer.alloc(10, 2);
    const long = Buffer.concat([Buffer.from([0, 6]), full(0, 5, 10, 8).subarray(1), b]);
    const longer = Buffer.concat([Buffer.from([1, 1, 1]), full(0, 6, 10, 8).subarray(1), b]);
    const bytes = Buffer.concat([full(6, 4, 200, 9), a.subarray(0, 128), long, longer, Buffer.from([0xc6]), a.subarray(128)]);
    expect(readAll(new ChunkReader(), bytes, [3]).map((one) => [one.timestampMs, one.payload.length])).toEqual([
      [5, 10],
      [6, 10],
      [4, 200],
    ]);
  });

  it('forgets an aborted message', () => {
    const writer = new ChunkWriter();
    const bytes = Buffer.concat([
      full(6, 4, 200, 9),
      Buffer.alloc(128),
      writer.encode({ type: MessageType.abort, streamId: 0, timestampMs: 0, payload: Buffer.from([0, 0, 0, 6]) }),
      full(6, 9, 3, 9),
      Buffer.from('abc'),
    ]);
    const read = readAll(new ChunkReader(), bytes);
    expect(read.map((one) => [one.type, one.timestampMs])).toEqual([
      [MessageType.abort, 0],
      [9, 9],
    ]);
  });

  it('refuses what goes beyond a limit, before its memory is taken', () => {
    const size = (bytes: number): Buffer => {
      const out = Buffer.concat([full(2, 0, 4, 1, 0), Buffer.alloc(4)]);
      out.writeUInt32BE(bytes, 12);
      return out;
    };
    expect(codeOf(size(0))).toBe('CHUNK_SIZE');
    expect(codeOf(size(65_537))).toBe('CHUNK_SIZE');
    expect(codeOf(size(0x80000080))).toBe('CHUNK_SIZE');
    expect(codeOf(size(65_536))).toBe('none');
    expect(codeOf(Buffer.concat([full(2, 0, 2, 1, 0), Buffer.alloc(2)]))).toBe('CONTROL_MESSAGE');
    expect(codeOf(full(6, 0, 0xffffff, 9))).toBe('MESSAGE_SIZE');
    expect(codeOf(Buffer.from([0xc6]))).toBe('CHUNK_HEADER');
    expect(codeOf(Buffer.concat([full(6, 0, 200, 9), Buffer.alloc(128), full(6, 0, 1, 9)]))).toBe('CHUNK_HEADER');
    const many = Array.from({ length: 17 }, (_, index) => full(10 + index, 0, 0, 9));
    expect(codeOf(Buffer.concat(many.slice(0, 16)))).toBe('none');
    expect(codeOf(Buffer.concat(many))).toBe('CHUNK_STREAMS');
  });

  it('holds no more for unfinished messages than was sent, and never more than the limit', () => {
    const before = process.memoryUsage().arrayBuffers;
    const reader = new ChunkReader();
    const opened = Array.from({ length: 16 }, (_, index) => Buffer.concat([full(10 + index, 0, 10 * 2 ** 20, 9), Buffer.alloc(128)]));
    readAll(reader, Buffer.concat(opened));
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 * 2 ** 20);
    expect(codeOf(Buffer.concat(opened), { maxPendingBytes: 10 * 65_536 })).toBe('CHUNK_PENDING');
  });

  it('takes new limits between two messages of one push', () => {
    const writer = new ChunkWriter(65_536);
    const reader = new ChunkReader({ ...CHUNK_LIMITS, maxMessageBytes: 1000 });
    const bytes = Buffer.concat([
      ...writer.setChunkSize(65_536),
      writer.encode({ type: 20, streamId: 0, timestampMs: 0, payload: Buffer.alloc(10) }),
      writer.encode({ type: 9, streamId: 1, timestampMs: 0, payload: Buffer.alloc(50_000) }),
    ]);
    const sizes: number[] = [];
    for (const one of reader.push(bytes)) {
      sizes.push(one.payload.length);
      if (one.type === 20) reader.limits = CHUNK_LIMITS;
    }
    expect(sizes).toEqual([4, 10, 50_000]);
  });
});

describe('timestamp unwrapping', () => {
  it('follows any walk of steps below 2^31 ms', () => {
    fc.assert(
      fc.property(timestamp, fc.array(fc.integer({ min: -(2 ** 31) + 1, max: 2 ** 31 - 1 }), { maxLength: 20 }), (start, steps) => {
        const clock = new TimestampUnwrapper();
        let time = start;
        expect(clock.unwrap(start)).toBe(start);
        for (const step of steps) {
          time += step;
          expect(clock.unwrap(timestamp32(time))).toBe(time);
        }
      }),
    );
  });
});

/** Streams that real clients and servers sent, and what fuzzers of others found. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { decodeAmf0 } from '../../../src/rtmp/amf0.js';
import { ChunkReader } from '../../../src/rtmp/chunk-reader.js';
import { ChunkWriter } from '../../../src/rtmp/chunk-writer.js';
import { RtmpError } from '../../../src/rtmp/errors.js';
import { ServerHandshake } from '../../../src/rtmp/handshake.js';
import { MessageType, parseCommand, type RtmpMessage } from '../../../src/rtmp/messages.js';
import { expectEqual } from '../equal.js';
import { sharedMedia } from '../../support/media.js';

const folder = sharedMedia('rtmp');
const HANDSHAKE_BYTES = 1 + 2 * 1536;

/** Messages of a stream behind its handshake, read in pieces of the given size. */
function readAll(bytes: Buffer, step: number): RtmpMessage[] {
  const reader = new ChunkReader();
  const out: RtmpMessage[] = [];
  for (let at = 0; at < bytes.length; at += step) {
    for (const message of reader.push(bytes.subarray(at, at + step))) out.push({ ...message, payload: Buffer.from(message.payload) });
  }
  return out;
}

describe.skipIf(folder === null)('captured and hostile RTMP (skipped without the sample footage)', () => {
  it.each([
    { file: 'fq-client_stream.bin', commands: ['connect', 'createStream', '_error', '_error', 'receiveVideo', 'play', 'pause', 'pauseRaw', 'pauseRaw', 'pause', 'seek', 'deleteStream'], media: [0, 0] },
    { file: 'fq-server_stream.bin', commands: ['_result', 'onBWCheck', 'onBWCheck', '_result', 'onStatus', 'onStatus', 'onStatus'], media: [3, 11] },
    { file: 'fq-ffmpeg_client_stream.bin', commands: ['connect', 'createStream', '_checkbw', 'getStreamLength', 'play', 'deleteStream'], media: [0, 0] },
    { file: 'fq-ffmpeg_server_stream.bin', commands: ['_result', 'onBWDone', '_result', '_result', 'onStatus'], media: [410, 0] },
  ])('$file', ({ file, commands, media }) => {
    const bytes = readFileSync(join(folder ?? '', file));
    const whole = readAll(bytes.subarray(HANDSHAKE_BYTES), bytes.length);
    expectEqual(readAll(bytes.subarray(HANDSHAKE_BYTES), 61), whole);
    const names = whole.filter(({ type }) => type === MessageType.command || type === MessageType.commandAmf3).map((one) => parseCommand(one).name);
    expect(names).toEqual(commands);
    expect([MessageType.audio, MessageType.video].map((type) => whole.filter((one) => one.type === type).length)).toEqual(media);
    // Written again with one chunk size and read back, they are the same.
    const writer = new ChunkWriter(4096);
    const kept = whole.filter((one) => one.type !== MessageType.setChunkSize);
    const again = Buffer.concat([...new ChunkWriter().setChunkSize(4096), ...kept.flatMap((one) => writer.write(one))]);
    expectEqual(readAll(again, again.length).filter((one) => one.type !== MessageType.setChunkSize), kept);
  });

  it('what others found by fuzzing is answered with messages or an RtmpError', () => {
    const names = readdirSync(join(folder ?? '', 'fuzz-gortmplib'));
    expect(names.length).toBeGreaterThan(50);
    for (const name of names) {
      const bytes = readFileSync(join(folder ?? '', 'fuzz-gortmplib', name));
      for (const parse of [() => readAll(bytes, 7), () => readAll(bytes, 1000), () => decodeAmf0(bytes), () => new ServerHandshake().push(bytes)]) {
        try {
          parse();
        } catch (error) {
          expect(error, name).toBeInstanceOf(RtmpError);
        }
      }
    }
  });
});

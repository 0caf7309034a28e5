/** What is taken from node-media-server, against the installed version: an update that changes it fails here. */
import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';

import { mediaServerHolds, MediaSession, quietMediaServer } from '../../../src/ingest/media-server.js';
import { ChunkReader } from '../../../src/rtmp/chunk-reader.js';
import { MessageType, parseCommand } from '../../../src/rtmp/messages.js';
import { silentLog } from '../../../src/runtime/log.js';

quietMediaServer(silentLog);

function session(name: string) {
  const output: Buffer[] = [];
  const packets: { type: number; timestampMs: number; payload: string }[] = [];
  const opened = new MediaSession({
    name,
    remote: '10.0.0.1',
    streamId: 1,
    output: (bytes) => output.push(bytes),
    packet: (type, timestampMs, payload) => packets.push({ type, timestampMs, payload: payload.toString('latin1') }),
  });
  return { opened, output, packets };
}

describe('a session in node-media-server', () => {
  it('is the version that was looked at', () => {
    expect((createRequire(import.meta.url)('node-media-server/package.json') as { version: string }).version).toBe('4.4.3');
  });

  it('answers the client that it may begin, and says nothing before', () => {
    const { opened, output } = session('cam-1');
    const reader = new ChunkReader();
    // Its chunks are of up to 65,535 bytes, which the guard has announced.
    const announced = Buffer.from('0200000000000401000000000000ffff', 'hex');
    const messages = [...reader.push(Buffer.concat([announced, ...output]))];
    expect(messages.filter((one) => one.type === MessageType.command).map((one) => parseCommand(one))).toMatchObject([
      { name: 'onStatus', args: [null, { code: 'NetStream.Publish.Start' }] },
    ]);
    opened.close();
  });

  it('hands every message on unchanged, with its time, also over 2^32 ms', () => {
    const { opened, packets } = session('cam-2');
    const sent = [
      { type: 18, timestampMs: 0, payload: 'meta' },
      { type: 9, timestampMs: 2 ** 32 - 40, payload: '\x17\x01\0\0\0key' },
      { type: 8, timestampMs: 2 ** 32 - 1, payload: '\xaf\x01sound' },
      { type: 9, timestampMs: 2 ** 32, payload: `\x27\x01\0\0\0${'x'.repeat(300_000)}` },
      { type: 8, timestampMs: 2 ** 32 + 20, payload: '\xaf\x01' },
      { type: 9, timestampMs: 2 ** 32 + 2 ** 24, payload: '\x27\x01\0\0\0z' },
    ];
    // From 0 to 2^32 − 40 in steps that say which way.
    for (const timestampMs of [2 ** 30, 2 ** 31, 3 * 2 ** 30]) opened.feed(8, timestampMs, Buffer.from([0xaf, 1, 0]));
    packets.length = 0;
    for (const { type, timestampMs, payload } of sent.slice(1)) opened.feed(type, timestampMs, Buffer.from(payload, 'latin1'));
    expect(packets).toEqual(sent.slice(1));
    opened.close();
  });

  it('keeps nothing after its end, and does not hear a session that has ended', () => {
    for (let count = 0; count < 50; count += 1) {
      const { opened, packets } = session(`cam-3-${count}`);
      opened.feed(9, 0, Buffer.from('170100000000', 'hex'));
      expect(packets.length).toBe(1);
      opened.close();
      opened.close();
      expect(packets.length).toBe(1);
    }
    expect(mediaServerHolds()).toEqual({ sessions: 0, broadcasts: 0 });
  });

  it('refuses a name that is taken, and leaves the first alone', () => {
    const first = session('cam-4');
    expect(() => session('cam-4')).toThrow();
    first.opened.feed(9, 0, Buffer.from('170100000000', 'hex'));
    expect(first.packets.length).toBe(1);
    first.opened.close();
    expect(mediaServerHolds()).toEqual({ sessions: 0, broadcasts: 0 });
  });
});

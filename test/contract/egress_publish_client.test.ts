import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { publishAddress } from '../../src/platforms/address.js';
import { BoundedLookup } from '../../src/rtmp/bounded-lookup.js';
import { ChunkWriter } from '../../src/rtmp/chunk-writer.js';
import { ClientHandshake } from '../../src/rtmp/handshake.js';
import { acknowledgement, UserControl, userControl } from '../../src/rtmp/messages.js';
import { PublishClient } from '../../src/rtmp/publish-client.js';
import { PublishError } from '../../src/rtmp/publish-errors.js';
import { hasNginxRtmp, NginxRtmp } from '../support/nginx_rtmp.js';
import { isSequenceHeader, readTags } from '../support/rtmp/flv.js';
import { freePort, removeFolder, tempFolder } from '../support/temp.js';
import { delay, waitFor } from '../support/wait.js';
import { FakeFarEnd, type Habits } from './egress_fake_server.js';

const KEY = 'CANARYkey0123456789';
let pki: { key: string; cert: string };

beforeAll(() => {
  const folder = tempFolder('v-pki-');
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2',
    '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost', '-keyout', join(folder, 'key.pem'), '-out', join(folder, 'cert.pem')], { stdio: 'ignore' });
  pki = { key: readFileSync(join(folder, 'key.pem'), 'utf8'), cert: readFileSync(join(folder, 'cert.pem'), 'utf8') };
  removeFolder(folder);
});

const names = new BoundedLookup();
const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function farEnd(habits: Habits = {}): Promise<FakeFarEnd> {
  const server = await new FakeFarEnd(habits).start();
  cleanups.push(() => server.stop());
  return server;
}

function publisher(url: string, options: { extraCa?: string; answerTimeoutMs?: number; connectTimeoutMs?: number } = {}) {
  const closed: (PublishError | null)[] = [];
  const client = new PublishClient({ target: publishAddress('custom', url, KEY), lookup: names.lookup, onClose: (error) => closed.push(error), ...options });
  cleanups.push(() => client.stop());
  return { client, closed };
}

async function failure(url: string, options: Parameters<typeof publisher>[1] = {}): Promise<PublishError> {
  const error = await publisher(url, { answerTimeoutMs: 300, connectTimeoutMs: 1500, ...options }).client.open().then(() => null, (reason: unknown) => reason);
  expect(error).toBeInstanceOf(PublishError);
  expect((error as PublishError).message).not.toContain('CANARY');
  expect((error as PublishError).message).not.toContain('/live');
  return error as PublishError;
}

describe('PublishClient', () => {
  it('publishes as encoders do, acknowledges, answers pings, and says goodbye', async () => {
    const server = await farEnd({ ping: true });
    const { client, closed } = publisher(server.url);
    await client.open();
    client.sendMetadata(0, Buffer.from([2, 0, 1, 0x61]));
    client.sendMedia('video', 0, Buffer.alloc(150_000, 0x17));
    client.sendMedia('audio', 5, Buffer.from([0xaf, 1, 2]));
    const visit = server.last!;
    await waitFor('the media', () => visit.media.length === 3);
    expect(visit.commands.map((command) => command.name)).toEqual(['connect', 'releaseStream', 'FCPublish', 'createStream', 'publish']);
    expect(visit.commands.at(-1)!.args.slice(1)).toEqual([KEY, 'live']);
    expect(visit.media.map((m) => [m.type, m.streamId, m.timestampMs, m.payload.length])).toEqual([[18, 7, 0, 4 + 16], [9, 7, 0, 150_000], [8, 7, 5, 3]]);
    expect(visit.chunkSize).toBeGreaterThanOrEqual(4096);
    expect(visit.chunkSize).toBeLessThanOrEqual(65_535);
    await waitFor('pong, and acknowledgement of what the server said', () => visit.pongs[0] === 4711 && visit.acksReceived.length > 0);
    await waitFor('acknowledgements', () => (client.bytesAcked ?? 0) > 100_000);
    await client.stop();
    await waitFor('the goodbye', () => visit.closedByClient);
    expect(visit.commands.slice(-2).map((command) => command.name)).toEqual(['FCUnpublish', 'deleteStream']);
    expect(closed).toEqual([null]);
    expect(client.bytesWritten).toBe(visit.bytes);
  });

  it('does not answer a far end that asks and never reads, and leaves one that talks without end', async () => {
    const server = await farEnd();
    const { client, closed } = publisher(server.url);
    await client.open();
    const { socket } = server.last!;
    socket.pause();
    client.sendMedia('video', 0, Buffer.alloc(16 * 2 ** 20 - 1, 0x17));
    await waitFor('the line to be full', async () => {
      const before = client.bytesWaiting;
      await delay(50);
      return client.bytesWaiting === before && before > 2 ** 20;
    });
    const waiting = client.bytesWaiting;
    const writer = new ChunkWriter();
    const ping = (): Buffer => writer.encode(userControl(UserControl.pingRequest, 1));
    // The third and all after it are the same seven bytes.
    socket.write(Buffer.concat([ping(), ping(), Buffer.alloc(20_000 * 7, ping()), writer.encode(acknowledgement(1))]));
    await waitFor('all of it to be heard', () => client.acks === 1);
    expect(client.bytesWaiting).toBe(waiting);
    socket.write(Buffer.concat([ping(), ping()]));
    const more = Buffer.alloc(10_000 * 7, ping());
    const talk = (): void => { while (!socket.destroyed && socket.write(more)); };
    socket.on('drain', talk);
    talk();
    await waitFor('the end', () => closed.length > 0);
    expect(closed[0]).toMatchObject({ kind: 'protocol', phase: 'publishing', message: expect.stringContaining('far more than') as string });
    expect(closed[0]!.message).not.toContain('CANARY');
  });

  it('tells what went wrong in kinds, without url or key', async () => {
    expect(await failure(`rtmp://127.0.0.1:${await freePort()}/live`)).toMatchObject({ kind: 'refused', phase: 'connect' });
    expect(await failure('rtmp://does-not-exist.invalid/live', { connectTimeoutMs: 10_000 })).toMatchObject({ kind: 'dns' });
    expect(await failure((await farEnd({ handshake: 'mute' })).url)).toMatchObject({ kind: 'timeout', phase: 'handshake' });
    expect(await failure((await farEnd({ handshake: 'http' })).url)).toMatchObject({ kind: 'protocol' });
    expect(await failure((await farEnd({ connect: 'mute' })).url)).toMatchObject({ kind: 'timeout', phase: 'app' });
    expect(await failure((await farEnd({ connect: { refuse: 'NetConnection.Connect.Rejected' } })).url)).toMatchObject({ kind: 'bad-app' });
    expect(await failure((await farEnd({ connect: { refuse: 'NetConnection.Connect.InvalidApp' } })).url)).toMatchObject({ kind: 'bad-app' });
    expect(await failure((await farEnd({ connect: 'close' })).url)).toMatchObject({ kind: 'closed', phase: 'app' });
    for (const code of ['NetStream.Publish.BadName', 'NetStream.Publish.Denied', 'NetStream.Publish.Unauthorized']) {
      expect(await failure((await farEnd({ publish: { refuse: code } })).url)).toMatchObject({ kind: 'bad-key' });
    }
    expect(await failure((await farEnd({ publish: { refuse: KEY } })).url)).toMatchObject({ kind: 'closed' });
    expect(await failure((await farEnd({ publish: 'close' })).url)).toMatchObject({ kind: 'closed', phase: 'stream' });
    expect(await failure((await farEnd({ publish: 'mute' })).url)).toMatchObject({ kind: 'timeout', phase: 'stream' });
  });

  it('does not blame the far end for a fault of ours', async () => {
    const ours = new TypeError('undefined is not a function');
    const push = vi.spyOn(ClientHandshake.prototype, 'push').mockImplementation(() => { throw ours; });
    try {
      expect(await failure((await farEnd()).url)).toMatchObject({ kind: 'fault', cause: ours });
    } finally {
      push.mockRestore();
    }
  });

  it('publishes by TLS only to one who can prove its name', async () => {
    const server = await farEnd({ tls: pki });
    expect(await failure(server.url)).toMatchObject({ kind: 'tls' });
    const trusted = publisher(server.url, { extraCa: pki.cert });
    await trusted.client.open();
    trusted.client.sendMedia('video', 0, Buffer.alloc(100_000, 0x17));
    await waitFor('the media', () => server.last!.media.length === 1);
    expect(trusted.client.bytesWritten).toBe(server.last!.bytes);
    expect(trusted.client.endpoint).toMatchObject({ remotePort: server.port });
    // The right authority, but another name than the certificate's.
    expect(await failure(server.url.replace('localhost', '127.0.0.1'), { extraCa: pki.cert })).toMatchObject({ kind: 'tls' });
    // No TLS there at all: one that closes, and one that says nothing.
    expect(await failure((await farEnd()).url.replace('rtmp:', 'rtmps:'))).toMatchObject({ kind: 'tls' });
    expect(await failure((await farEnd({ handshake: 'mute' })).url.replace('rtmp:', 'rtmps:'), { connectTimeoutMs: 300 })).toMatchObject({ kind: 'tls' });
  });

  it('reports the end of an open connection once', async () => {
    const server = await farEnd();
    const { client, closed } = publisher(server.url);
    await client.open();
    server.resetAll();
    await waitFor('the report', () => closed.length === 1);
    expect(closed[0]).toMatchObject({ kind: 'closed', phase: 'publishing' });
    client.sendMedia('video', 0, Buffer.alloc(10));
    await client.stop();
    expect(closed).toHaveLength(1);
  });

  it('stops wanting more when the far end stops reading, tells when there is room, and ends by force in half a second', async () => {
    const server = await farEnd();
    let rooms = 0;
    const client = new PublishClient({ target: publishAddress('custom', server.url, KEY), lookup: names.lookup, onClose: () => undefined, onRoom: () => { rooms += 1; } });
    await client.open();
    server.last!.socket.pause();
    let sent = 0;
    while (sent < 500) {
      if (!client.wantsMore) {
        // Only when it stays so has the kernel had enough.
        await new Promise((resolve) => setTimeout(resolve, 50));
        if (!client.wantsMore) break;
      }
      client.sendMedia('video', sent, Buffer.alloc(100_000, 0x27));
      sent += 1;
    }
    expect(client.wantsMore).toBe(false);
    expect(client.bytesWaiting).toBeLessThan(1_000_000);
    server.last!.socket.resume();
    await waitFor('room', () => rooms > 0 && client.wantsMore);
    server.last!.socket.pause();
    for (let i = 0; i < 200; i += 1) client.sendMedia('video', sent + i, Buffer.alloc(100_000, 0x27));
    const fromMs = performance.now();
    await client.stop();
    expect(performance.now() - fromMs).toBeLessThan(1000);
  });

  it.skipIf(!hasNginxRtmp)('is read right by nginx over 2²⁴ ms, in frames of many chunks', async () => {
    const nginx = await new NginxRtmp().start();
    cleanups.push(() => nginx.stop());
    const { client } = publisher(nginx.url());
    await client.open();
    const startMs = 2 ** 24 - 1000;
    client.sendMedia('video', startMs, Buffer.from([0x17, 0, 0, 0, 0, 1, 0x64, 0, 0x1f, 0xff, 0xe0, 0]));
    client.sendMedia('audio', startMs, Buffer.from([0xaf, 0, 0x12, 0x10]));
    for (let i = 0; i < 50; i += 1) {
      const payload = Buffer.alloc(i % 25 === 0 ? 150_000 : 5000, i + 1);
      payload[0] = i % 25 === 0 ? 0x17 : 0x27;
      payload[1] = 1;
      client.sendMedia('video', startMs + i * 40, payload);
      client.sendMedia('audio', startMs + i * 40, Buffer.from([0xaf, 1, i]));
    }
    await waitFor('its acknowledgement', () => (client.bytesAcked ?? 0) > 500_000);
    await client.stop();
    await waitFor('the end', () => nginx.events.some((event) => event.call === 'publish_done'));
    const tags = readTags(readFileSync(nginx.lastRecording(KEY))).filter((tag) => !isSequenceHeader(tag) && tag.type !== 18);
    const video = tags.filter((tag) => tag.type === 9);
    // nginx's recorder counts from the first stamp it saw.
    expect(video.map((tag) => tag.timestampMs - video[0]!.timestampMs)).toEqual(Array.from({ length: 50 }, (_, i) => i * 40));
    video.forEach((tag, i) => expect(tag.body.subarray(2).every((byte) => byte === i + 1)).toBe(true));
    expect(tags.filter((tag) => tag.type === 8)).toHaveLength(50);
  });
});

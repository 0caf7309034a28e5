/** Row 26 of the faults: what strangers can send at the RTMP port, each against the real process. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { commandMessage, connectCommand, createStreamCommand, publishCommand } from '../../src/rtmp/messages.js';
import { sharedMedia } from '../support/media.js';
import { openFileCount } from '../support/procfs.js';
import { waitFor } from '../support/wait.js';
import { FeedClient, Ingest, play, RawClient, smallFilm } from '../process/ingest-harness.js';

const KEY = 'canary-key-5f1d0c2a';
let ingest: Ingest;

beforeAll(async () => {
  ingest = await Ingest.start({ cam_a: KEY, cam_b: 'another-key' });
});
afterAll(() => ingest?.stop());

/** The process lives, its memory is bounded, and a real publisher gets in. Prints both figures. */
async function survived(what: string): Promise<void> {
  expect(ingest.alive, ingest.process.stdout().slice(-2000)).toBe(true);
  const rssMb = ingest.rssMb;
  const connectMs = await ingest.timePublisher('cam_a', KEY);
  console.log(`${what}: ${rssMb} MiB, a real publisher live ${connectMs} ms after its process began`);
  expect(rssMb).toBeLessThan(300);
  expect(connectMs).toBeLessThan(5000);
}

/** A type 0 chunk header. */
function header(id: number, length: number, type: number): Buffer {
  const out = Buffer.alloc(12);
  out[0] = id;
  out.writeUIntBE(length, 4, 3);
  out[7] = type;
  return out;
}

describe('what killed the stock server', () => {
  it('connect with a bad tcUrl', async () => {
    for (const tcUrl of ['not a url', '', 'http://x/live', 'rtmp://', '\0'.repeat(5000)]) {
      const client = await RawClient.greet(ingest.port);
      client.send(connectCommand({ app: 'live', tcUrl }));
      await client.untilClosed(3000);
      expect(client.codes()).toEqual(['NetConnection.Connect.Rejected']);
    }
    for (const fields of [{}, { app: 'live', tcUrl: null }, { app: null, tcUrl: 'rtmp://h/live' }, null, 5]) {
      const client = await RawClient.greet(ingest.port);
      client.send(commandMessage('connect', 1, [fields]));
      await client.untilClosed(3000);
      expect(client.codes()).toEqual(['NetConnection.Connect.Rejected']);
    }
    await survived('bad tcUrl');
  });

  it('publish with a null name, and names of other kinds', async () => {
    for (const name of [null, undefined, 5, {}, [], '', '?x=y', 'x'.repeat(300)]) {
      const client = await RawClient.connect(ingest.port);
      client.send(commandMessage('publish', 3, [null, name, 'live'], 1));
      await client.untilClosed(3000);
      expect(client.codes()).toEqual(['NetStream.Publish.BadName']);
    }
    await survived('publish without a name');
  });

  it('commands before their time, twice, or nobody knows', async () => {
    for (const name of ['publish', 'createStream', 'play', 'FCUnpublish', 'deleteStream', 'toString', '__proto__', 'connect']) {
      const client = await RawClient.greet(ingest.port);
      client.send(commandMessage(name, 1, []), commandMessage(name, Number.NaN, [null, null]), connectCommand({ app: 'x', tcUrl: 'y' }));
      await client.untilClosed(3000);
    }
    const many = await RawClient.connect(ingest.port);
    many.send(...Array.from({ length: 200 }, (_, index) => createStreamCommand(index)));
    await many.untilClosed(3000);
    await survived('commands out of order');
  });

  it('a zero-length video message, and other media that is none', async () => {
    const client = await RawClient.publish(ingest.port, 'another-key');
    expect(client.codes()).toEqual(['NetStream.Publish.Start']);
    for (const type of [8, 9, 18, 15, 22]) {
      for (const payload of ['', '17', '1700', '1701', '170000', '1701000000', '90', '80', '91', '81', 'ff', 'af', 'af00', '0000', '9168766331', '8068766331']) {
        if (type === 18 || type === 15) continue;
        client.media(type, 0, Buffer.from(payload, 'hex'));
      }
    }
    client.media(18, 0, Buffer.alloc(0));
    await waitFor('all to be read', () => client.socket.writableLength === 0);
    expect(client.closed).toBe(false);
    client.close();
    await survived('media that is none');
  });

  it('truncated AMF', async () => {
    const whole = publishCommand(3, KEY, 1).payload;
    for (let end = 0; end < whole.length; end += 3) {
      const client = await RawClient.connect(ingest.port);
      client.send({ type: 20, streamId: 1, timestampMs: 0, payload: whole.subarray(0, end) });
      // Cut after the name it is still a publish; everything shorter is none.
      await waitFor('an end or an acceptance', () => client.closed || client.codes().includes('NetStream.Publish.Start'));
      client.close();
    }
    const data = await RawClient.publish(ingest.port, 'another-key');
    // An accepted publisher keeps its connection: such a message is dropped.
    data.media(18, 0, Buffer.from('02000a6f6e4d657461', 'hex'));
    data.media(20, 0, Buffer.from('0200', 'hex'));
    await play(data, await smallFilm(1));
    await waitFor('its film', () => ingest.camera('cam_b')?.state === 'live');
    data.close();
    await survived('truncated AMF');
  });

  it('AMF nested 3,000 deep', async () => {
    const nested = Buffer.concat([
      Buffer.from('020007636f6e6e656374003ff0000000000000', 'hex'),
      ...Array.from({ length: 3000 }, () => Buffer.from([3, 0, 1, 0x61])),
    ]);
    const client = await RawClient.greet(ingest.port);
    client.send({ type: 20, streamId: 0, timestampMs: 0, payload: nested });
    await client.untilClosed(3000);
    await survived('nested AMF');
  });

  it('780 bytes that announce a gigabyte', async () => {
    const before = ingest.rssMb;
    for (let turn = 0; turn < 10; turn += 1) {
      const client = await RawClient.greet(ingest.port);
      client.raw(...Array.from({ length: 60 }, (_, index) => Buffer.concat([header(3 + index, 0xffffff, 9), Buffer.alloc(1)])));
      await client.untilClosed(3000);
    }
    // The most that a stranger may announce, on as many chunk streams as it may have.
    const clients = await Promise.all(Array.from({ length: 20 }, () => RawClient.greet(ingest.port)));
    for (const client of clients) {
      client.raw(...Array.from({ length: 16 }, (_, index) => Buffer.concat([header(3 + index, 2 ** 20, 9), Buffer.alloc(128)])));
    }
    await waitFor('all to be read', () => clients.every((client) => client.socket.writableLength === 0));
    console.log(`announced a gigabyte ten times: ${before} MiB before, ${ingest.rssMb} MiB after`);
    expect(ingest.rssMb - before).toBeLessThan(64);
    for (const client of clients) client.close();
    await survived('announced sizes');
  });

  it('media of a refused publisher, of a player, and of one who is nothing reaches nobody', async () => {
    const film = await smallFilm(1);
    const reader = new FeedClient(ingest.socket('cam_a'));
    const wrong = await RawClient.connect(ingest.port);
    wrong.send(publishCommand(3, `${KEY}x`, 1));
    const player = await RawClient.connect(ingest.port);
    player.send(commandMessage('play', 3, [null, KEY], 1));
    const nothing = await RawClient.connect(ingest.port);
    for (const client of [wrong, player, nothing]) await play(client, film);
    await player.untilClosed(3000);
    await wrong.untilClosed(8000);
    expect(player.codes()).toEqual(['NetStream.Play.Failed']);
    expect(wrong.codes()).toEqual(['NetStream.Publish.BadName']);
    nothing.close();
    // While the true publisher is on, a player of the same key gets in as little.
    const publisher = await RawClient.publish(ingest.port, KEY);
    await play(publisher, film);
    const second = await RawClient.connect(ingest.port);
    second.send(commandMessage('play', 3, [null, KEY], 1));
    await play(second, film, { timeMs: 60_000 });
    await second.untilClosed(3000);
    await waitFor('the film', () => reader.tags.length >= film.length - 1);
    expect(reader.tags.filter((tag) => tag.type === 9).length).toBe(film.filter((tag) => tag.type === 9).length - 1);
    expect(Math.max(...reader.tags.map((tag) => tag.timestampMs))).toBeLessThan(30_000);
    publisher.close();
    reader.close();
    await survived('media of strangers');
  });

  it('2,000 half handshakes', async () => {
    const before = ingest.rssMb;
    const sockets: RawClient[] = [];
    for (let turn = 0; turn < 2000; turn += 100) {
      const some = await Promise.all(Array.from({ length: 100 }, () => RawClient.open(ingest.port)));
      some.forEach((client, index) => client.raw(Buffer.concat([Buffer.from([3]), Buffer.alloc(index * 15)])));
      sockets.push(...some);
    }
    const duringMb = ingest.rssMb;
    console.log(`2,000 half handshakes: ${before} MiB before, ${duringMb} MiB during`);
    expect(duringMb - before).toBeLessThan(64);
    await survived('2,000 half handshakes, still there');
    // A real publisher among more of them that come all the while; of three, as a machine may stand still for a moment.
    let isOver = false;
    const flood = (async () => {
      while (!isOver) sockets.push(...await Promise.all(Array.from({ length: 20 }, () => RawClient.open(ingest.port))));
    })();
    const tookMs: number[] = [];
    for (let turn = 0; turn < 3; turn += 1) {
      const startMs = performance.now();
      const publisher = await RawClient.publish(ingest.port, KEY);
      tookMs.push(performance.now() - startMs);
      expect(publisher.codes()).toEqual(['NetStream.Publish.Start']);
      publisher.close();
    }
    isOver = true;
    await flood;
    console.log(`a publisher is accepted ${tookMs.map((ms) => ms.toFixed(0)).join(', ')} ms after its connection began, while half handshakes come`);
    expect(Math.min(...tookMs)).toBeLessThanOrEqual(1000);
    await waitFor('all to be closed', () => sockets.every((client) => client.closed), { timeoutMs: 15_000 });
  });

  it('garbage, before and after the handshake', async () => {
    const corpus = sharedMedia('rtmp/fuzz-gortmplib');
    const files = corpus === null ? [] : readdirSync(corpus).map((name) => readFileSync(join(corpus, name)));
    if (files.length === 0) console.log('no hostile RTMP among the sample footage: random bytes only');
    const random = fc.sample(fc.uint8Array({ minLength: 1, maxLength: 5000 }), { numRuns: 60, seed: 26 }).map((bytes) => Buffer.from(bytes));
    for (const bytes of [...files, ...random]) {
      const before = await RawClient.open(ingest.port);
      before.raw(bytes);
      before.socket.end();
      const after = await RawClient.greet(ingest.port);
      after.raw(bytes);
      after.socket.end();
      const publisher = await RawClient.connect(ingest.port);
      publisher.send(publishCommand(3, 'another-key', 1));
      publisher.raw(bytes);
      publisher.socket.end();
    }
    await survived('garbage');
  });
});

describe('coming and going', () => {
  it('300 publishers and 300 readers leave no handle and no memory', async () => {
    const film = await smallFilm(1);
    const round = async (count: number): Promise<void> => {
      for (let turn = 0; turn < count; turn += 1) {
        const reader = new FeedClient(ingest.socket('cam_b'));
        const publisher = await RawClient.publish(ingest.port, 'another-key');
        await play(publisher, film);
        await waitFor('a frame', () => reader.tags.length > 3, { everyMs: 2 });
        // Every third is taken over instead of closed.
        if (turn % 3 > 0) publisher.close();
        reader.close();
      }
      const last = await RawClient.publish(ingest.port, 'another-key');
      last.close();
      await waitFor('all to be gone', () => ingest.camera('cam_b')?.remote === null);
    };
    await round(100);
    const before = { rssMb: ingest.rssMb, files: openFileCount(ingest.process.pid) };
    await round(200);
    const after = { rssMb: ingest.rssMb, files: openFileCount(ingest.process.pid) };
    console.log(`200 comings and goings: ${before.rssMb} → ${after.rssMb} MiB, ${before.files} → ${after.files} files`);
    expect(after.files).toBeLessThanOrEqual(before.files);
    expect(after.rssMb - before.rssMb).toBeLessThan(40);
  });
});

describe('secrets', () => {
  it('no key was ever said', () => {
    const said = ingest.process.stdout() + ingest.process.stderr();
    expect(said.length).toBeGreaterThan(1000);
    for (const secret of [KEY, 'another-key']) expect(said.includes(secret)).toBe(false);
    expect(readFileSync(`/proc/${ingest.process.pid}/cmdline`, 'utf8').includes(KEY)).toBe(false);
  });
});

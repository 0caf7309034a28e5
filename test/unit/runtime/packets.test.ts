/** Packets over a unix socket: whole, in order, and fewer for whoever does not read. */
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { silentLog } from '../../../src/runtime/log.js';
import { PacketReader } from '../../../src/runtime/packet-reader.js';
import { PacketServer } from '../../../src/runtime/packet-server.js';
import { removeFolder, tempFolder } from '../../support/temp.js';
import { waitFor } from '../../support/wait.js';

const undo: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

function place(): string {
  const folder = tempFolder();
  undo.push(() => removeFolder(folder));
  return join(folder, 'packets.sock');
}

async function serve(socketPath: string): Promise<PacketServer> {
  const server = new PacketServer({ socketPath, log: silentLog });
  await server.start();
  undo.push(() => server.stop());
  return server;
}

function read(socketPath: string, onPacket: (bytes: Uint8Array) => boolean): PacketReader {
  const reader = new PacketReader(socketPath, 1 << 20, onPacket);
  undo.push(() => reader.stop());
  reader.want(true);
  return reader;
}

test('packets of any length come whole and in order, to a server that comes back too; nothing is made for nobody', async () => {
  const socketPath = place();
  const first = await serve(socketPath);
  first.send(() => { throw new Error('made for nobody'); });
  const got: Uint8Array[] = [];
  const reader = read(socketPath, (bytes) => got.push(bytes) > 0);
  const packets = [0, 1, 3, 70_000, 5].map((length, i) => new Uint8Array(length).fill(i));
  await waitFor('the reader', () => {
    first.send(() => packets);
    return got.length >= packets.length;
  });
  expect(got.slice(0, packets.length)).toEqual(packets);
  await first.stop();
  const second = await serve(socketPath);
  got.length = 0;
  await waitFor('the reader again', () => {
    second.send(() => [new Uint8Array([9])]);
    return got.length > 0;
  });
  reader.want(false);
  await waitFor('nobody', () => {
    let made = false;
    second.send(() => {
      made = true;
      return [];
    });
    return !made;
  });
});

test('who does not read loses what is new, which is counted, and holds up nobody', async () => {
  const socketPath = place();
  const server = await serve(socketPath);
  const idle: Socket = connect(socketPath).pause();
  undo.push(() => idle.destroy());
  let got = 0;
  read(socketPath, () => ++got > 0);
  await waitFor('a packet lost', () => {
    server.send(() => [new Uint8Array(50_000)]);
    return server.skipped > 3;
  });
  const before = got;
  await waitFor('more for the one that reads', () => {
    server.send(() => [new Uint8Array(50_000)]);
    return got > before + 5;
  });
});

test('who says what cannot be is left, and tried again', async () => {
  const socketPath = place();
  let connections = 0;
  const liar = createServer((socket) => {
    connections += 1;
    socket.on('error', () => undefined);
    socket.write(Buffer.from([0xff, 0xff, 0xff, 0xff, 1]));
  });
  await new Promise<void>((resolve) => liar.listen(socketPath, resolve));
  undo.push(() => new Promise((resolve) => liar.close(resolve)));
  let got = 0;
  const reader = read(socketPath, () => ++got > 0);
  await waitFor('a second try', () => connections >= 2);
  expect(got).toBe(0);
  await reader.stop();
});

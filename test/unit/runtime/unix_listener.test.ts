import { once } from 'node:events';
import { existsSync, lstatSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { UnixListener } from '../../../src/runtime/unix-listener.js';
import { removeFolder, tempFolder } from '../../support/temp.js';
import { waitFor } from '../../support/wait.js';

let folder: string;
let path: string;
let server: Server;
let listener: UnixListener;
let sockets: Socket[];

beforeEach(async () => {
  folder = tempFolder();
  sockets = [];
  server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => {}).pipe(socket);
  });
  listener = new UnixListener(server, join(folder, 'a.sock'));
  path = join(folder, 'a.sock');
  await listener.start();
});

afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  await listener.stop();
  removeFolder(folder);
});

async function client(): Promise<Socket> {
  const socket = connect(path);
  await once(socket, 'connect');
  sockets.push(socket);
  return socket;
}

async function echoes(socket: Socket): Promise<void> {
  socket.write('x');
  expect(String((await once(socket, 'data'))[0])).toBe('x');
}

test('it listens a little later where it could not at once', async () => {
  const [missing, other] = [join(folder, 'gone', 'b.sock'), createServer()];
  const late = new UnixListener(other, missing);
  await expect(late.start()).rejects.toMatchObject({ code: 'EACCES' });
  await waitFor('it to listen', () => existsSync(missing));
  await late.stop();
});

test('it is for this user alone, and gone when stopped', async () => {
  expect(lstatSync(path).mode & 0o777).toBe(0o600);
  await listener.stop();
  expect(existsSync(path)).toBe(false);
});

test('a socket file that is removed is there again within 3 s, and the connections stay', async () => {
  const before = await client();
  for (let round = 0; round < 2; round++) {
    rmSync(path);
    await waitFor('the socket', () => existsSync(path), { timeoutMs: 3000 });
    expect(lstatSync(path).mode & 0o777).toBe(0o600);
    await echoes(await client());
  }
  await echoes(before);
});

test('so is one whose folder is removed, or whose place a plain file took', async () => {
  rmSync(folder, { recursive: true });
  await waitFor('the socket', () => existsSync(path), { timeoutMs: 3000 });
  await echoes(await client());
  rmSync(path);
  writeFileSync(path, '');
  await waitFor('the socket', () => lstatSync(path, { throwIfNoEntry: false })?.isSocket() ?? false, { timeoutMs: 3000 });
  await echoes(await client());
});

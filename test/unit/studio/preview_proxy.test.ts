import { createServer, type Socket } from 'node:net';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { Duplex } from 'node:stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { PreviewProxy } from '../../../src/studio/ws/preview-proxy.js';
import { FakeClock } from '../../fakes/fake-clock.js';
import { removeFolder, tempFolder } from '../../support/temp.js';
import { waitFor } from '../../support/wait.js';

let folder: string;
const sockets: Socket[] = [];
const server = createServer((socket) => { sockets.push(socket.resume()); });
beforeEach(async () => {
  folder = tempFolder();
  await once(server.listen(join(folder, 'preview.sock')), 'listening');
});
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => server.close(resolve));
  removeFolder(folder);
});

test('a preview ends with the session that it was opened by; that of the token goes on', async () => {
  const open = new Set(['mine', 'yours']);
  const clock = new FakeClock();
  const proxy = new PreviewProxy({ socketPath: join(folder, 'preview.sock'), clock, isOpen: (cookie) => open.has(cookie) });
  proxy.start();
  const watch = (headers: object): Duplex => {
    const browser = new Duplex({ read: () => undefined, write: (_chunk, _encoding, done) => done() });
    proxy.upgrade({ headers } as IncomingMessage, browser, Buffer.alloc(0));
    return browser;
  };
  const viewers = [watch({ cookie: 'mine' }), watch({ cookie: 'yours' }), watch({ authorization: 'Bearer token', cookie: 'mine' })];
  await waitFor('the previews', () => sockets.length === 3);
  open.delete('mine');
  await clock.advance(5000);
  expect(viewers.map(({ destroyed }) => destroyed)).toEqual([true, false, false]);
  open.clear();
  await clock.advance(5000);
  expect(viewers.map(({ destroyed }) => destroyed)).toEqual([true, true, false]);
  await proxy.stop();
  expect(viewers.map(({ destroyed }) => destroyed)).toEqual([true, true, true]);
});

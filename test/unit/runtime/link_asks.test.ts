/** What a process asks of the studio over the link: answered, refused, timed out or cut off, never left. */
import { connect } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ServerError } from '../../../src/runtime/errors.js';
import type { AnswerAsk } from '../../../src/runtime/link-asks.js';
import { LinkClient } from '../../../src/runtime/link-client.js';
import { LinkServer } from '../../../src/runtime/link-server.js';
import { readLines } from '../../../src/runtime/lines.js';
import { silentLog } from '../../../src/runtime/log.js';
import { removeFolder, tempFolder } from '../../support/temp.js';
import { waitFor } from '../../support/wait.js';

let folder: string;
let server: LinkServer;
let client: LinkClient<'sidecar'>;
let answer: (name: string, payload: unknown) => Promise<unknown>;
const asked: unknown[] = [];
const LEASE = { key: 'a'.repeat(64), token: 1 };
const COUNTS = { jobs: { waiting: 0, running: 0, done: 1, failed: 0, cancelled: 0 }, deadLetters: 0 };

function startServer(): Promise<void> {
  const onAsk: AnswerAsk = (name, payload, role) => {
    asked.push([name, payload, role]);
    return answer(name, payload);
  };
  server = new LinkServer({
    socketPath: join(folder, 's'), log: silentLog, desired: () => ({ finish: [] }) as never, onActual: () => undefined, onEvent: () => undefined, onPresence: () => undefined, onAsk,
  });
  return server.start();
}
const isThere = () => waitFor('the link', () => server.presence().some(({ role, connected }) => role === 'sidecar' && connected));

beforeEach(async () => {
  folder = tempFolder();
  asked.length = 0;
  answer = () => Promise.resolve(COUNTS);
  await startServer();
  client = new LinkClient({ role: 'sidecar', socketPath: join(folder, 's'), log: silentLog, actual: () => ({ recordings: [] }), onDesired: () => undefined });
  client.start();
  await isThere();
});
afterEach(async () => {
  await client.stop();
  await server.stop();
  removeFolder(folder);
});

test('an ask is checked, answered, and its answer checked', async () => {
  expect(await client.ask('jobs:counts', {})).toEqual(COUNTS);
  expect(asked).toEqual([['jobs:counts', {}, 'sidecar']]);
  answer = () => Promise.resolve({ jobs: 'many' });
  await expect(client.ask('jobs:counts', {})).rejects.toMatchObject({ code: 'INTERNAL', message: expect.stringContaining('was not understood') });
  answer = () => Promise.resolve(null);
  expect(await client.ask('jobs:release', { lease: LEASE })).toBeNull();
  const before = asked.length;
  await expect(client.ask('jobs:release', { lease: { ...LEASE, key: 'short' } })).rejects.toMatchObject({ code: 'VALIDATION', message: expect.stringContaining('lease.key') });
  await expect(client.ask('jobs:sing' as 'jobs:counts', {})).rejects.toMatchObject({ code: 'UNKNOWN_MESSAGE' });
  expect(asked).toHaveLength(before);
});

test('an error of who answers is the error of who asked', async () => {
  answer = () => Promise.reject(new ServerError('DISK_FULL', 'The disk is full.'));
  await expect(client.ask('jobs:counts', {})).rejects.toMatchObject({ code: 'DISK_FULL', message: 'The disk is full.' });
  answer = () => { throw new Error('oh'); };
  await expect(client.ask('jobs:counts', {})).rejects.toMatchObject({ code: 'INTERNAL' });
});

test('an answer that does not come is a TIMEOUT, and one that comes after it is nobody\'s', async () => {
  let late = (_: unknown): void => {};
  answer = () => new Promise((resolve) => { late = resolve; });
  await expect(client.ask('jobs:counts', {}, 50)).rejects.toMatchObject({ code: 'TIMEOUT' });
  late(COUNTS);
  answer = () => Promise.resolve({ ...COUNTS, deadLetters: 7 });
  expect((await client.ask('jobs:counts', {})).deadLetters).toBe(7);
});

test('no more than 32 wait at once; the next is refused and the others are answered', async () => {
  let go = (_: unknown): void => {};
  const gate = new Promise((resolve) => { go = resolve; });
  answer = async () => gate.then(() => COUNTS);
  const waiting = Array.from({ length: 32 }, () => client.ask('jobs:counts', {}));
  await expect(client.ask('jobs:counts', {})).rejects.toMatchObject({ code: 'LINK_BUSY' });
  go(null);
  expect(await Promise.all(waiting)).toHaveLength(32);
  expect(await client.ask('jobs:counts', {})).toEqual(COUNTS);
});

test('a link that closes rejects what waits; one that is back answers again', async () => {
  answer = () => new Promise(() => undefined);
  const cut = expect(client.ask('jobs:counts', {})).rejects.toMatchObject({ code: 'LINK_CLOSED' });
  await waitFor('it to be asked', () => asked.length === 1);
  await server.stop();
  await cut;
  await expect(client.ask('jobs:counts', {})).rejects.toMatchObject({ code: 'LINK_CLOSED' });
  // It is no report that was not sent.
  const { unsent } = client;
  await client.ask('jobs:counts', {}).catch(() => undefined);
  expect(client.unsent).toBe(unsent);
  answer = () => Promise.resolve(COUNTS);
  await startServer();
  await isThere();
  expect(await client.ask('jobs:counts', {})).toEqual(COUNTS);
  const last = expect((answer = () => new Promise(() => undefined), client.ask('jobs:counts', {}))).rejects.toMatchObject({ code: 'LINK_CLOSED' });
  await client.stop();
  await last;
});

test('who is not the sidecar is not answered, nor more from one process than it may ask', async () => {
  const socket = connect(join(folder, 's'));
  await once(socket, 'connect');
  const answers: { id: number; error?: { code: string } }[] = [];
  readLines(socket, 1 << 20, (line) => {
    const message = JSON.parse(line) as { type: string; id: number };
    if (message.type === 'answer') answers.push(message);
  });
  socket.write('{"type":"hello","role":"egress","pid":1,"version":"x"}\n{"type":"ask","id":1,"name":"jobs:counts","payload":{}}\n');
  await waitFor('the answer', () => answers.length === 1);
  expect(answers[0]).toMatchObject({ id: 1, error: { code: 'UNKNOWN_MESSAGE' } });
  expect(asked).toEqual([]);
  socket.destroy();

  answer = () => new Promise(() => undefined);
  const other = connect(join(folder, 's'));
  other.on('error', () => undefined);
  await once(other, 'connect');
  readLines(other, 1 << 20, (line) => {
    const message = JSON.parse(line) as { type: string; id: number };
    if (message.type === 'answer') answers.push(message);
  });
  other.write(`{"type":"hello","role":"sidecar","pid":1,"version":"x"}\n${Array.from({ length: 33 }, (_, i) => `{"type":"ask","id":${i},"name":"jobs:counts","payload":{}}\n`).join('')}`);
  await waitFor('the refusal', () => answers.length === 2);
  expect(answers[1]).toMatchObject({ id: 32, error: { code: 'LINK_BUSY' } });
  other.destroy();
});

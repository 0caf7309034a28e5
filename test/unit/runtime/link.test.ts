import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { once } from 'node:events';
import fc from 'fast-check';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { EngineDesired, type EgressActual, type EgressDesired, type Role } from '../../../src/protocol/link.js';
import { Settings } from '../../../src/protocol/resources.js';
import { ServerError } from '../../../src/runtime/errors.js';
import { LinkClient } from '../../../src/runtime/link-client.js';
import { lengthen, told } from '../../../src/runtime/link-documents.js';
import { LinkServer } from '../../../src/runtime/link-server.js';
import { readLines } from '../../../src/runtime/lines.js';
import { silentLog } from '../../../src/runtime/log.js';
import { PRODUCT_VERSION } from '../../../src/runtime/version.js';
import { IDLE_EGRESS, IDLE_ENGINE } from '../../support/studio-process.js';
import { removeFolder, tempFolder } from '../../support/temp.js';
import { waitFor } from '../../support/wait.js';

let folder: string;
let server: LinkServer;
let desired: EgressDesired;
const heard: { actual: unknown[]; events: unknown[]; presence: [Role, boolean][] } = { actual: [], events: [], presence: [] };
const clients: { stop(): Promise<void> }[] = [];
const sockets: Socket[] = [];

let onActual = (): void => {};
let log = silentLog;

function makeServer(): LinkServer {
  return new LinkServer({
    socketPath: join(folder, 's'), log, desired: () => desired as never,
    onActual: (role, actual) => { heard.actual.push([role, actual]); onActual(); },
    onEvent: (role, name, payload) => { heard.events.push([role, name, payload]); },
    onPresence: (role, connected) => { heard.presence.push([role, connected]); },
  });
}
function makeClient(onRequest?: (name: string, payload: unknown) => unknown, actual: () => EgressActual = () => IDLE_EGRESS) {
  const got: EgressDesired[] = [];
  const client = new LinkClient<'egress'>({ role: 'egress', socketPath: join(folder, 's'), log: silentLog, onDesired: (d) => got.push(d), actual, ...(onRequest ? { onRequest } : {}) });
  client.start();
  clients.push(client);
  return { client, got };
}
async function bare(): Promise<Socket> {
  const socket = connect(join(folder, 's'));
  socket.on('error', () => undefined);
  socket.resume();
  sockets.push(socket);
  await once(socket, 'connect');
  return socket;
}

beforeEach(async () => {
  folder = tempFolder();
  desired = { destinations: [], recording: null };
  heard.actual = [];
  heard.events = [];
  heard.presence = [];
  onActual = () => {};
  log = silentLog;
  server = makeServer();
  await server.start();
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await Promise.all(clients.splice(0).map((client) => client.stop()));
  await server.stop();
  removeFolder(folder);
});

test('a process that says hello gets what is wanted, and its report is known', async () => {
  const { got, client } = makeClient();
  await waitFor('both ways', () => got.length === 1 && heard.actual.length > 0);
  expect(got[0]).toEqual(desired);
  expect(server.actual('egress')).toEqual(IDLE_EGRESS);
  desired = { destinations: [], recording: { id: 'r' } };
  server.push('egress');
  await waitFor('the change', () => got.length === 2);
  expect(got[1]).toEqual(desired);
  client.event('hello', { a: 1 });
  await waitFor('the event', () => heard.events.length === 1);
  expect(heard.events).toEqual([['egress', 'hello', { a: 1 }]]);
});

test('requests are answered, refused, timed out or cut off, never left', async () => {
  await expect(server.request('egress', 'x', {}, 'EGRESS_AWAY')).rejects.toMatchObject({ code: 'EGRESS_AWAY' });
  const { client } = makeClient((name, payload) => {
    if (name === 'echo') return payload;
    if (name === 'fail') throw new ServerError('IN_USE', 'not now');
    return new Promise(() => undefined);
  });
  await waitFor('it to be there', () => server.presence().some(({ role, connected }) => role === 'egress' && connected));
  expect(await server.request('egress', 'echo', { n: 1 })).toEqual({ n: 1 });
  await expect(server.request('egress', 'fail', {})).rejects.toMatchObject({ code: 'IN_USE', message: 'not now' });
  const left = server.request('egress', 'hang', {});
  const late = expect(left).rejects.toMatchObject({ code: 'TIMEOUT' });
  await late;
  const cut = expect(server.request('egress', 'hang', {})).rejects.toMatchObject({ code: 'LINK_CLOSED' });
  await client.stop();
  await cut;
});

test('the studio goes and comes back: the process connects again and is told again', async () => {
  const { got } = makeClient();
  await waitFor('the first time', () => got.length === 1);
  await server.stop();
  server = makeServer();
  await server.start();
  await waitFor('the second time', () => got.length === 2);
  expect(server.presence().find(({ role }) => role === 'egress')).toMatchObject({ connected: true, restarts: 0, pid: process.pid });
});

test('a second process of a role takes the place of the first', async () => {
  const first = await bare();
  first.write('{"type":"hello","role":"egress","pid":1,"version":"x"}\n');
  await waitFor('the first', () => server.presence().find(({ role }) => role === 'egress')?.pid === 1);
  const closed = once(first, 'close');
  const cut = expect(server.request('egress', 'x', {})).rejects.toMatchObject({ code: 'LINK_CLOSED' });
  const second = await bare();
  second.write('{"type":"hello","role":"egress","pid":2,"version":"x"}\n');
  await closed;
  await cut;
  await waitFor('the second', () => server.presence().find(({ role }) => role === 'egress')?.pid === 2);
  expect(server.presence().find(({ role }) => role === 'egress')).toMatchObject({ connected: true, restarts: 1 });
});

test('a process that hangs is cut off before it fills the memory', async () => {
  const socket = await bare();
  socket.write('{"type":"hello","role":"egress","pid":1,"version":"x"}\n');
  await waitFor('it', () => server.presence().some(({ connected }) => connected));
  socket.pause();
  desired = { destinations: [{ id: 'a', name: 'x'.repeat(1_000_000), platform: 'custom', url: '', key: '' }], recording: null };
  for (let i = 0; i < 60; i++) server.push('egress');
  await waitFor('it to be cut off', () => !server.presence().some(({ connected }) => connected));
});

test('nonsense on the socket is survived, and what is no report is not taken for one', async () => {
  const socket = await bare();
  for (const line of ['', '{', 'null', '[]', '{"type":"actual","payload":{}}', '{"type":"hello","role":"king","pid":1,"version":"x"}', '{"type":"hello","role":"egress","pid":1,"version":"x"}', '{"type":"actual","payload":{"destinations":"many"}}', '{"type":"reply","id":99}', '{"type":"nothing"}']) {
    socket.write(`${line}\n`);
  }
  socket.write(`{"type":"event","name":"last","payload":1}\n`);
  await waitFor('the last line', () => heard.events.length === 1);
  expect(heard.actual).toEqual([]);
  expect(server.actual('egress')).toBeUndefined();
});

test('a fault in what works on a report is told with its stack, and the next report is heard', async () => {
  const faults: any[] = [];
  log = pino({ level: 'error' }, { write: (line: string) => { faults.push(JSON.parse(line)); } });
  await server.stop();
  server = makeServer();
  await server.start();
  onActual = () => { throw new TypeError('our own fault'); };
  const { client } = makeClient();
  await waitFor('the fault', () => faults.length > 0);
  expect(faults[0]).toMatchObject({ role: 'egress', err: { type: 'TypeError', message: 'our own fault', stack: expect.stringContaining('link.test.ts') } });
  onActual = () => {};
  const before = heard.actual.length;
  client.reportSoon();
  await waitFor('the next', () => heard.actual.length > before);
});

test('a process of another version is told in the log, and served', async () => {
  const warnings: any[] = [];
  log = pino({ level: 'warn' }, { write: (line: string) => { warnings.push(JSON.parse(line)); } });
  await server.stop();
  server = makeServer();
  await server.start();
  const { got } = makeClient();
  await waitFor('one of ours', () => got.length > 0);
  expect(warnings).toEqual([]);
  (await bare()).write('{"type":"hello","role":"engine","pid":1,"version":"0.0.1-other"}\n');
  await waitFor('the other', () => server.presence().some(({ role, connected }) => role === 'engine' && connected));
  expect(warnings).toMatchObject([{ role: 'engine', version: '0.0.1-other', ours: PRODUCT_VERSION }]);
});

test('a document goes over the link once for each version of it, and a process has all of it at every wish', async () => {
  const timeline = (revision: number, name: string) => ({ id: 't', revision, document: { name }, playback: { is: 'stopped' as const } });
  let timelines = [timeline(1, 'one')];
  const wish = () => EngineDesired.parse({
    settings: Settings.parse({}), mediaFolder: '/media', sources: [], scenes: [], overlays: [], timelines, program: { timelineId: 't' }, armed: null, emergency: null, insert: null, levels: false,
  });
  await server.stop();
  server = new LinkServer({ socketPath: join(folder, 's'), log, desired: () => wish() as never, onActual: () => undefined, onEvent: () => undefined, onPresence: () => undefined });
  await server.start();
  const got: EngineDesired[] = [];
  const client = new LinkClient<'engine'>({ role: 'engine', socketPath: join(folder, 's'), log: silentLog, onDesired: (d) => got.push(d), actual: () => IDLE_ENGINE });
  client.start();
  clients.push(client);
  const next = async (what: string) => {
    const { length } = got;
    server.push('engine');
    await waitFor(what, () => got.length > length);
    expect(got.at(-1)).toEqual(wish());
  };
  await waitFor('the first', () => got.length === 1);
  expect(got[0]).toEqual(wish());
  await next('nothing new');
  timelines = [timeline(2, 'two')];
  await next('another version');
  timelines = [];
  await next('none');
  timelines = [timeline(2, 'two')];
  await next('the same again after none');

  const socket = await bare();
  const types: string[] = [];
  readLines(socket, 1e6, (line) => types.push((JSON.parse(line) as { type: string }).type));
  socket.write('{"type":"hello","role":"engine","pid":1,"version":"x"}\n');
  await waitFor('the first wish of a new connection', () => types.length === 2);
  server.push('engine');
  await waitFor('the second', () => types.length === 3);
  expect(types).toEqual(['document', 'desired', 'desired']);
});

test('of another version of a document only what differs goes over the link, and what is the same stays the same object', () => {
  const document = fc.record({ name: fc.string(), tracks: fc.array(fc.record({ id: fc.string(), clips: fc.array(fc.record({ id: fc.nat() })) }), { maxLength: 4 }) });
  fc.assert(fc.property(document, fc.array(fc.tuple(fc.nat(), fc.nat(), fc.nat(), fc.nat()), { maxLength: 6 }), (before, moves) => {
    const after = { ...before, tracks: before.tracks.map((track) => ({ ...track, clips: [...track.clips] })) };
    const track = (n: number) => after.tracks[n % after.tracks.length]!.clips;
    for (const [from, i, to, j] of after.tracks.length > 0 ? moves : []) {
      const [clip = { id: i }] = track(from).splice(i % (track(from).length + 1), 1);
      track(to).splice(j % (track(to).length + 1), 0, j % 3 === 0 ? { id: -1 - j } : clip);
    }
    const said = JSON.parse(JSON.stringify(told('t@2', after, new Map<string, unknown>([['x@1', {}], ['t@1', before]]))));
    expect(said.base).toBe('t@1');
    const there = structuredClone(before);
    const whole = lengthen(said.document, there) as typeof before;
    expect(whole).toEqual(after);
    const known = new Set(before.tracks.flatMap(({ clips }) => clips));
    const same = after.tracks.flatMap(({ clips }) => clips).filter((clip) => known.has(clip)).length;
    const kept = new Set(there.tracks.flatMap(({ clips }) => clips));
    expect(whole.tracks.flatMap(({ clips }) => clips).filter((clip) => kept.has(clip))).toHaveLength(same);
  }));
  expect(told('t@2', { name: 'x' }, new Map([['t@1', { name: 'y' }]]))).toEqual({ document: { name: 'x' } });
  expect(told('t@2', { tracks: [] }, new Map([['u@1', { tracks: [] }]]))).toEqual({ document: { tracks: [] } });
  expect(() => lengthen({ tracks: [] }, undefined)).toThrow('not known');
});

test('an error code that nobody knows becomes INTERNAL', async () => {
  const socket = await bare();
  socket.write('{"type":"hello","role":"egress","pid":1,"version":"x"}\n');
  await waitFor('it', () => server.presence().some(({ connected }) => connected));
  const failed = expect(server.request('egress', 'x', {})).rejects.toMatchObject({ code: 'INTERNAL', status: 500 });
  for (let id = 1; id < 3; id++) socket.write(`{"type":"reply","id":${id},"error":{"code":"toString","message":"?"}}\n`);
  await failed;
});

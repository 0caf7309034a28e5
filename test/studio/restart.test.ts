import { existsSync, readFileSync, rmSync, writeFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { createServer } from 'node:http';
import { IDLE_EGRESS, IDLE_ENGINE, liveDestination, StudioProcess } from '../support/studio-process.js';
import { freePorts, removeFolder, tempFolder } from '../support/temp.js';
import { waitFor, within } from '../support/wait.js';

const undo: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});
async function start(options?: Parameters<typeof StudioProcess.start>[0]): Promise<StudioProcess> {
  const studio = await StudioProcess.start(options);
  undo.push(() => studio.stop());
  return studio;
}
function home(): string {
  const folder = tempFolder();
  undo.push(() => removeFolder(folder));
  return folder;
}

describe('starting', () => {
  test('the first start shows the token and the keys once; later ones do not', async () => {
    const folder = home();
    const first = await start({ home: folder, token: null });
    const token = readFileSync(join(folder, 'secrets/token'), 'utf8').trim();
    expect(statSync(join(folder, 'secrets/token')).mode & 0o777).toBe(0o600);
    const banner = first.process.stdout();
    expect(banner).toContain(`http://localhost:${first.port}/#token=${token}`);
    expect(banner).toContain('rtmp://127.0.0.1:19350/live');
    const authorised = { Authorization: `Bearer ${token}` };
    const { items } = await (await fetch(`${first.url}/api/v1/sources`, { headers: authorised })).json() as any;
    for (const camera of items.filter((source: any) => source.kind === 'camera')) {
      const { ingest } = await (await fetch(`${first.url}/api/v1/sources/${camera.id}/reveal-key`, { method: 'POST', headers: authorised })).json() as any;
      expect(banner).toContain(`${camera.name}     ${ingest.key}`);
    }
    await first.process.stop();

    const second = await start({ home: folder, token: null });
    expect(second.process.stdout()).toContain(`http://localhost:${second.port}/ `);
    expect(second.process.stdout()).toContain('rtmp://127.0.0.1:19350/live');
    expect(second.process.stdout() + second.process.stderr()).not.toContain(token);
  });

  test('a second studio on the same home stops with a sentence', async () => {
    const first = await start();
    const second = StudioProcess.spawn(first.home, (await freePorts(1))[0]!);
    undo.push(() => second.stop());
    expect((await within('the second studio', 15_000, second.exited)).code).toBe(1);
    expect(second.stdout()).toContain('Another VistterStudio is running');
    expect((await first.api('GET', '/health')).status).toBe(200);
  });

  test.each([
    ['a database that is none', (folder: string) => writeFileSync(join(folder, 'studio.db'), 'not a database at all, '.repeat(100)), 'DATABASE_UNUSABLE'],
    ['a lost master key', (folder: string) => rmSync(join(folder, 'secrets/master.key')), 'SECRETS_UNUSABLE'],
    ['another master key', (folder: string) => writeFileSync(join(folder, 'secrets/master.key'), 'ab'.repeat(32)), 'SECRETS_UNUSABLE'],
  ])('%s: the start stops, says what to do, and changes nothing', async (_what, damage, code) => {
    const folder = home();
    const first = await StudioProcess.start({ home: folder });
    await first.process.stop();
    if (existsSync(join(folder, 'studio.db-wal'))) expect(statSync(join(folder, 'studio.db-wal')).size).toBe(0);
    damage(folder);
    const before = readFileSync(join(folder, 'studio.db'));
    const again = StudioProcess.spawn(folder, (await freePorts(1))[0]!);
    undo.push(() => again.stop());
    expect((await within('the studio', 15_000, again.exited)).code).toBe(1);
    expect(again.stdout()).toContain(code);
    expect(readFileSync(join(folder, 'studio.db')).equals(before)).toBe(true);
  });

  test('a start that fails again and again is told and tried at growing intervals, and the first that works ends that', async () => {
    const folder = home();
    const first = await StudioProcess.start({ home: folder });
    await first.process.stop();
    const good = readFileSync(join(folder, 'studio.db'));
    writeFileSync(join(folder, 'studio.db'), 'not a database at all, '.repeat(100));
    const port = (await freePorts(1))[0]!;
    const waits: (string | undefined)[] = [];
    const tookMs: number[] = [];
    for (let i = 0; i < 3; i++) {
      const startedMs = performance.now();
      const again = StudioProcess.spawn(folder, port);
      undo.push(() => again.stop());
      expect((await within('the studio', 15_000, again.exited)).code).toBe(1);
      tookMs.push(performance.now() - startedMs);
      waits.push(/It is tried again in (\d+) s/.exec(again.stdout())?.[1]);
    }
    expect(waits).toEqual([undefined, '1', '2']);
    expect(tookMs[2]).toBeGreaterThan(2000);
    // Whoever stops it meanwhile does not wait.
    const waiting = StudioProcess.spawn(folder, port);
    await waitFor('its word', () => waiting.stdout().includes('It is tried again in 4 s'), { timeoutMs: 15_000 });
    const stoppedMs = performance.now();
    await waiting.stop();
    expect(performance.now() - stoppedMs).toBeLessThan(3000);
    writeFileSync(join(folder, 'studio.db'), good);
    await start({ home: folder });
    expect(existsSync(join(folder, 'run/failed-starts-studio'))).toBe(false);
  });

  test('a taken port is named', async () => {
    const first = await start();
    const second = StudioProcess.spawn(home(), first.port);
    undo.push(() => second.stop());
    expect((await within('the second studio', 15_000, second.exited)).code).toBe(1);
    expect(second.stdout()).toContain('PORT_IN_USE');
    expect(second.stdout()).toContain(`Port ${first.port}`);
  });
});

describe('stopping and dying', () => {
  test('SIGTERM ends it within two seconds, clients and all', async () => {
    const studio = await start();
    const client = await studio.connect();
    const began = Date.now();
    studio.process.child.kill('SIGTERM');
    expect(await within('the end', 2000, studio.process.exited)).toEqual({ code: 0, signal: null });
    expect(Date.now() - began).toBeLessThan(2000);
    client.close();
  });

  test('kill -9 while on air: the same is wanted again, and a session still counts', async () => {
    const folder = home();
    const [port] = await freePorts(1);
    const first = await start({ home: folder, port: port! });
    const { body: destination } = await first.api('POST', '/destinations', { name: 'A', platform: 'custom', url: 'rtmp://127.0.0.1:19/live', key: 'k' });
    const { body: recording } = await first.api('POST', '/recording/start');
    await first.api('POST', '/broadcast/start');
    const engine = first.peer('engine', IDLE_ENGINE, () => ({ frame: 1, ptsMs: 33 }));
    const egress = first.peer('egress', { ...IDLE_EGRESS, destinations: [liveDestination(destination.id)] });
    undo.push(() => engine.stop(), () => egress.stop());
    await waitFor('live', async () => (await first.api('GET', '/broadcast')).body.state === 'live');
    const { body: sources } = await first.api('GET', '/sources');
    await waitFor('the take', async () => (await first.api('POST', '/program/take', { sourceId: sources.items[0].id })).status === 200);
    await engine.wanted('the take', (d) => 'sourceId' in d.program && d.program.sourceId === sources.items[0].id);
    const session = await first.api('POST', '/session', { token: first.token });
    const before = { engine: engine.last, egress: egress.last };

    await first.kill();
    engine.desired.length = egress.desired.length = 0;
    const second = await start({ home: folder, port: port! });
    await Promise.all([engine.wanted('the same', () => true), egress.wanted('the same', () => true)]);
    expect({ engine: engine.last, egress: egress.last }).toEqual(before);
    await waitFor('live again', async () => (await second.api('GET', '/broadcast')).body.state === 'live');
    const status = (await second.api('GET', '/broadcast')).body;
    expect(status.uptimeMs).toBeGreaterThan(0);
    expect((await second.api('GET', `/recordings/${recording.id}`)).body.state).toBe('recording');
    const cookie = session.headers.get('set-cookie')!.split(';')[0]!;
    expect((await fetch(`${second.url}/api/v1/sources`, { headers: { Cookie: cookie } })).status).toBe(200);
  });

  test('a take that the engine refuses, or that finds no engine, leaves the program as it was', async () => {
    const studio = await start();
    const { body: state } = await studio.api('GET', '/state');
    const client = await studio.connect();
    expect((await client.ask('camera:switch', { sourceId: state.sources[0].id })).payload.code).toBe('ENGINE_AWAY');
    const engine = studio.peer('engine', IDLE_ENGINE, () => { throw new Error('not today'); });
    undo.push(() => engine.stop());
    await engine.wanted('the start', () => true);
    expect((await client.ask('camera:switch', { sourceId: state.sources[0].id })).payload).toMatchObject({ code: 'INTERNAL', message: 'not today' });
    expect((await studio.api('GET', '/state')).body.program).toEqual(state.program);
    expect(engine.last?.program).toEqual(state.program);
    client.close();
  });

  test('the preview is joined to egress, and says so when egress is away', async () => {
    const studio = await start();
    await expect(studio.connect('/preview.flv')).rejects.toThrow();
    const server = createServer();
    const seen: string[] = [];
    const sockets = new WebSocketServer({ server });
    sockets.on('connection', (socket, request) => {
      seen.push(JSON.stringify(request.headers));
      socket.on('message', (data) => socket.send(JSON.stringify({ echo: String(data) })));
    });
    await new Promise<void>((done) => server.listen(studio.paths.previewSocket, done));
    undo.push(() => { sockets.close(); server.close(); server.closeAllConnections(); });
    const client = await studio.connect('/preview.flv');
    client.socket.send('hello');
    expect(await client.next('the echo', () => true)).toEqual({ echo: 'hello' });
    expect(seen[0]).not.toContain(studio.token);
    client.close();
    await waitFor('egress to see it go', () => sockets.clients.size === 0);
    await expect(studio.connect('/preview.flv', {})).rejects.toThrow('401');
  });
});

import { existsSync, readFileSync, rmSync, writeFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { createServer } from 'node:http';
import type { EngineActual } from '../../src/protocol/link.js';
import type { ProgramTarget } from '../../src/protocol/status.js';
import { ServerError } from '../../src/runtime/errors.js';
import { isAlive } from '../support/procfs.js';
import { IDLE_EGRESS, IDLE_ENGINE, liveDestination, StudioProcess, type Peer } from '../support/studio-process.js';
import { freePorts, removeFolder, tempFolder } from '../support/temp.js';
import { delay, waitFor, within } from '../support/wait.js';

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

  test('a home that takes nothing is told once, and not tried again at once', async () => {
    const folder = home();
    // As on a disk that is read-only: nothing can be made in it, nor counted.
    writeFileSync(join(folder, 'run'), '');
    const studio = StudioProcess.spawn(folder, (await freePorts(1))[0]!);
    undo.push(() => studio.stop());
    await waitFor('its word', () => /HOME_UNUSABLE.*It is tried again in 12 s/.test(studio.stdout()), { timeoutMs: 15_000 });
    expect(isAlive(studio.pid)).toBe(true);
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

  describe('of what is on program', () => {
    /** An engine that keeps to what the real one does: what it takes is counted and told; a timeline takes a moment, and gives way to a cut. */
    class Engine {
      target: ProgramTarget;
      taken: EngineActual['taken'] = null;
      peer!: Peer<'engine'>;
      /** Called when it has taken something, before it answers. */
      onTaken: () => unknown = () => undefined;
      #takes = 0;

      constructor(program: ProgramTarget) {
        this.target = program;
      }

      join(studio: StudioProcess): this {
        this.peer = studio.peer('engine', this.actual, (name, payload) => this.#answer(name, payload));
        undo.push(() => this.peer.stop());
        return this;
      }

      get actual(): EngineActual {
        return { ...IDLE_ENGINE, program: { ...IDLE_ENGINE.program, ...this.target }, taken: this.taken };
      }

      async #answer(name: string, payload: { target: ProgramTarget; timelineId?: string }): Promise<unknown> {
        const mine = 'target' in payload && !('timelineId' in payload.target) ? ++this.#takes : this.#takes;
        const target = name === 'take' ? payload.target : { timelineId: payload.timelineId! };
        if ('timelineId' in target) {
          if (name === 'playback' && JSON.stringify(target) !== JSON.stringify(this.target)) throw new ServerError('CONFLICT', 'That timeline is not on program. Play it first.');
          await delay(20);
          if (mine !== this.#takes) throw new ServerError('CONFLICT', 'Something else was put on program before it was ready.');
        }
        const playback = 'timelineId' in target ? { playback: { is: 'playing', zeroUs: 0, bootId: 'boot', zeroWallMs: 0 } as const } : {};
        const reply = { frame: 1, ptsMs: 33, ...playback, take: this.peer.nextTake() };
        this.target = target;
        this.taken = { ...reply, scheduled: false };
        this.peer.actual = this.actual;
        await this.onTaken();
        return reply;
      }
    }
    const programOf = async (studio: StudioProcess): Promise<unknown> => (await studio.api('GET', '/state')).body.program;

    test('kill -9 with a take that was made and not stored: what the engine shows is what is wanted, also of the engine after it', async () => {
      const folder = home();
      const [port] = await freePorts(1);
      const first = await start({ home: folder, port: port! });
      const { body: { program, sources } } = await first.api('GET', '/state');
      const { id: timelineId } = (await first.api('POST', '/timelines', { name: 'T', durationMs: 60_000, tracks: [] })).body;
      const engine = new Engine(program).join(first);
      await engine.peer.wanted('the start', () => true);
      expect((await first.api('POST', '/playback', { action: 'play', timelineId })).status).toBe(200);
      await waitFor('it to be stored', async () => 'timelineId' in (await programOf(first) as object));
      // The answer has left the engine, and the studio is gone.
      engine.onTaken = () => first.kill();
      await first.api('POST', '/program/take', { sourceId: sources[2].id }).catch(() => undefined);
      expect(engine.target).toEqual({ sourceId: sources[2].id });
      engine.peer.desired.length = 0;
      const second = await start({ home: folder, port: port! });
      const wanted = await engine.peer.wanted('what it shows', (d) => JSON.stringify(d.program) === JSON.stringify(engine.target));
      expect(wanted.take).toBe(engine.taken!.take);
      // What was said before it was heard is older than what the engine has: it is not to heed that.
      for (const one of engine.peer.desired.filter((d) => JSON.stringify(d.program) !== JSON.stringify(engine.target))) expect(one.take).toBeLessThan(wanted.take);
      const { body: state } = await second.api('GET', '/state');
      expect([state.program, state.override.timelineId]).toEqual([engine.target, timelineId]);
      // An engine that comes in its place knows nothing: then the studio's is the truth.
      await engine.peer.stop();
      const next = new Engine({ sourceId: sources[0].id }).join(second);
      await next.peer.wanted('the same', (d) => JSON.stringify(d.program) === JSON.stringify(engine.target));
      const told = next.peer.desired.length;
      await waitFor('to be told once more', () => next.peer.desired.length > told);
      expect(await programOf(second)).toEqual(engine.target);
    });

    test('of wishes that follow each other at once the last one stands, and studio and engine say the same', async () => {
      const studio = await start();
      const { body: { program, sources, scenes } } = await studio.api('GET', '/state');
      const { id: timelineId } = (await studio.api('POST', '/timelines', { name: 'T', durationMs: 60_000, tracks: [] })).body;
      const engine = new Engine(program).join(studio);
      await engine.peer.wanted('the start', () => true);
      const client = await studio.connect();
      const play = () => client.ask('playback:control', { action: 'play', timelineId, positionMs: 0 });
      const card = () => client.ask('camera:switch', { sourceId: sources[2].id });
      const scene = () => client.ask('camera:switch', { sceneId: scenes[0].id });
      const release = () => client.ask('playback:control', { action: 'release' });
      const pause = () => client.ask('playback:control', { action: 'pause' });
      const [onCard, onScene, onTimeline] = [{ sourceId: sources[2].id }, { sceneId: scenes[0].id }, { timelineId }];
      for (let i = 0; i < 8; i++) {
        for (const [wishes, last] of [
          [[play, scene], onScene], [[card, play], onTimeline], [[card, play], onTimeline], [[card, release], onTimeline], [[play, pause], onTimeline], [[play, card, play, scene, card], onCard],
        ] as const) {
          const answers = await Promise.all(wishes.map((wish) => wish()));
          expect(answers.at(-1)).toMatchObject({ type: 'ack' });
          expect([await programOf(studio), engine.target]).toEqual([last, last]);
        }
      }
      client.close();
    });
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

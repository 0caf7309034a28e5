/** The sound mixer as the studio has it: moved many times a second, stored seldom, the last value always; and who listens to what. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeSound } from '../../src/protocol/sound-packet.js';
import { silentLog } from '../../src/runtime/log.js';
import { PacketServer } from '../../src/runtime/packet-server.js';
import { IDLE_ENGINE, type Client, type Peer, StudioProcess } from '../support/studio-process.js';
import { removeFolder, tempFolder } from '../support/temp.js';
import { delay, waitFor } from '../support/wait.js';

describe('the sound mixer', () => {
  const home = tempFolder();
  let studio: StudioProcess;
  let engine: Peer<'engine'>;
  let camera: { id: string; revision: number };

  const begin = async () => {
    studio = await StudioProcess.start({ home });
    engine = studio.peer('engine', IDLE_ENGINE);
    await waitFor('the engine', async () => (await studio.api('GET', '/health')).body.processes.engine === true);
  };
  const stored = async () => (await studio.api('GET', `/sources/${camera.id}`)).body;
  const onState = (client: Client) => client.messages.filter((m) => m.type === 'state' && m.payload.patch);

  beforeAll(async () => {
    await begin();
    camera = (await studio.api('GET', '/state')).body.sources[0];
  });
  afterAll(async () => {
    await engine?.stop();
    await studio?.stop();
    removeFolder(home);
  });

  test('a fader under a hand is heard at once, seen by others and stored at a bounded rate, and its last value always', async () => {
    const [client, watcher] = await Promise.all([studio.connect(), studio.connect()]);
    await watcher.next('a snapshot', (m) => m.type === 'state');
    const before = (await stored()).revision as number;
    const pushes = engine.desired.length;
    for (let i = 1; i <= 80; i++) {
      expect(await client.ask('audio:control', { id: camera.id, gainDb: -i / 10 })).toMatchObject({ type: 'ack', payload: { applied: true } });
      await delay(12);
    }
    // Each of them, in order, before any of it was desired.
    const asked = engine.requests.filter(({ name }) => name === 'sound').map(({ payload }) => payload);
    expect(asked.map(({ audio }) => audio.gainDb)).toEqual(Array.from({ length: 80 }, (_, i) => -(i + 1) / 10));
    expect(asked[0]).toEqual({ id: camera.id, audio: { gainDb: -0.1, muted: false, delayMs: 0, mode: 'follow' } });
    await waitFor('the last value in the store', async () => (await stored()).audio.gainDb === -8);
    const seen = onState(watcher).flatMap((m) => m.payload.patch).filter(({ path }: { path: string }) => path.endsWith('/audio/gainDb')).map(({ value }: { value: number }) => value);
    expect(seen.at(-1)).toBe(-8);
    expect(seen.length).toBeGreaterThan(3);
    // 80 moves in a second and more: at most 20 a second are seen, and 2 a second stored.
    expect(seen.length).toBeLessThan(60);
    expect((await stored()).revision - before).toBeLessThanOrEqual(8);
    expect(engine.desired.length - pushes).toBeLessThanOrEqual(9);
    const { sources } = await engine.wanted('the fader', (d) => d.sources.some(({ audio }) => audio.gainDb === -8));
    expect(sources.find(({ id }) => id === camera.id)!.audio).toEqual({ gainDb: -8, muted: false, delayMs: 0, mode: 'follow' });
    client.close();
    watcher.close();
  });

  test('what is set by REST is set field by field, and builds on what a hand has just done', async () => {
    const client = await studio.connect();
    await client.ask('audio:control', { id: camera.id, gainDb: -20, delayMs: 80 });
    const patched = (await studio.api('PATCH', `/sources/${camera.id}`, { audio: { muted: true } })).body;
    expect(patched.audio).toEqual({ gainDb: -20, muted: true, delayMs: 80, mode: 'follow' });
    await client.ask('audio:control', { id: 'program', gainDb: -2 });
    const settings = (await studio.api('PATCH', '/settings', { audio: { muted: true } })).body;
    expect(settings.audio).toMatchObject({ gainDb: -2, muted: true, bitrateKbps: expect.any(Number) });
    await engine.wanted('the program', (d) => d.settings.audio.muted && d.settings.audio.gainDb === -2);
    expect((await studio.api('PATCH', '/settings', { audio: { muted: false, gainDb: 0 } })).status).toBe(200);
    // A PATCH of something else leaves a hand alone.
    await client.ask('audio:control', { id: camera.id, gainDb: -21 });
    await studio.api('PATCH', `/sources/${camera.id}`, { name: 'Left' });
    await waitFor('the fader', async () => (await stored()).audio.gainDb === -21);
    expect(await stored()).toMatchObject({ name: 'Left', audio: { muted: true } });
    client.close();
  });

  test('what is always heard is in use', async () => {
    expect((await studio.api('PATCH', `/sources/${camera.id}`, { audio: { mode: 'always' } })).body.audio).toMatchObject({ mode: 'always', muted: true });
    await engine.wanted('it', (d) => d.sources.some(({ id, audio }) => id === camera.id && audio.mode === 'always'));
    expect((await studio.api('DELETE', `/sources/${camera.id}`)).body.error).toMatchObject({ code: 'IN_USE', message: expect.stringContaining('heard whatever is on program') });
    await studio.api('PATCH', `/sources/${camera.id}`, { audio: { mode: 'follow' } });
  });

  test.each([
    [{ id: 'src_nobody', gainDb: 0 }, 'NOT_FOUND'], [{ id: 'program', delayMs: 5 }, 'VALIDATION'], [{ id: 'program', gainDb: 13 }, 'VALIDATION'],
    [{ gainDb: 0 }, 'VALIDATION'], [{ id: 'program', mode: 'always' }, 'VALIDATION'],
  ])('refuses %j', async (payload, code) => {
    const client = await studio.connect();
    expect(await client.ask('audio:control', payload)).toMatchObject({ type: 'error', payload: { code } });
    client.close();
  });

  test('while the engine is away it is kept for it, and a studio that is stopped at once has it afterwards', async () => {
    await engine.stop();
    await waitFor('the engine to be away', async () => (await studio.api('GET', '/health')).body.processes.engine === false);
    const client = await studio.connect();
    expect(await client.ask('audio:control', { id: camera.id, gainDb: -33, muted: false })).toMatchObject({ type: 'ack', payload: { applied: false } });
    expect(await client.ask('audio:control', { id: 'program', gainDb: -1.5 })).toMatchObject({ type: 'ack', payload: { applied: false } });
    await studio.process.stop();
    await begin();
    const { sources, settings } = await engine.wanted('what was set', (d) => d.settings.audio.gainDb === -1.5);
    expect(sources.find(({ id }) => id === camera.id)!.audio).toMatchObject({ gainDb: -33, muted: false });
    expect(settings.audio.muted).toBe(false);
    client.close();
  });

  test('who listens gets what is made for that mix, and nothing is made for nobody', async () => {
    const server = new PacketServer({ socketPath: studio.paths.listenSocket, log: silentLog });
    await server.start();
    try {
      const [one, two, other] = await Promise.all([studio.connect(), studio.connect(), studio.connect()]);
      const asked = await one.ask('subscribe', { listen: { sourceIds: [camera.id] } });
      const { mix } = asked.payload;
      expect((await two.ask('subscribe', { listen: { sourceIds: [camera.id, camera.id] } })).payload.mix).toBe(mix);
      const program = (await other.ask('subscribe', { listen: { sourceIds: [] } })).payload.mix;
      await engine.wanted('the mixes', (d) => d.listen.length === 2);
      expect(engine.last!.listen).toEqual([{ mix, sourceIds: [camera.id] }, { mix: program, sourceIds: [] }]);
      const pcm = new Uint8Array([1, 2, 3, 4]);
      const arrived = () => [one, two, other].map((client) => client.messages.filter((m) => m.type === 'binary').length);
      await waitFor('sound', () => {
        server.send(() => [writeSound({ mix, at: 7, pcm })]);
        return arrived()[0]! > 0 && arrived()[1]! > 0;
      });
      expect(arrived()[2]).toBe(0);
      expect(one.messages.find((m) => m.type === 'binary').bytes).toEqual(Buffer.from(writeSound({ mix, at: 7, pcm })));

      // Four different ones are made, and a fifth is refused in words; what was listened to goes on.
      const more = await Promise.all([['src_a'], ['src_b']].map(async (sourceIds) => {
        const client = await studio.connect();
        await client.ask('subscribe', { listen: { sourceIds } });
        return client;
      }));
      expect(await two.ask('subscribe', { levels: true, listen: { sourceIds: ['src_c'] } })).toMatchObject({ type: 'error', payload: { code: 'TOO_MANY_MIXES', message: expect.stringContaining('4 different mixes') } });
      expect((await two.ask('subscribe', {})).payload).toMatchObject({ mix, levels: false });
      expect((await one.ask('subscribe', { listen: null })).payload.mix).toBeNull();
      for (const client of [...more, other]) client.close();
      await engine.wanted('the one that is left', (d) => d.listen.length === 1);
      two.close();
      await engine.wanted('silence', (d) => d.listen.length === 0);
      one.close();
    } finally {
      await server.stop();
    }
  });
});

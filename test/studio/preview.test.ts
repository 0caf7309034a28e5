import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { IDLE_ENGINE, type Peer, StudioProcess } from '../support/studio-process.js';
import { waitFor } from '../support/wait.js';

describe('preview and program over the websocket and REST', () => {
  let studio: StudioProcess;
  let engine: Peer<'engine'>;
  let frame = 1000;
  const asked: [string, unknown][] = [];

  beforeAll(async () => {
    studio = await StudioProcess.start();
    engine = studio.peer('engine', IDLE_ENGINE, (name, payload) => {
      asked.push([name, payload]);
      frame += 1;
      const takes = name === 'take' || (name === 'bar' && (payload as { position: number }).position >= 1);
      return { frame, ptsMs: frame * 33, ...(takes ? { take: frame } : {}) };
    });
    await waitFor('the engine', async () => (await studio.api('GET', '/health')).body.processes.engine === true);
  });

  afterAll(async () => {
    await engine?.stop();
    await studio?.stop();
  });

  test('what is armed is in the state of everybody, and is taken in exchange for what is on program', async () => {
    const client = await studio.connect();
    const watcher = await studio.connect();
    const { snapshot } = (await client.next('a snapshot', (m) => m.type === 'state')).payload;
    expect(snapshot.preview).toBeNull();
    const camera = { sourceId: snapshot.sources[0].id }, card = { sourceId: snapshot.sources[2].id };
    expect(await client.ask('preview:arm', camera)).toMatchObject({ type: 'ack', payload: {} });
    await engine.wanted('what is armed', (d) => d.preview !== null && 'sourceId' in d.preview && d.preview.sourceId === camera.sourceId);
    const armed = await watcher.next('the patch', (m) => m.type === 'state' && m.payload.patch);
    expect(armed.payload.patch).toEqual([{ op: 'replace', path: '/preview', value: camera }]);

    const ack = await client.ask('program:take', { transition: { kind: 'wipe', durationMs: 300 } });
    expect(ack).toMatchObject({ type: 'ack', payload: { frame, ptsMs: frame * 33 } });
    await waitFor('the exchange', async () => JSON.stringify((await studio.api('GET', '/state')).body.program) === JSON.stringify(camera));
    expect((await studio.api('GET', '/preview')).body).toEqual({ preview: card });
    client.close();
    watcher.close();
  });

  test('the same by REST', async () => {
    const { sources, scenes } = (await studio.api('GET', '/state')).body;
    expect((await studio.api('POST', '/preview', { sceneId: scenes[0].id })).body).toEqual({ preview: { sceneId: scenes[0].id } });
    expect((await studio.api('DELETE', `/scenes/${scenes[0].id}`)).body.error).toMatchObject({ code: 'IN_USE', message: expect.stringContaining('armed on preview') });
    expect((await studio.api('POST', '/preview', { sceneId: scenes[0].id, sourceId: sources[0].id })).body.error.code).toBe('VALIDATION');
    expect((await studio.api('POST', '/preview', { sourceId: 'src_nobody' })).body.error.code).toBe('NOT_FOUND');
    expect((await studio.api('POST', '/preview/take')).body).toEqual({ frame, ptsMs: frame * 33 });
    expect((await studio.api('POST', '/preview')).body).toEqual({ preview: null });
    expect((await studio.api('POST', '/preview/take')).body.error.code).toBe('CONFLICT');
  });

  test('the T-bar is moved to a take, and back; black is in the state, and what the engine comes back with', async () => {
    const client = await studio.connect();
    const { snapshot } = (await client.next('a snapshot', (m) => m.type === 'state')).payload;
    expect(snapshot.black).toBe(false);
    expect((await client.ask('program:bar', { position: 0.2 })).payload.code).toBe('CONFLICT');
    const other = { sourceId: snapshot.sources[1].id };
    await client.ask('preview:arm', other);
    asked.length = 0;
    const transition = { kind: 'wipe-left', durationMs: 500 };
    for (const position of [0.2, 0.6, 0, 1]) expect(await client.ask('program:bar', { position, transition })).toMatchObject({ type: 'ack', payload: { frame } });
    expect(asked).toEqual([0.2, 0.6, 0, 1].map((position) => ['bar', { position, target: position > 0 ? other : null, transition }]));
    await waitFor('the exchange', async () => JSON.stringify((await studio.api('GET', '/state')).body.program) === JSON.stringify(other));
    expect((await studio.api('GET', '/preview')).body).toEqual({ preview: snapshot.program });
    expect((await studio.api('POST', '/program/bar', { position: 2 })).body.error.code).toBe('VALIDATION');

    expect(await client.ask('program:black', { on: true })).toMatchObject({ type: 'ack', payload: { frame } });
    expect(asked.at(-1)).toEqual(['black', { on: true, durationMs: 500 }]);
    await engine.wanted('black', (d) => d.black);
    await waitFor('black in the state', async () => (await studio.api('GET', '/state')).body.black === true);
    expect((await studio.api('POST', '/program/black', { on: false, durationMs: 0 })).body).toEqual({ frame, ptsMs: frame * 33 });
    await engine.wanted('light', (d) => !d.black);
    client.close();
  });
});

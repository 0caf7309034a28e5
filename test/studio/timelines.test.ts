/** Timelines over REST and the websocket, with a stand-in for the engine. */
import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Playback } from '../../src/protocol/playback.js';
import { StateSnapshot } from '../../src/protocol/state.js';
import { readBootId, systemClock } from '../../src/runtime/clock.js';
import { sharedMedia } from '../support/media.js';
import { IDLE_ENGINE, IDLE_INGEST, type Client, type Peer, StudioProcess } from '../support/studio-process.js';
import { waitFor } from '../support/wait.js';

const bootId = readBootId();
/** The engine's part: position 0 such that `positionMs` is now. */
const playingFrom = (positionMs: number, nowMs: number): Playback => ({
  is: 'playing', zeroUs: (nowMs - positionMs) * 1000, bootId, zeroWallMs: Date.now() - positionMs,
});

describe('timelines', () => {
  let studio: StudioProcess;
  let engine: Peer<'engine'>;
  let client: Client;
  let source: string;
  let answer: (name: string, payload: any) => unknown;

  /** Plays from where it is told, and pauses there. */
  const play = (name: string, payload: any): unknown => {
    const ptsMs = systemClock.monotonicMs();
    const reply = { frame: Math.round(ptsMs * 0.03), ptsMs };
    if (name === 'take' && !('timelineId' in payload.target)) return reply;
    const { start, action } = payload;
    if (name === 'take') {
      const playback = start?.is === 'as' ? start.playback : playingFrom(start?.positionMs ?? 0, ptsMs);
      return { ...reply, playback };
    }
    if (action === 'stop') return { ...reply, playback: { is: 'stopped' } };
    return { ...reply, playback: action === 'pause' ? { is: 'paused', positionMs: 1234 } : playingFrom(payload.positionMs ?? 0, ptsMs) };
  };

  beforeAll(async () => {
    studio = await StudioProcess.start();
    answer = play;
    engine = studio.peer('engine', IDLE_ENGINE, (name, payload) => answer(name, payload));
    client = await studio.connect();
    const { snapshot } = (await client.next('a snapshot', (m) => m.type === 'state')).payload;
    source = snapshot.sources[2].id;
    await waitFor('the engine', async () => (await studio.api('GET', '/health')).body.processes.engine);
  });
  afterAll(async () => {
    client?.close();
    await engine?.stop();
    await studio?.stop();
  });

  const clip = (startMs: number, more: object = {}) => ({ sourceId: source, startMs, durationMs: 1000, ...more });
  const make = async (name: string, clips: object[] = [clip(0), clip(1000)], more: object = {}): Promise<any> =>
    (await studio.api('POST', '/timelines', { name, tracks: [{ kind: 'video', clips }], ...more })).body;
  const control = (payload: object) => client.ask('playback:control', payload);
  const last = () => engine.requests.at(-1)!;
  const state = async () => (await studio.api('GET', '/state')).body;
  const stored = (is: (s: any) => boolean) => waitFor('the stored state', async () => { const s = await state(); return is(s) && s; });

  test('one is made with ids, read whole, listed and sent to browsers without what is in it, changed and deleted', async () => {
    const made = await studio.api('POST', '/timelines', { name: 'Morning', tracks: [{ kind: 'video', clips: [clip(0), clip(1000, { id: 'mine' })] }] });
    expect([made.status, made.headers.get('etag'), made.body.problems]).toEqual([201, '"1"', []]);
    const { id, problems: _, ...whole } = made.body;
    expect(whole.tracks[0].id).toMatch(/^trk_/);
    expect(whole.tracks[0].clips.map((c: any) => c.id)).toEqual([expect.stringMatching(/^clp_/), 'mine']);
    expect((await studio.api('GET', `/timelines/${id}`)).body).toEqual({ id, ...whole });
    const summary = { id, revision: 1, name: 'Morning', loop: false, durationMs: 2000, clips: 2, empty: false, undo: 0, redo: 0, createdAt: whole.createdAt, updatedAt: whole.updatedAt };
    expect((await studio.api('GET', '/timelines')).body).toEqual({ items: [summary] });
    expect(StateSnapshot.parse(await state()).timelines).toEqual([summary]);

    const changed = await studio.api('PATCH', `/timelines/${id}`, { loop: true }, { 'If-Match': '"1"' });
    expect([changed.status, changed.body.revision, changed.body.tracks]).toEqual([200, 2, whole.tracks]);
    expect((await studio.api('PATCH', `/timelines/${id}`, { name: 'Late' }, { 'If-Match': '"1"' })).body.error).toMatchObject({ code: 'STALE_REVISION', details: { revision: 2 } });
    // What was answered can be edited and sent back.
    expect((await studio.api('PATCH', `/timelines/${id}`, { ...changed.body, name: 'Evening' })).body).toMatchObject({ name: 'Evening', revision: 3, loop: true });
    expect((await studio.api('DELETE', `/timelines/${id}`, undefined, { 'If-Match': '1' })).status).toBe(409);
    expect((await studio.api('DELETE', `/timelines/${id}`)).status).toBe(204);
    expect((await studio.api('GET', `/timelines/${id}`)).status).toBe(404);
  });

  test('what can be put right later is stored and told; nonsense is refused with its place', async () => {
    const ghost = await studio.api('POST', '/timelines', { name: 'Draft', tracks: [{ kind: 'video', clips: [clip(0, { sourceId: 'src_ghost' }), clip(500)] }] });
    expect([ghost.status, ghost.body.problems.map((p: any) => [p.path, p.code])]).toEqual([201, [['tracks.0.clips.0.sourceId', 'unknown-source'], ['tracks.0.clips.1', 'overlap']]]);
    const refused = async (clips: object[]) => (await studio.api('PATCH', `/timelines/${ghost.body.id}`, { tracks: [{ kind: 'video', clips }] })).body.error;
    expect(await refused([clip(0, { id: 'a' }), clip(1000, { id: 'a' })])).toMatchObject({ code: 'VALIDATION', details: [{ path: 'tracks.0.clips.1.id' }] });
    expect(await refused([{ timelineId: ghost.body.id, startMs: 0, durationMs: 5 }])).toMatchObject({ code: 'VALIDATION', details: [{ path: 'tracks.0.clips.0.timelineId' }] });
    expect(await refused([clip(-1)])).toMatchObject({ code: 'VALIDATION', details: [{ path: 'tracks.0.clips.0.startMs' }] });
    const { body: outer } = await studio.api('POST', '/timelines', { name: 'Outer', tracks: [{ kind: 'video', clips: [{ timelineId: ghost.body.id, startMs: 0, durationMs: 5 }] }] });
    const inUse = await studio.api('DELETE', `/timelines/${ghost.body.id}`);
    expect([inUse.status, inUse.body.error.code, inUse.body.error.details]).toEqual([409, 'IN_USE', { uses: ['in timeline "Outer"'] }]);
    for (const id of [outer.id, ghost.body.id]) expect((await studio.api('DELETE', `/timelines/${id}`)).status).toBe(204);
  });

  test('a check tells which cameras are not there', async () => {
    const camera = (await state()).sources[0].id;
    const { id, problems } = await make('Live', [clip(0, { sourceId: camera })]);
    expect(problems).toEqual([]);
    expect((await studio.api('POST', `/timelines/${id}/check`)).body).toEqual({ problems: [], errors: 0, warnings: 0 });
    const ingest = studio.peer('ingest', IDLE_INGEST);
    const report = await waitFor('the camera that is away', async () => {
      const { body } = await studio.api('POST', `/timelines/${id}/check`);
      return body.warnings === 1 && body;
    });
    expect(report.problems[0]).toMatchObject({ path: 'tracks.0.clips.0.sourceId', code: 'camera-away', severity: 'warning' });
    await ingest.stop();
    await studio.api('DELETE', `/timelines/${id}`);
  });

  test('a check opens the files; what cannot be played is named', async () => {
    const film = sharedMedia('film/exo-bbb.mp4');
    if (film) copyFileSync(film, join(studio.paths.media, 'film.mp4'));
    writeFileSync(join(studio.paths.media, 'broken.mp4'), 'this is no film');
    const add = async (name: string) => (await studio.api('POST', '/sources', { name, kind: 'media', path: `${name}.mp4` })).body.id as string;
    const [good, broken, missing] = [await add('film'), await add('broken'), await add('missing')];
    const { id, problems } = await make('Files', [
      clip(0, { sourceId: good, durationMs: 10_000 }), clip(10_000, { sourceId: good, inMs: 6000, durationMs: 5000 }), clip(15_000, { sourceId: broken }), clip(16_000, { sourceId: missing }),
    ]);
    expect(problems).toEqual([]);
    const { body } = await studio.api('POST', `/timelines/${id}/check`);
    const codes = body.problems.map((p: any) => [p.path, p.code]);
    expect(codes).toEqual([
      ...(film ? [['tracks.0.clips.1.durationMs', 'longer-than-file']] : [['tracks.0.clips.0.sourceId', 'file-missing'], ['tracks.0.clips.1.sourceId', 'file-missing']]),
      ['tracks.0.clips.2.sourceId', 'file-unreadable'], ['tracks.0.clips.3.sourceId', 'file-missing'],
    ]);
    expect((await studio.api('DELETE', `/sources/${good}`)).body.error.details).toEqual({ uses: ['in timeline "Files"'] });
    await studio.api('DELETE', `/timelines/${id}`);
    for (const one of [good, broken, missing]) expect((await studio.api('DELETE', `/sources/${one}`)).status).toBe(204);
  });

  test('a timeline goes out as a file and comes in again, and edits are taken back', async () => {
    const inner = await make('Inner: "ä/ö"', [clip(0)]);
    const { id } = await make('Söndag "1"', [{ timelineId: inner.id, startMs: 0, durationMs: 1000 }]);
    const out = await studio.api('GET', `/timelines/${id}/export`);
    expect(out.headers.get('content-disposition')).toBe(`attachment; filename="S_ndag _1_.json"; filename*=UTF-8''S%C3%B6ndag%20%221%22.json`);
    expect(out.body).toMatchObject({ kind: 'vistterstudio/timeline', version: 1, timeline: { id }, nested: [{ id: inner.id }], sources: [{ id: source, kind: 'test' }] });
    expect(JSON.stringify(out.body)).not.toContain('ingest');

    const copy = await studio.api('POST', '/timelines/import', out.body);
    expect([copy.status, copy.body.unmatched, copy.body.timeline.tracks]).toEqual([201, [], out.body.timeline.tracks]);
    const foreign = JSON.parse(JSON.stringify(out.body).replaceAll(inner.id, 'tml_theirs').replaceAll(source, 'src_theirs'));
    const moved = (await studio.api('POST', '/timelines/import', { ...foreign, sources: [{ ...foreign.sources[0], name: 'Nowhere' }] })).body;
    expect(moved.unmatched).toEqual([{ kind: 'source', id: 'src_theirs', name: 'Nowhere' }]);
    const nestedId = moved.timeline.tracks[0].clips[0].timelineId;
    expect((await studio.api('GET', `/timelines/${nestedId}`)).body).toMatchObject({ name: 'Inner: "ä/ö"', tracks: [{ clips: [{ sourceId: 'src_theirs' }] }] });
    for (const [file, code] of [[{ ...out.body, version: 2 }, 'VALIDATION'], [{ ...out.body, kind: 'other' }, 'VALIDATION'], [{}, 'VALIDATION']] as const) {
      expect((await studio.api('POST', '/timelines/import', file)).body.error.code).toBe(code);
    }
    const round = structuredClone(out.body);
    round.nested[0].tracks[0].clips[0] = { ...round.nested[0].tracks[0].clips[0], sourceId: undefined, timelineId: id };
    const before = (await studio.api('GET', '/timelines')).body.items.length;
    expect((await studio.api('POST', '/timelines/import', round)).body.error.message).toContain('cannot lie in itself');
    expect((await studio.api('GET', '/timelines')).body.items).toHaveLength(before);

    await studio.api('PATCH', `/timelines/${id}`, { name: 'Edited' });
    expect((await studio.api('POST', `/timelines/${id}/undo`)).body).toMatchObject({ name: 'Söndag "1"', revision: 3 });
    expect((await studio.api('POST', `/timelines/${id}/redo`)).body).toMatchObject({ name: 'Edited', revision: 4 });
    expect((await studio.api('POST', `/timelines/${id}/redo`)).body.error.code).toBe('CONFLICT');
    for (const one of [id, copy.body.timeline.id, moved.timeline.id, inner.id, nestedId]) expect((await studio.api('DELETE', `/timelines/${one}`)).status).toBe(204);
  });

  test('10,000 clips come in by REST and are played; other routes and strangers stay at 1 MiB and nothing', async () => {
    const clips = Array.from({ length: 10_000 }, (_, i) => ({ ...clip(i * 1000), x: 0, y: 0, width: 1, height: 1, fit: 'contain', opacity: 1, inMs: 0, keyframes: [] }));
    const body = JSON.stringify({ name: 'Long', tracks: [{ kind: 'video', clips }] });
    expect(body.length).toBeGreaterThan(1024 * 1024);
    const made = await studio.api('POST', '/timelines', body);
    expect([made.status, made.body.problems]).toEqual([201, []]);
    expect((await studio.api('POST', '/scenes', body)).status).toBe(413);
    const stranger = await fetch(`${studio.url}/api/v1/timelines`, { method: 'POST', body, headers: { 'Content-Type': 'application/json' } });
    expect(stranger.status).toBe(401);
    expect((await studio.api('POST', '/timelines', `{"name":"${'x'.repeat(16 * 1024 * 1024)}"}`)).status).toBe(413);
    const { id } = made.body;
    expect((await control({ action: 'arm', timelineId: id })).type).toBe('ack');
    const desired = await engine.wanted('the long one', (d) => d.armed === id);
    expect((desired.timelines.find((t) => t.id === id)!.document as any).tracks[0].clips).toHaveLength(10_000);
    await control({ action: 'disarm' });
    await studio.api('DELETE', `/timelines/${id}`);
  });

  test('timeline:update: whole or by patch, and a stale revision changes nothing', async () => {
    const { id } = await make('Patched');
    const update = (revision: number, more: object) => client.ask('timeline:update', { timelineId: id, revision, ...more });
    const patch = (revision: number, ...operations: object[]) => update(revision, { patch: operations });
    expect(await patch(1, { op: 'add', path: '/tracks/0/clips/-', value: clip(2000) }, { op: 'replace', path: '/name', value: 'New' })).toMatchObject({ type: 'ack', payload: { revision: 2 } });
    const { body } = await studio.api('GET', `/timelines/${id}`);
    expect([body.name, body.tracks[0].clips.length, body.tracks[0].clips[2].id]).toEqual(['New', 3, expect.stringMatching(/^clp_/)]);

    expect(await patch(1, { op: 'remove', path: '/tracks/0' })).toMatchObject({ type: 'error', payload: { code: 'CONFLICT', details: { revision: 2 } } });
    for (const [operation, message] of [
      [{ op: 'test', path: '/name', value: 'Other' }, 'test found another'], [{ op: 'move', from: '/tracks/7', path: '/tracks/0' }, 'nothing at "from"'],
      [{ op: 'copy', from: '/tracks/0', path: '/tracks/5' }, 'behind the end'], [{ op: 'remove', path: '/tracks/3' }, 'nothing at the path'],
      [{ op: 'add', path: '/__proto__/x', value: 1 }, 'not a field'], [{ op: 'add', path: '/speed', value: 1 }, 'Unknown field'], [{ op: 'remove', path: '/name' }, 'name'],
      [{ op: 'move', from: '/tracks/0', path: '/tracks/0/clips/0' }, 'into itself'], [{ op: 'replace', path: 'name', value: 'x' }, 'JSON pointer'],
      [{ op: 'copy', from: '/tracks/0/clips/0', path: '/tracks/0/clips/1' }, 'has the id'],
    ] as const) {
      const refused = await patch(2, { op: 'replace', path: '/name', value: 'Half' }, operation);
      expect([operation, refused.payload.code]).toEqual([operation, 'VALIDATION']);
      expect(refused.payload.message).toContain(message);
    }
    expect((await studio.api('GET', `/timelines/${id}`)).body).toEqual(body);

    const { revision: _r, id: _i, createdAt: _c, updatedAt: _u, ...document } = body;
    expect((await update(2, { timeline: { ...document, name: 'Whole' } })).payload).toEqual({ revision: 3 });
    expect((await update(3, {})).payload.code).toBe('VALIDATION');
    expect((await client.ask('timeline:update', { timelineId: 'tml_none', revision: 1, patch: [] })).payload.code).toBe('NOT_FOUND');
    const doubling = Array.from({ length: 40 }, (_, i) => ({ op: 'copy', from: '/tracks', path: `/tracks/0/clips/0/x${i}` }));
    expect((await patch(3, ...doubling)).payload.message).toContain('All copies together');
    await studio.api('DELETE', `/timelines/${id}`);
  });

  test('play: the engine hears of the timeline first, and what it answers is stored and wanted', async () => {
    const inner = await make('Inner');
    const { id } = await make('Outer', [{ timelineId: inner.id, startMs: 0, durationMs: 2000, id: 'c1' }, clip(5000, { id: 'c2' })], { loop: true });
    const known: string[][] = [];
    answer = (name, payload) => {
      known.push(engine.last!.timelines.map((t) => t.id).sort());
      expect(engine.last!.program).not.toHaveProperty('timelineId');
      return play(name, payload);
    };
    const ack = await control({ action: 'play', timelineId: id, clipId: 'c2', transition: { kind: 'fade', durationMs: 300 } });
    answer = play;
    expect(ack).toMatchObject({ type: 'ack', payload: { frame: expect.any(Number), ptsMs: expect.any(Number), playback: { is: 'playing' } } });
    expect(known).toEqual([[id, inner.id].sort()]);
    expect(last()).toEqual({ name: 'take', payload: { target: { timelineId: id }, start: { is: 'from', positionMs: 5000 }, transition: { kind: 'fade', durationMs: 300 } } });
    const desired = await engine.wanted('the timeline', (d) => 'timelineId' in d.program && d.program.timelineId === id);
    expect(desired.timelines.find((t) => t.id === id)).toMatchObject({ revision: 1, playback: ack.payload.playback, document: { name: 'Outer' } });
    await stored((s) => s.program.timelineId === id);
    for (const one of [id, inner.id]) expect((await studio.api('DELETE', `/timelines/${one}`)).status).toBe(409);

    // Once on program it is asked to change, not taken anew.
    expect((await control({ action: 'pause' })).payload.playback).toEqual({ is: 'paused', positionMs: 1234 });
    expect(last()).toEqual({ name: 'playback', payload: { timelineId: id, action: 'pause' } });
    await engine.wanted('the pause', (d) => d.timelines.find((t) => t.id === id)?.playback.is === 'paused');
    expect((await studio.api('POST', '/playback', { action: 'seek', timelineId: id, positionMs: 700 })).body.playback.is).toBe('playing');
    expect(last()).toEqual({ name: 'playback', payload: { timelineId: id, action: 'seek', positionMs: 700 } });
    expect((await control({ action: 'region', region: { fromMs: 200, toMs: 1200 } })).type).toBe('ack');
    expect(last()).toEqual({ name: 'playback', payload: { timelineId: id, action: 'region', region: { fromMs: 200, toMs: 1200 } } });
    expect((await control({ action: 'region', region: null })).type).toBe('ack');
    expect(last().payload).toEqual({ timelineId: id, action: 'region', region: null });
    for (const wrong of [{ action: 'region' }, { action: 'region', region: { fromMs: 200, toMs: 900 } }, { action: 'stop', region: null }]) expect((await control(wrong)).payload.code).toBe('VALIDATION');
    expect((await control({ action: 'region', timelineId: inner.id, region: { fromMs: 0, toMs: 1200 } })).payload).toMatchObject({ code: 'CONFLICT', message: expect.stringContaining('Play it first') });
    // One that is not on program keeps what it will go round, as one does that is, until it is sought behind that.
    const round = { fromMs: 0, toMs: 1200 };
    for (const [positionMs, more, region] of [[100, { region: round }, round], [300, {}, round], [1200, {}, undefined], [5000, { region: round }, undefined], [200, {}, undefined]] as const) {
      expect((await control({ action: 'seek', timelineId: inner.id, positionMs, ...more })).payload.playback).toEqual({ is: 'paused', positionMs, ...(region ? { region } : {}) });
    }
    expect((await control({ action: 'stop', timelineId: inner.id })).payload.playback).toEqual({ is: 'stopped' });
    expect((await control({ action: 'seek' })).payload.code).toBe('VALIDATION');
    expect((await control({ action: 'seek', clipId: 'none' })).payload.code).toBe('NOT_FOUND');
    expect((await control({ action: 'play', loop: false })).type).toBe('ack');
    expect((await engine.wanted('the edit', (d) => d.timelines.some((t) => t.id === id && t.revision === 2))).timelines.find((t) => t.id === id)!.document).toMatchObject({ loop: false, name: 'Outer' });
    expect((await control({ action: 'stop' })).payload.playback).toEqual({ is: 'stopped' });
    expect((await control({ action: 'release' })).payload.code).toBe('CONFLICT');
    expect((await control({ action: 'play', timelineId: 'tml_none' })).payload.code).toBe('NOT_FOUND');
  });

  test('one with nothing to play is neither armed nor played: the error says what to do; a filler is something to play', async () => {
    const { id } = await make('Blank', []);
    await stored((s) => s.timelines.find((t: any) => t.id === id)?.empty === true);
    const asked = engine.requests.length;
    for (const refused of [
      (await control({ action: 'arm', timelineId: id })).payload, (await control({ action: 'play', timelineId: id })).payload, (await client.ask('preview:arm', { timelineId: id })).payload,
      (await studio.api('POST', '/playback', { action: 'play', timelineId: id, positionMs: 0 })).body.error,
    ]) expect(refused).toMatchObject({ code: 'TIMELINE_EMPTY', message: expect.stringContaining('Put clips on it') });
    expect([engine.requests.length, (await state()).armed]).toEqual([asked, null]);
    await studio.api('PATCH', `/timelines/${id}`, { filler: { sourceId: source } });
    expect((await control({ action: 'arm', timelineId: id })).type).toBe('ack');
    // Emptied after it was armed, it is not taken.
    await studio.api('PATCH', `/timelines/${id}`, { filler: null });
    expect((await client.ask('program:take', {})).payload).toMatchObject({ code: 'TIMELINE_EMPTY' });
    await control({ action: 'disarm' });
    await studio.api('DELETE', `/timelines/${id}`);
  });

  test('its summary says how many edits can be taken back and done again, to every browser', async () => {
    const { id } = await make('Steps');
    const steps = (undo: number, redo: number) => stored((s) => { const one = s.timelines.find((t: any) => t.id === id); return one?.undo === undo && one.redo === redo; });
    await steps(0, 0);
    await studio.api('PATCH', `/timelines/${id}`, { name: 'Steps 2' });
    await studio.api('PATCH', `/timelines/${id}`, { name: 'Steps 3' });
    await steps(2, 0);
    await studio.api('POST', `/timelines/${id}/undo`, {});
    await steps(1, 1);
    await studio.api('PATCH', `/timelines/${id}`, { name: 'Steps 4' });
    await steps(2, 0);
    await studio.api('DELETE', `/timelines/${id}`);
  });

  test('a switch over a timeline is an override, and release brings it back where it would be, or where it was', async () => {
    const { id } = await make('Show', undefined, { loop: true });
    await control({ action: 'play', timelineId: id, positionMs: 10_000 });
    const before = await stored((s) => s.program.timelineId === id);
    expect(before.override).toBeNull();
    await client.ask('camera:switch', { sourceId: source });
    await stored((s) => s.program.sourceId === source && s.override?.timelineId === id);
    await studio.api('POST', '/program/take', { sceneId: before.scenes[0].id });
    await stored((s) => s.program.sceneId === before.scenes[0].id && s.override?.timelineId === id);
    const wanted = engine.last!.timelines.find((t) => t.id === id)!;
    expect(wanted.playback.is).toBe('playing');
    const status = (await studio.api('GET', '/broadcast')).body.timeline;
    expect(status).toMatchObject({ timelineId: id, overridden: true, state: 'playing', durationMs: 2000 });
    expect(status.positionMs).toBeGreaterThan(10_000);
    expect(status.positionMs).toBeLessThan(20_000);
    expect((await studio.api('DELETE', `/timelines/${id}`)).body.error.details.uses).toEqual(['to come back when it is released']);

    await control({ action: 'release', transition: { kind: 'cut' } });
    expect(last().payload).toMatchObject({ target: { timelineId: id }, start: { is: 'as', playback: wanted.playback }, transition: { kind: 'cut' } });
    expect((await stored((s) => s.program.timelineId === id)).override).toBeNull();

    await client.ask('camera:switch', { sourceId: source });
    const switchedAt = Number(systemClock.monotonicMs());
    await control({ action: 'release', resume: 'left' });
    const { start } = last().payload;
    expect(start.is).toBe('from');
    const zeroMs = wanted.playback.is === 'playing' ? wanted.playback.zeroUs / 1000 : NaN;
    expect(Math.abs(start.positionMs - (switchedAt - zeroMs))).toBeLessThan(1000);
    expect((await control({ action: 'release' })).payload.code).toBe('CONFLICT');

    // Another timeline over an override ends it.
    await client.ask('camera:switch', { sourceId: source });
    const { id: other } = await make('Other');
    await control({ action: 'play', timelineId: other });
    expect((await stored((s) => s.program.timelineId === other)).override).toBeNull();
    await engine.wanted('one timeline', (d) => d.timelines.length === 1 && d.timelines[0]!.id === other);
  });

  test('arm holds one ready, disarm does not any more, and a played one is not armed', async () => {
    const { id } = await make('Next', [clip(0), clip(1000, { id: 'second' })]);
    expect((await control({ action: 'arm', timelineId: id, clipId: 'second' })).payload).toEqual({ frame: null, ptsMs: null, playback: { is: 'paused', positionMs: 1000 } });
    const desired = await engine.wanted('the armed one', (d) => d.armed === id);
    expect(desired.timelines.find((t) => t.id === id)!.playback).toEqual({ is: 'paused', positionMs: 1000 });
    expect((await state()).armed).toBe(id);
    await control({ action: 'disarm' });
    await engine.wanted('nothing armed', (d) => d.armed === null && !d.timelines.some((t) => t.id === id));
    await control({ action: 'arm', timelineId: id });
    await control({ action: 'play', timelineId: id });
    expect((await stored((s) => s.program.timelineId === id)).armed).toBeNull();
    expect((await control({ action: 'arm', timelineId: id })).payload.code).toBe('CONFLICT');
    expect((await control({ action: 'arm' })).payload.code).toBe('VALIDATION');
  });

  test('files take a while to open: a timeline may take longer than a cut, and a cut meanwhile is not undone', async () => {
    const { id } = await make('Slow');
    let done: (() => void) | undefined;
    answer = async (name, payload) => {
      if ('timelineId' in payload.target) await new Promise<void>((resolve) => { done = resolve; setTimeout(resolve, 3300); });
      return play(name, payload);
    };
    const slow = control({ action: 'play', timelineId: id });
    await engine.wanted('the slow one', (d) => d.timelines.some((t) => t.id === id) && !('timelineId' in d.program && d.program.timelineId === id));
    expect((await slow).type).toBe('ack');
    await stored((s) => s.program.timelineId === id);

    const { id: other } = await make('Later');
    answer = async (name, payload) => {
      if ('timelineId' in payload.target) {
        await new Promise<void>((resolve) => { done = resolve; });
        throw new Error('something else was taken');
      }
      return play(name, payload);
    };
    const lost = control({ action: 'play', timelineId: other });
    await engine.wanted('the later one', (d) => d.timelines.some((t) => t.id === other));
    expect((await client.ask('camera:switch', { sourceId: source })).type).toBe('ack');
    done!();
    expect((await lost).type).toBe('error');
    expect((await stored((s) => s.program.sourceId === source)).override).toEqual({ timelineId: id });
    await engine.wanted('the cut, and only it', (d) => 'sourceId' in d.program && !d.timelines.some((t) => t.id === other));
    answer = play;
    await control({ action: 'release' });
    await stored((s) => s.program.timelineId === id);
  });

  test('an engine that refuses leaves everything as it was', async () => {
    const before = await state();
    const { id } = await make('Refused');
    answer = () => { throw new Error('not now'); };
    expect((await control({ action: 'play', timelineId: id })).payload.message).toContain('not now');
    answer = play;
    const after = await state();
    expect([after.program, after.override, after.armed]).toEqual([before.program, before.override, before.armed]);
    await engine.wanted('what was', (d) => JSON.stringify(d.program) === JSON.stringify(before.program) && !d.timelines.some((t) => t.id === id));
    expect((await studio.api('DELETE', `/timelines/${id}`)).status).toBe(204);
  });

  test('the engine\'s report of the timeline on program is in the status', async () => {
    const { timelineId } = (await state()).program;
    engine.report({ ...IDLE_ENGINE, timeline: { timelineId, revision: 1, state: 'playing', positionMs: 40, durationMs: 2000, lap: 0, failedClips: 0, lateClips: 0, open: 1, playback: engine.last!.timelines.find(({ id }) => id === timelineId)!.playback } });
    const status = await client.next('the timeline', (m) => m.type === 'broadcast:status' && m.payload.timeline?.open === 1);
    expect(status.payload.timeline).toMatchObject({ timelineId, overridden: false, positionMs: 40 });
    const text = await (await fetch(`${studio.url}/metrics`, { headers: { Authorization: `Bearer ${studio.token}` } })).text();
    for (const line of [`position_seconds{timeline="${timelineId}"} 0.04`, `state{timeline="${timelineId}",state="playing"} 1`, `overridden{timeline="${timelineId}"} 0`, `clips_failed_total{timeline="${timelineId}"} 0`]) {
      expect(text).toContain(`vistter_timeline_${line}`);
    }
    engine.report(IDLE_ENGINE);
  });

  test('where the engine says that an edit has moved it is where it is wanted from then on', async () => {
    const { timelineId } = (await state()).program;
    const wanted = (d = engine.last!) => d.timelines.find(({ id }) => id === timelineId)?.playback;
    const before = wanted()!;
    const report = (playback: Playback) => engine.report({
      ...IDLE_ENGINE, timeline: { timelineId, revision: 1, state: 'playing', positionMs: 40, durationMs: 2000, lap: 0, failedClips: 0, lateClips: 0, open: 1, playback },
    });
    const zeroUs = (systemClock.monotonicMs() - 60_000) * 1000;
    const moved = (ms: number): Playback => ({ is: 'playing', bootId, zeroUs: zeroUs + ms * 1000, zeroWallMs: Date.now() - 60_000 + ms });
    const isMoved = (ms: number) => (d: typeof engine.last) => { const now = wanted(d); return now?.is === 'playing' && now.zeroUs === zeroUs + ms * 1000; };
    report(moved(0));
    await engine.wanted('the new start', isMoved(0));
    report(moved(500));
    await engine.wanted('the moved start', isMoved(500));
    // What is within a frame of it is the same.
    report(moved(510));
    report(before);
    await engine.wanted('what was', (d) => wanted(d)?.is === before.is && !isMoved(500)(d));
    expect(engine.desired.some(isMoved(510))).toBe(false);
    engine.report(IDLE_ENGINE);
  });

  test('a take that ends an insert says where the timeline was left, and there it is when it is released', async () => {
    const { timelineId } = (await state()).program;
    const left = playingFrom(40_000, systemClock.monotonicMs());
    answer = (name, payload) => ({ ...(play(name, payload) as object), left: { timelineId, playback: left } });
    await client.ask('camera:switch', { sourceId: source });
    answer = play;
    await engine.wanted('it as it was left', (d) => JSON.stringify(d.timelines.find(({ id }) => id === timelineId)?.playback) === JSON.stringify(left));
    await control({ action: 'release' });
    expect(engine.requests.at(-1)).toMatchObject({ name: 'take', payload: { start: { is: 'as', playback: left } } });
  });

  test('a pause says whether cameras stay live', async () => {
    const { timelineId } = (await state()).program;
    await control({ action: 'pause', live: true });
    expect(engine.requests.at(-1)).toEqual({ name: 'playback', payload: { timelineId, action: 'pause', live: true } });
    await control({ action: 'pause' });
    expect(engine.requests.at(-1)).toEqual({ name: 'playback', payload: { timelineId, action: 'pause' } });
    // It is stored.
    await engine.wanted('the pause', (d) => d.timelines.find(({ id }) => id === timelineId)?.playback.is === 'paused');
  });

  test('after a restart of the studio it stands as it stood', async () => {
    const before = await state();
    const playback = engine.last!.timelines[0]!.playback;
    client.close();
    await studio.kill();
    const again = await StudioProcess.start({ after: studio });
    const peer = again.peer('engine', IDLE_ENGINE);
    expect((await again.api('GET', '/state')).body.timelines).toEqual(before.timelines);
    const desired = await peer.wanted('the timeline', (d) => 'timelineId' in d.program);
    expect(desired.program).toEqual(before.program);
    expect(desired.timelines[0]!.playback).toEqual(playback);
    await peer.stop();
    await again.stop();
  });
});

/** Emergencies and inserts over REST and the websocket, with a stand-in for the engine. */
import { execFileSync } from 'node:child_process';
import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { EngineActual } from '../../src/protocol/link.js';
import { StateSnapshot } from '../../src/protocol/state.js';
import { BroadcastStatus } from '../../src/protocol/status.js';
import { readBootId, systemClock } from '../../src/runtime/clock.js';
import { sharedMedia } from '../support/media.js';
import { IDLE_ENGINE, type Client, type Peer, StudioProcess } from '../support/studio-process.js';
import { waitFor } from '../support/wait.js';

const bootId = readBootId();
const frameNow = (): number => Math.round(systemClock.monotonicMs() * 0.03);
const at = (frame: number): { frame: number; ptsMs: number } => ({ frame, ptsMs: (frame * 1000) / 30 });

let studio: StudioProcess;
let engine: Peer<'engine'>;
let client: Client;
let answer: ((name: string, payload: any) => unknown) | undefined;

/** The engine's part: what it is asked is on the next frame. */
function byItself(name: string, payload: any): unknown {
  const reply = at(frameNow() + 1);
  if (name === 'take' && 'timelineId' in payload.target) {
    const positionMs = payload.start?.positionMs ?? 0;
    return { ...reply, playback: { is: 'playing', zeroUs: (reply.ptsMs - positionMs) * 1000, bootId, zeroWallMs: Date.now() - positionMs } };
  }
  if (name !== 'insert') return reply;
  return { ...reply, frames: Math.round(payload.document.durationMs * 0.03) };
}
const begin = (): Peer<'engine'> => studio.peer('engine', IDLE_ENGINE, (name, payload) => (answer ?? byItself)(name, payload));
const control = (payload: object) => client.ask('playback:control', payload);
const insert = (payload: object) => client.ask('insert:control', payload);
const state = async () => (await studio.api('GET', '/state')).body;
const log = async (query = '') => (await studio.api('GET', `/airings${query}`)).body.items as any[];
const logged = (is: (lines: any[]) => boolean) => waitFor('the line in the log', async () => { const lines = await log(); return is(lines) && lines; });
const make = async (more: object): Promise<any> => (await studio.api('POST', '/inserts', { name: 'Spot', ...more })).body;
const report = (change: Partial<EngineActual>): void => engine.report({ ...engine.actual, ...change });
/** Two that begin within one frame are in either order. */
const lineOf = async (airingId: string): Promise<any> => (await logged((lines) => lines.some((line) => line.airingId === airingId))).find((line: any) => line.airingId === airingId);
/** Says that the airing is over. */
const over = ({ airingId, frame }: { airingId: string; frame: number }, insertId: string, ended: EngineActual['airings'][number]['ended'], frames: number, missed = 0): void =>
  report({ insert: null, airings: [...engine.actual.airings, { airingId, insertId, frame, frames, missed, ended }].slice(-50) });

let card: string;
let scene: string;
beforeAll(async () => {
  studio = await StudioProcess.start();
  engine = begin();
  client = await studio.connect();
  const { snapshot } = (await client.next('a snapshot', (m) => m.type === 'state')).payload;
  card = snapshot.sources[2].id;
  scene = snapshot.scenes[0].id;
  await waitFor('the engine', async () => (await studio.api('GET', '/health')).body.processes.engine);
});
beforeEach(() => { answer = undefined; });
afterAll(async () => {
  client?.close();
  await engine?.stop();
  await studio?.stop();
});

describe('an emergency', () => {
  test('over the websocket: the engine is asked, then it is wanted, shown and told', async () => {
    expect((await studio.api('PATCH', '/settings', { emergency: { sceneId: scene } })).body.emergency).toEqual({ sceneId: scene });
    const ack = await control({ action: 'emergency', transition: { kind: 'cut' } });
    expect(ack).toMatchObject({ type: 'ack', payload: { frame: expect.any(Number), ptsMs: expect.any(Number), playback: { is: 'stopped' } } });
    expect(engine.requests.at(-1)).toEqual({ name: 'emergency', payload: { target: { sceneId: scene }, transition: { kind: 'cut', durationMs: 500 } } });
    await engine.wanted('the emergency', (d) => JSON.stringify(d.emergency) === JSON.stringify({ sceneId: scene }));
    const snapshot = StateSnapshot.parse(await state());
    expect(snapshot.emergency).toEqual({ target: { sceneId: scene }, since: expect.stringMatching(/^\d{4}-.*Z$/) });
    report({ emergency: true });
    const status = await client.next('the status', (m) => m.type === 'broadcast:status' && m.payload.emergency);
    expect(BroadcastStatus.parse(status.payload)).toMatchObject({ emergency: true, insert: null });
    const metrics = await (await fetch(`${studio.url}/metrics`, { headers: { Authorization: `Bearer ${studio.token}` } })).text();
    expect(metrics).toContain('vistter_emergency_on 1');

    const { body: spot } = await studio.api('POST', '/inserts', { name: 'Spot', sourceId: card, durationMs: 1000 });
    for (const refused of [
      client.ask('camera:switch', { sourceId: card }), insert({ action: 'air', insertId: spot.id }),
      ...['play', 'pause', 'seek', 'stop'].map((action) => control({ action, positionMs: 0 })),
    ]) expect((await refused).payload).toEqual({ code: 'EMERGENCY', message: 'The emergency picture is on program. Release it first.' });
    for (const [path, body] of [['/program/take', { sourceId: card }], ['/playback', { action: 'play' }], [`/inserts/${spot.id}/air`, undefined]] as const) {
      const refused = await studio.api('POST', path, body);
      expect([refused.status, refused.body.error.code]).toEqual([409, 'EMERGENCY']);
    }
    for (const path of [`/sources/${card}`, `/scenes/${scene}`]) expect((await studio.api('DELETE', path)).status).toBe(409);
    expect((await studio.api('DELETE', `/scenes/${scene}`)).body.error).toMatchObject({ code: 'IN_USE', message: expect.stringContaining('the emergency picture on program, prepared for an emergency') });

    const released = await studio.api('POST', '/playback', { action: 'release' });
    expect([released.status, engine.requests.at(-1)]).toEqual([200, { name: 'emergency', payload: { target: null } }]);
    await engine.wanted('no emergency', (d) => d.emergency === null);
    expect((await state()).emergency).toBeNull();
    expect((await control({ action: 'release' })).payload.code).toBe('CONFLICT');
    expect((await client.ask('camera:switch', { sourceId: card })).type).toBe('ack');
    report({ emergency: false });
    await studio.api('DELETE', `/inserts/${spot.id}`);
    await studio.api('PATCH', '/settings', { emergency: null });
  });

  test('works without an engine: that comes back with it', async () => {
    await engine.stop();
    await waitFor('the engine to be gone', async () => (await studio.api('GET', '/health')).body.processes.engine === false);
    expect((await control({ action: 'emergency' })).payload).toEqual({ frame: null, ptsMs: null, playback: { is: 'stopped' } });
    engine = begin();
    await engine.wanted('the slate', (d) => d.emergency !== null && 'slate' in d.emergency);
    await waitFor('the engine', async () => (await studio.api('GET', '/health')).body.processes.engine);
    expect((await control({ action: 'release' })).type).toBe('ack');
  });

  test('survives kill -9 of the studio', async () => {
    await control({ action: 'emergency', sourceId: card });
    const { emergency } = await waitFor('it to be stored', async () => { const s = await state(); return s.emergency && s; });
    await studio.kill();
    await restart();
    expect((await state()).emergency).toEqual(emergency);
    await engine.wanted('the emergency', (d) => d.emergency !== null);
    expect((await client.ask('camera:switch', { sourceId: card })).payload.code).toBe('EMERGENCY');
    expect((await control({ action: 'release' })).type).toBe('ack');
  });
});

/** The studio again, with the engine that was there and a new browser. */
async function restart(): Promise<void> {
  client.close();
  studio = await StudioProcess.start({ after: studio });
  client = await studio.connect();
  await waitFor('the engine', async () => (await studio.api('GET', '/health')).body.processes.engine);
}

describe('inserts', () => {
  test('are made, listed, sent to browsers, changed with a revision and deleted', async () => {
    const made = await studio.api('POST', '/inserts', { name: 'Spot', sourceId: card, durationMs: 5000, everyMs: 600_000 });
    expect([made.status, made.headers.get('etag')]).toEqual([201, '"1"']);
    expect(made.body).toMatchObject({ id: expect.stringMatching(/^ins_/), mode: 'over', enabled: true, everyMs: 600_000 });
    expect((await studio.api('GET', '/inserts')).body.items).toEqual([made.body]);
    expect((await state()).inserts).toEqual([made.body]);
    const { id } = made.body;
    expect((await studio.api('GET', `/inserts/${id}`)).body).toEqual(made.body);
    const changed = await studio.api('PATCH', `/inserts/${id}`, { sceneId: scene, enabled: false }, { 'If-Match': '"1"' });
    expect(changed.body).toMatchObject({ sceneId: scene, revision: 2 });
    expect(changed.body.sourceId).toBeUndefined();
    expect((await studio.api('PATCH', `/inserts/${id}`, { name: 'x' }, { 'If-Match': '"1"' })).body.error.code).toBe('STALE_REVISION');
    expect((await studio.api('DELETE', `/scenes/${scene}`)).body.error.message).toContain('in the insert "Spot"');
    const noLength = await studio.api('PATCH', `/inserts/${id}`, { durationMs: null });
    expect(noLength.body.error).toMatchObject({ code: 'VALIDATION', message: 'durationMs: A scene has no length of its own: say how long the insert is.' });
    expect((await studio.api('DELETE', `/inserts/${id}`)).status).toBe(204);
    expect((await studio.api('POST', `/inserts/${id}/air`)).status).toBe(404);
  });

  test('one goes on air, is told with what is left, refuses another, and is logged once', async () => {
    const { id } = await make({ name: '=Spot, "1"', sourceId: card, durationMs: 5000, mode: 'between', transition: { kind: 'fade', durationMs: 300 } });
    const { payload: aired } = await insert({ action: 'air', insertId: id });
    expect(aired).toEqual({ airingId: expect.stringMatching(/^air_/), frame: expect.any(Number), ptsMs: expect.any(Number), frames: 150 });
    expect(engine.requests.at(-1)).toMatchObject({ name: 'insert', payload: { airingId: aired.airingId, insertId: id, mode: 'between', fills: true, began: null, transition: { kind: 'fade', durationMs: 300 }, document: { durationMs: 5000 } } });
    const wanted = await engine.wanted('the insert', (d) => d.insert !== null);
    expect(wanted.insert).toMatchObject({ airingId: aired.airingId, began: { frame: aired.frame, bootId } });
    expect((await studio.api('POST', `/inserts/${id}/air`)).body.error.code).toBe('CONFLICT');
    expect((await studio.api('DELETE', `/inserts/${id}`)).body.error).toMatchObject({ code: 'IN_USE', message: '"=Spot, "1"" is on air. Stop it first.' });
    report({ insert: { airingId: aired.airingId, insertId: id, frame: aired.frame, aired: 30, missed: 0, frames: 150 } });
    const { payload } = await client.next('the insert', (m) => m.type === 'broadcast:status' && m.payload.insert !== null);
    expect(payload.insert).toEqual({ airingId: aired.airingId, insertId: id, name: '=Spot, "1"', mode: 'between', frame: aired.frame, aired: 30, frames: 150, missedFrames: 0 });
    over(aired, id, 'whole', 150);
    const [line] = await logged((lines) => lines.length === 1);
    const startedAt = new Date(wanted.insert!.began!.wallMs).toISOString();
    expect(line).toEqual({ airingId: aired.airingId, insertId: id, name: '=Spot, "1"', mode: 'between', startedAt, frame: aired.frame, frames: 150, plannedFrames: 150, fps: 30, ended: 'whole', missedFrames: 0 });
    expect(Math.abs(Date.parse(startedAt) - Date.now())).toBeLessThan(10_000);
    await engine.wanted('nothing more', (d) => d.insert === null);
    const metrics = await (await fetch(`${studio.url}/metrics`, { headers: { Authorization: `Bearer ${studio.token}` } })).text();
    expect(metrics).toContain('vistter_airings_total{ended="whole"} 1');

    const csv = await fetch(`${studio.url}/api/v1/airings/export?format=csv`, { headers: { Authorization: `Bearer ${studio.token}` } });
    expect([csv.headers.get('content-type'), csv.headers.get('content-disposition')]).toEqual(['text/csv; charset=utf-8', 'attachment; filename="airings.csv"']);
    expect(await csv.text()).toBe(`airingId,insertId,name,mode,startedAt,frame,frames,plannedFrames,fps,ended,missedFrames\r\n${aired.airingId},${id},"'=Spot, ""1""",between,${startedAt},${aired.frame},150,150,30,whole,0\r\n`);
    expect((await studio.api('GET', '/airings/export?format=json')).body).toEqual({ items: [line] });
    expect((await studio.api('GET', '/airings/export?format=json&from=2999-01-01')).body).toEqual({ items: [] });
    expect((await studio.api('GET', `/airings/summary?to=2999-01-01T00:00:00%2B02:00`)).body).toEqual({ items: [{ insertId: id, name: '=Spot, "1"', airings: 1, frames: 150, cut: 0, failed: 0, missedFrames: 0 }] });
    expect((await studio.api('GET', '/airings/summary?to=2001-01-01')).body).toEqual({ items: [] });
    expect(await log(`?insertId=${id}&limit=5`)).toEqual([line]);
    expect(await log(`?before=${line.airingId}`)).toEqual([]);
    for (const query of ['limit=0', 'limit=1001', 'limit=x', 'from=yesterday', 'to=', 'surprise=1', 'insertId=%2F', 'before=..', 'limit=1e2']) {
      const refused = await studio.api('GET', `/airings?${query}`);
      expect([query, refused.status, refused.body.error?.code]).toEqual([query, 400, 'VALIDATION']);
    }
    for (const query of ['format=xml', 'limit=3']) expect((await studio.api('GET', `/airings/export?${query}`)).status).toBe(400);
  });

  test('stop, a take and an emergency end one early', async () => {
    const { id } = await make({ name: 'Early', sceneId: scene, durationMs: 60_000 });
    const before = (await log()).length;
    const ends: [string, () => Promise<any>][] = [
      ['stopped', () => insert({ action: 'stop' })], ['take', () => client.ask('camera:switch', { sourceId: card })], ['emergency', () => control({ action: 'emergency' })],
    ];
    for (const [ended, end] of ends) {
      const { body: aired } = await studio.api('POST', `/inserts/${id}/air`);
      await engine.wanted('the insert', (d) => d.insert?.airingId === aired.airingId);
      expect((await end()).type).toBe('ack');
      await engine.wanted('no insert', (d) => d.insert === null);
      over(aired, id, ended as 'take', 7);
      expect(await lineOf(aired.airingId)).toMatchObject({ ended, frames: 7, plannedFrames: 1800 });
    }
    await control({ action: 'release' });
    expect((await log()).length).toBe(before + 3);
    expect((await studio.api('POST', '/inserts/stop')).body.error.code).toBe('CONFLICT');
  });

  test('a film is as long as its file; one that is not there is named', async () => {
    const film = sharedMedia('film/exo-bbb.mp4');
    if (film) copyFileSync(film, join(studio.paths.media, 'spot.mp4'));
    const { id: source } = (await studio.api('POST', '/sources', { name: 'Spot', kind: 'media', path: 'spot.mp4', inMs: 1000 })).body;
    const { id } = await make({ sourceId: source, inMs: 500 });
    const { status, body } = await studio.api('POST', `/inserts/${id}/air`);
    if (film) {
      expect(body.frames).toBeGreaterThan(100);
      const { durationMs, tracks } = engine.requests.at(-1)!.payload.document;
      expect([durationMs, tracks[0].clips[0]]).toEqual([Math.round(durationMs), expect.objectContaining({ sourceId: source, inMs: 500, durationMs })]);
      await insert({ action: 'stop' });
      over(body, id, 'stopped', 3);
      await lineOf(body.airingId);
    } else expect([status, body.error.code]).toEqual([400, 'MEDIA_MISSING']);
    await studio.api('PATCH', `/sources/${source}`, { path: 'none.mp4' });
    expect((await studio.api('POST', `/inserts/${id}/air`)).body.error).toMatchObject({ code: 'MEDIA_MISSING', message: 'There is no file none.mp4 in the media folder.' });
    expect((await studio.api('DELETE', `/sources/${source}`)).body.error.message).toContain('in the insert "Spot"');
  });

  test('what cannot be shown is refused, also where the insert says how long it is', async () => {
    const showing = async (path: string, kind: string) => {
      const { id: sourceId } = (await studio.api('POST', '/sources', { name: path, kind, path })).body;
      return (await studio.api('POST', '/inserts', { name: path, sourceId, durationMs: 2000 })).body.id as string;
    };
    const before = (await log()).length;
    writeFileSync(join(studio.paths.media, 'garbage.mp4'), 'no film at all, '.repeat(1000));
    execFileSync('mkfifo', [join(studio.paths.media, 'pipe.mp4')]);
    for (const [path, kind, code, message] of [
      ['gone.mp4', 'media', 'MEDIA_MISSING', 'There is no file gone.mp4 in the media folder.'],
      ['gone.png', 'image', 'MEDIA_MISSING', 'There is no file gone.png in the media folder.'],
      ['garbage.mp4', 'media', 'MEDIA_UNREADABLE', 'garbage.mp4: It is damaged, or not of a kind that can be played (playlists are not).'],
      ['pipe.mp4', 'media', 'MEDIA_UNREADABLE', 'pipe.mp4: It is not a file.'],
    ] as const) {
      const refused = await studio.api('POST', `/inserts/${await showing(path, kind)}/air`);
      expect([refused.status, refused.body.error]).toEqual([400, { code, message }]);
    }
    expect(engine.last!.insert).toBeNull();
    expect((await log()).length).toBe(before);
  });

  test('one whose picture was missing is logged as that, counted, summed up and exported', async () => {
    const { id } = await make({ name: 'Broken', sourceId: card, durationMs: 2000 });
    for (const [ended, missed] of [['partly', 42], ['failed', 60]] as const) {
      const { payload: aired } = await insert({ action: 'air', insertId: id });
      await engine.wanted('the insert', (d) => d.insert?.airingId === aired.airingId);
      report({ insert: { airingId: aired.airingId, insertId: id, frame: aired.frame, aired: 59, missed, frames: 60 } });
      const { payload } = await client.next('the insert', (m) => m.type === 'broadcast:status' && m.payload.insert?.airingId === aired.airingId);
      expect(BroadcastStatus.parse(payload).insert).toMatchObject({ aired: 59, missedFrames: missed });
      over(aired, id, ended, 60, missed);
      const line = await lineOf(aired.airingId);
      expect(line).toMatchObject({ ended, frames: 60, plannedFrames: 60, missedFrames: missed });
      await engine.wanted('nothing more', (d) => d.insert === null);
    }
    const csv = await fetch(`${studio.url}/api/v1/airings/export?insertId=${id}`, { headers: { Authorization: `Bearer ${studio.token}` } });
    expect((await csv.text()).split('\r\n').slice(1).map((line) => line.split(',').slice(-2))).toEqual([['failed', '60'], ['partly', '42'], ['']]);
    expect((await studio.api('GET', '/airings/summary')).body.items).toContainEqual({ insertId: id, name: 'Broken', airings: 2, frames: 120, cut: 2, failed: 1, missedFrames: 102 });
    const metrics = await (await fetch(`${studio.url}/metrics`, { headers: { Authorization: `Bearer ${studio.token}` } })).text();
    expect(metrics).toContain('vistter_airings_total{ended="failed"} 1');
    expect(studio.process.stdout()).toContain('60 of 60 frames (partly); in 42 of them its own picture was not there');
  });

  test('the timeline in one is told to the engine before it is asked', async () => {
    const { id: timelineId } = (await studio.api('POST', '/timelines', { name: 'Break', tracks: [{ kind: 'video', clips: [{ sourceId: card, startMs: 0, durationMs: 3000 }] }] })).body;
    const { id } = await make({ name: 'Break', timelineId });
    const known: boolean[] = [];
    answer = (name, payload) => {
      known.push(engine.last!.timelines.some((t) => t.id === timelineId));
      return byItself(name, payload);
    };
    const { body: aired } = await studio.api('POST', `/inserts/${id}/air`);
    expect([aired.frames, known]).toEqual([90, [true]]);
    await engine.wanted('the timeline and the insert', (d) => d.insert?.airingId === aired.airingId && d.timelines.some((t) => t.id === timelineId));
    expect((await studio.api('DELETE', `/timelines/${timelineId}`)).body.error.message).toContain('in the insert "Break"');
    over(aired, id, 'whole', 90);
    await engine.wanted('none of it any more', (d) => d.insert === null && !d.timelines.some((t) => t.id === timelineId));
  });

  test('an engine that refuses, is away, or answers nonsense leaves nothing on air', async () => {
    const { id } = await make({ name: 'Refused', sourceId: card, durationMs: 2000 });
    const before = (await log()).length;
    for (const [nonsense, message] of [[() => { throw new Error('not now'); }, 'not now'], [() => null, undefined], [() => ({ frame: 'x' }), undefined], [() => ({ frame: 1.5, ptsMs: 1, frames: 2 }), undefined]] as const) {
      answer = nonsense;
      const { type, payload } = await insert({ action: 'air', insertId: id });
      expect(type).toBe('error');
      if (message) expect(payload.message).toContain(message);
    }
    expect((await studio.api('GET', '/health')).status).toBe(200);
    answer = undefined;
    await engine.wanted('nothing', (d) => d.insert === null);
    await engine.stop();
    await waitFor('the engine to be gone', async () => (await studio.api('GET', '/health')).body.processes.engine === false);
    expect((await insert({ action: 'air', insertId: id })).payload.code).toBe('ENGINE_AWAY');
    engine = begin();
    await waitFor('the engine', async () => (await studio.api('GET', '/health')).body.processes.engine);
    expect((await log()).length).toBe(before);
  });

  test('nonsense in a report is dropped, and what it says of others stays', async () => {
    const before = await log();
    for (const bad of [{ insert: 7 }, { insert: { airingId: '../x' } }, { airings: [{ airingId: 'a', insertId: 'b', frame: 1, frames: 2, ended: 'bored' }] }, { airings: {} }, { emergency: 'yes' }]) {
      report(bad as never);
      report({ insert: null, airings: [], emergency: false });
    }
    await client.next('a status', (m) => m.type === 'broadcast:status');
    expect(await log()).toEqual(before);
    expect((await studio.api('GET', '/health')).body.processes.engine).toBe(true);
  });

  test('kill -9 of the studio in mid-insert: it is known again, and logged once', async () => {
    const { id } = await make({ name: 'Killed', sourceId: card, durationMs: 60_000 });
    const { payload: aired } = await insert({ action: 'air', insertId: id });
    await engine.wanted('the insert', (d) => d.insert?.airingId === aired.airingId && d.insert?.began !== null);
    report({ insert: { airingId: aired.airingId, insertId: id, frame: aired.frame, aired: 30, missed: 0, frames: 1800 } });
    await studio.kill();
    await restart();
    await engine.wanted('the insert again', (d) => d.insert?.airingId === aired.airingId && d.insert?.began?.frame === aired.frame);
    expect((await insert({ action: 'air', insertId: id })).payload.code).toBe('CONFLICT');
    expect((await insert({ action: 'stop' })).payload.airingId).toBe(aired.airingId);
    over(aired, id, 'stopped', 100);
    await lineOf(aired.airingId);
    await studio.kill();
    await restart();
    await client.next('a status', (m) => m.type === 'broadcast:status');
    expect((await log()).filter(({ airingId }) => airingId === aired.airingId)).toEqual([expect.objectContaining({ name: 'Killed', frames: 100, ended: 'stopped' })]);
  });

  test('an airing that ended while the studio was away, and one that the studio never stored, are lines all the same', async () => {
    const { id } = await make({ name: 'Unseen', sourceId: card, durationMs: 60_000 });
    const { payload: aired } = await insert({ action: 'air', insertId: id });
    await engine.wanted('the insert', (d) => d.insert?.airingId === aired.airingId);
    await studio.kill();
    over(aired, id, 'whole', 1800);
    over({ airingId: 'air_unheard', frame: aired.frame + 1 }, id, 'engine', 12);
    await restart();
    const lines = await logged((all) => all.some(({ airingId }) => airingId === 'air_unheard'));
    expect(lines.filter(({ name }) => name === 'Unseen').map(({ ended, frames }) => [ended, frames]).sort()).toEqual([['engine', 12], ['whole', 1800]]);
  });

  test('one whose engine died with it is a line of what is known to have been aired', async () => {
    const { id } = await make({ name: 'Forsaken', sourceId: card, durationMs: 2000 });
    const { payload: aired } = await insert({ action: 'air', insertId: id });
    report({ insert: { airingId: aired.airingId, insertId: id, frame: aired.frame, aired: 17, missed: 0, frames: 60 } });
    await client.next('the insert', (m) => m.type === 'broadcast:status' && m.payload.insert?.aired === 17);
    await engine.stop();
    engine = begin();
    const lines = await waitFor('the line', async () => { const all = await log(); return all.some(({ name }) => name === 'Forsaken') && all; }, { timeoutMs: 10_000 });
    expect(lines.find(({ name }) => name === 'Forsaken')).toMatchObject({ frames: 17, plannedFrames: 60, ended: 'engine' });
  });

  test('every ten seconds one comes by itself, off air as well', async () => {
    const made = await make({ name: 'Regular', sourceId: card, durationMs: 1000, everyMs: 10_000 });
    let before = '';
    for (const time of [1, 2]) {
      const wanted = await engine.wanted('it to come', ({ insert }) => insert !== null && insert.insertId === made.id && insert.airingId !== before && insert.began !== null, 15_000);
      const { airingId, began } = wanted.insert!;
      expect(Math.abs(began!.wallMs - Date.parse(made.createdAt) - time * 10_000)).toBeLessThan(2000);
      over({ airingId, frame: began!.frame }, made.id, 'whole', 30);
      await lineOf(airingId);
      before = airingId;
    }
    await studio.api('DELETE', `/inserts/${made.id}`);
    // The lines stay when the insert is gone.
    expect((await studio.api('GET', '/airings/summary')).body.items).toContainEqual({ insertId: made.id, name: 'Regular', airings: 2, frames: 60, cut: 0, failed: 0, missedFrames: 0 });
  });

  test('no key and no token is in what was logged or answered', async () => {
    const key = (await studio.api('POST', `/sources/${(await state()).sources[0].id}/reveal-key`)).body.ingest.key as string;
    const said = [studio.process.stdout(), studio.process.stderr(), JSON.stringify(await state()), JSON.stringify(await log())].join('\n');
    expect(said).not.toContain(key);
    expect(said).not.toContain(studio.token);
  });
});

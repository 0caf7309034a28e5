import { statSync, readFileSync, readdirSync, writeFileSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { History } from '../../src/protocol/health.js';
import { BroadcastStatus } from '../../src/protocol/status.js';
import { StateSnapshot } from '../../src/protocol/state.js';
import { processInfo } from '../support/procfs.js';
import { IDLE_EGRESS, IDLE_ENGINE, IDLE_INGEST, liveDestination, type Peer, StudioProcess } from '../support/studio-process.js';
import { waitFor } from '../support/wait.js';

describe('a studio with the other processes beside it', () => {
  let studio: StudioProcess;
  let ingest: Peer<'ingest'>;
  let engine: Peer<'engine'>;
  let egress: Peer<'egress'>;
  let sidecar: Peer<'sidecar'>;
  let frame = 1000;

  beforeAll(async () => {
    studio = await StudioProcess.start();
    ingest = studio.peer('ingest', IDLE_INGEST);
    engine = studio.peer('engine', IDLE_ENGINE, (name) => {
      if (name !== 'take') throw new Error(name);
      frame += 1;
      return { frame, ptsMs: frame * 33 };
    });
    egress = studio.peer('egress', IDLE_EGRESS);
    sidecar = studio.peer('sidecar', { recordings: [] });
    await waitFor('every process', async () => (await studio.api('GET', '/health')).body.status === 'ok');
  });

  afterAll(async () => {
    await Promise.all([ingest, engine, egress, sidecar].map((peer) => peer?.stop()));
    await studio?.stop();
  });

  test('a new home has two cameras, a test card on program, a scene of both and two hidden overlays', async () => {
    const { body } = await studio.api('GET', '/state');
    const snapshot = StateSnapshot.parse(body);
    expect(snapshot.sources.map(({ kind, name }) => [kind, name])).toEqual([['camera', 'Camera 1'], ['camera', 'Camera 2'], ['test', 'Test card']]);
    expect(snapshot.program).toEqual({ sourceId: snapshot.sources[2]!.id });
    expect(snapshot.scenes[0]!.layers.map((layer) => layer.sourceId)).toEqual([snapshot.sources[0]!.id, snapshot.sources[1]!.id]);
    expect(snapshot.scenes[0]!.layers[1]).toMatchObject({ width: 0.3, height: 0.3 });
    expect(snapshot.overlays.map(({ kind, visible }) => [kind, visible])).toEqual([['lower-third', false], ['clock', false]]);
    const desired = await engine.wanted('the start', (d) => d.sources.length === 3);
    expect(desired.program).toEqual(snapshot.program);
    expect(desired.mediaFolder).toBe(studio.paths.media);
  });

  test('a camera is made with a key that ingest gets, that lists never show, and that can be shown and changed', async () => {
    const made = await studio.api('POST', '/sources', { name: 'Stage left', kind: 'camera' });
    expect(made.status).toBe(201);
    expect(made.headers.get('etag')).toBe('"1"');
    const { id, ingest: { key, server } } = made.body;
    expect(server).toBe('rtmp://127.0.0.1:19350/live');
    await ingest.wanted('the new camera', (d) => d.cameras.some((camera) => camera.id === id && camera.key === key));

    for (const path of ['/sources', `/sources/${id}`, '/state']) expect(JSON.stringify((await studio.api('GET', path)).body)).not.toContain(key);
    expect((await studio.api('POST', `/sources/${id}/reveal-key`)).body.ingest.key).toBe(key);

    const rotated = (await studio.api('POST', `/sources/${id}/rotate-key`)).body.ingest.key;
    expect(rotated).not.toBe(key);
    await ingest.wanted('the other key', (d) => d.cameras.some((camera) => camera.id === id && camera.key === rotated));

    expect((await studio.api('DELETE', `/sources/${id}`)).status).toBe(204);
    await ingest.wanted('one camera less', (d) => !d.cameras.some((camera) => camera.id === id));
    expect((await studio.api('GET', `/sources/${id}`)).status).toBe(404);
  });

  test('two people who edit the same thing: the second with an old revision is told so', async () => {
    const { body: scene } = await studio.api('POST', '/scenes', { name: 'Wide', layers: [] });
    const first = await studio.api('PATCH', `/scenes/${scene.id}`, { name: 'Wider' }, { 'If-Match': '"1"' });
    expect([first.status, first.body.revision]).toEqual([200, 2]);
    const second = await studio.api('PATCH', `/scenes/${scene.id}`, { name: 'Widest' }, { 'If-Match': '"1"' });
    expect([second.status, second.body.error.code]).toEqual([409, 'STALE_REVISION']);
    expect((await studio.api('PATCH', `/scenes/${scene.id}`, { ...first.body, name: 'Sent back whole' })).body).toMatchObject({ name: 'Sent back whole', revision: 3 });
    expect((await studio.api('DELETE', `/scenes/${scene.id}`, undefined, { 'If-Match': '1' })).status).toBe(409);
    expect((await studio.api('DELETE', `/scenes/${scene.id}`, undefined, { 'If-Match': '3' })).status).toBe(204);
  });

  test('what is in use cannot be deleted, and the answer says where it is used', async () => {
    const { body: base } = await studio.api('POST', '/sources', { name: 'Blue', kind: 'color', color: '#0000ff' });
    const { body: user } = await studio.api('POST', '/sources', { name: 'Red', kind: 'color', color: '#ff0000', fallbackSourceId: base.id });
    const { body: scene } = await studio.api('POST', '/scenes', { name: 'Colours', layers: [{ sourceId: base.id }] });
    const refused = await studio.api('DELETE', `/sources/${base.id}`);
    expect([refused.status, refused.body.error.code]).toEqual([409, 'IN_USE']);
    expect(refused.body.error.message).toContain('scene "Colours"');
    expect(refused.body.error.message).toContain('fallback of "Red"');
    expect((await studio.api('PATCH', `/sources/${base.id}`, { fallbackSourceId: user.id })).body.error.message).toContain('stand in for itself');
    expect((await studio.api('POST', '/scenes', { name: 'Ghost', layers: [{ sourceId: 'src_none' }] })).body.error.message).toContain('layers.0.sourceId');
    for (const path of [`/scenes/${scene.id}`, `/sources/${user.id}`, `/sources/${base.id}`]) expect((await studio.api('DELETE', path)).status).toBe(204);
    const { sourceId } = (await studio.api('GET', '/state')).body.program;
    expect((await studio.api('DELETE', `/sources/${sourceId}`)).body.error.message).toContain('on program');
  });

  test('settings merge at every level, reach the engine, and are refused whole when one value is bad', async () => {
    const changed = await studio.api('PATCH', '/settings', { video: { fps: 29.97 }, encoder: { bitrateKbps: 4500 } });
    expect(changed.body).toMatchObject({ video: { width: 1920, height: 1080, fps: 29.97 }, encoder: { bitrateKbps: 4500, preset: 'veryfast' } });
    await engine.wanted('the settings', (d) => d.settings.video.fps === 29.97 && d.settings.encoder.bitrateKbps === 4500);
    const bad = await studio.api('PATCH', '/settings', { video: { width: 1280, fps: 31 } });
    expect([bad.status, bad.body.error.code]).toEqual([400, 'VALIDATION']);
    expect(bad.body.error.message).toMatch(/^video\.fps: Use 10/);
    expect((await studio.api('GET', '/settings')).body).toEqual(changed.body);
    await studio.api('PATCH', '/settings', { video: { fps: 30 }, encoder: { bitrateKbps: 6000 } });
  });

  test('media stays in its folder, links followed; a file may come later', async () => {
    mkdirSync(join(studio.paths.media, 'sub'), { recursive: true });
    writeFileSync(join(studio.paths.media, 'sub/film.mp4'), 'x');
    symlinkSync('/etc/passwd', join(studio.paths.media, 'leak.png'));
    const film = await studio.api('POST', '/sources', { name: 'Film', kind: 'media', path: 'sub/film.mp4', loop: true });
    expect(film.status).toBe(201);
    const desired = await engine.wanted('the film', (d) => d.sources.some(({ id }) => id === film.body.id));
    expect(desired.sources.find(({ id }) => id === film.body.id)).toMatchObject({ path: join(studio.paths.media, 'sub/film.mp4'), loop: true });

    for (const [path, code] of [['../secrets/token', 'VALIDATION'], ['/etc/passwd', 'VALIDATION'], ['leak.png', 'PATH_NOT_ALLOWED'], ['http://127.0.0.1/x.mp4', 'PATH_NOT_ALLOWED'], ['file:///etc/passwd', 'PATH_NOT_ALLOWED']]) {
      const refused = await studio.api('POST', '/sources', { name: 'No', kind: 'image', path });
      expect([path, refused.status, refused.body.error?.code]).toEqual([path, 400, code]);
    }
    const later = await studio.api('POST', '/sources', { name: 'Later', kind: 'media', path: 'later.mp4' });
    expect(later.status).toBe(201);
    const status = (await studio.api('GET', '/broadcast')).body.sources.find((source: any) => source.id === later.body.id);
    expect(status).toMatchObject({ state: 'failed', error: { code: 'MEDIA_MISSING' } });
    for (const { body } of [film, later]) await studio.api('DELETE', `/sources/${body.id}`);
  });

  test('camera:switch: the engine plans it, the ack names its frame, and it is remembered', async () => {
    const client = await studio.connect();
    const snapshot = (await client.next('a snapshot', (m) => m.type === 'state')).payload.snapshot;
    const camera = snapshot.sources[0].id;
    const ack = await client.ask('camera:switch', { sourceId: camera, transition: { kind: 'fade', durationMs: 300 } });
    expect(ack).toMatchObject({ type: 'ack', payload: { frame, ptsMs: frame * 33 } });
    expect(engine.requests.at(-1)).toEqual({ name: 'take', payload: { target: { sourceId: camera }, transition: { kind: 'fade', durationMs: 300 } } });
    const patch = await client.next('the patch', (m) => m.type === 'state' && m.payload.patch);
    expect(patch.payload.patch).toEqual([{ op: 'replace', path: '/program/sourceId', value: camera }]);
    await engine.wanted('the camera', (d) => 'sourceId' in d.program && d.program.sourceId === camera);

    const scene = await client.ask('camera:switch', { sceneId: snapshot.scenes[0].id });
    expect(scene.type).toBe('ack');
    expect((await client.ask('camera:switch', { sourceId: 'src_nobody' })).payload.code).toBe('NOT_FOUND');
    expect((await client.ask('camera:switch', { sourceId: camera, sceneId: snapshot.scenes[0].id })).payload.code).toBe('VALIDATION');
    const rest = await studio.api('POST', '/program/take', { sourceId: snapshot.sources[2].id });
    expect(rest.body).toEqual({ frame, ptsMs: frame * 33 });
    client.close();
  });

  test('who comes back with a rev gets what was missed, and a snapshot when that is too long ago', async () => {
    const first = await studio.connect();
    const { rev } = (await first.next('a snapshot', (m) => m.type === 'state')).payload;
    first.close();
    const overlay = (await studio.api('GET', '/overlays')).body.items[0];
    expect((await studio.api('POST', `/overlays/${overlay.id}/show`)).body.visible).toBe(true);
    await engine.wanted('the overlay', (d) => d.overlays[0]!.visible);
    expect((await studio.api('POST', `/overlays/${overlay.id}/hide`)).body.visible).toBe(false);

    const back = await studio.connect(`/ws?rev=${rev}`);
    const missed = await back.next('the first patch', (m) => m.type === 'state');
    expect(missed.payload.rev).toBe(rev + 1);
    expect(missed.payload.patch).toContainEqual({ op: 'replace', path: '/overlays/0/visible', value: true });
    expect((await back.next('the second patch', (m) => m.type === 'state')).payload.patch).toContainEqual({ op: 'replace', path: '/overlays/0/visible', value: false });
    back.socket.send(JSON.stringify({ type: 'resume', id: 'r', payload: { rev: 1 } }));
    expect((await back.next('a snapshot', (m) => m.type === 'state')).payload.snapshot.overlays).toHaveLength(2);
    expect(await back.ask('overlay:control', { overlayId: overlay.id, visible: true })).toMatchObject({ type: 'ack' });
    back.close();
  });

  test('a broadcast goes live when a destination acknowledges, and follows destinations that come and go', async () => {
    expect((await studio.api('POST', '/broadcast/start')).body.error.code).toBe('NO_DESTINATION');
    expect((await studio.api('POST', '/broadcast/stop')).body.error.code).toBe('NOT_LIVE');
    const make = async (name: string, enabled = true) => (await studio.api('POST', '/destinations', { name, platform: 'custom', url: 'rtmp://127.0.0.1:19/live', key: `key-of-${name}`, enabled })).body;
    const [a, b, off] = [await make('A'), await make('B'), await make('Off', false)];
    expect(a).toMatchObject({ hasKey: true });
    expect(a.key).toBeUndefined();

    const started = await studio.api('POST', '/broadcast/start');
    expect([started.status, started.body.state]).toEqual([200, 'starting']);
    BroadcastStatus.parse(started.body);
    const desired = await egress.wanted('both', (d) => d.destinations.length === 2);
    expect(desired.destinations).toEqual([a, b].map(({ id, name }) => ({ id, name, platform: 'custom', url: 'rtmp://127.0.0.1:19/live', key: `key-of-${name}` })));

    const client = await studio.connect();
    egress.report({ ...IDLE_EGRESS, destinations: [liveDestination(a.id), liveDestination(b.id, 'connecting')] });
    await client.next('live', (m) => m.type === 'state' && JSON.stringify(m.payload.patch ?? '').includes('"live"'));
    const status = await client.next('the status', (m) => m.type === 'broadcast:status' && m.payload.state === 'live');
    expect(status.payload.destinations.map((d: any) => [d.id, d.state])).toEqual([[a.id, 'live'], [b.id, 'connecting'], [off.id, 'idle']]);
    expect((await studio.api('POST', '/broadcast/start')).body.error.code).toBe('ALREADY_LIVE');

    await studio.api('PATCH', `/destinations/${off.id}`, { enabled: true });
    await egress.wanted('the third', (d) => d.destinations.some(({ id }) => id === off.id));
    await studio.api('PATCH', `/destinations/${b.id}`, { enabled: false });
    await egress.wanted('without B', (d) => !d.destinations.some(({ id }) => id === b.id));
    await studio.api('DELETE', `/destinations/${off.id}`);
    await egress.wanted('A alone', (d) => d.destinations.length === 1);

    const stopped = await studio.api('POST', '/broadcast/stop');
    expect(stopped.body.state).toBe('stopping');
    await egress.wanted('none', (d) => d.destinations.length === 0);
    egress.report(IDLE_EGRESS);
    await client.next('standby', (m) => m.type === 'state' && JSON.stringify(m.payload.patch ?? '').includes('"standby"'));
    expect(await client.ask('broadcast:control', { action: 'start', destinationIds: [b.id] })).toMatchObject({ type: 'ack' });
    await egress.wanted('B by name though disabled', (d) => d.destinations.length === 1 && d.destinations[0]!.id === b.id);
    expect(await client.ask('broadcast:control', { action: 'start', destinationIds: [a.id] })).toMatchObject({ type: 'ack' });
    await egress.wanted('A added', (d) => d.destinations.length === 2);
    expect(await client.ask('broadcast:control', { action: 'stop' })).toMatchObject({ type: 'ack' });
    for (const { id } of [a, b]) await studio.api('DELETE', `/destinations/${id}`);
    client.close();
  });

  test('panels see each other, and what was asked of a studio that stood still is not done when it goes on', async () => {
    const [anna, ben] = [await studio.connect(), await studio.connect()];
    expect(await anna.ask('operator', { name: 'Anna', what: 'live' })).toMatchObject({ type: 'ack' });
    expect(await ben.ask('operator', { name: null, what: 'timelines' })).toMatchObject({ type: 'ack' });
    const status = await anna.next('both', (m) => m.type === 'broadcast:status' && m.payload.panels === 2);
    expect(status.payload.operators).toMatchObject([{ name: 'Anna', what: 'live' }, { name: null, what: 'timelines' }]);
    expect(await anna.ask('operator', { name: 'x'.repeat(41), what: 'live' })).toMatchObject({ type: 'error', payload: { code: 'VALIDATION' } });
    ben.close();
    await anna.next('Anna alone', (m) => m.type === 'broadcast:status' && m.payload.panels === 1);

    expect(await anna.ask('ping', {})).toMatchObject({ type: 'ack' });
    const script = await studio.connect();
    const overlay = (await studio.api('GET', '/overlays')).body.items[0];
    studio.process.child.kill('SIGSTOP');
    const frozenMs = performance.now();
    anna.socket.send(JSON.stringify({ type: 'overlay:control', id: 'late', payload: { overlayId: overlay.id, visible: !overlay.visible } }));
    // As a panel does that has given up.
    const comesBack = studio.connect();
    await waitFor('longer than a panel waits', () => performance.now() - frozenMs > 1700);
    studio.process.child.kill('SIGCONT');
    const back = await comesBack;
    expect(await back.ask('ping', {})).toMatchObject({ type: 'ack' });
    expect(await back.ask('overlay:control', { overlayId: overlay.id, visible: overlay.visible })).toMatchObject({ type: 'ack' });
    back.close();
    await waitFor('the panel to be shown out', () => anna.socket.readyState === anna.socket.CLOSED);
    expect((await studio.api('GET', `/overlays/${overlay.id}`)).body.visible).toBe(overlay.visible);
    // Who does not ask for a word has not given up.
    expect(await script.ask('ping', {})).toMatchObject({ type: 'ack' });
    script.close();
  });

  test('what happens stands in the log in words, with who did it, and is pushed to who asked for it', async () => {
    const client = await studio.connect();
    await client.ask('operator', { name: 'Anna', what: 'health' });
    expect((await client.ask('subscribe', { events: true })).payload).toMatchObject({ events: true, levels: false });
    const overlay = (await studio.api('GET', '/overlays')).body.items[0];
    await client.ask('overlay:control', { overlayId: overlay.id, visible: !overlay.visible });
    const told = await client.next('the event', (m) => m.type === 'event' && m.payload.code === 'OVERLAY_CHANGED');
    expect(told.payload).toMatchObject({ by: 'Anna', text: `Overlay "${overlay.name}" was changed.`, ids: [overlay.id], level: 'info' });
    await studio.api('PATCH', '/settings', { encoder: { bitrateKbps: 5500 } }, { 'X-Operator': encodeURIComponent('Bén') });
    await client.next('the settings', (m) => m.type === 'event' && m.payload.kind === 'settings');
    const { body } = await studio.api('GET', '/events?kind=settings&text=bitrate');
    expect(body.items[0]).toMatchObject({ by: 'Bén', text: 'Settings changed: encoder.bitrateKbps 6000 → 5500.' });
    await studio.api('PATCH', '/settings', { encoder: { bitrateKbps: 6000 } });
    expect((await studio.api('GET', '/events?kind=settings')).body.items[0]).toMatchObject({ by: 'REST' });
    expect((await studio.api('GET', '/events?level=loud')).body.error.code).toBe('VALIDATION');
    client.close();
  });

  test('the figures of the last seconds are there in columns, with those of all processes', async () => {
    const history = await waitFor('some seconds', async () => {
      const { body } = await studio.api('GET', '/history');
      return body.times.length >= 3 && body;
    });
    const { times, series } = History.parse(history);
    expect(series.map(({ key }) => key)).toEqual(expect.arrayContaining(['encoder.kbps', 'program.fps', 'process.studio.cpu', 'process.studio.memory', 'process.engine.memory', 'disk.free']));
    for (const { values } of series) expect(values).toHaveLength(times.length);
    const last = times.at(-1)!;
    const more = await waitFor('what is later', async () => {
      const { body } = await studio.api('GET', `/history?range=hour&since=${last}`);
      return body.times.length > 0 && body;
    });
    expect(more.times[0]).toBeGreaterThan(last);
    expect(more.times.length).toBeLessThan(4);
    expect(BroadcastStatus.parse((await studio.api('GET', '/broadcast')).body).machine!.processes.map(({ role }) => role)).toEqual(expect.arrayContaining(['studio', 'engine', 'egress']));
  });

  test('a recording goes from recording over finishing to ready, and can be fetched in parts', async () => {
    const started = await studio.api('POST', '/recording/start');
    const { id } = started.body;
    expect(started.body.state).toBe('recording');
    expect((await studio.api('POST', '/recording/start')).body.error.code).toBe('CONFLICT');
    await egress.wanted('the recording', (d) => d.recording?.id === id);
    egress.report({ ...IDLE_EGRESS, recording: { state: 'recording', id, bytes: 4000, durationMs: 2000, droppedFrames: 0 } });
    await waitFor('the recording in the status', async () => (await studio.api('GET', '/broadcast')).body.recording.bytes === 4000);

    const stopped = await studio.api('POST', '/recording/stop');
    expect(stopped.body).toMatchObject({ state: 'finishing', durationMs: 2000, bytes: 4000 });
    await egress.wanted('no recording', (d) => d.recording === null);
    expect(sidecar.last?.finish ?? []).toEqual([]);
    egress.report({ ...IDLE_EGRESS, recording: { state: 'stopped', id, bytes: 4000, durationMs: 2000, droppedFrames: 0 } });
    await sidecar.wanted('the finishing', (d) => d.finish?.some(({ recordingId }) => recordingId === id) === true);
    expect((await studio.api('GET', `/recordings/${id}/file`)).body.error.code).toBe('CONFLICT');

    mkdirSync(studio.paths.recording(id), { recursive: true });
    const file = join(studio.paths.recording(id), 'program.mp4');
    writeFileSync(file, '0123456789');
    sidecar.report({ recordings: [{ recordingId: id, state: 'ready', durationMs: 1990, bytes: 10, path: `recordings/${id}/program.mp4` }] });
    await waitFor('ready', async () => (await studio.api('GET', `/recordings/${id}`)).body.state === 'ready');
    expect((await studio.api('GET', '/recordings')).body.items[0]).toMatchObject({ id, state: 'ready', durationMs: 1990, bytes: 10, path: `recordings/${id}/program.mp4` });

    const part = await studio.api('GET', `/recordings/${id}/file`, undefined, { Range: 'bytes=2-4' });
    expect([part.status, part.headers.get('content-range'), part.body]).toEqual([206, 'bytes 2-4/10', 234]);
    expect((await studio.api('GET', `/recordings/${id}/file`, undefined, { Range: 'bytes=50-' })).status).toBe(416);
    expect((await studio.api('DELETE', `/recordings/${id}`)).status).toBe(204);
    expect(() => statSync(file)).toThrow();
  });

  test('the description of the interface is there at once, however many ask for it', async () => {
    const before = processInfo(studio.process.pid)!.ownCpuSeconds;
    const answers = await Promise.all(Array.from({ length: 100 }, () => studio.api('GET', '/openapi.json')));
    // Of the studio's own time, whoever else is at work: made anew for each they take 4 s of it.
    const took = processInfo(studio.process.pid)!.ownCpuSeconds - before;
    console.log(`100 descriptions of the interface: ${took.toFixed(2)} s of the studio's processor time`);
    expect(took).toBeLessThan(2);
    expect(answers[0]!.headers.get('content-type')).toBe('application/json');
    for (const { status, body } of answers) expect([status, body.openapi]).toEqual([200, '3.1.0']);
  });

  test('a recorder that cannot write keeps the recording wanted, and it says what is missing', async () => {
    const { id } = (await studio.api('POST', '/recording/start')).body;
    egress.report({ ...IDLE_EGRESS, recording: { state: 'stopped', id, bytes: 7, durationMs: 5, droppedFrames: 0, error: { code: 'DISK_FULL', message: 'The disk is full.' } } });
    const stuck = await waitFor('the error', async () => {
      const { body } = await studio.api('GET', `/recordings/${id}`);
      return body.error !== null && body;
    });
    expect(stuck).toMatchObject({ state: 'recording', error: { code: 'DISK_FULL', message: 'The disk is full.' } });
    expect((await studio.api('POST', '/recording/stop')).body).toMatchObject({ id, state: 'finishing', error: { code: 'DISK_FULL' } });
    await egress.wanted('no recording', (d) => d.recording === null);
    egress.report(IDLE_EGRESS);
    sidecar.report({ recordings: [{ recordingId: id, state: 'failed', durationMs: 0, bytes: 0, path: null, error: { code: 'REMUX_FAILED', message: 'Nothing to read.' } }] });
    await waitFor('failed', async () => (await studio.api('GET', `/recordings/${id}`)).body.state === 'failed');
  });

  test('meters are sent to who asked for them, and only then made', async () => {
    const client = await studio.connect();
    const other = await studio.connect();
    await engine.wanted('no meters', (d) => !d.levels);
    expect((await client.ask('subscribe', { levels: true })).payload).toEqual({ levels: true, multiview: [], events: false, mix: null });
    await engine.wanted('meters', (d) => d.levels);
    engine.link.event('levels', { levels: [{ id: 'program', peak: [-3, -4], rms: [-20, -21] }] });
    expect((await client.next('levels', (m) => m.type === 'audio:levels')).payload.levels[0].peak).toEqual([-3, -4]);
    client.close();
    await engine.wanted('no meters any more', (d) => !d.levels);
    expect(other.messages.some((m) => m.type === 'audio:levels')).toBe(false);
    other.close();
  });

  test('metrics say what the processes report', async () => {
    const response = await fetch(`${studio.url}/metrics`, { headers: { Authorization: `Bearer ${studio.token}` } });
    const text = await response.text();
    for (const line of ['vistter_process_up{process="engine"} 1', 'vistter_encoder_bits_per_second 6000000', 'vistter_program_frame 100', 'vistter_broadcast_state{state="standby"} 1']) expect(text).toContain(line);
    expect(text).toMatch(/^vistter_disk_free_bytes \d{6,}$/m);
    expect(text).toContain('# TYPE vistter_encoder_restarts_total counter');
    expect((await fetch(`${studio.url}/metrics`)).status).toBe(401);
  });

  test('files with secrets are for their owner alone', () => {
    for (const name of readdirSync(studio.paths.secrets)) expect(statSync(join(studio.paths.secrets, name)).mode & 0o777).toBe(0o600);
    expect(statSync(studio.paths.secrets).mode & 0o777).toBe(0o700);
    expect(statSync(studio.paths.studioSocket).mode & 0o777).toBe(0o600);
    expect(readFileSync(join(studio.paths.secrets, 'master.key'), 'utf8')).toMatch(/^[0-9a-f]{64}\n$/);
  });
});

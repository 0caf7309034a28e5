/** What is found in recordings, over a real studio: marks, decisions of two people, clips, and all of it after a kill. The sidecar is a stand-in that does the steps' work in no time. */
import { existsSync, mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ANALYSIS_STEPS, type AnalysisStep } from '../../src/protocol/analysis-steps.js';
import type { Taken } from '../../src/protocol/jobs.js';
import { analysisFile, putClip, putResult } from '../support/analysis.js';
import { IDLE_EGRESS, IDLE_ENGINE, Peer, StudioProcess } from '../support/studio-process.js';
import { monotonicMs, waitFor } from '../support/wait.js';

describe('the analysis of a recording', () => {
  let studio: StudioProcess;
  let engine: Peer<'engine'>;
  let egress: Peer<'egress'>;
  let sidecar: Peer<'sidecar'>;
  let recordingId: string;
  let cameraId: string;
  let zeroMs: number;

  const connect = () => {
    engine = studio.peer('engine', IDLE_ENGINE, () => ({ frame: 1, ptsMs: zeroMs + 2_000 }));
    egress = studio.peer('egress', IDLE_EGRESS);
    sidecar = studio.peer('sidecar', { recordings: [] });
  };
  /** Does the next step that is ready, as a worker would. */
  const doStep = async (work: (taken: Taken) => unknown): Promise<string> => {
    const taken = await waitFor('a step', () => sidecar.link.ask('jobs:take', { worker: { name: 'stand-in', life: 'one' }, names: Object.keys(ANALYSIS_STEPS) }));
    ANALYSIS_STEPS[taken!.name as AnalysisStep].parse(taken!.input);
    await sidecar.link.ask('jobs:complete', { lease: taken!.lease, result: work(taken!) ?? {} });
    return taken!.name;
  };
  const analysis = async () => (await studio.api('GET', `/recordings/${recordingId}/analysis`)).body;

  beforeAll(async () => {
    studio = await StudioProcess.start();
    zeroMs = monotonicMs();
    connect();
    await egress.wanted('the start', () => true);
    cameraId = (await studio.api('POST', '/sources', { kind: 'camera', name: 'Camera 2' })).body.id;
    recordingId = (await studio.api('POST', '/recording/start')).body.id;
    egress.report({ ...IDLE_EGRESS, recording: { state: 'recording', id: recordingId, bytes: 10, durationMs: 100, droppedFrames: 0, zeroMs } });
  }, 30_000);
  afterAll(async () => {
    await Promise.all([engine?.stop(), egress?.stop(), sidecar?.stop()]);
    await studio?.stop();
  });

  test('a mark is on the disk before it is answered, and a take lies on its frame', async () => {
    const client = await studio.connect();
    await waitFor('the engine', async () => (await studio.api('POST', '/program/take', { sourceId: cameraId })).status === 200);
    const askedMs = monotonicMs();
    const ack = await client.ask('marker:add', { text: 'goal' });
    expect(ack).toMatchObject({ type: 'ack', payload: { recordings: [{ recordingId }] } });
    await studio.kill();
    await Promise.all([engine.stop(), egress.stop(), sidecar.stop()]);
    studio = await StudioProcess.start({ after: studio });
    connect();
    const { items } = (await studio.api('GET', `/recordings/${recordingId}/moments`)).body;
    expect(items).toContainEqual({ atMs: 2_000, kind: 'take', text: 'Camera 2' });
    const mark = items.find((one: any) => one.kind === 'marker');
    expect(mark).toEqual({ atMs: ack.payload.recordings[0].atMs, kind: 'marker', text: 'goal' });
    expect(Math.abs(mark.atMs - (askedMs - zeroMs))).toBeLessThan(500);
    client.close();
  }, 40_000);

  test('begins by itself when the recording is ready, and shows how far it is', async () => {
    await studio.api('POST', '/recording/stop');
    egress.report(IDLE_EGRESS);
    await sidecar.wanted('the finishing', ({ finish }) => finish?.some((one) => one.recordingId === recordingId) ?? false);
    expect((await studio.api('POST', `/recordings/${recordingId}/analyze`)).status).toBe(409);
    const client = await studio.connect();
    mkdirSync(studio.paths.recording(recordingId), { recursive: true });
    writeFileSync(join(studio.paths.recording(recordingId), 'recording.mp4'), 'film');
    writeFileSync(join(studio.paths.recording(recordingId), 'chat.jsonl'), '{"atMs":1,"user":"a","text":"b"}');
    sidecar.report({ recordings: [{ recordingId, state: 'ready', durationMs: 20_000, bytes: 4, path: `recordings/${recordingId}/recording.mp4` }] });
    await client.next('the summary', ({ type, payload }) => type === 'state' && JSON.stringify(payload).includes('"waiting"'));
    expect(await analysis()).toMatchObject({ state: 'waiting', highlights: [], durationMs: null });
    const taken = await waitFor('a step', () => sidecar.link.ask('jobs:take', { worker: { name: 'stand-in', life: 'one' }, names: ['features'] }));
    expect((taken!.input as { chat: unknown }).chat).toEqual({ file: `recordings/${recordingId}/chat.jsonl`, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) });
    await sidecar.link.ask('jobs:heartbeat', { lease: taken!.lease, progress: { progress: 0.5, text: 'Listening' } });
    await client.next('the progress', ({ type, payload }) => type === 'state' && JSON.stringify(payload).includes('Listening'));
    expect((await analysis()).progress).toBeGreaterThan(0);
    await sidecar.link.ask('jobs:complete', { lease: taken!.lease, result: {} });
    for (let i = 0; i < 5; i++) await doStep(({ name }) => { if (name === 'manifest') putResult(studio.home, analysisFile(recordingId), { 'h1.jpg': Buffer.from('picture') }); });
    await waitFor('the result', async () => (await analysis()).state === 'ready');
    expect((await analysis()).highlights.map(({ id }: any) => id)).toEqual(['h1', 'h2', 'h3']);
    expect((await studio.api('GET', `/recordings/${recordingId}/pictures/h1.jpg`)).headers.get('content-type')).toBe('image/jpeg');
    for (const name of ['..%2fresult.json', 'none.jpg', 'a.png']) expect((await studio.api('GET', `/recordings/${recordingId}/pictures/${name}`)).status, name).toBe(404);
    client.close();
  }, 30_000);

  test('what one person decides another hears of within 200 ms', async () => {
    const other = await studio.connect();
    await other.next('the state', ({ type }) => type === 'state');
    const path = `/recordings/${recordingId}/highlights/h1/decision`;
    const decide = async (startMs: number) => {
      const fromMs = monotonicMs();
      const heard = other.next('the change', ({ type, payload }) => type === 'state' && payload.patch?.some((one: any) => one.path.endsWith('/rev')));
      const answer = await studio.api('POST', path, { verdict: 'accepted', startMs, endMs: 4_500 }, { 'X-Operator': 'Anna' });
      await heard;
      return { answer, tookMs: monotonicMs() - fromMs };
    };
    // The middle one of five: a machine may stand still.
    const took: number[] = [];
    for (let i = 1; i < 5; i++) took.push((await decide(2_500 + i)).tookMs);
    const { answer, tookMs } = await decide(2_500);
    took.push(tookMs);
    expect(answer.body.highlights[0].decision).toMatchObject({ verdict: 'accepted', startMs: 2_500, endMs: 4_500, by: 'Anna' });
    expect((await analysis()).highlights[0].decision.by).toBe('Anna');
    expect(took.sort((a, b) => a - b)[2], `ms: ${took.map(Math.round).join(', ')}`).toBeLessThan(200);
    expect((await studio.api('POST', path, { verdict: 'accepted', startMs: 4_500, endMs: 4_600 })).status).toBe(400);
    expect((await studio.api('DELETE', path)).body.highlights[0].decision).toBeNull();
    expect((await studio.api('DELETE', path)).status).toBe(404);
    await studio.api('POST', path, { verdict: 'accepted' }, { 'X-Operator': 'Ben' });
    other.close();
  });

  test('clips are cut by the sidecar, and downloaded whole or in part', async () => {
    expect((await studio.api('POST', `/recordings/${recordingId}/export`, { shape: 'vertical' })).body.clips).toMatchObject([{ state: 'waiting', highlightId: 'h1' }]);
    const bytes = Buffer.from('a film of 20 bytes..');
    let clipId = '';
    await doStep(({ name, input }) => {
      // The manifest of the decision before may come first.
      if (name !== 'cut') return;
      clipId = (input as { clipId: string }).clipId;
      expect(input).toMatchObject({ recordingId, startMs: 2_000, endMs: 5_000, shape: 'vertical', layers: null });
      putClip(studio.home, recordingId, { id: clipId, highlightId: 'h1', startMs: 2_000, endMs: 5_000, shape: 'vertical' }, bytes);
    });
    const at = `/recordings/${recordingId}/clips/${clipId}`;
    await waitFor('the clip', async () => (await analysis()).clips[0].state === 'ready');
    expect((await studio.api('GET', at)).headers.get('content-disposition')).toContain('vertical.mp4');
    const part = await studio.api('GET', at, undefined, { Range: 'bytes=2-5' });
    expect([part.status, part.body, part.headers.get('content-range')]).toEqual([206, 'film', 'bytes 2-5/20']);
    expect((await studio.api('HEAD', at)).headers.get('content-length')).toBe('20');
    expect((await studio.api('GET', `/recordings/${recordingId}/clips/none`)).status).toBe(404);
    // Written down once the clip is there.
    expect(await doStep(({ input }) => { expect(input).toMatchObject({ clipIds: [clipId] }); })).toBe('bundle');
  }, 20_000);

  test('all of it is downloaded at once, and told why not while it is not whole', async () => {
    const at = `/recordings/${recordingId}/export`;
    const folder = join(studio.home, 'analysis', recordingId);
    // The picture of a highlight that is not there.
    putResult(studio.home, analysisFile(recordingId, { thumbnails: [] }), { 'h1.jpg': Buffer.from('picture') });
    const { status, body } = await studio.api('GET', at);
    const [clip] = (await analysis()).clips;
    expect([status, body.name, body.files.map(({ name }: any) => name).filter((name: string) => name !== 'manifest.yaml')]).toEqual([
      200, `${recordingId}.zip`, ['metadata.json', 'title and description.txt', 'chapters.txt', `clips/${recordingId}-2s-vertical.mp4`, 'pictures/h1.jpg'],
    ]);
    const zip = await fetch(`${studio.url}/api/v1${at}.zip`, { headers: { Authorization: `Bearer ${studio.token}` } });
    const whole = Buffer.from(await zip.arrayBuffer());
    expect([zip.status, zip.headers.get('content-type'), zip.headers.get('content-length'), whole.length]).toEqual([200, 'application/zip', String(body.bytes), body.bytes]);
    expect(zip.headers.get('content-disposition')).toBe(`attachment; filename="${recordingId}.zip"`);
    for (const held of ['a film of 20 bytes..', '0:00 Camera 1\n0:10 Camera 2\n', '"verdict": "accepted"', `"file": "clips/${recordingId}-2s-vertical.mp4"`]) expect(whole.includes(held), held).toBe(true);
    expect((await studio.api('HEAD', `${at}.zip`)).headers.get('content-length')).toBe(String(body.bytes));
    expect((await fetch(`${studio.url}/api/v1${at}.zip`)).status).toBe(401);
    expect((await studio.api('GET', '/recordings/none/export.zip')).status).toBe(404);
    // What leads out of the folder is as what is gone, which is told by what to do.
    const file = join(folder, 'clips', `${clip.id}.mp4`);
    renameSync(file, `${file}.away`);
    writeFileSync(join(studio.home, 'secret.txt'), 'a film of 20 bytes..');
    symlinkSync(join(studio.home, 'secret.txt'), file);
    expect(await studio.api('GET', `${at}.zip`)).toMatchObject({ status: 409, body: { error: { code: 'CONFLICT', message: expect.stringContaining('export it again') } } });
    renameSync(`${file}.away`, file);
    putResult(studio.home, analysisFile(recordingId, { thumbnails: [], transcript: true }));
    expect((await studio.api('GET', at)).body.error.message).toContain('captions of this recording are gone');
    for (const form of ['vtt', 'srt']) writeFileSync(join(folder, `transcript.${form}`), 'said');
    expect((await studio.api('GET', at)).body.files.map(({ name }: any) => name)).toEqual(expect.arrayContaining(['captions.vtt', 'captions.srt']));
    putResult(studio.home, analysisFile(recordingId));
    expect((await studio.api('GET', at)).body.error.message).toContain('picture of this recording is gone');
    putResult(studio.home, analysisFile(recordingId, { thumbnails: [] }));
    // A clip that is being cut: half of it would look like all.
    const wanted = (await studio.api('POST', at, { shape: 'wide' })).body.clips.find(({ shape }: any) => shape === 'wide');
    expect((await studio.api('GET', `${at}.zip`)).body.error.message).toBe('One clip is still being cut. Wait until all are ready.');
    expect((await studio.api('DELETE', `/recordings/${recordingId}/clips/${wanted.id}`)).status).toBe(204);
    expect((await studio.api('GET', at)).status).toBe(200);
  }, 20_000);

  test('all of it is there after a kill, and what is chosen is within the limits', async () => {
    await studio.api('PATCH', `/recordings/${recordingId}/metadata`, { title: 'Mine' });
    for (const wrong of [{ title: '<b>' }, { title: 'x'.repeat(101) }, { tags: ['a'.repeat(600)] }]) expect((await studio.api('PATCH', `/recordings/${recordingId}/metadata`, wrong)).status).toBe(400);
    const before = await analysis();
    await studio.kill();
    await Promise.all([engine.stop(), egress.stop(), sidecar.stop()]);
    studio = await StudioProcess.start({ after: studio });
    connect();
    const after = await analysis();
    expect({ ...after, rev: 0 }).toEqual({ ...before, rev: 0 });
    expect(after).toMatchObject({ state: 'ready', metadata: { chosen: { title: 'Mine' } }, clips: [{ state: 'ready' }], highlights: [{ decision: { verdict: 'accepted', by: 'Ben' } }, {}, {}] });
  }, 30_000);

  test('models are listed, and rolled back by the sidecar', async () => {
    expect((await studio.api('GET', '/models')).body).toEqual({ items: [], held: false, said: null });
    const model = { id: 'abc', kind: 'linear', createdAtMs: 1, rows: 40, metrics: { gain: 0.1 }, parent: null, active: true, why: 'It ranks better.' };
    mkdirSync(join(studio.home, 'models'), { recursive: true });
    const write = (active: boolean, held: boolean) => writeFileSync(join(studio.home, 'models/summary.json'), JSON.stringify({ models: [{ ...model, active }], held }));
    write(true, false);
    expect((await studio.api('POST', '/models/choose', { id: 'none' })).status).toBe(404);
    const [answer] = await Promise.all([studio.api('POST', '/models/roll-back'), doStep(({ name, input }) => {
      expect([name, (input as { action: string }).action]).toEqual(['models', 'roll-back']);
      write(false, true);
      return { said: 'The heuristic ranks again.' };
    })]);
    expect(answer.body).toMatchObject({ items: [{ id: 'abc', active: false }], held: true, said: 'The heuristic ranks again.' });
    const revOf = async () => (await studio.api('GET', '/state')).body.models.rev as number;
    const rev = await revOf();
    // Asked again at once, and told of what was done for it alone.
    const [again] = await Promise.all([studio.api('POST', '/models/choose', { id: 'abc' }), doStep(({ input }) => {
      expect(input).toMatchObject({ action: 'choose', id: 'abc' });
      write(true, true);
      return { said: 'The model ranks.' };
    })]);
    expect(again.body).toMatchObject({ items: [{ id: 'abc', active: true }], said: 'The model ranks.' });
    expect(await revOf()).toBe(rev + 1);
  }, 20_000);

  test('is done once more by what is asked to count', async () => {
    const ask = (preset: string) => studio.api('POST', `/recordings/${recordingId}/analyze`, { preset });
    expect((await ask('loud')).status).toBe(400);
    // However often: one job, which the sidecar does once.
    for (let i = 0; i < 1_000; i += 50) expect((await Promise.all(Array.from({ length: 50 }, () => ask('chat')))).every(({ body }) => body.state === 'waiting')).toBe(true);
    expect((await studio.api('GET', '/jobs?kind=analysis&open=true')).body.items.map(({ id }: any) => id)).toEqual([`analysis-${recordingId}`]);
    const names: string[] = [];
    while (names.at(-1) !== 'find') {
      names.push(await doStep(({ name, input }) => {
        if (name === 'find') expect(input).toMatchObject({ preset: 'chat' });
      }));
    }
    // What is shown is said to be found as it was, until there is another result.
    expect((await studio.api('GET', `/recordings/${recordingId}/analysis`)).body.preset).toBe('auto');
    putResult(studio.home, analysisFile(recordingId, { preset: 'chat' }));
    expect((await studio.api('GET', `/recordings/${recordingId}/analysis`)).body.preset).toBe('chat');
    // A transcript is made first: highlights end where sentences do.
    expect(names.filter((name) => name !== 'bundle')).toEqual(['features', 'transcript', 'find']);
  }, 60_000);

  test('is seen as the job that it is, with what was given up, and ended', async () => {
    const id = `analysis-${recordingId}`;
    const { body } = await studio.api('GET', `/jobs?recordingId=${recordingId}&kind=analysis&limit=1`);
    expect(body.items).toMatchObject([{ id, state: 'waiting', subject: { recordingId } }]);
    const taken = await waitFor('a step', () => sidecar.link.ask('jobs:take', { worker: { name: 'stand-in', life: 'one' }, names: ['metadata'] }));
    await sidecar.link.ask('jobs:fail', { lease: taken!.lease, error: { code: 'STEP_FAILED', message: 'The pen broke.' }, lasting: true });
    const { steps } = (await studio.api('GET', `/jobs/${id}`)).body;
    expect(steps.find(({ name }: any) => name === 'metadata').status).toMatchObject({ is: 'dead', error: { message: 'The pen broke.' } });
    expect((await studio.api('POST', `/jobs/${id}/cancel`)).body.state).toBe('cancelled');
    expect((await studio.api('GET', `/jobs?recordingId=${recordingId}&open=true`)).body.items.map((one: any) => one.kind)).not.toContain('analysis');
    await waitFor('the standing', async () => (await analysis()).state === 'ready');
    expect((await studio.api('GET', '/jobs?open=perhaps')).status).toBe(400);
    for (const [method, path] of [['GET', '/jobs/none'], ['POST', '/jobs/none/cancel']] as const) expect((await studio.api(method, path)).status).toBe(404);
  }, 20_000);

  test('goes with the recording', async () => {
    const folder = join(studio.home, 'analysis', recordingId);
    expect(existsSync(folder)).toBe(true);
    expect((await studio.api('DELETE', `/recordings/${recordingId}`)).status).toBe(204);
    expect(existsSync(folder)).toBe(false);
    for (const path of ['analysis', 'moments']) expect((await studio.api('GET', `/recordings/${recordingId}/${path}`)).status).toBe(404);
    expect((await studio.api('GET', '/state')).body.analyses).toEqual([]);
    expect((await studio.api('POST', '/markers', { text: 'late' })).status).toBe(409);
  });
});

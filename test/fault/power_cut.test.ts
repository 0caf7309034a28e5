/** Rows 15 and 21: everything dies at once, on air and in mid-recording. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readPattern } from '../support/pattern/read.js';
import { cheapCamera } from '../support/pattern/usual.js';
import { cheapSettings, describeKills, recordThrough } from '../support/recording_kills.js';
import { Rig, rigMissing } from '../support/rig.js';
import { delay, monotonicMs, waitFor } from '../support/wait.js';

if (rigMissing) console.log(`power cut: skipped, ${rigMissing}`);

describe.skipIf(rigMissing)('everything killed at once', () => {
  let rig: Rig;
  beforeAll(async () => { rig = await new Rig({ farKeys: ['far'], record: true }).start(); }, 90_000);
  afterAll(async () => { await rig?.stop(); }, 30_000);

  it('row 15: on air within 10 s of the start, with the same desired state', async () => {
    await rig.settle(rig.cameras[1]!, 'far');
    const sources = await rig.product.api.get('/api/v1/sources');
    const accepted = rig.far.accepted('far');
    await rig.product.killEverything();
    expect(rig.product.family()).toEqual([]);
    const startedMs = monotonicMs();
    rig.product.startProcesses();
    await waitFor('the destination', () => rig.far.accepted('far') > accepted, { timeoutMs: 20_000 });
    await rig.far.nextPicture('far');
    const publication = rig.far.publication('far');
    const onAirMs = publication.tags.find((tag) => tag.type === 9)!.arrivedMs - startedMs;
    await rig.product.ready();
    await rig.product.sourceState(rig.cameras[1]!.id, ['live']);
    await delay(2_500);
    const reading = await rig.far.read('far');
    const camera = reading.frames.find((frame) => frame.codes[0]?.camera === 1);
    const cameraMs = camera ? rig.far.arrivalMs('far', camera.ptsMs) - startedMs : NaN;
    const status = await rig.product.api.status();
    console.log(`row 15: on air ${onAirMs.toFixed(0)} ms after the start, its camera after ${cameraMs.toFixed(0)} ms, state ${status.state}, recording ${status.recording.state}`);
    expect(onAirMs).toBeLessThanOrEqual(10_000);
    expect(cameraMs).toBeLessThanOrEqual(12_000);
    expect(status.state).toBe('live');
    expect(status.program?.sourceId).toBe(rig.cameras[1]!.id);
    expect(await rig.product.api.get('/api/v1/sources')).toEqual(sources);
    rig.socket = await rig.product.socket();
  });

  it('row 21: on air, what was recorded until egress is killed is playable, and little of the tail is lost', async () => {
    // Made by the broadcast's start; it lived through the power cut.
    await rig.product.api.post('/api/v1/recording/stop');
    const report = await recordThrough(rig, rig.cameras[1]!, ['egress', 'egress', 'egress'], (i) => 500 + i * 137);
    console.log(`row 21:\n  ${describeKills([report])}`);
    expect(report.parts).toBe(4);
    expect(Math.max(...report.kills.map(({ tailMs }) => tailMs))).toBeLessThanOrEqual(2_000);
    const items = await waitFor('every recording to be finished', async () => {
      const list = (await rig.product.api.get<{ items: { state: string; path: string | null }[] }>('/api/v1/recordings')).items;
      return list.length === 2 && list.every((one) => one.state === 'ready' || one.state === 'failed') ? list : undefined;
    }, { timeoutMs: 30_000 });
    expect(items.map((one) => one.state)).toEqual(['ready', 'ready']);
    for (const { path } of items) expect((await readPattern(join(rig.product.home, path!), { sound: false })).frames.length).toBeGreaterThan(30);
  });
});

/** Fifty of them: `npm run soak`. */
describe.skipIf(rigMissing)('killed in mid-recording', () => {
  let rig: Rig;
  beforeAll(async () => { rig = await new Rig({ cameras: [cheapCamera], settings: cheapSettings }).start(); }, 90_000);
  afterAll(async () => { await rig?.stop(); }, 30_000);

  it('row 21: a recording goes on after the encoder, the engine, the studio and everything at once, and plays to its end', async () => {
    const report = await recordThrough(rig, rig.cameras[0]!, ['encoder', 'engine', 'studio', 'everything'], () => 500);
    console.log(`row 21:\n  ${describeKills([report])}`);
    expect(Math.max(...report.kills.map(({ tailMs }) => tailMs))).toBeLessThanOrEqual(2_000);
    // The recorder needs the studio only to be told to stop.
    expect(report.kills.find(({ victim }) => victim === 'studio')!.holeMs).toBeLessThan(50);
    expect(report.syncP50Ms).toBeLessThanOrEqual(20);
  });
});

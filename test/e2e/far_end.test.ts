/** The whole chain, measured where a platform would stand: what nginx recorded must be what the cameras sent. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { analysePicture, analyseSoundTimes, analyseSync } from '../support/pattern/analyse.js';
import { readPattern, type Reading } from '../support/pattern/read.js';
import { analyseProgram, fallbackMs, recordingOffsetMs, Rig, rigMissing } from '../support/rig.js';
import type { SwitchAck } from '../support/product_client.js';
import { expectSteady, unrest, watchCameras, type Unrest } from '../support/steady.js';
import { delay, monotonicMs, waitFor } from '../support/wait.js';

if (rigMissing) console.log(`far end: skipped, ${rigMissing}`);

const fps = 30;
const fadeMs = 500;

describe.skipIf(rigMissing)('two cameras, two destinations and a recording', () => {
  let rig: Rig;
  let first: SwitchAck;
  let fade: SwitchAck;
  let back: SwitchAck;
  let killedMs = 0;
  let resumedMs = 0;
  let disturbed: Unrest;
  let readings: Map<string, Reading[]>;
  let reading: Reading;
  let offsetMs: number;

  beforeAll(async () => {
    rig = await new Rig({ destinations: ['one', 'two'], record: true, cameras: [{}, { bFrames: true }] }).start();
    const [a, b] = rig.cameras as [typeof rig.cameras[0], typeof rig.cameras[0]];
    watchCameras([a.pusher, b.pusher]);
    await delay(4_000);
    first = await rig.socket.switchTo({ sourceId: b.id });
    await delay(4_000);
    fade = await rig.socket.switchTo({ sourceId: a.id }, { kind: 'fade', durationMs: fadeMs });
    await delay(4_000);
    back = await rig.socket.switchTo({ sourceId: b.id });
    await delay(4_000);
    // The camera on program loses its network in the middle of everything and comes again.
    killedMs = monotonicMs();
    disturbed = unrest([a.pusher, b.pusher]);
    b.pusher.setFrozen(true);
    b.pusher.dropConnection();
    await delay(2_500);
    b.pusher.setFrozen(false);
    await waitFor('the camera to push again', () => b.pusher.resumedMs > killedMs + 1_000);
    resumedMs = b.pusher.resumedMs;
    await delay(4_000);
    readings = await rig.finish(['one', 'two']);
    reading = readings.get('one')![0]!;
    const offset = recordingOffsetMs(reading, 1, first, fps);
    if (offset === undefined) throw new Error(`the second camera never came on: ${JSON.stringify(analysePicture(reading.frames, { fps }))}`);
    offsetMs = offset;
  }, 120_000);

  afterAll(async () => { await rig?.stop(); }, 30_000);

  it('loses, repeats and reorders no frame, at either destination', () => {
    for (const [key, files] of readings) {
      expect(files, `connections of ${key}`).toHaveLength(1);
      expect(files[0]!.warnings).toBe('');
      const whole = analysePicture(files[0]!.frames, { fps });
      const offset = recordingOffsetMs(files[0]!, 1, first, fps)!;
      const steady = analyseProgram(files[0]!, offset, { fps, toMs: killedMs - 100 });
      console.log(`${key}: ${whole.frames} frames, steady ${steady.frames}: ${expectSteady(steady, [], disturbed)}; whole missing ${whole.missing}, longest gap ${whole.longestGapMs.toFixed(0)} ms at ${whole.gapAtMs.toFixed(0)} of ${files[0]!.frames.at(-1)!.ptsMs.toFixed(0)}, sound holes ${analyseSoundTimes(files[0]!).holes}`);
      expect(whole).toMatchObject({ missing: 0, backwards: 0, black: 0 });
      expect(steady.frames).toBeGreaterThan(440);
      expect(analyseSoundTimes(files[0]!)).toMatchObject({ holes: 0, overlaps: 0 });
    }
  });

  it('shows each cut at the frame that was acknowledged', () => {
    // The first cut sets the scale; the others must fall on it to the frame.
    const runs = analyseProgram(reading, offsetMs, { fps, toMs: killedMs }).runs;
    expect(runs.map((run) => run.camera)).toEqual([0, 1, 0, 1]);
    expect(Math.abs(runs[3]!.fromMs - offsetMs - back.ptsMs)).toBeLessThan(3);
    expect(back.frame - first.frame).toBe(Math.round(((back.ptsMs - first.ptsMs) * fps) / 1_000));
  });

  it('fades over the time that was asked for', () => {
    const inFade = analyseProgram(reading, offsetMs, { fps, fromMs: fade.ptsMs - 500, toMs: fade.ptsMs + fadeMs + 500 });
    const mixedMs = (inFade.unreadable * 1_000) / fps;
    console.log(`fade: ${inFade.unreadable} mixed frames of ${(fadeMs * fps) / 1_000}`);
    // A quarter of either side still reads as the other.
    expect(mixedMs).toBeGreaterThan(fadeMs * 0.3);
    expect(mixedMs).toBeLessThanOrEqual(fadeMs + 40);
    expect(inFade.black).toBe(0);
  });

  it('gives way to the slate within 500 ms and comes back within 3 s', () => {
    const awayMs = fallbackMs(reading, 1, offsetMs + back.ptsMs + 1_000)!;
    const after = analyseProgram(reading, offsetMs, { fps, fromMs: killedMs + 1_000 });
    const backMs = after.runs[0]!.fromMs - offsetMs - resumedMs;
    console.log(`camera gone: fallback ${awayMs.toFixed(0)} ms, back ${backMs.toFixed(0)} ms after it pushed again`);
    expect(awayMs).toBeLessThanOrEqual(500);
    expect(backMs).toBeLessThanOrEqual(3_000);
    expect(after.runs[0]!.camera).toBe(1);
  });

  it('keeps sound and picture within 20 ms', () => {
    const sync = analyseSync(reading, { toMs: offsetMs + killedMs });
    console.log(`sound against picture: p50 ${sync.p50Ms.toFixed(1)}, p99 ${sync.p99Ms.toFixed(1)}, max ${sync.maxMs.toFixed(1)} ms over ${sync.offsetsMs.length} flashes, ${sync.silent} silent`);
    expect(sync.offsetsMs.length).toBeGreaterThan(9);
    expect(sync.p99Ms).toBeLessThanOrEqual(20);
    expect(sync.silent).toBe(0);
  });

  it('recorded the same program', async () => {
    const list = await waitFor('the recording to be ready', async () => {
      const { items } = await rig.product.api.get<{ items: { state: string; path: string | null }[] }>('/api/v1/recordings');
      return items.length > 0 && items.every((item) => item.state === 'ready') ? items : undefined;
    }, { timeoutMs: 20_000 });
    const recorded = await readPattern(join(rig.product.home, list[0]!.path!));
    const offset = recordingOffsetMs(recorded, 1, first, fps)!;
    const steady = analyseProgram(recorded, offset, { fps, toMs: killedMs - 100 });
    console.log(`recording: ${recorded.frames.length} frames, ${expectSteady(steady, [], disturbed)}`);
    expect(steady.frames).toBeGreaterThan(400);
    expect(analyseSync(recorded, { toMs: offset + killedMs }).p99Ms).toBeLessThanOrEqual(20);
  });
});

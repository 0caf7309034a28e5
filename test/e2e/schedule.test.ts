/** The schedule where a platform would stand: a planned film is on with the frame that is due, and gives way to the filler. */
import { copyFileSync, mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { analysePicture, type Run } from '../support/pattern/analyse.js';
import { patternFile } from '../support/pattern/generate.js';
import type { Reading } from '../support/pattern/read.js';
import { Rig, rigMissing } from '../support/rig.js';
import { delay, monotonicMs, waitFor } from '../support/wait.js';

if (rigMissing) console.log(`schedule: skipped, ${rigMissing}`);

const fps = 30;
const windowMs = 5_000;
const frameMs = 1_000 / fps;

describe.skipIf(rigMissing)('a week in fifteen seconds', () => {
  let rig: Rig;
  let reading: Reading;
  let runs: Run[];
  let offsetMs: number;
  /** On the monotonic clock, which program time is. */
  let dueMs: number;
  let event: { id: string };
  let lastRun: { result: string } | null;

  beforeAll(async () => {
    rig = await new Rig({ farKeys: ['far'], cameras: [{}] }).start();
    const { api, home } = rig.product;
    const camera = rig.cameras[0]!.id;
    const pattern = await patternFile({ camera: 1 });
    mkdirSync(join(home, 'media'), { recursive: true });
    copyFileSync(pattern.path, join(home, 'media', basename(pattern.path)));
    const film = (await api.post<{ id: string }>('/api/v1/sources', { name: 'Film', kind: 'media', path: basename(pattern.path) })).id;
    const timeline = (await api.post<{ id: string }>('/api/v1/timelines', { name: 'Show', loop: true, tracks: [{ kind: 'video', clips: [{ sourceId: film, startMs: 0, durationMs: 60_000 }] }] })).id;
    await api.patch('/api/v1/settings', { schedule: { filler: { sourceId: camera } } });
    // A cut by hand says where program time lies in what the far end has.
    await delay(1_500);
    const mark = await rig.socket.switchTo({ sourceId: film });
    await delay(1_500);
    await rig.socket.switchTo({ sourceId: camera });
    const wallMs = Math.ceil((Date.now() + 5_000) / 1_000) * 1_000;
    dueMs = monotonicMs() + wallMs - Date.now();
    event = await api.post<{ id: string }>('/api/v1/schedule', {
      name: 'Show', timeZone: 'UTC', when: { kind: 'once', at: new Date(wallMs).toISOString().slice(0, 19) }, do: { action: 'play', timelineId: timeline, forMs: windowMs },
    });
    const start = monotonicMs();
    await delay(Math.max(0, dueMs - start) + windowMs + 2_500);
    ({ lastRun } = await api.get<{ lastRun: { result: string } | null }>(`/api/v1/schedule/${event.id}`));
    await waitFor('the filler on program', async () => (await api.status()).program?.sourceId === camera);
    reading = await rig.far.read('far', -Infinity, { sound: false });
    runs = analysePicture(reading.frames, { fps }).runs;
    offsetMs = runs[1]!.fromMs - mark.ptsMs;
  }, 120_000);

  afterAll(async () => { await rig?.stop(); }, 30_000);

  it('is on within two frames of its time, and the filler within two of its end', () => {
    expect(runs.map(({ camera }) => camera)).toEqual([0, 1, 0, 1, 0]);
    const begunMs = runs[3]!.fromMs - offsetMs - dueMs;
    const endedMs = runs[4]!.fromMs - offsetMs - dueMs - windowMs;
    console.log(`schedule: on ${begunMs.toFixed(1)} ms after it was due, the filler ${endedMs.toFixed(1)} ms`);
    expect(Math.abs(begunMs)).toBeLessThanOrEqual(2 * frameMs);
    expect(Math.abs(endedMs)).toBeLessThanOrEqual(2 * frameMs);
    expect(lastRun).toMatchObject({ result: 'done' });
  });

  it('begins with the first frame of the film, and shows each once', () => {
    const shown = reading.frames.filter(({ ptsMs }) => ptsMs >= runs[3]!.fromMs - 1 && ptsMs < runs[4]!.fromMs - 1).map(({ codes }) => codes[0]?.counter);
    expect(shown[0]).toBe(0);
    expect(shown).toEqual(shown.map((_, i) => i));
    expect(Math.abs(shown.length - (windowMs * fps) / 1_000)).toBeLessThanOrEqual(2);
    expect(analysePicture(reading.frames, { fps })).toMatchObject({ missing: 0, backwards: 0 });
    expect(analysePicture(reading.frames, { fps, fromMs: runs[3]!.fromMs - 1_000 })).toMatchObject({ black: 0 });
  });
});

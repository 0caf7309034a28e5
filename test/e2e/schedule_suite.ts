/** The schedule where a platform would stand: a planned film is on with the frame that is due, and gives way to the filler. */
import { copyFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { analysePicture } from '../support/pattern/analyse.js';
import { patternFile } from '../support/pattern/generate.js';
import type { TimelineRig } from '../support/timeline_rig.js';
import type { ProgramFrame } from '../support/timeline_reading.js';
import { delay, monotonicMs, waitFor } from '../support/wait.js';

const windowMs = 3_000;
/** The number that the film's code carries; the filler is the first camera. */
const FILM = 2;

/** With two cameras. */
export const schedule = (shared: { rig: TimelineRig }) => describe('a week in ten seconds', () => {
  let rig: TimelineRig;
  let seen: Awaited<ReturnType<TimelineRig['seen']>>;
  let frames: ProgramFrame[];
  /** On the monotonic clock, which program time is. */
  let dueMs: number;
  let lastRun: { result: string } | null;
  /** The first frame of the film, and the first one that is the filler's again. */
  let begun: number;
  let ended: number;

  beforeAll(async () => {
    ({ rig } = shared);
    const { api, home } = rig.product;
    const camera = rig.cameras[0]!.id;
    const { path } = await patternFile({ camera: FILM });
    copyFileSync(path, join(home, 'media', basename(path)));
    const film = (await api.post<{ id: string }>('/api/v1/sources', { name: 'Planned film', kind: 'media', path: basename(path) })).id;
    const timeline = (await api.post<{ id: string }>('/api/v1/timelines', { name: 'Show', loop: true, tracks: [{ kind: 'video', clips: [{ sourceId: film, startMs: 0, durationMs: 60_000 }] }] })).id;
    await api.patch('/api/v1/settings', { schedule: { filler: { sourceId: camera } } });
    await rig.settle(rig.cameras[0]!, 'far');
    // A timeline is asked for three seconds ahead.
    const wallMs = Math.ceil((Date.now() + 4_000) / 1_000) * 1_000;
    dueMs = monotonicMs() + wallMs - Date.now();
    const event = await api.post<{ id: string }>('/api/v1/schedule', {
      name: 'Show', timeZone: 'UTC', when: { kind: 'once', at: new Date(wallMs).toISOString().slice(0, 19) }, do: { action: 'play', timelineId: timeline, forMs: windowMs },
    });
    await delay(Math.max(0, dueMs + windowMs - monotonicMs()));
    await waitFor('the filler on program', async () => (await api.status()).program?.sourceId === camera);
    ({ lastRun } = await api.get<{ lastRun: { result: string } | null }>(`/api/v1/schedule/${event.id}`));
    await rig.passed(rig.frameAfter(monotonicMs()));
    seen = await rig.seen(rig.frameAfter(dueMs - 1_000));
    ({ frames } = seen);
    begun = frames.find(({ code }) => code?.camera === FILM)?.n ?? NaN;
    ended = frames.find(({ n, code }) => n > begun && code?.camera === 0)?.n ?? NaN;
  }, 120_000);

  afterAll(async () => { await rig.product.api.patch('/api/v1/settings', { schedule: { filler: null } }); });

  it('is on within two frames of its time, and the filler within two of its end', () => {
    const [begunMs, endedMs] = [rig.dueMs(begun) - dueMs, rig.dueMs(ended) - dueMs - windowMs];
    console.log(`schedule: on ${begunMs.toFixed(1)} ms after it was due, the filler ${endedMs.toFixed(1)} ms`);
    expect(Math.abs(begunMs)).toBeLessThanOrEqual(2 * rig.dueMs(1));
    expect(Math.abs(endedMs)).toBeLessThanOrEqual(2 * rig.dueMs(1));
    expect(lastRun).toMatchObject({ result: 'done' });
  });

  it('begins with the first frame of the film, and shows each once', () => {
    const shown = frames.filter(({ n }) => n >= begun && n < ended).map(({ code }) => code?.counter);
    expect(shown[0]).toBe(0);
    expect(shown).toEqual(shown.map((_, i) => i));
    expect(Math.abs(shown.length - rig.frameAfter(windowMs))).toBeLessThanOrEqual(2);
    expect(analysePicture(seen.reading.frames, { fps: rig.fps })).toMatchObject({ missing: 0, backwards: 0, black: 0 });
    expect(frames.filter(({ n }) => n < begun || n >= ended).map(({ code }) => code?.camera).filter((camera) => camera !== 0)).toEqual([]);
  });
});

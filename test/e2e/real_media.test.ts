/** Real films and footage as sources: every one must move on program and be heard if it has sound, whatever its shape. */
import { copyFileSync, mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sharedMedia } from '../support/media.js';
import type { Reading } from '../support/pattern/read.js';
import { rigMissing } from '../support/rig.js';
import { TimelineRig } from '../support/timeline_rig.js';
import { delay, waitFor } from '../support/wait.js';

/** `sound`: whether there is any to hear. `inMs`: past a dark opening. */
const films: { file: string; what: string; sound: boolean; inMs?: number }[] = [
  { file: 'film/os-sintel_trailer-720p.mp4', what: 'H.264 720p24 with sound', sound: true, inMs: 14_000 },
  { file: 'film/bbb-480p.mp4', what: 'H.264 with six channels', sound: true },
  { file: 'codecs/red5-mov_h265.mp4', what: 'HEVC', sound: true },
  { file: 'codecs/osu-vp9.webm', what: 'VP9 60 fps without sound', sound: false },
  { file: 'camera/car-detection.mp4', what: 'a camera of 12.5 fps, its sound all silence', sound: false },
  { file: 'camera/iphone-vertical.mov', what: 'a telephone held upright, variable rate, mono 44.1 kHz', sound: true },
  { file: 'codecs/tc-av1.mkv', what: 'AV1 without sound', sound: false },
  { file: 'shapes/moviepy-transparent.webm', what: 'VP9 with transparency, square', sound: false },
  { file: 'broken/exo-bear-vp9-odd-dimensions.webm', what: 'VP9 of 161×121', sound: false },
  { file: 'flv/obs-capture.flv', what: 'what OBS sent from a muted desk', sound: false },
];
const hostile = ['broken/decord-corrupted.mp4', 'broken/exo-invalid-bitstream.webm', 'broken/decord-unordered.mov', 'broken/exo-sample_mdat_too_long.mp4'];

const present = films.filter(({ file }) => sharedMedia(file) !== null);
const missing = rigMissing ?? (present.length === 0 ? 'no footage beside the repository' : null);
if (missing) console.log(`real media: skipped, ${missing}`);

const showMs = 1_900;
const shared = {} as { rig: TimelineRig };
beforeAll(async () => { shared.rig = await new TimelineRig().start(); }, 90_000);
afterAll(async () => { await shared.rig?.stop(); }, 30_000);

describe.skipIf(missing)('real footage on program', () => {
  let rig: TimelineRig;
  let reading: Reading;
  const windows = new Map<string, { fromMs: number; toMs: number }>();

  beforeAll(async () => {
    ({ rig } = shared);
    const folder = join(rig.product.home, 'media');
    mkdirSync(folder, { recursive: true });
    const add = async (file: string, inMs = 0): Promise<string> => {
      const name = basename(file);
      copyFileSync(sharedMedia(file)!, join(folder, name));
      return (await rig.product.api.post<{ id: string }>('/api/v1/sources', { name, kind: 'media', path: name, loop: true, inMs })).id;
    };
    const start = await rig.socket.switchTo({ sourceId: rig.cameras[0]!.id });
    const marks: { file: string; ptsMs: number }[] = [];
    for (const { file, inMs } of present) {
      const id = await add(file, inMs);
      await rig.product.sourceState(id, ['live', 'late'], 8_000).catch((error: Error) => console.log(`${file}: ${error.message.slice(0, 200)}`));
      marks.push({ file, ptsMs: (await rig.socket.switchTo({ sourceId: id })).ptsMs });
      await delay(showMs);
      await rig.product.api.request('DELETE', `/api/v1/sources/${id}`);
    }
    for (const file of hostile.filter((one) => sharedMedia(one) !== null)) {
      const id = await add(file);
      await rig.socket.switchTo({ sourceId: id });
      await delay(700);
    }
    const end = await rig.socket.switchTo({ sourceId: rig.cameras[0]!.id });
    await rig.passed(end.frame + rig.fps);
    ({ reading } = await rig.seen(start.frame));
    const offset = rig.anchor.mediaMs - rig.dueMs(rig.anchor.frame);
    marks.forEach(({ file, ptsMs }, i) => {
      const untilMs = marks[i + 1]?.ptsMs ?? ptsMs + showMs;
      windows.set(file, { fromMs: ptsMs + offset + 300, toMs: Math.min(untilMs, ptsMs + showMs) + offset });
    });
    expect(start.frame).toBeLessThan(end.frame);
  }, 180_000);

  it.each(present)('$what ($file) moves and sounds', ({ file, sound }) => {
    const { fromMs, toMs } = windows.get(file)!;
    const frames = reading.frames.filter((frame) => frame.ptsMs >= fromMs && frame.ptsMs < toMs);
    const moving = frames.filter((frame) => frame.change > 0.05).length;
    const loudest = peak(reading, fromMs, toMs);
    const meanLuma = frames.reduce((sum, frame) => sum + frame.luma, 0) / frames.length;
    console.log(`${basename(file)}: ${frames.length} frames, ${moving} moved, luma ${meanLuma.toFixed(0)}, sound peak ${loudest.toFixed(3)}`);
    expect(frames.length).toBeGreaterThan(40);
    expect(moving).toBeGreaterThan(frames.length * 0.15);
    if (sound) expect(loudest).toBeGreaterThan(0.001);
  });

  it('leaves no hole in the program, whatever the footage did', () => {
    const { frames } = reading;
    const gaps = frames.slice(1).map((frame, i) => ({ ms: frame.ptsMs - frames[i]!.ptsMs, atMs: frames[i]!.ptsMs }));
    expect(gaps.filter(({ ms }) => ms >= 60)).toEqual([]);
    expect(gaps.filter(({ ms }) => ms <= 0)).toEqual([]);
  });

  it('crashed nothing but decoders', async () => {
    expect(rig.product.restarts).toEqual([]);
    await waitFor('the studio', async () => (await rig.product.api.status()).program);
  });
});

/** `inMs`: to a place that is neither dark nor still. */
const loop: { file: string; inMs: number; durationMs: number }[] = [
  { file: 'film/os-sintel_trailer-720p.mp4', inMs: 24_300, durationMs: 1_100 },
  { file: 'codecs/red5-mov_h265.mp4', inMs: 5_111, durationMs: 1_100 },
  { file: 'camera/iphone-vertical.mov', inMs: 2_040, durationMs: 1_100 },
  { file: 'codecs/osu-vp9.webm', inMs: 20_700, durationMs: 1_100 },
  { file: 'film/bbb-480p.mp4', inMs: 9_333, durationMs: 1_100 },
  { file: 'codecs/tc-av1.mkv', inMs: 1_234, durationMs: 1_100 },
  { file: 'broken/exo-bear-vp9-odd-dimensions.webm', inMs: 0, durationMs: 900 },
  { file: 'camera/fire2.mp4', inMs: 300, durationMs: 1_100 },
  { file: 'film/tears-of-steel-alfg.mp4', inMs: 400, durationMs: 1_100 },
  { file: 'camera/car-detection.mp4', inMs: 8_008, durationMs: 1_100 },
];
const loopMissing = rigMissing ?? (loop.every(({ file }) => sharedMedia(file) !== null) ? null : 'not all of the footage is there');

describe.skipIf(loopMissing)('ten films of other codecs, rates, shapes and sounds in one loop', () => {
  it('play round twice, the second time frame for frame as the first', async () => {
    const { rig } = shared;
    const clips: object[] = [];
    let startMs = 0;
    for (const { file, inMs, durationMs } of loop) {
      copyFileSync(sharedMedia(file)!, join(rig.product.home, 'media', basename(file)));
      const { id } = await rig.product.api.post<{ id: string }>('/api/v1/sources', { name: basename(file), kind: 'media', path: basename(file) });
      clips.push({ sourceId: id, startMs, durationMs, inMs });
      startMs += durationMs;
    }
    const { id, problems } = await rig.product.api.post<{ id: string; problems: unknown[] }>('/api/v1/timelines', { name: 'Films', loop: true, tracks: [{ kind: 'video', clips }] });
    expect(problems).toEqual([]);
    const lap = Math.round((startMs * rig.fps) / 1_000);
    const { frame, zero } = await rig.play(id);
    await rig.passed(zero + 2 * lap);
    const status = (await rig.product.api.status()).timeline;
    const { reading, frames } = await rig.seen(frame);
    if (process.env.VISTTER_KEEP_TEMP) console.log(`the stream is ${rig.far.keep('far')}`);
    expect(status).toMatchObject({ failedClips: 0, lateClips: 0, state: 'playing' });
    const laps = [0, 1].map((n) => frames.filter((one) => one.n >= zero + n * lap && one.n < zero + (n + 1) * lap));
    expect(laps.map((list) => list.length)).toEqual([lap, lap]);
    expect(frames.filter(({ luma }) => luma < 20)).toEqual([]);
    // Each frame of the second lap against the one of the first and those beside it: a film that is a frame off would be nearer to them.
    const apart = laps[1]!.map(({ luma }, i) => Math.abs(luma - laps[0]![i]!.luma));
    const moved = laps[0]!.slice(1).map(({ luma }, i) => Math.abs(luma - laps[0]![i]!.luma));
    const mean = (list: number[]): number => list.reduce((sum, one) => sum + one, 0) / list.length;
    const heard = peak(reading, frames[0]!.ptsMs, frames.at(-1)!.ptsMs);
    console.log(`ten films: ${frames.length} frames, luma from one lap to the next ${mean(apart).toFixed(3)} apart (${Math.max(...apart).toFixed(2)} at most), from one frame to the next ${mean(moved).toFixed(3)}; loudest ${heard.toFixed(2)}`);
    const other = apart.flatMap((luma, i) => (luma < 4 ? [] : [i]));
    expect(other, 'positions that show something else in the second lap').toEqual([]);
    expect(mean(apart)).toBeLessThan(mean(moved) / 3);
    expect(heard).toBeGreaterThan(0.05);
    expect(rig.product.restarts).toEqual([]);
  });
});

function peak({ samples, blocks }: Reading, fromMs: number, toMs: number): number {
  let top = 0;
  for (const { ptsMs, first, count } of blocks) {
    if (ptsMs < fromMs || ptsMs >= toMs) continue;
    for (let i = first; i < first + count; i++) top = Math.max(top, Math.abs(samples[i] ?? 0));
  }
  return top;
}

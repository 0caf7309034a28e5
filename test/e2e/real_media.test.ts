/** Real films and footage as sources: every one must move on program and be heard if it has sound, whatever its shape. */
import { copyFileSync, mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sharedMedia } from '../support/media.js';
import type { Reading } from '../support/pattern/read.js';
import { Rig, rigMissing } from '../support/rig.js';
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

const showMs = 3_500;

describe.skipIf(missing)('real footage on program', () => {
  let rig: Rig;
  let reading: Reading;
  const windows = new Map<string, { fromMs: number; toMs: number }>();

  beforeAll(async () => {
    rig = await new Rig({ destinations: ['film'], cameras: [{}] }).start();
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
    // The cut back to the camera is the mark that says where program time lies in the recording.
    const end = await rig.socket.switchTo({ sourceId: rig.cameras[0]!.id });
    await delay(2_000);
    reading = (await rig.finish(['film'])).get('film')![0]!;
    const cameraRun = reading.frames.findLast((frame, i) => frame.codes[0] && !reading.frames[i - 1]?.codes[0])!;
    const offset = cameraRun.ptsMs - end.ptsMs;
    marks.forEach(({ file, ptsMs }, i) => {
      const untilMs = marks[i + 1]?.ptsMs ?? ptsMs + showMs;
      windows.set(file, { fromMs: ptsMs + offset + 300, toMs: Math.min(untilMs, ptsMs + showMs) + offset });
    });
    expect(start.frame).toBeLessThan(end.frame);
  }, 180_000);

  afterAll(async () => { await rig?.stop(); }, 30_000);

  it.each(present)('$what ($file) moves and sounds', ({ file, sound }) => {
    const { fromMs, toMs } = windows.get(file)!;
    const frames = reading.frames.filter((frame) => frame.ptsMs >= fromMs && frame.ptsMs < toMs);
    const moving = frames.filter((frame) => frame.change > 0.05).length;
    const loudest = peak(reading, fromMs, toMs);
    const meanLuma = frames.reduce((sum, frame) => sum + frame.luma, 0) / frames.length;
    console.log(`${basename(file)}: ${frames.length} frames, ${moving} moved, luma ${meanLuma.toFixed(0)}, sound peak ${loudest.toFixed(3)}`);
    expect(frames.length).toBeGreaterThan(60);
    expect(moving).toBeGreaterThan(frames.length * 0.15);
    if (sound) expect(loudest).toBeGreaterThan(0.001);
  });

  it('leaves no hole in the program, whatever the footage did', () => {
    const gaps = reading.frames.slice(1).map((frame, i) => frame.ptsMs - reading.frames[i]!.ptsMs);
    expect(Math.max(...gaps)).toBeLessThan(60);
    expect(Math.min(...gaps)).toBeGreaterThan(0);
  });

  it('crashed nothing but decoders', async () => {
    expect(rig.product.restarts).toEqual([]);
    await waitFor('the studio', async () => (await rig.product.api.status()).program);
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

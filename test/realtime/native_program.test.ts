/** The real addon with real producer processes, read back frame by frame: what a program shows, and when. */
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { NativeProgram } from '../../src/engine/native.js';
import { core, FakeCamera, full, plain, recordFeed, sourceStats, untilState, type FakeCameraSettings } from '../support/native.js';
import { analysePicture, analyseSoundTimes, analyseSync } from '../support/pattern/analyse.js';
import { readPattern, type Reading } from '../support/pattern/read.js';
import { expectSteady, watchCameras } from '../support/steady.js';
import { removeFolder, tempFolder } from '../support/temp.js';
import { delay } from '../support/wait.js';

const width = 640;
const height = 360;
const cut = { kind: 'cut', frames: 0 } as const;

describe('a native program', () => {
  let program: NativeProgram;
  let folder: string;
  let cameras: FakeCamera[];

  beforeEach(() => {
    program = core.createProgram({ width, height, fpsNum: 30, fpsDen: 1 });
    program.setPicture('slate', width, height, plain(width, height, [40, 0, 80, 255]), width * 4);
    program.setSlate('slate');
    folder = tempFolder();
    cameras = [];
  });

  afterEach(async () => {
    await Promise.all(cameras.map((camera) => camera.kill()));
    program.stop();
    removeFolder(folder);
  });

  function addCamera(id: string, settings: FakeCameraSettings, options: { fallbackId?: string; mode?: 'live' | 'file' } = {}): FakeCamera {
    program.addSource({ id, mode: options.mode ?? 'live', slots: 16, fallbackId: options.fallbackId ?? null, delayUs: 0 });
    const camera = new FakeCamera(program, id, { size: `${width}x${height}`, ...settings });
    cameras.push(camera);
    return camera;
  }

  /** Records the program while `act` runs, and reads it back. */
  async function record(act: () => Promise<void>): Promise<Reading> {
    const path = join(folder, 'feed.nut');
    const feed = program.openFeed(30);
    const recording = recordFeed(feed.fd, path);
    await act();
    program.closeFeed(feed.id);
    await recording;
    return readPattern(path, { inputArguments: ['-f', 'nut'] });
  }

  it('shows each frame of a steady camera once, with its sound', async () => {
    addCamera('cam', { camera: 1, 'jitter-us': 10_000 });
    program.take({ id: 'cam', layers: [full('cam')] }, cut);
    await untilState(program, 'cam', 'live');
    await delay(1_500);
    watchCameras(cameras);
    const reading = await record(() => delay(7_000));
    const picture = analysePicture(reading.frames, { fps: 30 });
    const sync = analyseSync(reading);
    console.log(`steady: ${picture.frames} frames, ${expectSteady(picture, cameras)}; sound against picture p50 ${sync.p50Ms.toFixed(1)} max ${sync.maxMs.toFixed(1)} ms`);
    expect(picture.unreadable).toBe(0);
    expect(picture.frames).toBeGreaterThan(200);
    expect(sync.offsetsMs.length).toBeGreaterThan(5);
    expect(sync.maxMs).toBeLessThan(10);
    expect(analyseSoundTimes(reading)).toMatchObject({ holes: 0, overlaps: 0 });
    expect(sourceStats(program, 'cam')).toMatchObject({ state: 'live', width, height });
    expect(program.stats()).toMatchObject({ skipped: 0, sceneId: 'cam' });
  });

  it('says exactly which frame first shows a take, and cuts there', async () => {
    addCamera('a', { camera: 1 });
    addCamera('b', { camera: 2 });
    program.take({ id: 'a', layers: [full('a')] }, cut);
    await untilState(program, 'a', 'live');
    await untilState(program, 'b', 'live');
    await delay(1_000);
    const promised: number[] = [];
    let first = 0;
    const reading = await record(async () => {
      await delay(300);
      first = program.stats().feeds[0]!.firstFrame;
      for (let i = 0; i < 12; i++) {
        promised.push(program.take({ id: i % 2 ? 'a' : 'b', layers: [full(i % 2 ? 'a' : 'b')] }, cut).frame);
        await delay(100 + i * 7);
      }
    });
    const { runs } = analysePicture(reading.frames, { fps: 30 });
    expect(runs.slice(1).map((run) => Math.round((run.fromMs * 30) / 1000) + first)).toEqual(promised);
    expect(runs.map((run) => run.camera)).toEqual(Array.from({ length: 13 }, (_, i) => 1 + (i % 2)));
  });

  it('fades for as long as asked, and a fade cut short by another is completed first', async () => {
    addCamera('a', { camera: 1 });
    addCamera('b', { camera: 2 });
    program.take({ id: 'a', layers: [full('a')] }, cut);
    await untilState(program, 'a', 'live');
    await untilState(program, 'b', 'live');
    await delay(1_000);
    const reading = await record(async () => {
      await delay(500);
      program.take({ id: 'b', layers: [full('b')] }, { kind: 'fade', frames: 15 });
      await delay(200);
      expect(program.stats().inTransition).toBe(true);
      await delay(800);
      expect(program.stats()).toMatchObject({ inTransition: false, sceneId: 'b' });
      program.take({ id: 'a', layers: [full('a')] }, { kind: 'fade', frames: 30 });
      await delay(300);
      program.take({ id: 'b2', layers: [full('b')] }, { kind: 'wipe-left', frames: 6 });
      await delay(1_000);
    });
    const camera = reading.frames.map((frame) => frame.codes[0]?.camera ?? 0);
    // Near either end of a fade the code of the stronger side can be read.
    const mixed = camera.indexOf(0);
    const after = camera.indexOf(2);
    expect(after - mixed).toBeGreaterThanOrEqual(7);
    expect(after - mixed).toBeLessThanOrEqual(15);
    expect(camera.at(-1)).toBe(2);
  });

  it('puts the fallback on within 500 ms of a decoder killed, with its sound, and goes back', async () => {
    const camera = addCamera('a', { camera: 1 }, { fallbackId: 'b' });
    addCamera('b', { camera: 2 });
    program.take({ id: 'a', layers: [full('a')] }, cut);
    await untilState(program, 'a', 'live');
    await untilState(program, 'b', 'live');
    await delay(1_000);
    const reading = await record(async () => {
      await delay(1_500);
      await camera.kill();
      program.detachRing('a');
      await untilState(program, 'a', 'gone', 1_000);
      await delay(2_500);
      cameras.push(new FakeCamera(program, 'a', { size: `${width}x${height}`, camera: 1 }));
      await untilState(program, 'a', 'live', 3_000);
      await delay(1_500);
    });
    const picture = analysePicture(reading.frames, { fps: 30 });
    console.log(`killed: frozen for ${picture.longestFreezeMs.toFixed(0)} ms, then ${picture.runs.map((run) => run.camera).join(' → ')}`);
    expect(picture).toMatchObject({ black: 0, missing: 0, backwards: 0, unreadable: 0 });
    expect(picture.runs.map((run) => run.camera)).toEqual([1, 2, 1]);
    expect(picture.longestFreezeMs).toBeLessThan(500);
    const fallback = picture.runs[1]!;
    const sync = analyseSync(reading, { fromMs: fallback.fromMs + 300, toMs: fallback.toMs - 300 });
    expect(sync.offsetsMs.length).toBeGreaterThan(0);
    expect(sync.silent).toBe(0);
    expect(sync.maxMs).toBeLessThan(10);
  });

  it('notices a frozen decoder by itself, and shows the slate when nothing else is there', async () => {
    const camera = addCamera('a', { camera: 1 });
    program.take({ id: 'a', layers: [full('a')] }, cut);
    await untilState(program, 'a', 'live');
    const reading = await record(async () => {
      await delay(1_000);
      camera.child.kill('SIGSTOP');
      await untilState(program, 'a', 'gone', 1_000);
      await delay(700);
      camera.child.kill('SIGCONT');
      await untilState(program, 'a', 'live', 2_000);
      await delay(1_500);
    });
    const picture = analysePicture(reading.frames, { fps: 30 });
    expect(picture.longestFreezeMs).toBeLessThan(500);
    expect(picture.unreadable).toBeGreaterThan(15);
    expect(picture.runs.map((run) => run.camera)).toEqual([1, 1]);
    expect(reading.frames.at(-1)?.codes[0]?.camera).toBe(1);
  });

  it('shows the slate for a ring of fallbacks, and for ids that are not known', async () => {
    program.addSource({ id: 'a', mode: 'live', slots: 4, fallbackId: 'b', delayUs: 0 });
    program.addSource({ id: 'b', mode: 'live', slots: 4, fallbackId: 'a', delayUs: 0 });
    program.take({ id: 'x', layers: [full('a'), full('nobody', { width: 0.5 })] }, cut);
    const reading = await record(() => delay(300));
    // The slate is one colour; black would read as 0.
    expect(new Set(reading.frames.map((frame) => Math.round(frame.luma))).size).toBeLessThanOrEqual(2);
    expect(reading.frames.at(-1)!.luma).toBeGreaterThan(10);
  });

  it('plays a file from its first frame at the tick it is started, to its end, then the fallback', async () => {
    addCamera('film', { camera: 3, frames: 90 }, { mode: 'file', fallbackId: 'cam' });
    addCamera('cam', { camera: 1 });
    program.take({ id: 'film', layers: [full('film')] }, cut);
    await untilState(program, 'cam', 'live');
    await untilState(program, 'film', 'live');
    const reading = await record(async () => {
      await delay(500);
      expect(sourceStats(program, 'film')).toMatchObject({ state: 'live', shown: 1 });
      program.setPlaying('film', true);
      await delay(1_500);
      program.setPlaying('film', false);
      await delay(300);
      program.setPlaying('film', true);
      await untilState(program, 'film', 'ended', 4_000);
      await delay(300);
    });
    const codes = reading.frames.map((frame) => frame.codes[0]!);
    const film = codes.filter((code) => code.camera === 3).map((code) => code.counter);
    expect([...new Set(film)]).toEqual(Array.from({ length: 90 }, (_, i) => i));
    expect(film.filter((counter, i) => i > 0 && counter !== film[i - 1] && counter !== film[i - 1]! + 1)).toEqual([]);
    expect(codes.at(-1)!.camera).toBe(1);
    const sync = analyseSync(reading, { toMs: reading.frames.find((frame) => frame.codes[0]!.camera === 1)!.ptsMs - 200 });
    expect(sync.offsetsMs.length).toBe(3);
    expect(sync.maxMs).toBeLessThan(3);
  });

  it('repeats when a file comes late, and shifts neither what follows nor the sound', async () => {
    addCamera('film', { camera: 3, 'late-frame': 100 }, { mode: 'file' });
    program.take({ id: 'film', layers: [full('film')] }, cut);
    await untilState(program, 'film', 'live');
    const reading = await record(async () => {
      await delay(300);
      program.setPlaying('film', true);
      await delay(4_500);
    });
    const starts = reading.frames.findIndex((frame) => frame.codes[0]!.counter === 1);
    const late = reading.frames.slice(starts).findIndex((frame, i) => frame.codes[0]!.counter !== i + 1);
    expect(late).toBe(-1); // 300 ms are less than what lies ready.
    expect(analyseSync(reading).maxMs).toBeLessThan(3);
  });

  it('takes the picture of any rate, and keeps sound with it', async () => {
    addCamera('pal', { camera: 1, fps: '25/1' });
    addCamera('fast', { camera: 2, fps: '60/1' });
    program.take({ id: 'pal', layers: [full('pal')] }, cut);
    await untilState(program, 'pal', 'live');
    await untilState(program, 'fast', 'live');
    await delay(1_500);
    watchCameras(cameras);
    const pal = await record(() => delay(3_000));
    const steady = analysePicture(pal.frames, { fps: 30 });
    // Five pictures in six frames: one of them is seen twice each time.
    expectSteady({ ...steady, repeated: Math.max(0, steady.repeated - Math.ceil(steady.frames / 6)) }, cameras);
    expect(analyseSync(pal, { sourceFps: 25 }).maxMs).toBeLessThan(25);
    program.take({ id: 'fast', layers: [full('fast')] }, cut);
    await delay(100);
    watchCameras(cameras);
    const fast = await record(() => delay(3_000));
    expectSteady(analysePicture(fast.frames, { fps: 30, step: 2 }), cameras);
  });

  it('feeds two encoders at once, and one that does not read costs the other nothing', async () => {
    addCamera('cam', { camera: 1 });
    program.take({ id: 'cam', layers: [full('cam')] }, cut);
    await untilState(program, 'cam', 'live');
    await delay(1_000);
    watchCameras(cameras);
    const stuck = program.openFeed(10);
    const reading = await record(async () => {
      await delay(3_000);
      const stats = program.stats().feeds.find((feed) => feed.id === stuck.id)!;
      expect(stats).toMatchObject({ queued: 10, capacity: 10, broken: false });
      expect(stats.dropped).toBeGreaterThan(60);
    });
    expectSteady(analysePicture(reading.frames, { fps: 30 }), cameras);
    core.closeFd(stuck.fd);
    await expect.poll(() => program.stats().feeds.find((feed) => feed.id === stuck.id)?.broken).toBe(true);
    program.closeFeed(stuck.id);
    await expect.poll(() => program.stats().feeds.length).toBe(0);
  });
});

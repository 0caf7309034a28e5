import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Decoder } from '../../../src/engine/decoder.js';
import type { Clock } from '../../../src/runtime/clock.js';
import { silentLog } from '../../../src/runtime/log.js';
import type { FakeNativeCore } from '../../fakes/native-core.js';
import type { FakeNativeProgram } from '../../fakes/native-program.js';
import { begin, camera, children, film, newestProgram, pass, places, settle } from './doubles.js';

let core: FakeNativeCore;
let program: FakeNativeProgram;
let decoder: Decoder;
/** Ahead of fake time by what the process stood still. */
let stoodStillMs: number;
const clock: Clock = { monotonicMs: () => performance.now() + stoodStillMs, wallMs: () => 0, after: () => () => {} };

function start(source = camera('src_1')): void {
  program.addSource({ id: source.id, mode: source.kind === 'media' ? 'file' : 'live', slots: 16, fallbackId: null, delayUs: 0 });
  decoder = new Decoder(source, places, core, program, silentLog, { clock });
  decoder.start();
}

beforeEach(() => {
  core = begin();
  stoodStillMs = 0;
  core.createProgram({ width: 640, height: 360, fpsNum: 30, fpsDen: 1 });
  program = newestProgram();
});
afterEach(async () => {
  await Promise.all([decoder.stop(), pass(2_000)]);
  vi.useRealTimers();
});

const started = () => children.all.length;
const now = () => children.all.at(-1)!;
/** What the newest child has done by now; then a second passes. */
async function report(figures: object): Promise<void> {
  now().say({ event: 'stats', bytesRead: 0, framesDecoded: 0, audioWritten: 0, pictureStepMs: 0, ...figures });
  await pass(1_000);
}
/** One that has played for a while, and goes on to hear but sees nothing new for `seconds`. */
async function hearsOnly(seconds: number, figures: (s: number) => object = () => ({})): Promise<void> {
  now().fallSilent();
  for (let s = 1; s <= 4; s++) await report({ bytesRead: s * 1e5, framesDecoded: s * 30, audioWritten: s * 48_000, pictureStepMs: 3 });
  const { length } = children.all;
  for (let s = 5; s < 5 + seconds && started() === length; s++) {
    await report({ bytesRead: s * 1e5, framesDecoded: 120, audioWritten: s * 48_000, ...figures(s - 5) });
  }
}

describe('Decoder', () => {
  it('gives its child a ring and keeps none of it', async () => {
    start();
    expect(now().args).toEqual(['camera', '--socket', '/run/camera-src_1.sock']);
    await settle();
    expect(core.descriptors).toHaveLength(1);
    now().exit(1);
    expect(core.descriptors).toHaveLength(0);
  });

  it('starts another with a ring of its own when one ends, and says that nothing comes of the old one', async () => {
    start();
    program.produce('src_1');
    await pass(1_000);
    expect(program.stats().sources[0]!.state).toBe('live');
    const detached = vi.spyOn(program, 'detachRing');
    now().exit(null, 'SIGSEGV');
    await settle();
    expect(detached).toHaveBeenCalledExactlyOnceWith('src_1');
    await pass(500);
    expect(started()).toBe(2);
    expect(core.descriptors).toHaveLength(1);
    expect(program.stats().sources[0]!.state).toBe('gone');
    program.produce('src_1');
    await pass(500);
    expect(program.stats().sources[0]!.state).toBe('live');
  });

  it('tells at once what a camera is seen and heard to be, and nothing of one that has gone', async () => {
    const told = vi.fn<() => void>();
    const source = camera('src_1');
    program.addSource({ id: source.id, mode: 'live', slots: 16, fallbackId: null, delayUs: 0 });
    decoder = new Decoder(source, places, core, program, silentLog, { clock, onSight: told });
    decoder.start();
    await settle();
    now().say({ event: 'sight', still: 1, black: 0, silent: 0 });
    await settle();
    expect(told).toHaveBeenCalledTimes(1);
    expect(decoder.info.sight).toEqual({ still: true, black: false, silent: false });
    now().say({ event: 'format', width: 640, height: 360, fps: 30 });
    await settle();
    expect(decoder.info).toMatchObject({ width: 640, sight: { still: true } });
    now().say({ event: 'waiting' });
    await settle();
    expect(decoder.info.sight).toBeUndefined();
    now().say({ event: 'sight', still: 0, black: 1, silent: 1 });
    await settle();
    now().exit(1);
    await pass(500);
    expect(started()).toBe(2);
    expect(decoder.info.sight).toBeUndefined();
  });

  it('lets one live that speaks', async () => {
    start();
    await pass(20_000);
    expect(started()).toBe(1);
  });

  it('replaces one that has been silent for 1.7 s', async () => {
    start();
    await pass(5_000);
    now().fallSilent();
    await pass(1_500);
    expect(started()).toBe(1);
    await pass(600);
    expect(started()).toBe(2);
    expect(children.all[0]!.signals).toEqual(['SIGKILL']);
  });

  it('replaces one that hangs before it has said a word, again and again', async () => {
    start();
    now().fallSilent();
    await pass(1_500);
    expect(started()).toBe(1);
    await pass(600);
    expect(started()).toBe(2);
    now().fallSilent();
    await pass(2_300);
    expect(started()).toBe(3);
    await pass(10_000);
    expect(started()).toBe(3);
  });

  it('does not blame a decoder for the time that the engine itself stood still', async () => {
    start();
    await pass(5_600);
    stoodStillMs += 5_000;
    await pass(5_000);
    expect(started()).toBe(1);
    // Its time only begins anew: one that hangs all the same is found.
    stoodStillMs += 5_000;
    now().fallSilent();
    await pass(2_200);
    expect(started()).toBe(2);
  });

  it('lets one wait that gets no processor, for half a minute', async () => {
    start();
    await pass(5_000);
    now().fallSilent();
    now().sight.isRunnable = true;
    await pass(28_000);
    expect(started()).toBe(1);
    await pass(3_000);
    expect(started()).toBe(2);
  });

  it('replaces one that reads for 6 s and has nothing to show for it', async () => {
    start();
    now().fallSilent();
    for (let s = 0; s < 4; s++) await report({ bytesRead: s * 1e5, framesDecoded: s * 30 });
    // Held or waiting, it reads nothing and is left alone.
    for (let s = 0; s < 10; s++) await report({ bytesRead: 4e5, framesDecoded: 120 });
    expect(started()).toBe(1);
    for (let s = 0; s < 5; s++) await report({ bytesRead: 5e5 + s * 1e5, framesDecoded: 120 });
    expect(started()).toBe(1);
    for (let s = 0; s < 3 && started() === 1; s++) await report({ bytesRead: 1e6 + s * 1e5, framesDecoded: 120 });
    expect(started()).toBe(2);
  });

  it('replaces one that has been at one picture for 6 s, though its sound goes on', async () => {
    start();
    await hearsOnly(6, (s) => ({ pictureStepMs: 400 + s * 1_000 }));
    expect(started()).toBe(1);
    await report({ bytesRead: 11e5, framesDecoded: 120, audioWritten: 528_000, pictureStepMs: 6_400 });
    expect(started()).toBe(2);
    expect(children.all[0]!.signals).toEqual(['SIGKILL']);
    // Nothing of that counts against the next.
    await pass(20_000);
    expect(started()).toBe(2);
  });

  it('replaces a film that has been at one picture for 6 s, though it reads no more because its queue is full', async () => {
    start(film('src_1'));
    await hearsOnly(8, (s) => ({ bytesRead: 5e5, audioWritten: 240_000, pictureStepMs: s * 1_000 }));
    expect(started()).toBe(2);
  });

  it('lets a camera live that sends sound alone, or no keyframe for a long time', async () => {
    start();
    now().fallSilent();
    for (let s = 1; s <= 40; s++) await report({ bytesRead: s * 1e5, audioWritten: s * 48_000 });
    // What comes before a keyframe is thrown away, each piece at once.
    await hearsOnly(40);
    expect(started()).toBe(1);
  });

  it('lets a camera live that has no picture yet', async () => {
    start();
    now().say({ event: 'waiting' });
    await pass(40_000);
    expect(started()).toBe(1);
  });

  it('lets a film live that is cued and held, or paused: its pictures wait for room', async () => {
    start(film('src_1'));
    now().fallSilent();
    for (let s = 0; s < 40; s++) await report({ bytesRead: 4e5, framesDecoded: 13, audioWritten: 96_000, pictureStepMs: s % 12 });
    expect(started()).toBe(1);
  });

  it('lets one live that is slow, as long as it gets on', async () => {
    start();
    await hearsOnly(40, (s) => ({ pictureStepMs: [900, 1_900, 2_900, 3_900, 4_900, 1_100][s % 6] }));
    expect(started()).toBe(1);
  });

  it('lets one that is at a picture because it gets no processor wait for half a minute', async () => {
    start();
    now().sight.isRunnable = true;
    await hearsOnly(28, (s) => ({ pictureStepMs: s * 1_000 }));
    expect(started()).toBe(1);
    for (let s = 28; s < 33 && started() === 1; s++) await report({ bytesRead: 4e6, framesDecoded: 120, audioWritten: 2e6, pictureStepMs: s * 1_000 });
    expect(started()).toBe(2);
  });

  it('says what its child says of the format and of what is wrong, and forgets the latter when it works', async () => {
    start();
    now().say({ event: 'error', code: 'MEDIA_MISSING', message: 'The file is not there.' });
    await settle();
    expect(decoder.info).toEqual({ problem: { code: 'MEDIA_MISSING', message: 'The file is not there.' } });
    now().exit(1);
    await pass(500);
    expect(decoder.info.problem?.code).toBe('MEDIA_MISSING');
    now().say({ event: 'format', width: 1280, height: 720, fps: 25 });
    await settle();
    // A broken picture has a format too.
    expect(decoder.info.problem?.code).toBe('MEDIA_MISSING');
    now().say({ event: 'stats', bytesRead: 1e5, framesDecoded: 1, audioWritten: 0, pictureStepMs: 0 });
    await settle();
    expect(decoder.info).toEqual({ width: 1280, height: 720, fps: 25 });
  });

  it('says that its pictures are refused for as long as none has come, whatever its sound does', async () => {
    start(film('src_1'));
    const problem = { code: 'VIDEO_CODEC', message: 'There is no decoder for vvc.' };
    now().fallSilent().say({ event: 'format', width: 1280, height: 720, fps: 25 });
    now().say({ event: 'error', ...problem });
    for (let s = 1; s <= 3; s++) {
      await report({ bytesRead: s * 1e5, audioWritten: s * 48_000 });
      expect(decoder.info).toEqual({ width: 1280, height: 720, fps: 25, problem, isBlind: true });
    }
    // What else was wrong is over when the sound goes on; that is not.
    now().say({ event: 'error', code: 'MEDIA_SEEK', message: 'The file cannot be sought in.' });
    await settle();
    expect(decoder.info.problem?.code).toBe('MEDIA_SEEK');
    await report({ bytesRead: 4e5, audioWritten: 192_000 });
    expect(decoder.info).toMatchObject({ problem, isBlind: true });
    await report({ bytesRead: 5e5, audioWritten: 240_000, framesDecoded: 1 });
    expect(decoder.info).toEqual({ width: 1280, height: 720, fps: 25 });
  });

  it('takes what refused its pictures for over when another plays the film and does not say so again', async () => {
    start(film('src_1'));
    now().say({ event: 'error', code: 'VIDEO_CODEC', message: 'There is no decoder for vvc.' });
    await settle();
    now().exit(1);
    await pass(500);
    expect(decoder.info.problem?.code).toBe('VIDEO_CODEC');
    now().fallSilent();
    await report({ bytesRead: 1e5, audioWritten: 48_000 });
    expect(decoder.info).toEqual({});
  });

  it('does not call one blind that complains in passing and shows pictures', async () => {
    start();
    now().fallSilent();
    await report({ bytesRead: 1e5, framesDecoded: 30, audioWritten: 48_000 });
    now().say({ event: 'error', code: 'VIDEO_CODEC', message: 'The camera sends pictures in a codec that is not supported.' });
    await settle();
    expect(decoder.info.isBlind).toBeUndefined();
    await report({ bytesRead: 2e5, framesDecoded: 60, audioWritten: 96_000 });
    expect(decoder.info).toEqual({});
  });

  it('takes what was wrong with a camera for over when that camera has gone', async () => {
    start();
    for (const code of ['AUDIO_CODEC', 'VIDEO_CODEC']) {
      now().say({ event: 'error', code, message: 'That cannot be read.' });
      await settle();
      expect(decoder.info.problem?.code).toBe(code);
      now().say({ event: 'waiting' });
      await settle();
      expect(decoder.info).toEqual({});
    }
  });

  it('survives a child that talks nonsense or floods its stderr', async () => {
    start();
    now().fallSilent();
    for (const line of ['', 'hello', '[]', '{"event":7}', 'x'.repeat(200_000), '{"event":"stats","bytesRead":"many"}']) now().say(line);
    now().stderr.write('y'.repeat(200_000));
    await pass(1_000);
    expect(decoder.info).toEqual({});
    expect(started()).toBe(1);
  });

  it('sends a film back to its beginning, and asks nothing of a child that is gone', async () => {
    start(film('src_1'));
    decoder.rewind();
    await settle();
    expect(now().told).toEqual(['seek 0']);
    now().exit(1);
    decoder.rewind();
    await pass(500);
    expect(started()).toBe(2);
    expect(now().told).toEqual([]);
  });

  it('stops for good, one that ignores TERM too, and leaves the ring of its source alone', async () => {
    start();
    await pass(1_000);
    now().stubborn = true;
    const detached = vi.spyOn(program, 'detachRing');
    const stopping = decoder.stop();
    expect(decoder.stop()).toBe(stopping);
    await pass(1_500);
    await stopping;
    expect(now().signals).toEqual(['SIGTERM', 'SIGTERM', 'SIGKILL']);
    await pass(20_000);
    expect(started()).toBe(1);
    expect(detached).not.toHaveBeenCalled();
  });
});

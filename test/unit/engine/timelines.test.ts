/** Timelines on program: every frame shows what it should, whatever is done to them. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Playback } from '../../../src/protocol/playback.js';
import type { TimelineDocument } from '../../../src/protocol/timeline.js';
import { silentLog } from '../../../src/runtime/log.js';
import { begin, children, pass } from './doubles.js';
import { clip, document, fileOf, known, NTSC, PAL, stall, TimelineStage } from './timeline_stage.js';

let stage: TimelineStage;

beforeEach(async () => { stage = await TimelineStage.open(); });
afterEach(() => stage.close());

/** Films, a camera and a colour, cuts and every kind of way between them, in a loop of 20 s. */
const mixed = (over: object = {}): TimelineDocument => document({
  loop: true,
  tracks: [
    { kind: 'video', clips: [
      clip('src_a', 0, 4000, { inMs: 1000 }),
      clip('src_b', 4000, 3000, { inMs: 5020, transition: { kind: 'fade', durationMs: 1000 } }),
      clip('src_cam', 7000, 3000, { transition: { kind: 'wipe-left', durationMs: 480 } }),
      clip('src_c', 10_000, 6000, { inMs: 33, keyframes: [{ atMs: 1000, opacity: 1 }, { atMs: 2000, opacity: 0.25 }] }),
      clip('src_a', 16_000, 4000),
    ] },
    { kind: 'video', clips: [{ ...clip('', 3000, 5000), sourceId: undefined, sceneId: 'scn_pip', transition: { kind: 'fade', durationMs: 500 }, width: 0.5, height: 0.5 }] },
    { kind: 'audio', gainDb: -6, clips: [clip('src_song', 1000, 17_000, { transitionOut: { kind: 'fade', durationMs: 2000 } })] },
  ],
  ...over,
});

const showing = (of: TimelineDocument, playback?: Playback) => stage.tell({ timelines: [known('tml_1', of, 1, playback)] });

describe('what the compositor would refuse', () => {
  it('is told once and costs the timeline its next pictures, not the engine; it goes on when that is over', async () => {
    const clips = Array.from({ length: 20 }, (_, i) => clip(i % 2 ? 'src_blue' : 'src_cam', i * 500, 500));
    showing(document({ loop: true, clips }));
    await pass(500);
    await stage.from(0);
    await pass(1000);
    const refuse = vi.spyOn(stage.program, 'plan').mockImplementation(() => { throw new TypeError('scene.layers must have at most 256 layers.'); });
    const logged = vi.spyOn(silentLog, 'error');
    await pass(2000);
    expect(refuse.mock.calls.length).toBeGreaterThan(1);
    expect(logged).toHaveBeenCalledTimes(1);
    // An edit in this state is worked on as well.
    showing(document({ loop: true, clips: clips.slice(2) }));
    refuse.mockRestore();
    logged.mockRestore();
    await pass(1000);
    expect(stage.timelines.status()).toMatchObject({ state: 'playing' });
    const planned = vi.spyOn(stage.program, 'plan');
    await pass(2000);
    expect(planned).toHaveBeenCalled();
  });

  it('at the take leaves what is on program as it was, and the next take works', async () => {
    const of = document({ clips: [clip('src_a', 0, 3000)] });
    showing(of);
    await pass(500);
    const refuse = vi.spyOn(stage.program, 'takeAt').mockImplementation(() => { throw new TypeError('no'); });
    await expect(stage.from(0)).rejects.toThrow('no');
    expect(stage.timelines.status()).toBeNull();
    refuse.mockRestore();
    await stage.from(0);
    expect(stage.timelines.status()).toMatchObject({ state: 'playing' });
  });
});

describe('a timeline on program', () => {
  it.each([['PAL', PAL], ['NTSC', NTSC]])('shows in each frame what belongs there, film by film and frame by frame, over three laps in %s', async (_name, format) => {
    stage = await another(format);
    showing(mixed());
    await pass(500);
    stage.record();
    const { frame } = await stage.from(0);
    await pass(61_000);
    stage.expectFrames(mixed(), frame, frame, frame + stage.frameAt(60_000));
    expect(stage.timelines.status()).toMatchObject({ state: 'playing', lap: 3, failedClips: 0, lateClips: 0 });
  });

  it('opens files before they are due and closes them when they have been shown', async () => {
    showing(document({ loop: true, clips: [clip('src_a', 0, 10_000), clip('src_b', 10_000, 10_000)] }));
    await stage.from(0);
    await pass(5000);
    expect(stage.playing).toEqual(['src_a']);
    await pass(1400);
    expect(stage.playing).toEqual(['src_a', 'src_b']);
    await pass(3000);
    expect(stage.playing).toEqual(['src_a', 'src_b']);
    await pass(1000);
    expect(stage.playing).toEqual(['src_b']);
    expect(stage.timelines.status()).toMatchObject({ open: 1 });
  });

  it('keeps to 24 files at once, those that are due first, and shows all the same what belongs in each frame', async () => {
    // 20 a second: within the two seconds that are planned there are more than can be open.
    const quick = document({ loop: true, clips: Array.from({ length: 100 }, (_, i) => clip(i % 2 ? 'src_a' : 'src_b', i * 50, 50, { inMs: i * 40 })) });
    stage = await another(NTSC);
    showing(quick);
    await pass(500);
    stage.record();
    const { frame } = await stage.from(0);
    await pass(12_000);
    stage.expectFrames(quick, frame, frame, frame + stage.frameAt(11_000));
    expect(stage.mostSources).toBeLessThanOrEqual(24 + 6);
    expect(stage.timelines.status()).toMatchObject({ lateClips: 0 });
  });

  it('shows what there is when more files are on at once than may be open', async () => {
    const wall = document({ loop: true, tracks: Array.from({ length: 30 }, (_, i) => ({ kind: 'video', clips: [clip('src_a', 0, 3000, { inMs: i * 40 })] })) });
    showing(wall);
    stage.record();
    const { frame } = await stage.from(0);
    await pass(4500);
    for (const { layers } of stage.recorded(frame, frame + 75)) {
      expect((layers as { of: string }[]).map(({ of }) => of)).toEqual([...new Array<string>(24).fill('src_a'), ...new Array<string>(6).fill('slate')]);
    }
    expect(stage.mostSources).toBeLessThanOrEqual(48);
  });

  it('ends with its filler, which stays; without one there is nothing', async () => {
    const line = document({ filler: { sourceId: 'src_b' }, clips: [clip('src_a', 0, 1000)] });
    showing(line);
    await pass(200);
    stage.record();
    const { frame } = await stage.from(0);
    await pass(20_000);
    stage.expectFrames(line, frame, frame, frame + 490);
    expect(stage.playing).toEqual(['src_b']);
    expect(stage.timelines.status()).toMatchObject({ state: 'ended' });
    const bare = document({ clips: [clip('src_a', 0, 1000)] });
    stage.tell({ timelines: [known('tml_2', bare)] });
    const { frame: second } = await stage.from(0, 'tml_2');
    await pass(2000);
    expect(stage.recorded(second + 25, second + 40).map(({ layers }) => layers)).toEqual(new Array(15).fill([]));
  });

  it('is not moved by an event loop that stands still for 1.5 s, again and again', async () => {
    showing(mixed());
    stage.record();
    const { frame } = await stage.from(0);
    for (let i = 0; i < 12; i++) {
      await stall(1500);
      await pass(700);
    }
    stage.expectFrames(mixed(), frame, frame, frame + stage.frameAt(26_000));
    expect(stage.timelines.status()).toMatchObject({ lateClips: 0 });
  });

  it('is right again after the event loop stood still for two minutes', async () => {
    // Another scene in each frame: more than can be planned at once.
    const moving = document({ loop: true, clips: [clip('src_a', 0, 10_000, { keyframes: [{ atMs: 0, x: 0 }, { atMs: 10_000, x: 0.5 }] })] });
    showing(moving);
    stage.record();
    const { frame } = await stage.from(0);
    await pass(1000);
    await stall(120_000);
    await pass(1000);
    const now = stage.program.stats().frame;
    await pass(5000);
    stage.expectFrames(moving, frame, now, now + 120);
  });

  it('is not moved by a step of the wall clock', async () => {
    showing(mixed());
    stage.record();
    const { frame } = await stage.from(0);
    for (const hours of [5, -12, 0.001]) {
      vi.setSystemTime(Date.now() + hours * 3_600_000);
      await pass(4000);
    }
    stage.expectFrames(mixed(), frame, frame, frame + stage.frameAt(11_500));
  });
});

async function another(format = PAL, bootId?: string): Promise<TimelineStage> {
  await stage.stop();
  begin();
  const fresh = new TimelineStage(format, bootId);
  await pass(100);
  return fresh;
}

describe('a take of a timeline', () => {
  const two = () => document({ loop: true, clips: [clip('src_a', 0, 8000), clip('src_b', 8000, 8000)] });

  it('waits for the first pictures', async () => {
    stage.films.set('src_a', { slowMs: 800 });
    showing(two());
    stage.record();
    const asked = stage.program.stats().frame;
    const { frame } = await stage.from(0);
    expect((frame - asked) * 40).toBeGreaterThan(800);
    expect((frame - asked) * 40).toBeLessThan(1100);
    await pass(2000);
    stage.expectFrames(two(), frame, frame, frame + 40);
  });

  it('waits for the picture of a film whose sound is there before it', async () => {
    stage.films.set('src_a', { slowMs: 100, pictureMs: 900 });
    stage.tell({ timelines: [known('tml_1', document({ clips: [clip('src_a', 0, 4000)] }))] });
    const before = stage.program.stats().frame;
    const { frame } = await stage.from(0);
    expect(frame - before).toBeGreaterThan(stage.frameAt(850));
    expect(frame - before).toBeLessThan(stage.frameAt(1200));
  });

  it('waits 2 s and no longer', async () => {
    stage.films.set('src_a', { slowMs: 5000 });
    showing(two());
    const asked = stage.program.stats().frame;
    const { frame } = await stage.from(0);
    expect((frame - asked) * 40).toBeGreaterThan(2000);
    expect((frame - asked) * 40).toBeLessThan(2300);
    await pass(1000);
    expect(stage.timelines.status()).toMatchObject({ lateClips: 1 });
  });

  it('does not wait for a file that is broken', async () => {
    stage.films.set('src_a', { broken: true });
    showing(two());
    const asked = stage.program.stats().frame;
    const { frame } = await stage.from(0);
    expect((frame - asked) * 40).toBeLessThan(500);
  });

  it('begins anywhere in a clip with the picture that belongs there', async () => {
    showing(two());
    await pass(300);
    stage.record();
    for (const positionMs of [1320, 9040, 0]) {
      const { frame } = await stage.from(positionMs);
      await pass(1000);
      stage.expectFrames(two(), frame - stage.frameAt(positionMs), frame, frame + 20);
    }
  });

  it('tells the first frame, when it is due, and how the timeline stands', async () => {
    showing(two());
    await pass(1000);
    const { frame, ptsMs, playback } = await stage.from(2000);
    expect(frame).toBeGreaterThan(stage.program.stats().frame);
    expect(ptsMs).toBe(frame * 40);
    expect(playback).toMatchObject({ is: 'playing', bootId: 'boot-1', zeroUs: (frame - 50) * 40_000 });
    const { zeroWallMs } = playback as Extract<Playback, { is: 'playing' }>;
    expect(Math.abs(zeroWallMs - (Date.now() + (frame * 40_000 - children.core.monotonicUs()) / 1000 - 2000))).toBeLessThan(1);
  });

  it('comes in by its transition, both sides of which go on', async () => {
    stage.tell({ timelines: [known('tml_1', mixed()), known('tml_2', two())] });
    stage.record();
    const first = await stage.from(6000);
    await pass(500);
    const second = await stage.from(7800, 'tml_2', { kind: 'fade', durationMs: 2000 });
    await pass(4000);
    const [a, b] = [stage.compile(mixed()), stage.compile(two())];
    for (const { frame, layers } of stage.recorded(second.frame, second.frame + 50)) {
      expect(layers).toEqual({ from: stage.expected(a, frame - first.frame + 150), to: stage.expected(b, frame - second.frame + 195) });
    }
    stage.expectFrames(two(), second.frame - 195, second.frame + 50, second.frame + 80);
    // What was left is closed when it is out of sight.
    expect(stage.playing).toEqual(['src_b']);
  });

  it('gives way to a later one', async () => {
    stage.films.set('src_a', { slowMs: 1000 });
    stage.tell({ timelines: [known('tml_1', two()), known('tml_2', document({ clips: [clip('src_b', 0, 9000)] }))] });
    const first = stage.from(0, 'tml_1').catch((error: unknown) => error);
    const second = stage.from(0, 'tml_2');
    await pass(3000);
    expect(await first).toMatchObject({ code: 'CONFLICT' });
    expect(stage.program.scene!.id).toMatch(/tml_2/);
    expect((await second).frame).toBeLessThan(stage.program.stats().frame);
    expect(stage.playing).toEqual(['src_b']);
  });

  it('gives way to something else that is put on program', async () => {
    stage.films.set('src_a', { slowMs: 1000 });
    showing(two());
    const take = stage.from(0).catch((error: unknown) => error);
    await pass(100);
    stage.timelines.left(stage.program.take({ id: 'cut', layers: [] }, { kind: 'cut', frames: 0 }).frame);
    await pass(100);
    // It knows at once that it is not wanted any more.
    expect(stage.playing).toEqual([]);
    expect(await take).toMatchObject({ code: 'CONFLICT' });
    await pass(3000);
    expect(stage.program.scene!.id).toBe('cut');
  });

  it('is refused for a timeline that nobody knows', async () => {
    await expect(stage.from(0, 'tml_9')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('goes on where it was last wanted when nothing is said of a start', async () => {
    showing(two(), { is: 'paused', positionMs: 9000 });
    stage.record();
    const { frame } = await stage.take();
    await pass(500);
    stage.expectFrames(two(), frame - 225, frame, frame + 10);
  });

  it('stands from the start when it is to stand', async () => {
    showing(two());
    stage.record();
    const { frame, playback } = await stage.take('tml_1', { is: 'as', playback: { is: 'paused', positionMs: 9320 } });
    expect(playback).toEqual({ is: 'paused', positionMs: 9320 });
    await pass(3000);
    const still = stage.expected(stage.compile(two()), 233);
    for (const { layers } of stage.recorded(frame, frame + 60)) expect(layers).toEqual(still);
    expect(stage.timelines.status()).toMatchObject({ state: 'paused' });
  });

  it('leaves nothing behind when the program ends while it waits', async () => {
    const unhandled = vi.fn();
    process.on('unhandledRejection', unhandled);
    stage.films.set('src_a', { slowMs: 1500 });
    showing(two());
    const take = stage.from(0).catch((error: unknown) => error);
    await pass(200);
    await stage.stop();
    await pass(3000);
    expect(await take).toMatchObject({ code: 'CONFLICT' });
    process.off('unhandledRejection', unhandled);
    expect(unhandled).not.toHaveBeenCalled();
    expect(children.running('vistter-decoder')).toEqual([]);
  });
});

describe('an edit', () => {
  it('reaches a timeline that is being made ready', async () => {
    const of = (sourceId: string) => document({ clips: [clip(sourceId, 0, 20_000)] });
    stage.films.set('src_a', { slowMs: 1000 });
    showing(of('src_a'));
    const take = stage.from(0);
    await pass(200);
    stage.tell({ timelines: [known('tml_1', of('src_b'), 2)] });
    const { frame } = await take;
    stage.record();
    await pass(2000);
    stage.expectFrames(of('src_b'), frame, frame + 15, frame + 40);
  });
});

describe('a film on an audio track', () => {
  const track = (kind: string) => document({ tracks: [{ kind: 'video', clips: [clip('src_blue', 0, 20_000)] }, { kind, clips: [clip('src_a', 0, 20_000)] }] });
  const opened = () => children.running('vistter-decoder').map(({ args }) => ({ file: fileOf(args), soundOnly: args.includes('--sound-only') }));

  it('is opened for its sound alone, and anew when it is to be seen', async () => {
    showing(track('audio'));
    await stage.from(0);
    expect(opened()).toEqual([{ file: 'src_a', soundOnly: true }]);
    stage.tell({ timelines: [known('tml_1', track('video'), 2)] });
    await pass(5000);
    expect(opened()).toEqual([{ file: 'src_a', soundOnly: false }]);
  });
});

describe('a timeline that is armed', () => {
  const armed = (of: TimelineDocument, playback?: Playback) => stage.tell({ timelines: [known('tml_1', of, 1, playback)], armed: 'tml_1' });
  const slow = () => document({ loop: true, clips: [clip('src_a', 0, 8000), clip('src_b', 8000, 8000)] });

  it('is taken without a wait, with its first frame there', async () => {
    stage.films.set('src_a', { slowMs: 1500 });
    armed(slow());
    expect(stage.timelines.status()).toMatchObject({ timelineId: 'tml_1', state: 'paused', open: 1 });
    await pass(5000);
    expect(stage.playing).toEqual(['src_a']);
    stage.record();
    const asked = stage.program.stats().frame;
    const { frame } = await stage.from(0);
    expect(frame - asked).toBeLessThanOrEqual(4);
    await pass(15_000);
    stage.expectFrames(slow(), frame, frame, frame + 350);
    expect(children.all.filter((child) => child.program === 'vistter-decoder' && fileOf(child.args) === 'src_a')).toHaveLength(2);
  });

  it('stands where it is to begin, in mid-clip too', async () => {
    stage.films.set('src_b', { slowMs: 1500 });
    armed(slow(), { is: 'paused', positionMs: 9400 });
    await pass(3000);
    stage.record();
    const asked = stage.program.stats().frame;
    const { frame } = await stage.from(9400);
    expect(frame - asked).toBeLessThanOrEqual(4);
    await pass(3000);
    stage.expectFrames(slow(), frame - 235, frame, frame + 60);
  });

  it('is made ready anew when it is to begin elsewhere', async () => {
    armed(slow());
    await pass(1000);
    stage.record();
    const { frame } = await stage.from(9400);
    await pass(1000);
    stage.expectFrames(slow(), frame - 235, frame, frame + 20);
    expect(stage.playing).not.toContain('src_a');
  });

  it('and is overridden while it runs goes on from where it is by then', async () => {
    stage.tell({ timelines: [known('tml_1', slow())] });
    const { frame: began, playback } = await stage.from(0);
    stage.timelines.left(stage.program.stats().frame + 1);
    await pass(1000);
    armed(slow(), playback);
    await pass(3000);
    stage.record();
    const { frame } = await stage.take();
    await pass(1000);
    stage.expectFrames(slow(), began, frame, frame + 20);
  });

  it('is let go when it is not wanted, and is not kept beside the one on program', async () => {
    armed(slow());
    await pass(500);
    stage.tell({ armed: null });
    await pass(500);
    expect([stage.playing, stage.timelines.status()]).toEqual([[], null]);
    stage.tell({ armed: 'tml_1' });
    await pass(500);
    await stage.from(0);
    stage.tell({ armed: 'tml_1' });
    await pass(500);
    expect(stage.playing).toEqual(['src_a']);
  });

  it('follows an edit', async () => {
    armed(slow());
    await pass(1000);
    const other = document({ loop: true, clips: [clip('src_b', 0, 4000, { inMs: 400 })] });
    stage.tell({ timelines: [known('tml_1', other, 2)] });
    await pass(3000);
    expect(stage.playing).toEqual(['src_b']);
    stage.record();
    const asked = stage.program.stats().frame;
    const { frame } = await stage.from(0);
    expect(frame - asked).toBeLessThanOrEqual(4);
    await pass(1000);
    stage.expectFrames(other, frame, frame, frame + 20);
  });

  it('moves to another place when it is to stand there', async () => {
    armed(slow());
    await pass(500);
    armed(slow(), { is: 'paused', positionMs: 9400 });
    await pass(1000);
    expect(stage.playing).toEqual(['src_b']);
    const asked = stage.program.stats().frame;
    expect((await stage.from(9400)).frame - asked).toBeLessThanOrEqual(4);
  });
});

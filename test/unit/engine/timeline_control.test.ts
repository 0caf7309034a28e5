/** Timelines that are paused, sought in, edited and hit while they are on program. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { msOf } from '../../../src/domain/timeline/rate.js';
import type { Playback } from '../../../src/protocol/playback.js';
import type { TimelineDocument } from '../../../src/protocol/timeline.js';
import { children, film, pass } from './doubles.js';
import { clip, document, fileOf, known, SOURCES, TimelineStage } from './timeline_stage.js';

let stage: TimelineStage;

beforeEach(async () => { stage = await TimelineStage.open(); });
afterEach(() => stage.close());

const two = (over: object = {}): TimelineDocument => document({ loop: true, clips: [clip('src_a', 0, 8000, { inMs: 400 }), clip('src_b', 8000, 8000)], ...over });
const cams = (): TimelineDocument => document({ loop: true, tracks: [
  { kind: 'video', clips: [clip('src_a', 0, 8000), clip('src_cam', 8000, 8000)] },
  { kind: 'video', clips: [clip('src_b', 0, 16_000, { width: 0.5, height: 0.5, keyframes: [{ atMs: 0, x: 0 }, { atMs: 16_000, x: 0.5 }] })] },
] });
let revision = 1;
const showing = (of: TimelineDocument, playback?: Playback) => stage.tell({ timelines: [known('tml_1', of, ++revision, playback)] });

/** They all show one position. */
function expectStill(of: TimelineDocument, position: number, from: number, to: number): void {
  const still = stage.expected(stage.compile(of), position);
  expect(stage.recorded(from, to)).toEqual(Array.from({ length: to - from }, (_, i) => ({ frame: from + i, layers: still })));
}
const decoders = (file: string) => children.all.filter((child) => child.program === 'vistter-decoder' && fileOf(child.args) === file);

async function play(of: TimelineDocument, positionMs = 0): Promise<number> {
  showing(of);
  stage.record();
  const { frame } = await stage.from(positionMs);
  return frame - stage.frameAt(positionMs);
}

describe('a timeline on program', () => {
  it.each([['one film after the other', two], ['two tracks and a camera', cams]])('is paused and goes on frame for frame: %s', async (_what, of) => {
    const zero = await play(of());
    await pass(3000);
    const paused = await stage.control('pause');
    expect(paused.playback).toEqual({ is: 'paused', positionMs: (paused.frame - zero) * 40 });
    await pass(6000);
    expect(stage.timelines.status()).toMatchObject({ state: 'paused' });
    const played = await stage.control('play');
    expect(played.playback).toMatchObject({ is: 'playing', zeroUs: (zero + played.frame - paused.frame) * 40_000 });
    await pass(9000);
    stage.expectFrames(of(), zero, zero, paused.frame);
    expectStill(of(), paused.frame - zero, paused.frame, played.frame);
    stage.expectFrames(of(), zero + played.frame - paused.frame, played.frame, played.frame + 200);
    for (const file of ['src_a', 'src_b']) expect(decoders(file).length, file).toBeLessThanOrEqual(2);
  });

  it('is paused in the midst of a transition and just before a join', async () => {
    const joined = document({ loop: true, clips: [clip('src_a', 0, 4000), clip('src_b', 4000, 4000, { transition: { kind: 'fade', durationMs: 1000 } })] });
    for (const pausedAt of [98, 99, 100, 112, 124, 125]) {
      const zero = await play(joined);
      while (stage.program.stats().frame + 3 < zero + pausedAt) await pass(10);
      const paused = await stage.control('pause');
      expect(paused.frame - zero).toBe(pausedAt);
      await pass(1000);
      const played = await stage.control('play');
      await pass(2000);
      expectStill(joined, pausedAt, paused.frame, played.frame);
      stage.expectFrames(joined, zero + played.frame - paused.frame, played.frame, played.frame + 40);
    }
  });

  it('does nothing when it is paused twice or played while it plays', async () => {
    const zero = await play(two());
    await stage.control('play');
    await pass(2000);
    const paused = await stage.control('pause');
    await pass(500);
    expect((await stage.control('pause')).playback).toEqual(paused.playback);
    await pass(500);
    stage.expectFrames(two(), zero, zero, paused.frame);
    expectStill(two(), paused.frame - zero, paused.frame, paused.frame + 20);
  });

  it('is sought to the frame, while it plays and while it stands', async () => {
    const zero = await play(two());
    await pass(1000);
    const sought = await stage.control('seek', 9480);
    await pass(2000);
    stage.expectFrames(two(), zero, zero, sought.frame);
    stage.expectFrames(two(), sought.frame - 237, sought.frame, sought.frame + 40);
    await stage.control('pause');
    await pass(500);
    const still = await stage.control('seek', 3160);
    expect(still.playback).toEqual({ is: 'paused', positionMs: 3160 });
    await pass(2000);
    expectStill(two(), 79, still.frame, still.frame + 40);
    const played = await stage.control('play');
    await pass(2000);
    stage.expectFrames(two(), played.frame - 79, played.frame, played.frame + 40);
    const jumped = await stage.control('play', 12_000);
    await pass(1000);
    stage.expectFrames(two(), jumped.frame - 300, jumped.frame, jumped.frame + 20);
  });

  it('is stopped: nothing is shown, and its start is held ready', async () => {
    await play(two());
    await pass(1000);
    const { frame, playback } = await stage.control('stop');
    expect(playback).toEqual({ is: 'stopped' });
    await pass(3000);
    expect(stage.recorded(frame, frame + 50).every(({ layers }) => (layers as []).length === 0)).toBe(true);
    expect(stage.timelines.status()).toMatchObject({ state: 'stopped', positionMs: 0 });
    expect(stage.playing).toEqual(['src_a']);
  });

  it('is the only one that can be controlled', async () => {
    showing(two());
    await expect(stage.control('pause')).rejects.toMatchObject({ code: 'CONFLICT' });
    await stage.from(0);
    await expect(stage.control('pause', undefined, 'tml_2')).rejects.toMatchObject({ code: 'CONFLICT' });
    stage.timelines.left(stage.program.take({ id: 'cut', layers: [] }, { kind: 'cut', frames: 0 }).frame);
    await expect(stage.control('pause')).rejects.toMatchObject({ code: 'CONFLICT' });
    await pass(1000);
    expect([stage.playing, stage.timelines.status()]).toEqual([[], null]);
  });
});

describe('an edit on air', () => {
  it('takes effect on the next frame and reopens nothing that it does not touch', async () => {
    const before = document({ loop: true, clips: [clip('src_a', 0, 10_000), clip('src_b', 10_000, 10_000)] });
    const zero = await play(before);
    await pass(7000);
    const after = document({ loop: true, clips: [clip('src_a', 0, 10_000, { x: 0.25, width: 0.5 }), clip('src_b', 10_000, 10_000), clip('src_c', 20_000, 5000)] });
    const { frame } = stage.program.stats();
    showing(after);
    expect(stage.timelines.edited({ timelineId: 'tml_1', revision })).toEqual({ frame: frame + 1, ptsMs: msOf(frame + 1, stage.rate) });
    await pass(23_000);
    stage.expectFrames(before, zero, zero, frame + 1);
    stage.expectFrames(after, zero, frame + 1, zero + 600);
    expect([decoders('src_a').length, decoders('src_b').length, decoders('src_c').length]).toEqual([2, 1, 1]);
  });

  it('is told to be on no frame when its revision is not on program', async () => {
    const before = document({ clips: [clip('src_a', 0, 10_000)] });
    await play(before);
    expect(() => stage.timelines.edited({ timelineId: 'tml_1', revision })).toThrow(/not on program/);
    showing(document({ clips: [clip('src_b', 0, 10_000)] }));
    expect(() => stage.timelines.edited({ timelineId: 'tml_1', revision: revision + 1 })).toThrow(/not on program/);
    expect(() => stage.timelines.edited({ timelineId: 'tml_2', revision: 1 })).toThrow(/not on program/);
    stage.timelines.left(stage.program.take({ id: 'cut', layers: [] }, { kind: 'cut', frames: 0 }).frame);
    expect(() => stage.timelines.edited({ timelineId: 'tml_1', revision })).toThrow(/not on program/);
  });

  it('moves, trims, adds and deletes what is planned but not yet on', async () => {
    const before = document({ loop: false, clips: [clip('src_a', 0, 10_000), clip('src_b', 10_000, 10_000)] });
    const zero = await play(before);
    await pass(8900);
    // Within the two seconds that were handed over already.
    const edits = [
      document({ clips: [clip('src_a', 0, 9400), clip('src_b', 9400, 10_000)] }),
      document({ clips: [clip('src_a', 0, 9400), clip('src_c', 9400, 10_000)] }),
      document({ clips: [clip('src_a', 0, 12_000), clip('src_c', 12_000, 10_000)] }),
      document({ clips: [clip('src_a', 0, 12_000)] }),
    ];
    const from: number[] = [];
    for (const edit of edits) {
      from.push(stage.program.stats().frame + 1);
      showing(edit);
      await pass(120);
    }
    await pass(4500);
    for (const [i, edit] of edits.entries()) stage.expectFrames(edit, zero, from[i]!, from[i + 1] ?? zero + 320);
    expect(decoders('src_a')).toHaveLength(1);
  });

  it('of the clip on air shows its other part as soon as it is there, and nothing else moves', async () => {
    const at = (inMs: number) => document({ loop: true, tracks: [
      { kind: 'video', clips: [clip('src_a', 0, 20_000, { inMs })] }, { kind: 'video', clips: [clip('src_b', 0, 20_000, { width: 0.5 })] },
    ] });
    const zero = await play(at(0));
    await pass(3000);
    const { frame } = stage.program.stats();
    showing(at(8000));
    await pass(5000);
    // Half a second is what a decoder takes here, and its head start.
    stage.expectFrames(at(8000), zero, frame + 15, frame + 100);
    expect([decoders('src_a').length, decoders('src_b').length]).toEqual([2, 1]);
    expect(stage.playing.sort()).toEqual(['src_a', 'src_b']);
    expect(stage.timelines.status()).toMatchObject({ open: 2 });
  });

  it('deletes the clip on air', async () => {
    const zero = await play(two());
    await pass(3000);
    const { frame } = stage.program.stats();
    const without = document({ loop: true, durationMs: 16_000, clips: [clip('src_b', 8000, 8000, { id: 'c2' })] });
    showing(without);
    await pass(10_000);
    stage.expectFrames(without, zero, frame + 1, frame + 240);
  });

  it('that makes a loop longer keeps what is on air where it is', async () => {
    const lap = (clips: number) => document({ loop: true, clips: ['src_a', 'src_b', 'src_c'].slice(0, clips).map((id, i) => clip(id, i * 3000, 3000)) });
    const zero = await play(lap(2));
    await pass(16_000);
    const { frame } = stage.program.stats();
    const opened = decoders('src_b').length;
    showing(lap(3));
    await pass(1000);
    expect(decoders('src_b')).toHaveLength(opened);
    await pass(19_000);
    // Two laps of 6 s had passed, which are 9 s each now.
    stage.expectFrames(lap(2), zero, zero, frame + 1);
    stage.expectFrames(lap(3), zero - 150, frame + 1, frame + 480);
  });

  it('of a paused timeline is seen at once, and it goes on from there', async () => {
    const zero = await play(two());
    await pass(2000);
    const paused = await stage.control('pause');
    await pass(1000);
    const other = document({ loop: true, clips: [clip('src_b', 0, 8000, { inMs: 2000 }), clip('src_a', 8000, 8000)] });
    showing(other);
    await pass(1000);
    const { frame } = stage.program.stats();
    await pass(1000);
    const played = await stage.control('play');
    await pass(3000);
    expectStill(other, paused.frame - zero, frame, played.frame);
    stage.expectFrames(other, zero + played.frame - paused.frame, played.frame, played.frame + 60);
  });

  it('of a source opens its new file, of what is beside it nothing', async () => {
    const both = document({ loop: true, tracks: [{ kind: 'video', clips: [clip('src_a', 0, 20_000)] }, { kind: 'video', clips: [clip('src_b', 0, 20_000)] }] });
    await play(both);
    await pass(2000);
    stage.tell({ sources: SOURCES.map((one) => (one.id === 'src_a' ? film('src_a', { path: '/media/other.mp4', name: 'Other' }) : one)) });
    await pass(4000);
    expect(stage.playing.sort()).toEqual(['other', 'src_b']);
    expect([decoders('src_a').length, decoders('src_b').length]).toEqual([1, 1]);
    // A name is nothing to reopen for.
    stage.tell({ sources: stage.wish.sources.map((one) => ({ ...one, name: `${one.name}!` })) });
    await pass(1000);
    expect(decoders('other')).toHaveLength(1);
  });

  it('of a timeline or scene that lies in it shows through', async () => {
    const outer = document({ loop: true, clips: [{ timelineId: 'tml_in', startMs: 0, durationMs: 10_000 }, { sceneId: 'scn_pip', startMs: 10_000, durationMs: 10_000 }] });
    const inner = (id: string) => document({ loop: true, clips: [clip(id, 0, 5000)] });
    stage.tell({ timelines: [known('tml_1', outer), known('tml_in', inner('src_a'))] });
    stage.record();
    const { frame: zero } = await stage.from(0);
    await pass(2000);
    stage.expectFrames(outer, zero, zero, zero + 45);
    stage.tell({ timelines: [known('tml_1', outer), known('tml_in', inner('src_b'), 2)] });
    const { frame } = stage.program.stats();
    await pass(12_000);
    stage.expectFrames(outer, zero, frame + 15, frame + 290);
    expect(stage.timelines.status()).toMatchObject({ revision: 1 });
  });

  it('that cannot be read changes nothing', async () => {
    const zero = await play(two());
    await pass(1000);
    stage.tell({ timelines: [{ ...known('tml_1', two(), 99), document: { name: 'x' } }] });
    await pass(3000);
    stage.expectFrames(two(), zero, zero, zero + 90);
  });
});

describe('a film that fails', () => {
  const withFiller = (over: object = {}) => document({
    loop: true, filler: { sourceId: 'src_blue' }, clips: [clip('src_a', 0, 5000), clip('src_b', 5000, 5000), clip('src_c', 10_000, 5000)], ...over,
  });
  const fallbackOf = (id: string) => stage.program.sourceOptions(id)?.fallbackId;

  it('gives way to the filler, is counted, and nothing after it shifts', async () => {
    stage.films.set('src_b', { broken: true });
    const zero = await play(withFiller());
    await pass(16_000);
    stage.expectFrames(withFiller(), zero, zero, zero + 125);
    stage.expectFrames(withFiller(), zero, zero + 250, zero + 375);
    for (const { layers } of stage.recorded(zero + 125, zero + 250)) expect(layers).toMatchObject([{ of: 'src_blue' }]);
    expect(stage.timelines.status()).toMatchObject({ failedClips: 1, lateClips: 0 });
  });

  it('in its pictures alone gives way to the filler as well', async () => {
    stage.films.set('src_b', { blind: true });
    const zero = await play(withFiller());
    await pass(16_000);
    for (const { layers } of stage.recorded(zero + 125, zero + 250)) expect(layers).toMatchObject([{ of: 'src_blue' }]);
    stage.expectFrames(withFiller(), zero, zero + 250, zero + 375);
    expect(stage.timelines.status()).toMatchObject({ failedClips: 1, lateClips: 0 });
  });

  it('gives way to a filler that is a scene with a film, in its own place and from its first frame on', async () => {
    stage.films.set('src_b', { broken: true });
    const quarter = { x: 0.5, y: 0, width: 0.5, height: 0.5 };
    const pip = withFiller({ filler: { sceneId: 'scn_pip' }, clips: [clip('src_c', 0, 5000), clip('src_b', 5000, 5000, quarter), clip('src_c', 10_000, 5000)] });
    const zero = await play(pip);
    await pass(16_000);
    stage.recorded(zero + 125, zero + 250).forEach(({ layers }, i) => expect(layers).toMatchObject([
      { of: 'src_cam', ...quarter }, { of: 'src_a', at: i, x: 0.75, y: 0, width: 0.25, height: 0.25 },
    ]));
    stage.expectFrames(pip, zero, zero + 250, zero + 375);
  });

  it('in mid-clip gives way to a scene within half a second, and comes back', async () => {
    const scene = withFiller({ filler: { sceneId: 'scn_pip' } });
    const zero = await play(scene);
    await pass(6000);
    const shown = () => stage.recorded(stage.program.stats().frame)[0]?.layers;
    stage.films.set('src_b', { broken: true });
    decoders('src_b')[0]!.exit(1);
    await pass(1000);
    expect(shown()).toMatchObject([{ of: 'src_cam' }, { of: 'src_a' }]);
    stage.films.delete('src_b');
    await pass(2000);
    expect(shown()).toMatchObject([{ of: 'src_b' }]);
    await pass(7500);
    stage.expectFrames(scene, zero, zero + 250, zero + 375);
  });

  it('is told from a gap, in which the filler stands as well', async () => {
    const gap = withFiller({ filler: { sceneId: 'scn_pip' }, clips: [clip('src_b', 0, 3000), clip('src_c', 6000, 3000)], durationMs: 10_000 });
    const zero = await play(gap);
    await pass(22_000);
    stage.expectFrames(gap, zero, zero, zero + 500);
    expect(stage.timelines.status()).toMatchObject({ failedClips: 0, lateClips: 0 });
  });

  it('without a filler gives way to the slate', async () => {
    stage.films.set('src_b', { broken: true });
    await play(withFiller({ filler: null }));
    await pass(6000);
    expect(stage.clipIds.map(fallbackOf)).toEqual(stage.clipIds.map(() => null));
  });

  it('in mid-clip comes back where it should be', async () => {
    const zero = await play(withFiller());
    await pass(6500);
    decoders('src_b')[0]!.exit(null, 'SIGKILL');
    await pass(200);
    const again = decoders('src_b')[1]!;
    const fromMs = Number(again.args[again.args.indexOf('--from-us') + 1]) / 1000;
    const dueMs = (stage.program.stats().frame - zero - 125) * 40;
    expect(fromMs - dueMs).toBeGreaterThan(0);
    expect(fromMs - dueMs).toBeLessThan(300);
    const { frame } = stage.program.stats();
    await pass(9000);
    stage.expectFrames(withFiller(), zero, frame + 10, zero + 370);
    expect(stage.timelines.status()).toMatchObject({ failedClips: 0 });
  });

  it('before it is due is opened again from its beginning', async () => {
    const zero = await play(withFiller());
    await pass(2500);
    decoders('src_b')[0]!.exit(1);
    await pass(9000);
    stage.expectFrames(withFiller(), zero, zero, zero + 250);
  });

  it('while the timeline is paused comes back to the same picture', async () => {
    const zero = await play(withFiller());
    await pass(2000);
    const paused = await stage.control('pause');
    await pass(500);
    decoders('src_a')[0]!.exit(1);
    await pass(1000);
    const { frame } = stage.program.stats();
    await pass(1000);
    expectStill(withFiller(), paused.frame - zero, frame, frame + 20);
  });

  it('that an edit has opened anew falls back to the filler as others do', async () => {
    await play(withFiller());
    await pass(1000);
    showing(withFiller({ clips: [clip('src_a', 0, 5000, { inMs: 3000 }), clip('src_b', 5000, 5000), clip('src_c', 10_000, 5000)] }));
    await pass(200);
    const fresh = stage.clipIds.at(-1)!;
    // Until it has its first picture, the old one is nearer to it.
    expect(stage.clipIds.map(fallbackOf)).toContain(stage.clipIds[0]);
    await pass(3000);
    expect(stage.clipIds).toContain(fresh);
    expect(stage.clipIds.map(fallbackOf)).toEqual(stage.clipIds.map(() => 'src_blue'));
  });

  it('falls back to the filler that an edit has named', async () => {
    await play(withFiller());
    await pass(1000);
    showing(withFiller({ filler: { sourceId: 'src_cam' } }));
    await pass(300);
    expect(stage.clipIds.length).toBeGreaterThan(0);
    expect(stage.clipIds.map(fallbackOf)).toEqual(stage.clipIds.map(() => 'src_cam'));
  });

  it('shorter than its clip ends, gives way to the filler, and nothing shifts', async () => {
    stage.films.set('src_a', { frames: 50 });
    const zero = await play(withFiller());
    await pass(3000);
    expect(stage.recorded(stage.program.stats().frame)).toMatchObject([{ layers: [{ of: 'src_blue' }] }]);
    await pass(5000);
    stage.expectFrames(withFiller(), zero, zero + 125, zero + 190);
  });
});

describe('an engine that comes back', () => {
  /** Another engine on the same machine, or after a boot. */
  async function restart(bootId: string): Promise<void> {
    const { wish } = stage;
    await Promise.all([stage.timelines.stop(), pass(2000)]);
    stage.program.stop();
    stage = new TimelineStage(undefined, bootId);
    stage.wish = wish;
    stage.record();
  }

  it.each([[0], [30], [1000]])('is where it would be by now, in the first frame that it shows (%d ms after its start)', async (afterMs) => {
    const zero = await play(two());
    const { playback } = await stage.control('play');
    await pass(21_000);
    await restart('boot-1');
    vi.setSystemTime(Date.now() + 3_600_000);
    await pass(afterMs);
    stage.tell({ timelines: [known('tml_1', two(), 1, playback)] });
    const { frame, playback: after } = await stage.take('tml_1', { is: 'as', playback: playback! });
    await pass(12_000);
    stage.expectFrames(two(), zero, frame, frame + 250);
    expect(after).toMatchObject({ is: 'playing', zeroUs: zero * 40_000 });
  });

  it('after another boot goes by the wall clock, within a frame', async () => {
    const zero = await play(two());
    const { playback } = await stage.control('play');
    await pass(3000);
    await restart('boot-2');
    stage.tell({});
    const { frame, playback: after } = await stage.take('tml_1', { is: 'as', playback: { ...playback as Extract<Playback, { is: 'playing' }>, zeroUs: 12_345 } });
    await pass(3000);
    const { zeroUs, bootId } = after as Extract<Playback, { is: 'playing' }>;
    expect(bootId).toBe('boot-2');
    expect(Math.abs(zeroUs / 40_000 - zero)).toBeLessThanOrEqual(1);
    stage.expectFrames(two(), zeroUs / 40_000, frame, frame + 60);
  });

  it('stands where it stood', async () => {
    await play(two());
    await pass(2000);
    const { playback } = await stage.control('pause');
    await restart('boot-1');
    stage.tell({ timelines: [known('tml_1', two(), 1, playback)] });
    const { frame } = await stage.take('tml_1', { is: 'as', playback: playback! });
    await pass(2000);
    expectStill(two(), stage.frameAt((playback as { positionMs: number }).positionMs), frame, frame + 40);
  });

  it('plays what began before the machine did', async () => {
    // As after a boot: by the wall clock the timeline began days before the monotonic one.
    const zeroWallMs = Date.now() - 5 * 86_400_000;
    showing(two());
    stage.record();
    const { frame, playback } = await stage.take('tml_1', { is: 'as', playback: { is: 'playing', zeroUs: 1, bootId: 'boot-0', zeroWallMs } });
    await pass(20_000);
    const zero = (playback as Extract<Playback, { is: 'playing' }>).zeroUs / 40_000;
    expect(zero).toBeLessThan(0);
    expect(Math.abs(zero - (frame - 5 * 86_400 * 25))).toBeLessThan(50);
    stage.expectFrames(two(), zero, frame, frame + 450);
  });
});

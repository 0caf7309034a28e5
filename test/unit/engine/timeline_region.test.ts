/** A timeline on program that goes round a loop region: each join is like any other frame. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { resolve } from '../../../src/domain/timeline/resolve.js';
import { regionOf } from '../../../src/domain/timeline/region.js';
import type { TakeReply } from '../../../src/protocol/link.js';
import type { Playback } from '../../../src/protocol/playback.js';
import type { TimelineDocument } from '../../../src/protocol/timeline.js';
import { children, pass } from './doubles.js';
import { clip, document, fileOf, known, TimelineStage } from './timeline_stage.js';

let stage: TimelineStage;

beforeEach(async () => { stage = await TimelineStage.open(); });
afterEach(() => stage.close());

/** Two films that meet in a fade, over one that lies beneath both; the region begins in the midst of the first. */
const show = (over: object = {}): TimelineDocument => document({ tracks: [
  { kind: 'video', clips: [clip('src_c', 0, 30_000)] },
  { kind: 'video', clips: [clip('src_a', 0, 8000, { inMs: 400, width: 0.5 }), clip('src_b', 8000, 22_000, { width: 0.5, transition: { kind: 'fade', durationMs: 600 } })] },
], ...over });
const REGION = { fromMs: 5000, toMs: 9400 };
let revision = 1;
const showing = (of: TimelineDocument, playback?: Playback) => stage.tell({ timelines: [known('tml_1', of, ++revision, playback)] });

async function play(of: TimelineDocument, positionMs = 0): Promise<number> {
  showing(of);
  stage.record();
  const { frame } = await stage.from(positionMs);
  return frame - stage.frameAt(positionMs);
}

/** While time passes. */
async function asked(answer: Promise<TakeReply>): Promise<TakeReply> {
  let reply: TakeReply | undefined;
  let failed: Error | undefined;
  answer.then((one) => { reply = one; }, (error: Error) => { failed = error; });
  for (let i = 0; !reply && !failed && i < 500; i++) await pass(10);
  if (!reply) throw failed!;
  return reply;
}
const goRound = (region: typeof REGION | null) => asked(stage.timelines.control({ timelineId: 'tml_1', action: 'region', region }, { way: () => undefined, shown: () => {} }));
const seek = (positionMs: number, more: object = {}) => asked(stage.timelines.control({ timelineId: 'tml_1', action: 'seek', positionMs, ...more }, { way: () => undefined, shown: () => {} }));

/** What frames show that goes round since position 0 was on `zero`: places as somebody counts them who goes back at each end. */
function expectRound(of: TimelineDocument, zero: number, from: number, to: number, { fromMs, toMs } = REGION): void {
  const [begin, end] = [stage.frameAt(fromMs), stage.frameAt(toMs)];
  const compiled = stage.compile(of);
  const place = (position: number): number => (position < end ? position : begin + ((position - begin) % (end - begin)));
  expect(stage.recorded(from, to)).toEqual(Array.from({ length: to - from }, (_, i) => ({ frame: from + i, layers: stage.expected(compiled, place(from + i - zero)) })));
}

describe('a loop region', () => {
  it('is gone round frame by frame over ten joins, each film opened before its join, and left without a frame missing', async () => {
    const zero = await play(show());
    await pass(2000);
    const reply = await goRound(REGION);
    expect(reply.playback).toMatchObject({ is: 'playing', zeroUs: zero * 40_000, region: REGION });
    await pass(50_000);
    const now = stage.program.stats().frame;
    expectRound(show(), zero, zero, now - 1);
    expect(stage.timelines.status()).toMatchObject({ state: 'playing', region: REGION, lateClips: 0, failedClips: 0 });
    const { positionMs } = stage.timelines.status()!;
    expect([positionMs >= REGION.fromMs, positionMs < REGION.toMs]).toEqual([true, true]);

    const left = await goRound(null);
    const opened = children.all.length;
    // It goes on in the same pass: where it is by now, and on past the end.
    const length = stage.frameAt(REGION.toMs) - stage.frameAt(REGION.fromMs);
    const passes = Math.floor((left.frame - zero - stage.frameAt(REGION.fromMs)) / length);
    expect(left.playback).toMatchObject({ is: 'playing', zeroUs: (zero + passes * length) * 40_000 });
    expect(left.playback).not.toHaveProperty('region');
    await pass(12_000);
    stage.expectFrames(show(), zero + passes * length, left.frame - 20, left.frame + 280);
    // What was seen meanwhile was not opened anew for it: only what comes once more behind the join is.
    expect(children.all.slice(opened).filter((child) => child.program === 'vistter-decoder').map((child) => fileOf(child.args)).sort()).toEqual(expect.not.arrayContaining(['src_c']));
  });

  it('that is set again, shorter or longer, goes on in the place where it is', async () => {
    const zero = await play(show());
    await goRound(REGION);
    await pass(15_000);
    const { frame } = await goRound({ fromMs: 2000, toMs: 12_000 });
    const length = stage.frameAt(REGION.toMs) - stage.frameAt(REGION.fromMs);
    const begin = stage.frameAt(REGION.fromMs);
    const place = begin + ((frame - zero - begin) % length);
    await pass(25_000);
    expectRound(show(), frame - place, frame, frame + 500, { fromMs: 2000, toMs: 12_000 });
    expect(stage.timelines.status()!.lateClips).toBe(0);
  });

  it('is where it should be for an engine that comes back to it', async () => {
    const zero = await play(show());
    const { playback } = await goRound(REGION);
    await pass(30_000);
    const told = stage.timelines.status()!.playback;
    await stage.stop();
    stage = await TimelineStage.open();
    for (const stored of [playback!, told]) {
      showing(show(), stored);
      stage.record();
      const { frame } = await stage.take('tml_1');
      const [begin, end] = [stage.frameAt(REGION.fromMs), stage.frameAt(REGION.toMs)];
      await pass(6000);
      const length = end - begin;
      const since = stored.is === 'playing' ? stored.zeroUs / 40_000 : NaN;
      expect((since - zero) % length).toBe(0);
      expectRound(show(), since, frame, frame + 140);
    }
  });

  it('holds while it is paused, and a seek keeps it unless it leads past it', async () => {
    await play(show());
    await goRound(REGION);
    await pass(12_000);
    const paused = await stage.control('pause');
    expect(paused.playback).toMatchObject({ is: 'paused', region: REGION });
    await stage.control('play');
    await pass(5000);
    expect(stage.timelines.status()).toMatchObject({ state: 'playing', region: REGION });
    const back = await seek(3000);
    expect(back.playback).toMatchObject({ region: REGION });
    await pass(9000);
    expectRound(show(), back.frame - stage.frameAt(3000), back.frame, back.frame + 200);
    expect((await seek(12_000)).playback).not.toHaveProperty('region');
    const again = await seek(6000, { region: REGION });
    await pass(9000);
    expectRound(show(), again.frame - stage.frameAt(6000), again.frame, again.frame + 200);
  });

  it('that is past is refused with what to do, and the timeline plays on', async () => {
    const zero = await play(show(), 10_000);
    await expect(goRound(REGION)).rejects.toMatchObject({ code: 'CONFLICT', message: expect.stringContaining('past the end of that region') });
    await pass(2000);
    stage.expectFrames(show(), zero, zero + stage.frameAt(10_000), zero + stage.frameAt(11_500));
  });

  it('that reaches past the end of a timeline ends with it, and one of which next to nothing comes before that is refused', async () => {
    const short = document({ clips: [clip('src_a', 0, 8000)] });
    const zero = await play(short);
    expect((await goRound({ fromMs: 5000, toMs: 12_000 })).playback).toMatchObject({ region: { fromMs: 5000, toMs: 8000 } });
    await pass(20_000);
    expectRound(short, zero, zero, zero + stage.frameAt(18_000), { fromMs: 5000, toMs: 8000 });
    expect(stage.timelines.status()).toMatchObject({ state: 'playing' });
    await expect(goRound({ fromMs: 7800, toMs: 12_000 })).rejects.toMatchObject({ code: 'CONFLICT', message: expect.stringContaining('ends before there is a second of it') });
    // As does one that an edit leaves nothing of: it plays on to the end.
    showing(document({ clips: [clip('src_a', 0, 5500)] }), stage.timelines.status()!.playback);
    await pass(500);
    expect(stage.timelines.status()).not.toHaveProperty('region');
  });

  it('over a film that fails counts it once, however often it is gone round', async () => {
    stage.films.set('src_a', { broken: true });
    await play(show());
    await goRound({ fromMs: 5000, toMs: 6500 });
    await pass(16_000);
    expect(stage.timelines.status()).toMatchObject({ failedClips: 1, lateClips: 0 });
  });

  it('of a timeline that loops is this lap\'s, or the next one\'s when it is past', async () => {
    const short = document({ loop: true, clips: [clip('src_a', 0, 4000), clip('src_b', 4000, 4000)] });
    const zero = await play(short, 21_000);
    await goRound({ fromMs: 2000, toMs: 4480 });
    await pass(20_000);
    expect(stage.timelines.status()).toMatchObject({ lap: 3, region: { fromMs: 26_000, toMs: 28_480 } });
    expectRound(short, zero, zero + stage.frameAt(21_000), zero + stage.frameAt(40_000), { fromMs: 26_000, toMs: 28_480 });
  });

  it('stays while the timeline is edited: what the edit leaves alone is not opened anew', async () => {
    const zero = await play(show());
    await goRound(REGION);
    await pass(15_000);
    const edited = show({ tracks: [
      { kind: 'video', clips: [clip('src_c', 0, 30_000)] },
      { kind: 'video', clips: [clip('src_a', 0, 8000, { inMs: 400, width: 0.25 }), clip('src_b', 8000, 22_000, { width: 0.5, transition: { kind: 'fade', durationMs: 600 } })] },
    ] });
    const before = children.all.length;
    showing(edited, stage.timelines.status()!.playback);
    const frame = stage.program.stats().frame + 1;
    expect(children.all.length).toBe(before);
    await pass(9000);
    expectRound(edited, zero, frame + 3, frame + 200);
    expect(resolve(stage.compile(edited), frame - zero, undefined, regionOf(REGION, stage.rate)).nodes.length).toBeGreaterThan(0);
  });
});

/** What an engine comes back to: an insert on its way, and a timeline that is paused. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SLATE_ID } from '../../../src/engine/scene-plan.js';
import type { Playback } from '../../../src/protocol/playback.js';
import { FPS, at, core, covered, during, fill, insert, playing, production, program, range, seen, setUp, start, tearDown, wish, x264 } from './covers_stage.js';
import { children, pass } from './doubles.js';
import { clip, document, known } from './timeline_stage.js';

beforeEach(setUp);
afterEach(tearDown);

describe('an engine that comes back', () => {
  const now = () => Math.floor((core.monotonicUs() * FPS) / 1e6);
  const beganAt = (frame: number, over: object = {}) => ({ frame, bootId: 'boot-1', wallMs: Date.now() - ((now() - frame) * 1000) / FPS, ...over });
  const playingSince = (zero: number): Playback => ({ is: 'playing', bootId: 'boot-1', zeroUs: Math.round((zero * 1e6) / FPS), zeroWallMs: 0 });

  it('joins in an insert where it should be by now, and ends it on its frame', async () => {
    const first = now() - 30;
    start(wish({ insert: insert({ began: beganAt(first) }, 3_000) }));
    await pass(4_000);
    const shown = covered();
    expect(shown.length).toBeGreaterThan(30);
    expect(shown).toEqual(range(shown[0]!, first + 90));
    expect(shown.map((n) => at(n).cover)).toEqual(shown.map((n) => String(n - first)));
    expect(production.actual().airings).toEqual([{ airingId: 'air_1', insertId: 'ins_1', frame: first, frames: shown.length, missed: 0, ended: 'engine' }]);
  });

  it('opens the film of an insert where it should be by now, and never at its beginning', async () => {
    start(wish({ insert: insert({ began: beganAt(now() - 30) }, 3_000) }));
    await pass(1_000);
    // The other one is the source's own.
    const [spot] = children.all.filter((child) => child.args.includes('/media/src_spot.mp4'));
    expect(Math.abs(Number(spot!.args[spot!.args.indexOf('--from-us') + 1]) - 1_250_000)).toBeLessThan(100_000);
  });

  it('has the timeline stand still meanwhile where it stood', async () => {
    const first = now() - 30;
    // Shifted already by the three seconds that it is to stand.
    const zero = now() - 300 + 90;
    start(wish({ program: { timelineId: 'tml_1' }, insert: insert({ mode: 'between', began: beganAt(first) }, 3_000) }, playingSince(zero)));
    await pass(5_000);
    const since = seen.find((one) => /^\d+$/.test(one.program))!.frame;
    expect(since).toBeLessThan(first + 80);
    const expected = (n: number) => String(Math.max(n, first + 90) - zero);
    expect(seen.filter((one) => one.frame >= since && one.program !== expected(one.frame))).toEqual([]);
  });

  it.each([
    ['is over', (first: number) => beganAt(first - 200)],
    ['began before the machine was started', (first: number) => beganAt(first, { bootId: 'boot-0' })],
    ['began at another rate of frames', (first: number) => beganAt(first, { wallMs: Date.now() - 20_000 })],
  ])('says of one that %s that it has ended', async (_, began) => {
    const first = now() - 30;
    start(wish({ insert: insert({ began: began(first) }, 3_000) }));
    await pass(1_000);
    expect(production.actual()).toMatchObject({ insert: null, airings: [{ airingId: 'air_1', frames: 0, ended: 'engine' }] });
    expect(covered()).toEqual([]);
  });

  it('ends one that is on program when the video format changes, once', async () => {
    start(wish());
    await pass(500);
    const { frame } = await during(production.insert(insert()));
    await pass(500);
    const { aired } = production.actual().insert!;
    await Promise.all([production.stop(), pass(1_000)]);
    start(wish({ insert: insert({ began: { frame, bootId: 'boot-1', wallMs: Date.now() } }) }));
    await pass(500);
    expect(production.actual().airings).toEqual([{ airingId: 'air_1', insertId: 'ins_1', frame, frames: aired, missed: 0, ended: 'engine' }]);
  });
});

describe('a pause', () => {
  it('has the whole picture stand, until it is played', async () => {
    const { frame: zero } = await playing();
    const { frame, playback } = await during(production.playback({ timelineId: 'tml_1', action: 'pause' }));
    expect(playback).toEqual({ is: 'paused', positionMs: Math.round(((frame - zero) * 1000) / FPS) });
    await pass(500);
    expect(program.scene).toMatchObject({ frozen: true });
    // An edit elsewhere in the document does not make it anew.
    const plan = vi.spyOn(program, 'plan');
    const longer = document({ loop: true, clips: [clip('src_film', 0, 20_000), clip('src_2', 30_000, 500)] });
    production.apply(wish({ timelines: [known('tml_1', longer, 2)], program: { timelineId: 'tml_1' } }), x264);
    await during(production.playback({ timelineId: 'tml_1', action: 'pause' }));
    expect(plan).not.toHaveBeenCalled();
    await during(production.playback({ timelineId: 'tml_1', action: 'play' }));
    await pass(300);
    expect(program.scene).not.toHaveProperty('frozen');
  });

  it('leaves cameras live where that is asked for, and takes them along when it is asked for again', async () => {
    await playing({ timelines: [known('tml_1', document({ clips: [clip('src_2', 0, 50_000)] }))] });
    const { playback } = await during(production.playback({ timelineId: 'tml_1', action: 'pause', live: true }));
    expect(playback).toMatchObject({ is: 'paused', live: true });
    await pass(300);
    expect(program.scene).not.toHaveProperty('frozen');
    expect((await during(production.playback({ timelineId: 'tml_1', action: 'pause' }))).playback).not.toHaveProperty('live');
    await pass(300);
    expect(program.scene).toMatchObject({ frozen: true });
    // Played for a moment and paused again, it is another picture.
    await during(production.playback({ timelineId: 'tml_1', action: 'play' }));
    await pass(300);
    expect(program.scene).not.toHaveProperty('frozen');
    await during(production.playback({ timelineId: 'tml_1', action: 'pause' }));
    await pass(300);
    expect(program.scene).toMatchObject({ frozen: true });
  });

  it.each([true, undefined])('is what an engine comes back to, live: %s', async (live) => {
    start(wish({ program: { timelineId: 'tml_1' } }, { is: 'paused', positionMs: 2_000, ...(live ? { live } : {}) }));
    await pass(1_500);
    expect(program.scene?.frozen ?? false).toBe(!live);
    expect(seen.at(-1)!.program).toBe('60');
    expect(production.actual().timeline).toMatchObject({ state: 'paused', positionMs: 2_000 });
  });

  it('that begins with it waits for the cameras in the picture', async () => {
    const camera = document({ clips: [clip('src_2', 0, 50_000)] });
    children.onSpawn = (child) => { setTimeout(() => fill(child), 600); };
    start(wish({ program: { timelineId: 'tml_1' }, timelines: [known('tml_1', camera, 1, { is: 'paused', positionMs: 2_000 })] }));
    await pass(500);
    expect(program.sourcesOnProgram).toEqual([SLATE_ID]);
    await pass(500);
    expect(program.scene).toMatchObject({ frozen: true, layers: [{ sourceId: 'src_2' }] });
  });
});

import { describe, expect, test } from 'vitest';
import {
  afterScheduled, afterTake, onProgramOf, pausedAt, positionMsAt, standAlike, withBeneath, withOnProgram, type Moment,
} from '../../../src/domain/playback.js';
import { Playback, PlaybackControl, STOPPED } from '../../../src/protocol/playback.js';
import type { StudioState } from '../../../src/domain/documents.js';
import { studioState } from './state.js';

const at = (monotonicMs: number, bootId = 'boot'): Moment => ({ monotonicMs, bootId, wallMs: 1_000_000 + monotonicMs });
/** Position 0 was at 5 s of the boot. */
const playing: Playback = { is: 'playing', zeroUs: 5_000_000, bootId: 'boot', zeroWallMs: 1_005_000 };

test('where a timeline stands: by the machine\'s clock in the same boot, by the wall clock after it', () => {
  expect(positionMsAt(playing, at(12_500))).toBe(7500);
  expect(positionMsAt(playing, { monotonicMs: 3, bootId: 'next', wallMs: 1_065_000 })).toBe(60_000);
  expect(positionMsAt(playing, at(1000))).toBe(0);
  expect(positionMsAt({ is: 'paused', positionMs: 44 }, at(9))).toBe(44);
  expect(positionMsAt(STOPPED, at(9))).toBe(0);
  expect(pausedAt(playing, at(6000.4))).toEqual({ is: 'paused', positionMs: 1000 });
  expect(pausedAt(STOPPED, at(6000))).toBe(STOPPED);
});

test('one that goes round a region stands within it, however often it has gone round, and keeps it at rest', () => {
  const round: Playback = { ...playing, region: { fromMs: 2000, toMs: 5000 } };
  expect([7000, 9999, 10_000, 12_500, 13_000, 1_000_000_000].map((ms) => positionMsAt(round, at(ms)))).toEqual([2000, 4999, 2000, 4500, 2000, 2000 + (1_000_000_000 - 7000) % 3000]);
  expect(pausedAt(round, at(12_500))).toEqual({ is: 'paused', positionMs: 4500, region: { fromMs: 2000, toMs: 5000 } });
  const shifted: Playback = { ...round, zeroUs: round.zeroUs + 9_000_000 };
  expect([standAlike(round, shifted, at(40_000), 33), standAlike(round, playing, at(8000), 33), standAlike(round, { ...round, region: { fromMs: 2000, toMs: 5030 } }, at(8000), 33)]).toEqual([true, false, true]);
});

test('one that was begun as far on as may be asked for can be stored wherever it comes to', () => {
  const farMs = 1e11;
  expect(PlaybackControl.safeParse({ action: 'play', timelineId: 'tml_1', positionMs: farMs }).success).toBe(true);
  expect(PlaybackControl.safeParse({ action: 'play', timelineId: 'tml_1', positionMs: farMs + 1 }).success).toBe(false);
  const begun: Playback = { is: 'playing', zeroUs: -farMs * 1000, bootId: 'boot', zeroWallMs: -farMs };
  for (const moment of [at(1), at(1e12), { ...at(1), bootId: 'next', wallMs: Number.MAX_VALUE }]) expect(Playback.parse(pausedAt(begun, moment))).toMatchObject({ is: 'paused' });
});

describe('what a take does to timelines', () => {
  const take = (state: StudioState, ...[target, playback, moment]: [Parameters<typeof afterTake>[1], Playback?, Moment?]): StudioState =>
    withOnProgram(state, afterTake(state, target, playback ? { playback } : {}, moment ?? at(10_000)));
  const onProgram = take(studioState(), { timelineId: 't' }, playing);

  test('a source over it is an override; the timeline goes on counting, and where it was is kept', () => {
    const over = take(onProgram, { sourceId: 'cam' });
    expect(over).toMatchObject({ program: { sourceId: 'cam' }, override: { timelineId: 't', leftPlayback: { is: 'paused', positionMs: 5000 } } });
    expect(over.playbacks.get('t')).toEqual(playing);
    const again = take(over, { sceneId: 'scene' }, undefined, at(20_000));
    expect(again).toMatchObject({ program: { sceneId: 'scene' }, override: over.override! });
    const back = take(again, { timelineId: 't' }, { is: 'paused', positionMs: 5000 }, at(30_000));
    expect(back).toMatchObject({ program: { timelineId: 't' }, override: null });
    expect(back.playbacks.get('t')).toEqual({ is: 'paused', positionMs: 5000 });
  });

  test('another timeline in its place leaves it where it was, whether on program or overridden', () => {
    const direct = take(onProgram, { timelineId: 'u' }, playing, at(11_000));
    expect(direct).toMatchObject({ program: { timelineId: 'u' }, override: null });
    expect(direct.playbacks.get('t')).toEqual({ is: 'paused', positionMs: 6000 });
    const over = take(take(onProgram, { sourceId: 'cam' }), { timelineId: 'u' }, playing, at(90_000));
    expect(over.override).toBeNull();
    expect(over.playbacks.get('t')).toEqual({ is: 'paused', positionMs: 5000 });
  });

  test('the one that was armed is not armed any more when it is played; another one stays armed', () => {
    expect(take(studioState({ armed: 't' }), { timelineId: 't' }, playing).armed).toBeNull();
    expect(take(studioState({ armed: 'u' }), { timelineId: 't' }, playing).armed).toBe('u');
    expect(take(studioState({ armed: 'u' }), { sourceId: 'cam' })).toMatchObject({ armed: 'u', override: null });
  });

  test('what the schedule takes leaves nothing to be released, and what was played stays where it was', () => {
    const scheduled = (state: StudioState, target: Parameters<typeof afterTake>[1], playback?: Playback) => withOnProgram(state, afterScheduled(state, target, playback ? { playback } : {}, at(10_000)));
    const filler = scheduled(onProgram, { sourceId: 'cam' });
    expect(filler).toMatchObject({ program: { sourceId: 'cam' }, override: null });
    expect(filler.playbacks.get('t')).toEqual({ is: 'paused', positionMs: 5000 });
    const over = take(onProgram, { sourceId: 'cam' }, undefined, at(7000));
    const ended = scheduled(over, { sceneId: 'scene' });
    expect(ended).toMatchObject({ program: { sceneId: 'scene' }, override: null });
    expect(ended.playbacks.get('t')).toEqual({ is: 'paused', positionMs: 2000 });
    expect(scheduled(over, { timelineId: 'u' }, playing)).toMatchObject({ program: { timelineId: 'u' }, override: null });
  });

  test('beneath an override: another timeline, a source in its place, and a timeline again; the override stands', () => {
    const over = take(onProgram, { sourceId: 'cam' }, undefined, at(7000));
    const beneath = { playback: playing, leftPlayback: { is: 'paused', positionMs: 5000 } as const };
    const other = withOnProgram(over, withBeneath({ ...over, armed: 'u' }, { timelineId: 'u' }, beneath));
    expect(other).toMatchObject({ program: { sourceId: 'cam' }, override: { timelineId: 'u', leftPlayback: beneath.leftPlayback }, armed: null });
    expect([other.playbacks.get('u'), other.playbacks.get('t')]).toEqual([playing, { is: 'paused', positionMs: 2000 }]);
    const filler = withOnProgram(other, withBeneath(other, { sceneId: 'scene' }));
    expect(filler).toMatchObject({ program: { sourceId: 'cam' }, override: { timelineId: 'u', instead: { sceneId: 'scene' } } });
    expect(take(filler, { sourceId: 'card' })).toMatchObject({ override: { instead: { sceneId: 'scene' } } });
    expect(withOnProgram(filler, withBeneath(filler, { timelineId: 't' }, beneath)).override).toEqual({ timelineId: 't', leftPlayback: beneath.leftPlayback });
    expect(withBeneath(onProgram, { timelineId: 'u' }, beneath)).toEqual(onProgramOf(onProgram));
  });

  test('nothing taken, nothing changed', () => {
    expect(withOnProgram(onProgram, onProgramOf(onProgram))).toEqual(onProgram);
  });
});

test('two playbacks are alike that say the same of a moment, to within a frame', () => {
  const since = (zeroUs: number, bootId = 'boot'): Playback => ({ is: 'playing', zeroUs, bootId, zeroWallMs: 0 });
  const alike = (a: Playback, b: Playback) => standAlike(a, b, at(10_000), 33);
  expect(alike(since(5_000_000), since(5_020_000))).toBe(true);
  expect(alike(since(5_000_000), since(5_050_000))).toBe(false);
  expect(alike(since(5_000_000), since(5_000_000, 'boot-2'))).toBe(false);
  expect(alike({ is: 'paused', positionMs: 100 }, { is: 'paused', positionMs: 120 })).toBe(true);
  expect(alike({ is: 'paused', positionMs: 100 }, { is: 'paused', positionMs: 100, live: true })).toBe(false);
  expect(alike({ is: 'paused', positionMs: 5000 }, since(5_000_000))).toBe(false);
  expect(alike({ is: 'stopped' }, { is: 'stopped' })).toBe(true);
});

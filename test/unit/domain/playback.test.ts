import { describe, expect, test } from 'vitest';
import { afterTake, onProgramOf, pausedAt, positionMsAt, standAlike, withOnProgram, type Moment } from '../../../src/domain/playback.js';
import { STOPPED, type Playback } from '../../../src/protocol/playback.js';
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

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { noted, recordedAtMs, recordedMoments, spansWith, targetAt, type StoredMoment } from '../../../src/domain/moments.js';
import { recording, studioState } from './state.js';

const at = (monotonicMs: number, bootId = 'boot', wallMs = monotonicMs) => ({ monotonicMs, bootId, wallMs });
const zeros = [{ bootId: 'boot', programMs: 1_000 }];

describe('where a moment lies in a recording', () => {
  const times = { ...recording('ready'), zeros };

  it('is counted from the first frame, by the clock that frames are counted on', () => {
    expect(recordedAtMs(times, at(1_000))).toBe(0);
    expect(recordedAtMs(times, at(61_033.4))).toBe(60_033);
    expect(recordedAtMs(times, at(0))).toBe(0);
  });

  it('is by the wall clock where the recorder has not said when it began', () => {
    expect(recordedAtMs(times, at(5, 'another boot', Date.parse(times.startedAt) + 7_000))).toBe(7_000);
  });

  it('is that of the file: what was left out of it does not count', () => {
    const paused = { ...times, pauses: [{ atMs: 10_000, lengthMs: 60_000 }, { atMs: 80_000, lengthMs: 20_000 }] };
    expect([10_000, 40_000, 70_000, 75_000, 90_000, 101_000].map((stampMs) => recordedAtMs(paused, at(1_000 + stampMs)))).toEqual([10_000, 10_000, 10_000, 15_000, 20_000, 21_000]);
  });

  it('never goes back as time goes on', () => {
    fc.assert(fc.property(fc.array(fc.record({ afterMs: fc.nat(50_000), lengthMs: fc.integer({ min: 1, max: 90_000 }) }), { maxLength: 5 }), fc.nat(500_000), fc.nat(500_000), (gaps, a, b) => {
      let fromMs = 0;
      const pauses = gaps.map(({ afterMs, lengthMs }) => {
        const pause = { atMs: fromMs + afterMs, lengthMs };
        fromMs = pause.atMs + lengthMs;
        return pause;
      });
      const [first, second] = [Math.min(a, b), Math.max(a, b)].map((ms) => recordedAtMs({ ...times, pauses }, at(1_000 + ms)));
      expect(first!).toBeLessThanOrEqual(second!);
      expect(second! - first!).toBeLessThanOrEqual(Math.abs(a - b));
    }));
  });
});

describe('what is noted', () => {
  const playing = { timelineId: 'loop' } as const;
  const state = studioState();

  it('is a take by its name; over a timeline it is an override, and its release another', () => {
    const timelines = [{ id: 'loop', revision: 1, createdAt: '', updatedAt: '', data: { name: 'Loop' } }] as never;
    const override = { timelineId: 'loop', leftPlayback: { is: 'stopped' } } as const;
    const on = studioState({ timelines, program: playing });
    const over = studioState({ timelines, program: { sourceId: 'cam' }, override });
    expect(noted(studioState({ program: { sourceId: 'film' } }), studioState({ program: { sourceId: 'cam' } }))).toEqual([{ kind: 'take', text: 'Camera', target: { sourceId: 'cam' } }]);
    expect(noted(on, over)).toEqual([{ kind: 'override', text: 'Camera', target: { sourceId: 'cam' } }]);
    expect(noted(over, on)).toEqual([{ kind: 'override', text: 'Loop', target: playing }]);
    expect(noted(on, on)).toEqual([]);
  });

  it('is an emergency and its end, and an insert once', () => {
    const emergency = { target: { slate: true }, since: '', left: null } as const;
    expect(noted(state, studioState({ emergency })).map(({ kind, text }) => [kind, text])).toEqual([['override', 'Emergency: the slate']]);
    expect(noted(studioState({ emergency }), state).map(({ text }) => text)).toEqual(['Emergency released']);
    const airings = [{ insert: { airingId: 'a' }, name: 'Spot' }] as never;
    expect(noted(state, studioState({ airings })).map(({ kind, text }) => [kind, text])).toEqual([['insert', 'Spot']]);
    expect(noted(studioState({ airings }), studioState({ airings }))).toEqual([]);
  });
});

describe('the moments of a recording', () => {
  const moment = (stampMs: number, change: Partial<StoredMoment> = {}): StoredMoment => ({ recordingId: 'r', at: at(1_000 + stampMs), kind: 'take', text: '', target: null, ...change });

  it('stand in the order of their time, none after the end', () => {
    expect(recordedMoments({ ...recording('ready'), zeros, durationMs: 5_000 }, [moment(9_000), moment(10), moment(4_000)]).map(({ atMs }) => atMs)).toEqual([10, 4_000, 5_000]);
  });

  it('tell what was on program, from the start on', () => {
    const known = { ...recording('ready'), zeros, startedWith: { sourceId: 'cam' } };
    const moments = [moment(5_000, { target: { sceneId: 'duo' } }), moment(2_000, { target: { sourceId: 'film' } }), moment(6_000)];
    expect([1_999, 2_000, 4_999, 90_000].map((ms) => targetAt(known, moments, ms))).toEqual([{ sourceId: 'cam' }, { sourceId: 'film' }, { sourceId: 'film' }, { sceneId: 'duo' }]);
  });

  it('tell in which stretches such a one was on program', () => {
    const known = { ...recording('ready'), zeros, durationMs: 20_000, startedWith: { sourceId: 'bars' } };
    const moments = [moment(9_000, { target: { sourceId: 'bars' } }), moment(2_000, { target: { sourceId: 'cam' } }), moment(12_000, { target: { sourceId: 'red' } }), moment(15_000, { target: { sceneId: 'duo' } }), moment(16_000)];
    const isPlain = (target: unknown): boolean => ['bars', 'red'].includes((target as { sourceId?: string }).sourceId ?? '');
    expect(spansWith(known, moments, isPlain)).toEqual([{ startMs: 0, endMs: 2_000 }, { startMs: 9_000, endMs: 15_000 }]);
    expect(spansWith(known, moments, () => true)).toEqual([{ startMs: 0, endMs: 20_000 }]);
    expect(spansWith({ ...known, durationMs: null }, moments, () => true)).toEqual([]);
  });
});

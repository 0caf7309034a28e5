import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SampleTable } from '../../../../src/sidecar/cutting/mp4/read.js';
import { planPicture } from '../../../../src/sidecar/cutting/plan.js';

const TICKS = 512;
const TIMESCALE = 15_360;
const STEP = TICKS / TIMESCALE;

/** Closed groups of pictures: each a keyframe, then runs of B-frames behind the frame that is shown after them. */
function table(groups: readonly (readonly number[])[]): SampleTable {
  const shown: number[] = [];
  const sync: number[] = [];
  let at = 0;
  for (const runs of groups) {
    shown.push(at);
    sync.push(1);
    at += 1;
    for (const bFrames of runs) {
      shown.push(at + bFrames, ...Array.from({ length: bFrames }, (_, i) => at + i));
      sync.push(0, ...Array.from({ length: bFrames }, () => 0));
      at += bFrames + 1;
    }
  }
  return { count: shown.length, offset: new Float64Array(shown.length), bytes: new Uint32Array(shown.length).fill(1), shownAt: Float64Array.from(shown, (n) => n * TICKS), isSync: Uint8Array.from(sync) };
}

const plan = (samples: SampleTable, first: number, end: number): ReturnType<typeof planPicture> => planPicture(samples, TIMESCALE, first * STEP, end * STEP);

describe('planPicture', () => {
  const groups = fc.array(fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 6 });

  it('has every wanted frame once, and copies only what is shown before all that follows', () => {
    fc.assert(fc.property(groups, fc.nat(), fc.nat(), (gops, a, b) => {
      const samples = table(gops);
      const first = a % samples.count;
      const end = first + 1 + (b % (samples.count - first));
      const found = plan(samples, first, end)!;
      const wanted = Array.from({ length: end - first }, (_, i) => first + i);
      expect(found.frames).toBe(wanted.length);
      const numbers = (seconds: readonly number[]): number[] => seconds.map((at) => Math.round(at / STEP));
      const copied = (part: { first: number; count: number }): number[] => Array.from(samples.shownAt.subarray(part.first, part.first + part.count), (at) => at / TICKS);
      if (found.copy) {
        expect(copied(found.copy.copied).sort((x, y) => x - y)).toEqual(wanted);
        expect(samples.isSync[found.copy.copied.first]).toBe(1);
      }
      if (found.smart) {
        const { head, copied: middle, tail } = found.smart;
        const middles = copied(middle).sort((x, y) => x - y);
        expect([...numbers(head?.shownAt ?? []), ...middles, ...numbers(tail?.shownAt ?? [])]).toEqual(wanted);
        expect(samples.isSync[middle.first]).toBe(1);
        // No more than the B-frames of one run are encoded at the end.
        expect(tail?.shownAt.length ?? 0).toBeLessThanOrEqual(3);
      }
      if (!found.copy) expect(found.whyNot.length).toBeGreaterThan(0);
    }));
  });

  it('takes the frame nearest to a bound in whole milliseconds', () => {
    const samples = table([[2, 2, 2], [2, 2, 2]]);
    const found = planPicture(samples, TIMESCALE, 0.033, 0.4)!;
    expect([found.firstSeconds, found.frames]).toEqual([STEP, 11]);
  });

  it('copies neither from the middle of a group nor past frames that need later ones', () => {
    const samples = table([[2, 2], [2, 2]]);
    expect(plan(samples, 0, 7)!.copy).toEqual({ copied: { first: 0, count: 7 } });
    expect(plan(samples, 1, 7)).toMatchObject({ copy: null, whyNot: ['there is no keyframe in it'] });
    expect(plan(samples, 0, 3)).toMatchObject({ copy: null, smart: { head: null, copied: { first: 0, count: 1 } }, whyNot: ['frames at its end need later ones'] });
  });

  it('wants nothing of an open group, whose first frames need the group before', () => {
    const samples = table([[2, 2], [2, 2]]);
    // The two frames before the second keyframe are decoded after it.
    const order = [0, 3, 1, 2, 4, 7, 5, 6];
    const open = { ...samples, count: 8, shownAt: Float64Array.from(order, (n) => n * TICKS), isSync: Uint8Array.from([1, 0, 0, 0, 0, 1, 0, 0]) };
    expect(plan(open, 7, 8)).toMatchObject({ copy: expect.anything(), smart: null });
    expect(plan(open, 5, 8)).toMatchObject({ copy: null, smart: null });
    // They are wanted all the same where a clip ends among them.
    expect(plan(open, 0, 6)!.frames).toBe(6);
  });

  it('says where decoding begins, and which keyframe is nearest its middle', () => {
    const samples = table([[2], [2], [2], [2], [2]]);
    expect(plan(samples, 4, 20)).toMatchObject({ decodedFrom: 4, middleKeySeconds: 12 * STEP });
    expect(plan(samples, 5, 20)!.decodedFrom).toBe(4);
    expect(plan(samples, 4, 8)!.middleKeySeconds).toBeNull();
  });

  /** Stamps in whole milliseconds, one keyframe in front. */
  const stamped = (shownMs: readonly number[]): SampleTable => ({ ...table([]), count: shownMs.length, shownAt: Float64Array.from(shownMs), isSync: Uint8Array.from(shownMs, (_, i) => Number(i === 0)) });

  it('knows the step of stamps in whole milliseconds, whatever holes there are', () => {
    const samples = stamped(Array.from({ length: 90 }, (_, n) => Math.round((n * 1000) / 30) + (n < 45 ? 0 : 150)));
    expect(planPicture(samples, 1000, 0, 3)!.stepSeconds).toBeCloseTo(1 / 30, 4);
  });

  it('copies nothing where a picture stands over its start', () => {
    const samples = stamped([0, 40, 80, 1_000, 1_040, 1_080]);
    samples.isSync[3] = 1;
    expect(planPicture(samples, 1000, 0.5, 1.12)).toMatchObject({ frames: 3, copy: null, smart: null, whyNot: ['no frame begins where the clip does'] });
    expect(planPicture(samples, 1000, 1, 1.12)!.copy).toEqual({ copied: { first: 3, count: 3 } });
  });
});

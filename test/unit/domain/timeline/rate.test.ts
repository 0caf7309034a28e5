import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FPS_FRACTIONS } from '../../../../src/protocol/resources.js';
import { frameAt, framesOf, momentOf, msOf, rateOf, usOf } from '../../../../src/domain/timeline/rate.js';
import { anyRate } from './arbitraries.js';
import { exactFrame, exactUs } from './reference.js';

const YEARS_MS = 100 * 366 * 24 * 3_600_000;
const anyMs = fc.oneof(fc.integer({ min: -5000, max: 100_000 }), fc.integer({ min: 0, max: YEARS_MS }));

describe('frames', () => {
  test('are the nearest to their moment, over a hundred years', () => {
    fc.assert(fc.property(anyMs, anyRate, (ms, rate) => {
      expect(frameAt(ms, rate)).toBe(exactFrame(ms, rate));
    }), { numRuns: 2000 });
  });

  test('of 29.97: an hour has 107,892', () => {
    expect(frameAt(3_600_000, { num: 30000, den: 1001 })).toBe(107_892);
    expect(frameAt(20, { num: 25, den: 1 })).toBe(1);
    expect(frameAt(19, { num: 25, den: 1 })).toBe(0);
  });

  test('stand for the last moment that rounds to them', () => {
    fc.assert(fc.property(anyMs.filter((ms) => ms >= 0), anyRate, (ms, rate) => {
      const frame = exactFrame(ms, rate);
      const moment = momentOf(frame, rate);
      expect(moment).toBeGreaterThanOrEqual(ms);
      expect([exactFrame(moment, rate), exactFrame(moment + 1, rate)]).toEqual([frame, frame + 1]);
    }), { numRuns: 2000 });
  });

  test('take their time to the microsecond', () => {
    fc.assert(fc.property(fc.integer({ min: -1000, max: 10 ** 10 }), anyRate, (frames, rate) => {
      expect(usOf(frames, rate)).toBe(exactUs(frames, rate));
    }), { numRuns: 2000 });
  });

  test('take their time in ms from their absolute number, so that it never drifts', () => {
    const rates = [...FPS_FRACTIONS.keys()];
    fc.assert(fc.property(fc.integer({ min: 0, max: 10 ** 9 }), fc.constantFrom(...rates), (frame, fps) => {
      const rate = rateOf(fps);
      const exact = Number((BigInt(frame) * 1000n * BigInt(rate.den) * 1000n) / BigInt(rate.num)) / 1000;
      expect(Math.abs(msOf(frame, rate) - exact)).toBeLessThanOrEqual(0.51);
    }));
  });

  test('of a duration are whole, and at least one', () => {
    const rate = rateOf(30);
    expect(framesOf(500, rate)).toBe(15);
    expect(framesOf(1, rate)).toBe(1);
    expect(framesOf(0, rate)).toBe(0);
  });
});

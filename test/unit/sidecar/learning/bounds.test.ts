import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lessonsOf, moveBounds, TRIMS_NEEDED } from '../../../../src/sidecar/learning/bounds.js';
import { decided } from './decisions.js';

const trims = (count: number, startBy: number, endBy: number) => Array.from({ length: count }, (_, i) => decided({ highlightId: `t${i}`, startMs: 10_000 + startBy + i, endMs: 30_000 + endBy }));
const asFound = (count: number) => Array.from({ length: count }, (_, i) => decided({ highlightId: `a${i}` }));
const found = { startMs: 60_000, endMs: 80_000, peakMs: 70_000, kind: 'sound' as const };

describe('what trims teach', () => {
  it('is nothing below ten of a kind', () => {
    expect(lessonsOf(trims(TRIMS_NEEDED - 1, -2_000, 1_000))).toEqual([]);
    expect(lessonsOf([...trims(5, -2_000, 0), ...trims(5, -2_000, 0).map((row) => ({ ...row, kind: 'chat' as const }))])).toEqual([]);
  });

  it('is their median, drawn towards 0 by what was accepted as it was', () => {
    expect(lessonsOf(trims(15, -4_007, 1_000))).toEqual([{ kind: 'sound', trims: 15, startMs: -3_000, endMs: 750 }]);
    expect(lessonsOf([...trims(15, -4_007, 1_000), ...asFound(20)])).toEqual([{ kind: 'sound', trims: 15, startMs: -1_500, endMs: 375 }]);
  });

  it('has nothing to do with what was rejected', () => {
    expect(lessonsOf(trims(20, -2_000, 0).map((row) => ({ ...row, verdict: 'rejected' as const })))).toEqual([]);
  });

  it('stays when people go on to accept what it shows, and does not grow', () => {
    let rows = trims(15, -4_007, 1_000);
    const [first] = lessonsOf(rows);
    for (let round = 0; round < 20; round++) {
      const shown = moveBounds({ startMs: 10_000, endMs: 30_000, peakMs: 20_000, kind: 'sound' as const }, lessonsOf(rows), 600_000);
      rows = [...rows, ...Array.from({ length: 10 }, (_, i) => decided({ highlightId: `r${round}-${i}`, startMs: shown.startMs, endMs: shown.endMs }))];
    }
    const [last] = lessonsOf(rows);
    expect(last!.startMs / first!.startMs).toBeGreaterThan(0.85);
    expect(last!.startMs / first!.startMs).toBeLessThan(1.35);
  });

  it('moves bounds of that kind, within the recording and around the peak', () => {
    const lessons = [{ kind: 'sound' as const, trims: 10, startMs: -3_000, endMs: 2_000 }];
    expect(moveBounds(found, lessons, 600_000)).toEqual({ ...found, startMs: 57_000, endMs: 82_000 });
    expect(moveBounds({ ...found, kind: 'chat' as const }, lessons, 600_000)).toEqual({ ...found, kind: 'chat' });
    const whole = fc.integer({ min: -100_000, max: 100_000 });
    fc.assert(fc.property(whole, whole, (startMs, endMs) => {
      const moved = moveBounds(found, [{ kind: 'sound', trims: 10, startMs, endMs }], 90_000);
      expect(moved.startMs >= 0 && moved.startMs <= found.peakMs && moved.endMs >= found.peakMs && moved.endMs <= 90_000 && moved.endMs - moved.startMs >= 1_000).toBe(true);
    }));
  });
});

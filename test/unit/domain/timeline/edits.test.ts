import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { playouts } from '../../../../src/domain/timeline/playouts.js';
import { compileTimeline } from '../../../../src/domain/timeline/compile.js';
import { continues, positionAfterEdit } from '../../../../src/domain/timeline/edits.js';
import { frameAt } from '../../../../src/domain/timeline/rate.js';
import { resolve } from '../../../../src/domain/timeline/resolve.js';
import { anyRate } from './arbitraries.js';
import { lookup, PAL, summary, timeline } from './support.js';

const film = (startMs: number, durationMs: number, rest: object = {}) => ({ sourceId: 'film', startMs, durationMs, ...rest });
const compile = (document: ReturnType<typeof timeline>) => compileTimeline(document, PAL, lookup());

describe('an edit that makes a loop longer', () => {
  const before = compile(timeline({ loop: true, clips: [film(0, 1000), film(1000, 1000)] }));
  const after = compile(timeline({ loop: true, clips: [film(0, 1000), film(1000, 1000), film(2000, 5000)] }));

  test('leaves what is on air where it is', () => {
    const position = 50 * 1000 + 30;
    const moved = positionAfterEdit(before, after, position);
    expect(moved).toBe(175 * 1000 + 30);
    expect(summary(resolve(after, moved))).toBe(summary(resolve(before, position)));
  });

  test('to and fro is where it was, at any rate and lap', () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 10 ** 9 }), anyRate, fc.integer({ min: 100, max: 10 ** 6 }), (position, rate, durationMs) => {
      const of = (ms: number) => compileTimeline(timeline({ loop: true, clips: [film(0, ms)] }), rate, lookup());
      const shorter = of(durationMs);
      const longer = of(durationMs * 2);
      expect(positionAfterEdit(shorter, shorter, position)).toBe(position);
      expect(positionAfterEdit(longer, shorter, positionAfterEdit(shorter, longer, position))).toBe(position);
    }));
  });

  test('a line that does not loop stays; one that stops looping goes on in its first lap', () => {
    const line = compile(timeline({ clips: [film(0, 1000), film(1000, 1000)] }));
    expect(positionAfterEdit(line, after, 12_345)).toBe(12_345);
    expect(positionAfterEdit(before, line, 50 * 7 + 3)).toBe(3);
    expect(positionAfterEdit(compile(timeline({ loop: true })), before, 9)).toBe(9);
  });
});

describe('a player', () => {
  const playout = (rest: object, startMs = 1000) => playouts(compile(timeline({ clips: [film(startMs, 5000, rest)] })), 0, 1000)[0]!;
  const goesOn = (a: ReturnType<typeof playout>, b: ReturnType<typeof playout>) => continues(a, b, PAL);

  test('goes on when its clip is trimmed together with its in-point, and through edits beside it', () => {
    expect(goesOn(playout({}), playout({ opacity: 0.5, durationMs: 9000 }))).toBe(true);
    expect(goesOn(playout({}), playout({ inMs: 2000 }, 3000))).toBe(true);
    expect(goesOn(playout({ inMs: 2000 }, 3000), playout({}))).toBe(true);
    // Half a frame of rounding is no other picture.
    expect(goesOn(playout({}), playout({ inMs: 2010 }, 3010))).toBe(true);
  });

  test('does not when it would show something else', () => {
    expect(goesOn(playout({}), playout({ inMs: 40 }))).toBe(false);
    expect(goesOn(playout({}), playout({}, 2000))).toBe(false);
    expect(goesOn(playout({}), playout({ sourceId: 'late' }))).toBe(false);
    expect(goesOn(playout({}), playout({ id: 'z' }))).toBe(false);
    // Its pictures are needed now.
    expect(goesOn({ ...playout({}), heardOnly: true }, playout({}))).toBe(false);
  });

  test('of a trimmed clip is the same picture at every position', () => {
    const rate = { num: 30000, den: 1001 };
    fc.assert(fc.property(fc.integer({ min: 0, max: 5000 }), (ms) => {
      const of = (startMs: number, inMs: number) => playouts(compileTimeline(timeline({ clips: [film(startMs, 9000 - startMs, { inMs })] }), rate, lookup()), 0, frameAt(9000, rate))[0]!;
      expect(continues(of(0, 0), of(ms, ms), rate)).toBe(true);
    }));
  });
});

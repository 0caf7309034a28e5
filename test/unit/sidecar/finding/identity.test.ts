import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { idOf, keptIds, type Named } from '../../../../src/sidecar/finding/identity.js';

const GAP_MS = 10_000;
const named = (startMs: number, endMs: number): Named => ({ id: idOf(startMs, endMs, startMs), startMs, endMs });

/** As one analysis finds them: 12 to 60 s long, at least 10 s apart, the best first and so in any order. */
const analysis = fc.array(fc.record({ before: fc.integer({ min: GAP_MS, max: 90_000 }), length: fc.integer({ min: 12_000, max: 60_000 }) }), { maxLength: 12 }).chain((parts) => {
  let at = 0;
  const all = parts.map(({ before, length }) => {
    const startMs = at + before;
    at = startMs + length;
    return named(startMs, at);
  });
  return fc.shuffledSubarray(all, { minLength: all.length });
});
const small = fc.integer({ min: -2_500, max: 2_500 });

describe('the names of highlights', () => {
  it('are their own where nothing is known', () => {
    fc.assert(fc.property(analysis, (found) => {
      expect(keptIds(found)).toEqual(found.map(({ id }) => id));
    }));
  });

  it('follow them when a later analysis moves their bounds, whatever the order, and whichever of them it finds', () => {
    fc.assert(fc.property(analysis.chain((known) => fc.tuple(fc.constant(known), fc.shuffledSubarray(known), fc.array(fc.tuple(small, small), { minLength: 12, maxLength: 12 }))), ([known, again, moves]) => {
      const moved = again.map(({ startMs, endMs }, i) => named(startMs + moves[i]![0], endMs + moves[i]![1]));
      expect(keptIds(moved, known)).toEqual(again.map(({ id }) => id));
      expect(keptIds(moved, [], known)).toEqual(again.map(({ id }) => id));
    }));
  });

  it('are given once each, to what shares at least half of the shorter one, in the same way for lists in any order', () => {
    fc.assert(fc.property(analysis.chain((found) => fc.tuple(fc.constant(found), fc.shuffledSubarray(found, { minLength: found.length }))), analysis, analysis, ([found, other], decided, before) => {
      const ids = keptIds(found, decided, before);
      expect(new Set(ids).size).toBe(found.length);
      found.forEach((one, at) => {
        const was = [...decided, ...before].filter(({ id }) => id === ids[at]);
        if (was.length === 0) return;
        const shared = was.map(({ startMs, endMs }) => (Math.min(endMs, one.endMs) - Math.max(startMs, one.startMs)) / Math.min(endMs - startMs, one.endMs - one.startMs));
        expect(Math.max(...shared)).toBeGreaterThanOrEqual(0.5);
      });
      const byId = new Map(found.map((one, at) => [one, ids[at]]));
      expect(keptIds(other, decided.toReversed(), before.toReversed())).toEqual(other.map((one) => byId.get(one)));
    }));
  });

  it('go to what was decided before what was only found', () => {
    const [was, decided] = [named(60_000, 80_000), named(52_000, 72_000)];
    expect(keptIds([named(60_500, 80_000)], [decided], [was])).toEqual([decided.id]);
    expect(keptIds([named(60_500, 80_000)], [], [was, decided])).toEqual([was.id]);
  });

  it('are new ones where their own went to another moment', () => {
    const first = named(60_000, 80_000);
    const ids = keptIds([named(90_000, 110_000), first], [{ ...first, startMs: 90_000, endMs: 110_000 }]);
    expect(ids[0]).toBe(first.id);
    expect(ids[1]).toMatch(/^[0-9a-f]{16}$/);
    expect(ids[1]).not.toBe(first.id);
  });
});

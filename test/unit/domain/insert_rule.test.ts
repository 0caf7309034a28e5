import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { StoredInsertRule } from '../../../src/domain/documents.js';
import { dueTimes, owed, ruleOf, served, untilNextDueMs } from '../../../src/domain/insert-rule.js';
import type { Moment } from '../../../src/domain/playback.js';
import { InsertInput } from '../../../src/protocol/inserts.js';
import { document } from './state.js';

const at = (monotonicMs: number, bootId = 'boot', aheadMs = 0): Moment => ({ monotonicMs, bootId, wallMs: 1_000_000_000 + monotonicMs + aheadMs });
const every = (everyMs: number, anchorMs = 0): StoredInsertRule => ({ everyMs, anchor: at(anchorMs), served: 0 });
const insert = (id: string, change: object = {}) => document(id, InsertInput.parse({ name: id, sourceId: 'film', ...change }));

describe('when an insert is due', () => {
  test('at anchor + k·every, from k = 1 on, and at no other moment', () => {
    fc.assert(fc.property(fc.integer({ min: 10_000, max: 86_400_000 }), fc.nat(1e9), fc.nat(400), (everyMs, anchorMs, k) => {
      const rule = every(everyMs, anchorMs);
      expect(dueTimes(rule, at(anchorMs + k * everyMs))).toBe(k);
      expect(dueTimes(rule, at(anchorMs + (k + 1) * everyMs - 1))).toBe(k);
      expect(dueTimes(rule, at(anchorMs - k))).toBe(0);
    }));
  });

  test('a step of the wall clock moves nothing within a boot; after it the wall clock counts', () => {
    fc.assert(fc.property(fc.nat(1e8), fc.integer({ min: -7_200_000, max: 7_200_000 }), (passedMs, stepMs) => {
      const rule = every(600_000, 5000);
      expect(dueTimes(rule, at(5000 + passedMs, 'boot', stepMs))).toBe(dueTimes(rule, at(5000 + passedMs)));
      expect(dueTimes(rule, { monotonicMs: 3, bootId: 'next', wallMs: rule.anchor.wallMs + passedMs })).toBe(Math.floor(passedMs / 600_000));
    }));
  });

  test('it is owed from when it is due until it was aired, once however many due times passed, and never more often than it was due', () => {
    const step = fc.record({ passMs: fc.nat(100_000), free: fc.boolean() });
    fc.assert(fc.property(fc.integer({ min: 10_000, max: 60_000 }), fc.array(step, { maxLength: 60 }), (everyMs, steps) => {
      let [nowMs, aired] = [0, 0];
      let rule = every(everyMs);
      let waits = false;
      for (const { passMs, free } of steps) {
        const fresh = Math.floor((nowMs + passMs) / everyMs) > Math.floor(nowMs / everyMs);
        nowMs += passMs;
        waits ||= fresh;
        const [next] = owed({ inserts: [insert('a')], insertRules: new Map([['a', rule]]) }, at(nowMs));
        expect(next !== undefined).toBe(waits);
        expect(untilNextDueMs({ insertRules: new Map([['a', rule]]) }, at(nowMs))).toBe(everyMs - (nowMs % everyMs));
        if (!next || !free) continue;
        rule = served(rule, at(nowMs));
        [aired, waits] = [aired + 1, false];
        expect(aired).toBeLessThanOrEqual(Math.floor(nowMs / everyMs));
      }
    }));
  });

  test('somebody who looks at every moment airs it each time', () => {
    let rule = every(10_000);
    const times: number[] = [];
    for (let now = 0; now <= 100_000; now += 500) {
      if (owed({ inserts: [insert('a')], insertRules: new Map([['a', rule]]) }, at(now)).length === 0) continue;
      times.push(now);
      rule = served(rule, at(now));
    }
    expect(times).toEqual(Array.from({ length: 10 }, (_, i) => (i + 1) * 10_000));
  });

  test('who waits longest goes first; of those due at once the one that was made first', () => {
    const inserts = [insert('a'), insert('b'), insert('c'), insert('d')];
    const rules = new Map([['d', every(10_000)], ['c', every(30_000)], ['b', every(20_000)], ['a', every(20_000)]]);
    const order = (ms: number) => owed({ inserts, insertRules: rules }, at(ms)).map((one) => one.insert.id);
    expect(order(9_999)).toEqual([]);
    expect(order(10_000)).toEqual(['d']);
    expect(order(20_000)).toEqual(['d', 'a', 'b']);
    rules.set('d', served(rules.get('d')!, at(20_000)));
    expect(order(30_000)).toEqual(['a', 'b', 'c', 'd']);
    rules.set('a', served(rules.get('a')!, at(30_000)));
    expect(order(40_000)).toEqual(['b', 'c', 'd', 'a']);
  });

  test('it counts anew when it is switched on or gets another length, and not for anything else', () => {
    const before = { ...every(60_000), served: 7 };
    expect(ruleOf({ enabled: true, everyMs: 60_000 }, before, at(500_000))).toBe(before);
    expect(ruleOf({ enabled: true, everyMs: 90_000 }, before, at(500_000))).toEqual({ everyMs: 90_000, anchor: at(500_000), served: 0 });
    expect(ruleOf({ enabled: false, everyMs: 60_000 }, before, at(500_000))).toBeUndefined();
    expect(ruleOf({ enabled: true, everyMs: null }, before, at(500_000))).toBeUndefined();
    expect(untilNextDueMs({ insertRules: new Map() }, at(0))).toBe(Infinity);
  });

  test('a clock that was set back after a boot owes nothing twice', () => {
    const rule = { ...every(60_000), served: 10 };
    const early = { monotonicMs: 3, bootId: 'next', wallMs: rule.anchor.wallMs + 120_000 };
    expect(owed({ inserts: [insert('a')], insertRules: new Map([['a', rule]]) }, early)).toEqual([]);
    expect(served(rule, early).served).toBe(10);
  });
});

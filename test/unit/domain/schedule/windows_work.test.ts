/** What a look at the schedule costs must grow with the number of events, not with its square; and it finds what the rules say. */
import { Cron } from 'croner';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { planOf } from '../../../../src/domain/schedule/plan.js';
import { startsOf } from '../../../../src/domain/schedule/starts.js';
import { nameOf, Windows, type EventDocument } from '../../../../src/domain/schedule/windows.js';
import { event, facts, HOUR, MINUTE, ms, TIMELINES } from './support.js';

const cron = (id: string, expression: string, change = {}): EventDocument => event(id, { when: { kind: 'cron', expression }, ...change });
/** One each time of the week, in no order: 7919 is prime. Each is open until the next. */
const week = (count: number): EventDocument[] => Array.from({ length: count }, (_, i) => {
  const minute = (i * 7919) % (7 * 24 * 60);
  return cron(`e${i}`, `${minute % 60} ${Math.floor(minute / 60) % 24} * * ${Math.floor(minute / 1440)}`);
});
const [MONDAY, NEXT_MONDAY] = [ms('2026-06-01T00:00Z'), ms('2026-06-08T00:00Z')];

describe('the work of a look', () => {
  let spies: { mock: { calls: unknown[] } }[];
  beforeEach(() => {
    spies = [vi.spyOn(Cron.prototype, 'nextRun'), vi.spyOn(Cron.prototype, 'previousRuns')];
  });
  afterEach(() => vi.restoreAllMocks());
  /** How often croner was asked since this was last asked. */
  const asked = (): number => spies.reduce((sum, { mock }) => sum + mock.calls.splice(0).length, 0);

  test('each of 500 cron events that are open is looked up once for a moment, and only what starts is for the next one', () => {
    const given = facts(week(500));
    const windows = new Windows(given);
    const at = MONDAY + 100 * HOUR;
    expect(windows.at(at)).toHaveLength(1);
    const next = windows.nextChange(at);
    expect(asked()).toBeLessThanOrEqual(1000);
    // As each second does while the next one is waited for.
    for (let i = 0; i < 10; i++) {
      const again = new Windows(given);
      expect(again.nextChange(at + i)).toBe(next);
      expect(nameOf(again.planned(next))).not.toBe(nameOf(again.planned(at + i)));
    }
    expect(asked()).toBeLessThanOrEqual(2);
  });

  test('many that begin and end beneath the one that is on are not gone through for what is next', () => {
    const beneath = Array.from({ length: 100 }, (_, i) => cron(`m${i}`, '* * * * *', { forMs: 30_000 }));
    const windows = new Windows(facts([...beneath, event('day', { at: '00:00', forMs: 20 * HOUR, priority: 1 })]));
    expect(windows.nextChange(MONDAY + HOUR)).toBe(MONDAY + 20 * HOUR);
    expect(asked()).toBeLessThanOrEqual(200);
  });

  test('a plan has a week of hundreds of cron events whole, and ends early where there is too much of it', () => {
    const plan = planOf(facts(week(300)), MONDAY, NEXT_MONDAY);
    // The one that was on before as well.
    expect([plan.windows.length, plan.warnings, plan.to]).toEqual([301, [], new Date(NEXT_MONDAY).toISOString()]);
    expect(asked()).toBeLessThanOrEqual(3000);
    const everyMinute = Array.from({ length: 500 }, (_, i) => cron(`e${i}`, '* * * * *'));
    const short = planOf(facts(everyMinute), MONDAY, NEXT_MONDAY);
    expect(ms(short.to)).toBeLessThan(MONDAY + HOUR);
    expect(asked()).toBeLessThanOrEqual(15_000);
  });
});

describe('against the rules as they are written', () => {
  const expression = fc.constantFrom('*/20 * * * *', '0 */3 * * *', '30 9 * * MON-FRI', '5 4 * * 1', '0 0 1 * *', '15 1,2,3 * * *', '0 0 30 2 *');
  const one = fc.record({
    expression, forMs: fc.option(fc.constantFrom(MINUTE, 20 * MINUTE, 3 * HOUR, 30 * HOUR)), priority: fc.integer({ min: -1, max: 1 }),
    timelineId: fc.constantFrom('tml_a', 'tml_half', 'tml_empty'), timeZone: fc.option(fc.constantFrom('Europe/Berlin', 'America/New_York')),
    fromDate: fc.option(fc.constant('2026-03-28'), { freq: 4 }), untilDate: fc.option(fc.constant('2026-03-30'), { freq: 4 }),
  });
  const events = fc.array(one, { minLength: 1, maxLength: 6 }).map((list) => list.map(({ expression: when, ...rest }, i) => cron(`e${i}`, when, rest)));
  const moments = fc.array(fc.integer({ min: 0, max: 4 * 24 * 60 }).map((minute) => ms('2026-03-27T00:00Z') + minute * MINUTE), { minLength: 1, maxLength: 8 });

  /** S1 and S2 word for word, with nothing remembered. */
  function slowly(given: EventDocument[], at: number): unknown[] {
    const starts = given.map(({ data }) => startsOf(structuredClone(data), 'UTC'));
    const found = given.flatMap(({ id, data: { do: action, priority } }, place) => {
      const startMs = starts[place]!.upTo(at);
      if (startMs === null || action.action !== 'play') return [];
      const { loop, durationMs } = TIMELINES[action.timelineId]!;
      const lengthMs = action.forMs ?? (loop ? null : durationMs);
      const endMs = lengthMs === null ? Math.min(...starts.map((of) => of.after(startMs) ?? Infinity)) : startMs + lengthMs;
      return at < endMs ? [{ id, startMs, endMs, priority, place }] : [];
    });
    return found.sort((a, b) => b.priority - a.priority || b.startMs - a.startMs || b.place - a.place).map(({ id, startMs, endMs }) => [id, startMs, endMs]);
  }

  test('windows, and the next of them, are what they are looked at one by one', () => {
    fc.assert(fc.property(events, moments, (given, ats) => {
      const windows = new Windows(facts(given));
      for (const at of ats) {
        expect(windows.at(at).map(({ event: { id }, startMs, endMs }) => [id, startMs, endMs])).toEqual(slowly(given, at));
        const change = windows.nextChange(at);
        const name = nameOf(windows.planned(at));
        let next = windows.nextBoundary(at);
        for (let i = 0; i < 300 && next < Infinity && nameOf(windows.planned(next)) === name; i++) next = windows.nextBoundary(next);
        if (next === Infinity || nameOf(windows.planned(next)) !== name) expect(change).toBe(next);
        else expect(change).toBeGreaterThan(next);
      }
    }), { numRuns: 60 });
  }, 60_000);
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { planOf } from '../../../../src/domain/schedule/plan.js';
import { nameOf, Windows } from '../../../../src/domain/schedule/windows.js';
import { SchedulePlan } from '../../../../src/protocol/schedule.js';
import { event, facts, HOUR, MINUTE, ms } from './support.js';

const FILLER = { filler: { sceneId: 'scn' } };
const rows = ({ windows }: SchedulePlan) => windows.map(({ startsAt, endsAt, eventId, target }) => [startsAt.slice(5, 16), endsAt.slice(5, 16), eventId ?? (target && Object.keys(target)[0])]);
const codes = ({ warnings }: SchedulePlan) => warnings.map(({ at, eventId, code }) => [at.slice(5, 16), eventId, code]);

describe('a plan', () => {
  const long = event('long', { at: '09:00', forMs: 6 * HOUR });
  const short = event('short', { at: '10:00', forMs: HOUR, timelineId: 'tml_b' });

  test('has every stretch of time once, the filler where nothing is, and tells who covers whom', () => {
    const plan = planOf(facts([long, short], FILLER), ms('2026-06-01T00:00Z'), ms('2026-06-02T00:00Z'));
    expect(SchedulePlan.parse(plan)).toEqual(plan);
    expect(rows(plan)).toEqual([
      ['06-01T00:00', '06-01T09:00', 'sceneId'], ['06-01T09:00', '06-01T10:00', 'long'], ['06-01T10:00', '06-01T11:00', 'short'],
      ['06-01T11:00', '06-01T15:00', 'long'], ['06-01T15:00', '06-02T00:00', 'sceneId'],
    ]);
    expect(codes(plan)).toEqual([['06-01T10:00', 'short', 'overlap']]);
    expect(rows(planOf(facts([long]), ms('2026-06-01T10:00Z'), ms('2026-06-01T16:00Z')))).toEqual([['06-01T10:00', '06-01T15:00', 'long'], ['06-01T15:00', '06-01T16:00', null]]);
    expect(rows(planOf(facts([]), ms('2026-06-01T10:00Z'), ms('2026-06-01T16:00Z')))).toEqual([['06-01T10:00', '06-01T16:00', null]]);
  });

  test('one after the other is no overlap; one that is covered all the time is told', () => {
    const [first, second] = [event('first', { at: '09:00', forMs: HOUR }), event('second', { at: '10:00', forMs: HOUR })];
    expect(planOf(facts([first, second]), ms('2026-06-01T00:00Z'), ms('2026-06-02T00:00Z')).warnings).toEqual([]);
    const over = event('over', { at: '08:00', forMs: 12 * HOUR, priority: 1 });
    expect(codes(planOf(facts([first, over]), ms('2026-06-01T00:00Z'), ms('2026-06-02T00:00Z')))).toEqual([['06-01T09:00', 'over', 'overlap'], ['06-01T09:00', 'first', 'never-on']]);
  });

  test('tells what clock changes do, what is empty, and what never starts', () => {
    const zone = { timeZone: 'Europe/Berlin' };
    const night = event('night', { at: '02:30', forMs: HOUR });
    const stop = event('stop', { at: '02:15', do: { action: 'broadcast-stop' } });
    expect(codes(planOf(facts([night, stop], zone), ms('2026-03-28T12:00Z'), ms('2026-04-02T00:00Z')))).toEqual([['03-29T01:00', 'night', 'moved'], ['03-29T01:00', 'stop', 'moved']]);
    expect(codes(planOf(facts([night, stop], zone), ms('2026-10-24T12:00Z'), ms('2026-10-28T00:00Z')))).toEqual([['10-25T00:15', 'stop', 'twice'], ['10-25T00:30', 'night', 'twice']]);
    const empty = event('empty', { timelineId: 'tml_empty' });
    const never = event('never', { when: { kind: 'cron', expression: '0 0 30 2 *' } });
    const over = event('over', { when: { kind: 'once', at: '2025-01-01T10:00' }, forMs: HOUR });
    expect(codes(planOf(facts([empty, never, over, event('off', { timelineId: 'tml_empty', enabled: false })]), ms('2026-06-01T00:00Z'), ms('2026-06-02T00:00Z')))).toEqual([['06-01T00:00', 'empty', 'empty'], ['06-01T00:00', 'never', 'never']]);
  });

  test('has the points in order', () => {
    const events = [event('stop', { at: '12:00', do: { action: 'broadcast-stop' } }), event('start', { at: '09:00', do: { action: 'broadcast-start', record: true } }), long];
    expect(planOf(facts(events), ms('2026-06-01T09:00Z'), ms('2026-06-02T09:00Z')).points).toEqual([
      { at: '2026-06-01T09:00:00.000Z', eventId: 'start', action: 'broadcast-start' }, { at: '2026-06-01T12:00:00.000Z', eventId: 'stop', action: 'broadcast-stop' },
    ]);
  });

  test('ends early when there is too much in it, and says so', () => {
    const plan = planOf(facts([event('minute', { when: { kind: 'cron', expression: '* * * * *' }, forMs: 30_000 })]), ms('2026-06-01T00:00Z'), ms('2026-07-01T00:00Z'));
    expect(plan.windows).toHaveLength(2001);
    expect(plan.warnings.map(({ code }) => code)).toEqual(['too-many']);
    expect(plan.windows.at(-1)!.endsAt).toBe(plan.to);
    const points = planOf(facts([event('stop', { when: { kind: 'cron', expression: '* * * * *' }, do: { action: 'broadcast-stop' } }), long]), ms('2026-06-01T00:00Z'), ms('2026-07-01T00:00Z'));
    expect([points.points.length, points.to, points.windows.at(-1)!.endsAt, points.warnings.map(({ code }) => code)]).toEqual([2000, '2026-06-02T09:20:00.000Z', '2026-06-02T09:20:00.000Z', ['too-many']]);
  });

  test('at each moment it says what is planned then', () => {
    const time = fc.integer({ min: 0, max: 1439 }).map((m) => `${String(Math.floor(m / 60)).padStart(2, '0')}:${String(m % 60).padStart(2, '0')}`);
    const raw = fc.array(fc.record({ at: time, forMs: fc.option(fc.integer({ min: 1, max: 1500 }).map((m) => m * MINUTE)), priority: fc.integer({ min: 0, max: 1 }), timelineId: fc.constantFrom('tml_a', 'tml_half') }), { maxLength: 6 });
    const [from, to] = [ms('2026-06-01T00:00Z'), ms('2026-06-04T00:00Z')];
    fc.assert(fc.property(raw, fc.array(fc.integer({ min: 0, max: to - from - 1 }), { minLength: 20, maxLength: 20 }), (list, offsets) => {
      const given = facts(list.map((one, i) => event(`e${i}`, one)), FILLER);
      const { windows } = planOf(given, from, to);
      const planned = new Windows(given);
      expect(windows[0]!.startsAt).toBe(new Date(from).toISOString());
      windows.forEach((window, i) => expect(window.endsAt).toBe(windows[i + 1]?.startsAt ?? new Date(to).toISOString()));
      for (const offset of offsets) {
        const row = windows.find(({ endsAt }) => ms(endsAt) > from + offset)!;
        const { window, target } = planned.planned(from + offset);
        expect([row.eventId, row.target], nameOf({ window, target })).toEqual([window?.event.id ?? null, target]);
      }
    }), { numRuns: 100 });
  });
});

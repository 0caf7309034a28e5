import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cronProblem, startsOf } from '../../../../src/domain/schedule/starts.js';
import type { ScheduleEventInput } from '../../../../src/protocol/schedule.js';
import { event, iso, ms } from './support.js';

const timing = (when: ScheduleEventInput['when'], more: Partial<ScheduleEventInput> = {}) => ({ ...event('x').data, when, ...more });
const starts = (zone: string, when: ScheduleEventInput['when'], from: string, to: string, more: Partial<ScheduleEventInput> = {}) =>
  startsOf(timing(when, more), zone).between(ms(from) - 1, ms(to) - 1, 100).map(({ atMs, oddity }) => (oddity ? `${iso(atMs)} ${oddity}` : iso(atMs)));

/** Rules S5 to S7 of docs/schedule.md. */
describe('when an event starts', () => {
  test.each([
    ['Europe/Berlin', '02:30', '2026-03-28', ['2026-03-28T01:30:00Z', '2026-03-29T01:00:00Z moved', '2026-03-30T00:30:00Z']],
    ['Europe/Berlin', '02:30', '2026-10-24', ['2026-10-24T00:30:00Z', '2026-10-25T00:30:00Z twice', '2026-10-26T01:30:00Z']],
    ['Europe/Berlin', '10:00', '2026-10-24', ['2026-10-24T08:00:00Z', '2026-10-25T09:00:00Z', '2026-10-26T09:00:00Z']],
    ['America/New_York', '02:30', '2026-03-07', ['2026-03-07T07:30:00Z', '2026-03-08T07:00:00Z moved', '2026-03-09T06:30:00Z']],
    ['America/New_York', '01:30', '2026-10-31', ['2026-10-31T05:30:00Z', '2026-11-01T05:30:00Z twice', '2026-11-02T06:30:00Z']],
    ['Australia/Lord_Howe', '02:10', '2026-10-03', ['2026-10-02T15:40:00Z', '2026-10-03T15:30:00Z moved', '2026-10-04T15:10:00Z']],
    ['Australia/Lord_Howe', '01:45', '2026-04-04', ['2026-04-03T14:45:00Z', '2026-04-04T14:45:00Z twice', '2026-04-05T15:15:00Z']],
    ['Asia/Kolkata', '02:30', '2026-03-28', ['2026-03-27T21:00:00Z', '2026-03-28T21:00:00Z', '2026-03-29T21:00:00Z']],
    ['Europe/Berlin', '12:00', '2028-02-28', ['2028-02-28T11:00:00Z', '2028-02-29T11:00:00Z', '2028-03-01T11:00:00Z']],
  ])('daily in %s at %s from %s', (zone, at, from, expected) => {
    const fromMs = ms(`${from}T00:00:00Z`) - 12 * 3_600_000;
    const found = starts(zone, { kind: 'daily', at }, new Date(fromMs).toISOString(), new Date(fromMs + 4 * 86_400_000).toISOString());
    expect(found).toEqual(expect.arrayContaining(expected));
    // Once on each day.
    expect(found.length).toBe(4);
  });

  test('in the hour that is repeated the start of the first one is the last that was', () => {
    for (const at of ['00:30:00', '01:10:00', '01:30:00', '01:59:59']) {
      // Asked anew each time: answers are remembered.
      const night = startsOf(timing({ kind: 'daily', at: '02:30' }), 'Europe/Berlin');
      expect([iso(night.upTo(ms(`2026-10-25T${at}Z`))), iso(night.after(ms(`2026-10-25T${at}Z`)))]).toEqual(['2026-10-25T00:30:00Z', '2026-10-26T01:30:00Z']);
    }
  });

  test('weekly: on its days, over a leap day', () => {
    expect(starts('Europe/Berlin', { kind: 'weekly', days: ['tue', 'sat'], at: '08:00:30' }, '2028-02-25T00:00Z', '2028-03-06T00:00Z'))
      .toEqual(['2028-02-26T07:00:30Z', '2028-02-29T07:00:30Z', '2028-03-04T07:00:30Z']);
  });

  test('once, and only within its first and last day', () => {
    expect(starts('Europe/Berlin', { kind: 'once', at: '2026-07-01T20:15' }, '2026-01-01T00:00Z', '2027-01-01T00:00Z')).toEqual(['2026-07-01T18:15:00Z']);
    expect(starts('America/New_York', { kind: 'daily', at: '23:30' }, '2026-01-01T00:00Z', '2027-01-01T00:00Z', { fromDate: '2026-02-27', untilDate: '2026-03-01' }))
      .toEqual(['2026-02-28T04:30:00Z', '2026-03-01T04:30:00Z', '2026-03-02T04:30:00Z']);
    expect(starts('UTC', { kind: 'daily', at: '10:00' }, '2026-01-01T00:00Z', '2027-01-01T00:00Z', { fromDate: '2027-02-01' })).toEqual([]);
  });

  test('cron: local times by croner, which come by the rules of all the others', () => {
    const cron = (expression: string) => ({ kind: 'cron', expression }) as const;
    expect(starts('Europe/Berlin', cron('30 9 * * MON-FRI'), '2026-10-22T00:00Z', '2026-10-28T00:00Z')).toEqual(['2026-10-22T07:30:00Z', '2026-10-23T07:30:00Z', '2026-10-26T08:30:00Z', '2026-10-27T08:30:00Z']);
    expect(starts('Europe/Berlin', cron('15 0 12 L * *'), '2028-01-30T00:00Z', '2028-04-01T00:00Z')).toEqual(['2028-01-31T11:00:15Z', '2028-02-29T11:00:15Z', '2028-03-31T10:00:15Z']);
    // The repeated hour has no starts of its own, and those in the gap come as one.
    expect(starts('Europe/Berlin', cron('*/30 * * * *'), '2026-10-24T23:30Z', '2026-10-25T03:00Z')).toEqual([
      '2026-10-24T23:30:00Z', '2026-10-25T00:00:00Z twice', '2026-10-25T00:30:00Z twice', '2026-10-25T02:00:00Z', '2026-10-25T02:30:00Z',
    ]);
    expect(starts('Europe/Berlin', cron('*/30 * * * *'), '2026-03-29T00:00Z', '2026-03-29T02:00Z')).toEqual(['2026-03-29T00:00:00Z', '2026-03-29T00:30:00Z', '2026-03-29T01:00:00Z moved', '2026-03-29T01:30:00Z']);
    expect(starts('UTC', cron('0 0 30 2 *'), '2026-01-01T00:00Z', '2036-01-01T00:00Z')).toEqual([]);
    expect(startsOf(timing(cron('0 0 30 2 *')), 'UTC').upTo(ms('2026-01-01T00:00Z'))).toBeNull();
  });

  test.each(['', '* * * *', '@daily', '@daily x x x x', '2026-01-01T10:00:00', '61 * * * *', '* * * * * * 2026', '* * * * * *', '*/5 0 0 * * *', 'a b c d e', '0 0 1 13 *'])('"%s" is no cron expression', (expression) => {
    expect(cronProblem({ kind: 'cron', expression })).toMatch(/\S/);
  });
  test.each(['* * * * *', '0 9 * * 1-5', '30 0 9 * * *', '0 12 LW * *', '0 0 29 2 *', ' 0  9 * * MON#2 '])('"%s" is one', (expression) => {
    expect(cronProblem({ kind: 'cron', expression })).toBeNull();
  });

  test('the last up to a moment and the first after it are neighbours in the list of all', () => {
    const zone = fc.constantFrom('Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kolkata');
    const time = fc.tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 59 })).map(([h, m]) => `0${h}:${String(m).padStart(2, '0')}`);
    const when: fc.Arbitrary<ScheduleEventInput['when']> = fc.oneof(
      time.map((at) => ({ kind: 'daily' as const, at })),
      fc.tuple(fc.subarray(['mon', 'wed', 'sat', 'sun'] as const, { minLength: 1 }), time).map(([days, at]) => ({ kind: 'weekly' as const, days, at })),
      fc.constantFrom('*/20 1-3 * * *', '10 2 * * SUN', '0 */5 * * *').map((expression) => ({ kind: 'cron' as const, expression })),
    );
    const around = fc.constantFrom('2026-03-29', '2026-10-25', '2026-03-08', '2026-11-01', '2026-04-05', '2026-10-04', '2026-06-10');
    fc.assert(fc.property(zone, when, around, fc.integer({ min: -2 * 1440, max: 2 * 1440 }), (name, rule, day, minutes) => {
      const at = ms(`${day}T00:00Z`) + minutes * 60_000;
      const all = startsOf(timing(rule), name);
      const list = all.between(at - 20 * 86_400_000, at + 20 * 86_400_000, 10_000).map(({ atMs }) => atMs);
      expect(list).toEqual([...new Set(list)].sort((a, b) => a - b));
      expect(startsOf(timing(rule), name).upTo(at)).toBe(list.findLast((one) => one <= at));
      expect(startsOf(timing(rule), name).after(at)).toBe(list.find((one) => one > at));
    }), { numRuns: 300 });
  });
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { clockChanges, DAY, latestLocal, localAt, oddity, whenComes } from '../../../../src/domain/schedule/local-time.js';
import { iso, ms } from './support.js';

const local = (text: string): number => Date.parse(`${text}Z`);

/** Rules S6 and S7 of docs/schedule.md, over the clock changes of four zones. */
describe('when a local time comes', () => {
  test.each([
    // Forward at 02:00 by an hour; back at 03:00.
    ['Europe/Berlin', '2026-03-29T01:59:59', '2026-03-29T00:59:59Z', null],
    ['Europe/Berlin', '2026-03-29T02:00', '2026-03-29T01:00:00Z', 'moved'],
    ['Europe/Berlin', '2026-03-29T02:30', '2026-03-29T01:00:00Z', 'moved'],
    ['Europe/Berlin', '2026-03-29T03:00', '2026-03-29T01:00:00Z', null],
    ['Europe/Berlin', '2026-10-25T01:59:59', '2026-10-24T23:59:59Z', null],
    ['Europe/Berlin', '2026-10-25T02:00', '2026-10-25T00:00:00Z', 'twice'],
    ['Europe/Berlin', '2026-10-25T02:59:59', '2026-10-25T00:59:59Z', 'twice'],
    ['Europe/Berlin', '2026-10-25T03:00', '2026-10-25T02:00:00Z', null],
    // Forward at 02:00, back at 02:00.
    ['America/New_York', '2026-03-08T02:15', '2026-03-08T07:00:00Z', 'moved'],
    ['America/New_York', '2026-03-08T03:15', '2026-03-08T07:15:00Z', null],
    ['America/New_York', '2026-11-01T01:30', '2026-11-01T05:30:00Z', 'twice'],
    ['America/New_York', '2026-11-01T02:00', '2026-11-01T07:00:00Z', null],
    // By half an hour only, at 02:00 both.
    ['Australia/Lord_Howe', '2026-10-04T02:15', '2026-10-03T15:30:00Z', 'moved'],
    ['Australia/Lord_Howe', '2026-10-04T02:30', '2026-10-03T15:30:00Z', null],
    ['Australia/Lord_Howe', '2026-04-05T01:29', '2026-04-04T14:29:00Z', null],
    ['Australia/Lord_Howe', '2026-04-05T01:45', '2026-04-04T14:45:00Z', 'twice'],
    ['Australia/Lord_Howe', '2026-04-05T02:00', '2026-04-04T15:30:00Z', null],
    // Never.
    ['Asia/Kolkata', '2026-03-29T02:30', '2026-03-28T21:00:00Z', null],
    ['UTC', '2024-02-29T23:59:59', '2024-02-29T23:59:59Z', null],
    // A day that Samoa left out.
    ['Pacific/Apia', '2011-12-30T10:00', '2011-12-30T10:00:00Z', 'moved'],
  ])('%s: %s is at %s', (zone, at, expected, odd) => {
    expect([iso(whenComes(zone, local(at))), oddity(zone, local(at))]).toEqual([expected, odd]);
  });

  const zones = fc.constantFrom('Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kolkata', 'Africa/Casablanca', 'Pacific/Chatham', 'America/St_Johns', 'UTC');
  const year = { min: ms('2026-01-01T00:00Z'), max: ms('2026-09-01T00:00Z') };
  const moments = fc.integer({ min: year.min / 60_000, max: year.max / 60_000 }).map((minutes) => minutes * 60_000);
  /** Near clock changes. */
  const cases = fc.tuple(zones, moments, fc.integer({ min: -180, max: 180 })).map(([zone, at, minutes]) => {
    const change = clockChanges(zone, at, at + 120 * DAY)[0];
    return { zone, at: (change ?? at) + minutes * 60_000 };
  });

  test('it is the first moment at which the clocks show it or more, as a walk by the minute finds it', () => {
    fc.assert(fc.property(cases, ({ zone, at }) => {
      // One that does not exist as well.
      const wanted = localAt(zone, at - 7_200_000) + 7_200_000;
      let walked = at - 5 * 3_600_000;
      while (showing(zone, walked) < wanted) walked += 60_000;
      expect(whenComes(zone, wanted)).toBe(walked);
    }), { numRuns: 40 });
  });

  test('the latest local time that has come by a moment is the largest that was shown', () => {
    fc.assert(fc.property(cases, ({ zone, at }) => {
      const latest = latestLocal(zone, at);
      expect(whenComes(zone, latest)).toBeLessThanOrEqual(at);
      expect(whenComes(zone, latest + 1)).toBeGreaterThan(at);
    }), { numRuns: 300 });
  });

  test('Intl is asked for what it says itself', () => {
    fc.assert(fc.property(cases, ({ zone, at }) => {
      expect(localAt(zone, at)).toBe(showing(zone, at));
    }), { numRuns: 300 });
  });
});

const formats = new Map<string, Intl.DateTimeFormat>();

/** By another way through Intl than the product's. */
function showing(zone: string, at: number): number {
  const format = formats.get(zone) ?? new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' });
  formats.set(zone, format);
  return Date.parse(`${format.format(at).replace(' ', 'T')}Z`);
}

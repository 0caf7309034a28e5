import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nameOf, Windows, type EventDocument } from '../../../../src/domain/schedule/windows.js';
import { walk } from './reference.js';
import { event, facts, HOUR, iso, MINUTE, ms } from './support.js';

const on = (events: EventDocument[], at: string, change = {}) => nameOf(new Windows(facts(events, change)).planned(ms(at)));
const A = 'a@1780308000000 {"timelineId":"tml_a"}';

/** Rules S1 to S4 of docs/schedule.md. */
describe('what is planned', () => {
  const a = event('a', { at: '10:00', forMs: 2 * HOUR });

  test('S1: a window is on from its start to before its end, whoever looks and whenever', () => {
    expect(on([a], '2026-06-01T09:59:59.999Z')).toBe('nothing');
    expect(on([a], '2026-06-01T10:00Z')).toBe(A);
    expect(on([a], '2026-06-01T11:59:59.999Z')).toBe(A);
    expect(on([a], '2026-06-01T12:00Z')).toBe('nothing');
    expect(on([event('off', { forMs: HOUR, enabled: false })], '2026-06-01T10:30Z')).toBe('nothing');
    expect(on([event('gone', { forMs: HOUR, timelineId: 'tml_none' })], '2026-06-01T10:30Z')).toBe('nothing');
  });

  test('S1: as long as the timeline is; one that loops until the next event starts, whatever its rank', () => {
    const half = event('half', { at: '10:00', timelineId: 'tml_half' });
    expect([on([half], '2026-06-01T10:29Z'), on([half], '2026-06-01T10:30Z')]).toEqual([expect.stringMatching(/^half/), 'nothing']);
    const open = event('open', { at: '08:00', priority: 5 });
    const events = [open, event('short', { at: '10:00', forMs: HOUR })];
    expect(on(events, '2026-06-01T09:59Z')).toMatch(/^open/);
    expect(on(events, '2026-06-01T10:01Z')).toMatch(/^short/);
    expect(on(events, '2026-06-01T11:01Z')).toBe('nothing');
    expect(on([open], '2026-06-02T07:59Z')).toMatch(/^open@1780300800000/);
    expect(on([event('empty', { timelineId: 'tml_empty' })], '2026-06-01T10:00Z')).toBe('nothing');
  });

  test('S2: the higher priority wins, of equal ones the later start, of those the one made later', () => {
    const long = event('long', { at: '09:00', forMs: 6 * HOUR });
    expect(on([long, a], '2026-06-01T10:30Z')).toBe(A);
    expect(on([a, long], '2026-06-01T10:30Z')).toBe(A);
    expect(on([a, event('long', { at: '09:00', forMs: 6 * HOUR, priority: 1 })], '2026-06-01T10:30Z')).toMatch(/^long/);
    expect(on([a, event('same', { at: '10:00', forMs: HOUR })], '2026-06-01T10:30Z')).toMatch(/^same/);
  });

  test('S3: when it ends, what lies beneath comes back as the same window, and the filler stands where nothing does', () => {
    const long = event('long', { at: '09:00', forMs: 6 * HOUR });
    const events = [long, a];
    expect(on(events, '2026-06-01T09:30Z')).toBe(on(events, '2026-06-01T12:30Z'));
    const filler = { filler: { sceneId: 'scn' } };
    expect(on(events, '2026-06-01T15:00Z', filler)).toBe('{"sceneId":"scn"}');
    expect(on([], '2026-06-01T15:00Z', filler)).toBe('{"sceneId":"scn"}');
    const windows = new Windows(facts(events, filler));
    const changes: (string | null)[] = [];
    for (let at = ms('2026-06-01T00:00Z'); changes.length < 6; at = windows.nextChange(at)) changes.push(iso(at));
    expect(changes).toEqual(['2026-06-01T00:00:00Z', '2026-06-01T09:00:00Z', '2026-06-01T10:00:00Z', '2026-06-01T12:00:00Z', '2026-06-01T15:00:00Z', '2026-06-02T09:00:00Z']);
  });

  test('S4: a window has its length in real time also when the clocks change', () => {
    const night = event('night', { at: '01:00', forMs: 3 * HOUR, timeZone: 'Europe/Berlin' });
    expect(on([night], '2026-03-29T02:59:59Z')).toMatch(/^night/);
    expect(on([night], '2026-03-29T03:00Z')).toBe('nothing');
    expect([on([night], '2026-10-25T01:59:59Z'), on([night], '2026-10-25T02:00Z')]).toEqual([expect.stringMatching(/^night/), 'nothing']);
  });

  const zone = fc.constantFrom('Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kolkata');
  const time = fc.tuple(fc.integer({ min: 0, max: 23 }), fc.constantFrom(0, 1, 15, 30, 45, 59)).map(([h, m]) => `${String(h).padStart(2, '0')}:${String(m).padStart(2, '0')}`);
  const nightly = fc.tuple(fc.integer({ min: 0, max: 3 }), fc.constantFrom(0, 15, 30, 45)).map(([h, m]) => `0${h}:${String(m).padStart(2, '0')}`);
  const at = fc.oneof(time, nightly);
  const bases = ['2026-03-29', '2026-10-25', '2026-03-08', '2026-11-01', '2026-04-05', '2026-10-04', '2028-02-29'] as const;
  const eventOn = (day: string) => fc.record({
    when: fc.oneof(
      at.map((t) => ({ kind: 'daily', at: t })),
      fc.tuple(fc.subarray(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'], { minLength: 1 }), at).map(([days, t]) => ({ kind: 'weekly', days, at: t })),
      at.map((t) => ({ kind: 'once', at: `${day}T${t}` })),
    ),
    timeZone: fc.option(zone), priority: fc.integer({ min: -1, max: 1 }), enabled: fc.integer({ min: 0, max: 5 }).map((n) => n > 0),
    timelineId: fc.constantFrom('tml_a', 'tml_b', 'tml_half', 'tml_empty'),
    forMs: fc.option(fc.constantFrom(MINUTE, 20 * MINUTE, HOUR, 3 * HOUR, 30 * HOUR)), untilDate: fc.option(fc.constant(day), { freq: 6 }),
  });
  const cases = fc.constantFrom(...bases).chain((day) => fc.record({ day: fc.constant(day), zone, raw: fc.array(eventOn(day), { minLength: 1, maxLength: 6 }) }));

  test('at every minute of three days around a clock change it is what a walk by the minute finds', () => {
    fc.assert(fc.property(cases, ({ day, zone: name, raw }) => {
      const events = raw.map((one, i) => event(`e${i}`, one));
      const from = ms(`${day}T00:00Z`) - 24 * HOUR;
      const walked = walk(events, name, from, from + 72 * HOUR, 9 * 24 * HOUR);
      const windows = new Windows(facts(events, { timeZone: name }));
      let before: { minute: number; change: number } | undefined;
      let last = '';
      for (const [minute, expected] of walked) {
        const { window } = windows.planned(minute);
        const found = window ? `${window.event.id}@${window.startMs}` : '';
        if (found !== expected) throw new Error(`${iso(minute)}: ${found} where the walk has ${expected}`);
        // What comes next was known before.
        if (before === undefined || expected !== last) {
          if (before && before.change !== minute) throw new Error(`${iso(before.minute)}: the next change is at ${iso(before.change)}, and was at ${iso(minute)}`);
          before = { minute, change: windows.nextChange(minute) };
        }
        last = expected;
      }
    }), { numRuns: 60 });
  }, 60_000);
});

import { describe, expect, test } from 'vitest';
import { duePoints, nextPoint } from '../../../../src/domain/schedule/points.js';
import type { EventDocument } from '../../../../src/domain/schedule/windows.js';
import type { ScheduleRun } from '../../../../src/protocol/schedule.js';
import { event, facts, iso, ms } from './support.js';

const start = (at: string, more: object = {}) => event(`start ${at}`, { at, do: { action: 'broadcast-start' }, ...more });
const stop = (at: string, more: object = {}) => event(`stop ${at}`, { at, do: { action: 'broadcast-stop' }, ...more });
const run = (dueAt: string, result: ScheduleRun['result'] = 'done'): ScheduleRun => ({ dueAt, at: dueAt, result, problem: null });
const due = (events: EventDocument[], at: string, runs: Record<string, ScheduleRun> = {}, held = false) =>
  duePoints(facts(events), new Map(Object.entries(runs)), ms(at), held).map(({ event: { id }, dueMs, skip }) => [id, iso(dueMs), skip]);

const YESTERDAY = run('2026-05-31T10:00:00.000Z');

/** Rules S9, S10 and S13 of docs/schedule.md. */
describe('starts and stops of the broadcast', () => {
  const ten = start('10:00');
  const done = { [ten.id]: YESTERDAY };

  test('S9: due at its time, late within its grace, and not after it', () => {
    expect(due([ten], '2026-06-01T09:59:59.999Z', done)).toEqual([]);
    expect(due([ten], '2026-06-01T10:00Z', done)).toEqual([[ten.id, '2026-06-01T10:00:00Z', null]]);
    expect(due([ten], '2026-06-01T10:05Z', done)).toEqual([[ten.id, '2026-06-01T10:00:00Z', null]]);
    expect(due([ten], '2026-06-01T10:05:00.001Z', done)).toEqual([[ten.id, '2026-06-01T10:00:00Z', 'It was missed by 300 s.']]);
    expect(due([ten], '2026-06-01T10:04Z', { [ten.id]: run('2026-06-01T10:00:00.000Z') })).toEqual([]);
    expect(due([ten], '2026-06-01T10:04Z', { [ten.id]: run('2026-06-01T10:00:00.000Z', 'skipped') })).toEqual([]);
    const strict = start('10:00', { graceMs: 0 });
    expect(due([strict], '2026-06-01T10:00:01Z')).toEqual([[strict.id, '2026-06-01T10:00:00Z', null]]);
    expect(due([strict], '2026-06-01T10:00:03Z')[0]![2]).toMatch(/missed/);
  });

  test('S9: one that failed is due again as long as it may be late', () => {
    const failed = { [ten.id]: run('2026-06-01T10:00:00.000Z', 'failed') };
    expect(due([ten], '2026-06-01T10:04Z', failed)).toEqual([[ten.id, '2026-06-01T10:00:00Z', null]]);
    expect(due([ten], '2026-06-01T10:06Z', failed)).toEqual([]);
  });

  test('S9: of several only the last counts, by time, then rank, then which was made later', () => {
    const [a, b] = [stop('10:01'), start('10:02')];
    const followed = 'was due after it.';
    expect(due([ten, a], '2026-06-01T10:03Z')).toEqual([[a.id, expect.any(String), null], [ten.id, expect.any(String), expect.stringContaining(followed)]]);
    expect(due([ten, a, b], '2026-06-01T10:03Z').map(([id, , skip]) => [id, skip === null])).toEqual([[b.id, true], [a.id, false], [ten.id, false]]);
    // Also one that was done already, and one that is too late itself.
    expect(due([ten, a], '2026-06-01T10:03Z', { [a.id]: run('2026-06-01T10:01:00.000Z') })).toEqual([[ten.id, expect.any(String), expect.stringContaining(followed)]]);
    const short = stop('10:01', { graceMs: 0 });
    expect(due([ten, short], '2026-06-01T10:03Z').every(([, , skip]) => skip !== null)).toBe(true);
    const same = stop('10:00', { priority: 1 });
    expect(due([same, ten], '2026-06-01T10:00Z').find(([, , skip]) => skip === null)![0]).toBe(same.id);
    expect(due([stop('10:00'), ten], '2026-06-01T10:00Z').find(([, , skip]) => skip === null)![0]).toBe(ten.id);
  });

  test('S9: an event missed nothing before it was made or changed, and one that is off nothing at all', () => {
    expect(due([start('10:00', { updatedAt: '2026-06-01T10:01:00.000Z' })], '2026-06-01T10:02Z')).toEqual([]);
    expect(due([start('10:00', { enabled: false })], '2026-06-01T10:02Z')).toEqual([]);
    expect(due([event('play')], '2026-06-01T10:02Z')).toEqual([]);
  });

  test('S10: while the schedule is held they are skipped', () => {
    expect(due([ten], '2026-06-01T10:00Z', {}, true)[0]![2]).toBe('The schedule was switched off.');
  });

  test('S13: not again when the clock is set back; a clock that was a year ahead once does not count', () => {
    expect(due([ten], '2026-06-01T09:30Z', { [ten.id]: run('2026-06-01T10:00:00.000Z') })).toEqual([]);
    expect(due([ten], '2026-06-01T10:01Z', { [ten.id]: run('2027-06-01T10:00:00.000Z') })).toEqual([[ten.id, '2026-06-01T10:00:00Z', null]]);
  });

  test('the next one', () => {
    const next = nextPoint(facts([ten, stop('09:00'), event('play', { at: '08:00' })]), ms('2026-06-01T09:30Z'));
    expect([iso(next.atMs), next.action]).toEqual(['2026-06-01T10:00:00Z', 'broadcast-start']);
    expect(nextPoint(facts([]), 0).atMs).toBe(Infinity);
    expect(nextPoint(facts([ten]), ms('2026-06-01T10:00Z') - 1).atMs).toBe(ms('2026-06-01T10:00Z'));
  });
});

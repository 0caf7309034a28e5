/** The schedule under clocks that are set, disks that are full, and what it does to the broadcast. */
import { afterEach, describe, expect, test } from 'vitest';
import { ScheduleStage } from './schedule_stage.js';

const HOUR = 3_600_000;
const MINUTE = 60_000;

let stage: ScheduleStage;
afterEach(() => stage.scheduler.stop());

async function withTwo(): Promise<void> {
  stage = await ScheduleStage.open('2026-06-01T08:00:00Z');
  await stage.settings.patch({ schedule: { filler: { sceneId: stage.sceneId } } }, undefined);
  await stage.daily('a', '10:00', await stage.timeline('a'), 2 * HOUR);
  await stage.daily('b', '12:00', await stage.timeline('b'), HOUR);
  await stage.to('2026-06-01T10:30:00Z');
  stage.shown();
}

describe('S13: the wall clock is set', () => {
  test('forward within the window: it plays on without a jump, and ends when the wall clock says so', async () => {
    await withTwo();
    const before = stage.engine.positionMs()!;
    stage.clock.setWall(Date.parse('2026-06-01T11:30:00Z'));
    await stage.clock.advance(10_000);
    expect([stage.shown(), stage.engine.positionMs()! - before]).toEqual([[], 10_000]);
    await stage.to('2026-06-01T12:00:01Z');
    expect(stage.shown()).toEqual([['12:00:00Z', 'b', 0]]);
  });

  test('forward over a start: joined late; back before it: what is planned then, and again when its time comes', async () => {
    await withTwo();
    stage.clock.setWall(Date.parse('2026-06-01T12:30:00Z'));
    await stage.to(1000);
    const [[, what, positionMs]] = stage.shown() as [[string, string, number]];
    expect(what).toBe('b');
    expect(positionMs).toBeGreaterThanOrEqual(30 * MINUTE);
    expect(positionMs).toBeLessThanOrEqual(30 * MINUTE + 1000);
    stage.clock.setWall(Date.parse('2026-06-01T09:59:00Z'));
    await stage.to(2000);
    expect(stage.shown().map(([, shown]) => shown)).toEqual(['scene']);
    await stage.to('2026-06-01T10:00:01Z');
    expect(stage.shown()).toEqual([['10:00:00Z', 'a', 0]]);
  });

  test('back by less than ten seconds takes back nothing that has begun', async () => {
    await withTwo();
    await stage.to('2026-06-01T12:00:01Z');
    expect(stage.shown()).toEqual([['12:00:00Z', 'b', 0]]);
    const before = stage.engine.positionMs()!;
    stage.clock.setWall(Date.parse('2026-06-01T11:59:53Z'));
    await stage.clock.advance(30_000);
    expect([stage.shown(), stage.engine.positionMs()! - before]).toEqual([[], 30_000]);
    await stage.to('2026-06-01T13:00:00.500Z');
    expect(stage.shown()).toEqual([['13:00:00Z', 'scene', null]]);
  });

  test('in the seconds in which the next one is waited for', async () => {
    await withTwo();
    await stage.to('2026-06-01T11:59:58Z');
    stage.clock.setWall(Date.parse('2026-06-01T11:00:00Z'));
    await stage.to(10_000);
    // It had been asked for and begins, and gives way at once.
    expect(stage.onAir).toBe('a');
    expect(stage.shown().length).toBeLessThanOrEqual(2);
    await stage.to('2026-06-01T12:00:01Z');
    expect(stage.shown().at(-1)).toEqual(['12:00:00Z', 'b', 0]);
  });

  test('a sleeping machine wakes up to what is planned by then', async () => {
    await withTwo();
    await stage.clock.leap(26 * HOUR);
    await stage.to(1000);
    expect(stage.shown()).toEqual([['12:30:00Z', 'b', 30 * MINUTE]]);
  });
});

describe('a store that fails', () => {
  test('what was done is not done again, and is written when that works', async () => {
    await withTwo();
    const full = Object.assign(new Error('full'), { code: 'SQLITE_FULL' });
    await stage.to('2026-06-01T11:59:59.900Z');
    const { store } = stage;
    const apply = store.apply.bind(store);
    store.apply = () => Promise.reject(full);
    await stage.to('2026-06-01T12:01:00Z');
    expect(stage.shown()).toEqual([['12:00:00Z', 'b', 0]]);
    store.apply = apply;
    await stage.to(3000);
    await stage.program.storeTaken();
    await stage.crash();
    await stage.to(2000);
    expect(stage.shown()).toEqual([]);
    expect(stage.onAir).toBe('b');
  });
});

describe('the broadcast', () => {
  const onAir = (): boolean => stage.model.state.broadcast.on;

  async function withShow(): Promise<[string, string]> {
    stage = await ScheduleStage.open('2026-06-01T08:00:00Z');
    await stage.destinations.create({ name: 'YT', platform: 'custom', url: 'rtmp://127.0.0.1/live', key: 'k' });
    const start = await stage.schedule.create({ name: 'start', when: { kind: 'daily', at: '10:00' }, do: { action: 'broadcast-start', record: true } });
    const stop = await stage.schedule.create({ name: 'stop', when: { kind: 'daily', at: '11:00' }, do: { action: 'broadcast-stop' } });
    return [start.id, stop.id];
  }

  test('S9: starts with a recording and stops when it is due', async () => {
    const [start, stop] = await withShow();
    await stage.to('2026-06-01T09:59:59.999Z');
    expect(onAir()).toBe(false);
    await stage.to('2026-06-01T10:00:00.010Z');
    expect([onAir(), stage.model.state.recordings.map(({ data }) => data.state)]).toEqual([true, ['recording']]);
    await stage.to('2026-06-01T11:00:00.010Z');
    expect(onAir()).toBe(false);
    expect([stage.lastRun(start), stage.lastRun(stop)]).toEqual([['10:00:00', 'done', null], ['11:00:00', 'done', null]]);
  });

  test('S9: missed by less than its grace it is late, by more skipped; of a start and a stop the stop counts', async () => {
    const [start, stop] = await withShow();
    await stage.to('2026-06-01T09:00:00Z');
    await stage.crash(HOUR + 4 * MINUTE);
    await stage.to(1000);
    expect([onAir(), stage.lastRun(start)]).toEqual([true, ['10:00:00', 'late', null]]);
    await stage.crash(HOUR);
    await stage.to(1000);
    expect([onAir(), stage.lastRun(stop)]).toEqual([false, ['11:00:00', 'late', null]]);
    await stage.crash(23 * HOUR + 30 * MINUTE);
    await stage.to(1000);
    expect(stage.lastRun(start)).toEqual(['10:00:00', 'skipped', 'It was missed by 2042 s.']);
    await stage.crash(25.5 * HOUR);
    await stage.to(1000);
    expect(stage.lastRun(start)).toEqual(['10:00:00', 'skipped', '"stop" was due after it.']);
    expect([onAir(), stage.lastRun(stop)![1]]).toEqual([false, 'skipped']);
  });

  test('S9: what fails is tried again within its grace, what is so already is done, and never twice', async () => {
    const [start, stop] = await withShow();
    const { id } = stage.destinations.list()[0]!;
    await stage.destinations.patch(id, { enabled: false }, undefined);
    await stage.to('2026-06-01T10:01:00Z');
    expect([onAir(), stage.lastRun(start)![1], stage.scheduler.status().problem?.code]).toEqual([false, 'failed', 'NO_DESTINATION']);
    await stage.destinations.patch(id, { enabled: true }, undefined);
    await stage.to(6000);
    expect([onAir(), stage.lastRun(start), stage.scheduler.status().problem]).toEqual([true, ['10:00:00', 'late', null], null]);
    await stage.broadcast.stop();
    await stage.crash(1000);
    await stage.to('2026-06-01T11:00:01Z');
    expect([onAir(), stage.lastRun(stop)]).toEqual([false, ['11:00:00', 'done', null]]);
    // Not again when the clock is set back.
    stage.clock.setWall(Date.parse('2026-06-01T09:59:00Z'));
    await stage.to('2026-06-01T10:02:00Z');
    expect(onAir()).toBe(false);
  });

  test('S9: one that never works is left at its grace\'s end', async () => {
    const [start] = await withShow();
    await stage.destinations.remove(stage.destinations.list()[0]!.id, undefined);
    await stage.to('2026-06-01T10:00:30Z');
    await stage.to('2026-06-01T10:05:01Z');
    expect(stage.scheduler.status().problem).toBeNull();
    await stage.destinations.create({ name: 'YT', platform: 'custom', url: 'rtmp://127.0.0.1/live', key: 'k' });
    await stage.to(10_000);
    expect([onAir(), stage.lastRun(start)![1]]).toEqual([false, 'failed']);
  });

  test('S10: while the schedule is held they are skipped, and not made up for', async () => {
    const [start] = await withShow();
    await stage.settings.patch({ schedule: { enabled: false } }, undefined);
    await stage.to('2026-06-01T10:01:00Z');
    await stage.settings.patch({ schedule: { enabled: true } }, undefined);
    await stage.to(5000);
    expect([onAir(), stage.lastRun(start)]).toEqual([false, ['10:00:00', 'skipped', 'The schedule was switched off.']]);
  });

  test('S14: it is not held up by a timeline that is waited for', async () => {
    await withShow();
    const b = await stage.timeline('b');
    await stage.schedule.create({ name: 'b', when: { kind: 'daily', at: '10:00:02' }, do: { action: 'play', timelineId: b, forMs: HOUR } });
    await stage.to('2026-06-01T10:00:00.010Z');
    expect(onAir()).toBe(true);
    await stage.to('2026-06-01T10:00:03Z');
    expect(stage.shown()).toEqual([['10:00:02Z', 'b', 0]]);
  });
});

test('events are refused where they make no sense, and hold what they use', async () => {
  stage = await ScheduleStage.open('2026-06-01T08:00:00Z');
  const a = await stage.timeline('a');
  const refused = (change: object) => stage.schedule.create({ name: 'x', when: { kind: 'daily', at: '10:00' }, do: { action: 'play', timelineId: a }, ...change }).then(() => 'stored', (error) => error.message as string);
  expect(await refused({ do: { action: 'play', timelineId: 'tml_none' } })).toContain('do.timelineId');
  expect(await refused({ when: { kind: 'cron', expression: 'every day' } })).toContain('when.expression');
  expect(await refused({ when: { kind: 'daily', at: '24:00' } })).toContain('when.at');
  expect(await refused({ when: { kind: 'once', at: '2026-02-30T10:00' } })).toContain('There is no such day');
  expect(await refused({ timeZone: 'Mars/Olympus' })).toContain('timeZone');
  expect(await refused({ fromDate: '2026-05-02', untilDate: '2026-05-01' })).toContain('untilDate');
  expect(await refused({ do: { action: 'broadcast-start', destinationIds: ['dst_none'] } })).toContain('do.destinationIds.0');
  const event = await stage.schedule.create({ name: 'show', when: { kind: 'daily', at: '10:00' }, do: { action: 'play', timelineId: a, forMs: HOUR } });
  expect(event).toMatchObject({ nextAt: '2026-06-01T10:00:00.000Z', lastRun: null, priority: 0, graceMs: 300_000, do: { forMs: HOUR, align: 'start' } });
  await expect(stage.timelines.remove(a, undefined)).rejects.toMatchObject({ code: 'IN_USE', details: { uses: ['in the schedule as "show"'] } });
  await stage.settings.patch({ schedule: { filler: { timelineId: a } } }, undefined);
  await stage.settings.patch({ schedule: { filler: { sourceId: stage.sourceId } } }, undefined);
  expect(stage.settings.get().schedule.filler).toEqual({ sourceId: stage.sourceId });
  await expect(stage.settings.patch({ schedule: { filler: { sceneId: 'scn_none' } } }, undefined)).rejects.toMatchObject({ code: 'VALIDATION' });
  // What was read may be sent back, though time has passed.
  await stage.to('2026-06-01T12:00:00Z');
  expect(await stage.schedule.patch(event.id, { ...event, enabled: false }, event.revision)).toMatchObject({ enabled: false, nextAt: null, revision: 2 });
  await expect(stage.schedule.patch(event.id, { name: 'y' }, 1)).rejects.toMatchObject({ code: 'STALE_REVISION' });
  await stage.schedule.remove(event.id, undefined);
  expect(() => stage.schedule.get(event.id)).toThrow('There is no event');
  expect(() => stage.schedule.plan({ from: '2026-06-01', to: '2026-08-01' })).toThrow('31 days');
  expect(() => stage.schedule.plan({ from: '2026-06-02', to: '2026-06-01' })).toThrow('later');
  expect(stage.schedule.plan({ from: '2026-06-02', to: '2026-06-03' })).toMatchObject({ from: '2026-06-02T00:00:00.000Z', windows: [{ target: { sourceId: stage.sourceId } }] });
});

import { afterEach, describe, expect, test } from 'vitest';
import { ScheduleStage } from './schedule_stage.js';

const HOUR = 3_600_000;
const MINUTE = 60_000;
/** A Monday. */
const MONDAY = '2026-06-01T08:00:00Z';

let stage: ScheduleStage;
afterEach(() => stage.scheduler.stop());

describe('windows', () => {
  test('S1, S3, S14: a timeline comes on with the moment it is due, what lies beneath comes back where it would be, then the filler', async () => {
    stage = await ScheduleStage.open(MONDAY);
    const [a, b] = [await stage.timeline('a'), await stage.timeline('b')];
    await stage.settings.patch({ schedule: { filler: { sceneId: stage.sceneId } } }, undefined);
    const long = await stage.daily('long', '10:00', a, 3 * HOUR);
    await stage.daily('short', '11:00', b, HOUR, {}, { transition: { kind: 'fade', durationMs: 500 } });
    await stage.to('2026-06-01T09:59:59.500Z');
    expect(stage.shown()).toEqual([['08:00:00.001Z', 'scene', null]]);
    await stage.to('2026-06-01T10:00:01Z');
    expect(stage.shown()).toEqual([['10:00:00Z', 'a', 0]]);
    expect(stage.lastRun(long.id)).toEqual(['10:00:00', 'done', null]);
    await stage.to('2026-06-01T11:00:01Z');
    expect(stage.shown()).toEqual([['11:00:00Z', 'b', 0]]);
    expect(stage.scheduler.status()).toMatchObject({ now: { target: { timelineId: b }, startsAt: '2026-06-01T11:00:00.000Z', endsAt: '2026-06-01T12:00:00.000Z' }, next: { at: '2026-06-01T12:00:00.000Z', eventId: long.id, action: 'play' }, problem: null });
    await stage.to('2026-06-01T12:00:01Z');
    expect(stage.shown()).toEqual([['12:00:00Z', 'a', 2 * HOUR]]);
    await stage.to('2026-06-01T13:00:01Z');
    expect(stage.shown()).toEqual([['13:00:00Z', 'scene', null]]);
    expect(stage.model.state.override).toBeNull();
    expect(stage.lastRun(long.id)).toEqual(['10:00:00', 'done', null]);
    expect(stage.scheduler.status().next).toMatchObject({ at: '2026-06-02T10:00:00.000Z', eventId: long.id });
  });

  test('without a filler, and without events, the program is left alone', async () => {
    stage = await ScheduleStage.open(MONDAY);
    await stage.to(48 * HOUR);
    expect([stage.shown(), stage.model.state.scheduled]).toEqual([[], null]);
    const a = await stage.timeline('a');
    await stage.daily('a', '10:00', a, HOUR);
    await stage.to('2026-06-03T10:00:01Z');
    await stage.to('2026-06-03T12:00:00Z');
    expect(stage.shown()).toEqual([['10:00:00Z', 'a', 0]]);
    expect(stage.scheduler.status()).toMatchObject({ now: null, next: { at: '2026-06-04T10:00:00.000Z', action: 'play' } });
  });

  test('S8, S15: joined late where it would be, or with "resume" where it stood; a window that is over is not made up for', async () => {
    stage = await ScheduleStage.open(MONDAY);
    const [a, b] = [await stage.timeline('a'), await stage.timeline('b')];
    const first = await stage.daily('first', '10:00', a, 2 * HOUR);
    const second = await stage.daily('second', '12:00', b, HOUR, {}, { align: 'resume' });
    await stage.to('2026-06-01T09:00:00Z');
    await stage.crash(1.5 * HOUR);
    await stage.to(1000);
    expect(stage.shown()).toEqual([['10:30:00Z', 'a', 30 * MINUTE]]);
    expect(stage.lastRun(first.id)).toEqual(['10:00:00', 'late', null]);
    await stage.to('2026-06-01T12:00:01Z');
    await stage.to('2026-06-01T12:59:00Z');
    await stage.crash(21 * HOUR);
    await stage.to('2026-06-02T11:00:00Z');
    expect(stage.shown()).toEqual([['12:00:00Z', 'b', 0], ['10:59:50Z', 'a', HOUR - 10_000]]);
    await stage.to('2026-06-02T12:00:01Z');
    // It stood where it was when something else took its place.
    const [[at, what, positionMs]] = stage.shown() as [[string, string, number]];
    expect([at, what]).toEqual(['12:00:00Z', 'b']);
    expect(positionMs).toBeGreaterThanOrEqual(59 * MINUTE);
    expect(stage.lastRun(second.id)).toEqual(['12:00:00', 'done', null]);
    // Away over the whole of it.
    await stage.to('2026-06-02T13:30:00Z');
    await stage.crash(22.5 * HOUR);
    await stage.to('2026-06-03T13:30:00Z');
    expect(stage.lastRun(second.id)).toEqual(['12:00:00', 'done', null]);
  });

  test('S15: one that is on program already goes on where it stands by then', async () => {
    stage = await ScheduleStage.open(MONDAY);
    const a = await stage.timeline('a', 4 * HOUR);
    await stage.daily('first', '10:00', a, HOUR, { fromDate: '2026-06-01' }, { align: 'start' });
    await stage.daily('second', '11:00', a, HOUR, { fromDate: '2026-06-01' }, { align: 'resume' });
    await stage.to('2026-06-01T10:00:01Z');
    await stage.to('2026-06-01T11:00:01Z');
    expect(stage.shown()).toEqual([['10:00:00Z', 'a', 0], ['11:00:00Z', 'a', HOUR]]);
  });

  test('S14: while the engine is away it is tried again, and comes on where it would be', async () => {
    stage = await ScheduleStage.open(MONDAY);
    const a = await stage.timeline('a');
    const event = await stage.daily('a', '10:00', a, HOUR);
    await stage.to('2026-06-01T09:59:50Z');
    stage.engine.away = true;
    await stage.to('2026-06-01T10:00:30Z');
    expect(stage.lastRun(event.id)).toEqual(['10:00:00', 'failed', 'The engine is away.']);
    expect(stage.scheduler.status().problem).toMatchObject({ code: 'ENGINE_AWAY' });
    stage.engine.away = false;
    await stage.to('2026-06-01T10:00:35Z');
    const [[at, what, positionMs]] = stage.shown() as [[string, string, number]];
    expect(what).toBe('a');
    expect(positionMs).toBe(Date.parse(`2026-06-01T${at}`) - Date.parse('2026-06-01T10:00:00Z'));
    expect(positionMs).toBeLessThanOrEqual(31_001);
    expect([stage.lastRun(event.id), stage.scheduler.status().problem]).toEqual([['10:00:00', 'late', null], null]);
    // It goes as it is waiting for the moment.
    await stage.to('2026-06-02T09:59:58Z');
    stage.engine.away = true;
    await stage.to('2026-06-02T10:00:02Z');
    stage.engine.away = false;
    await stage.to('2026-06-02T10:00:05Z');
    expect(stage.onAir).toBe('a');
    expect(stage.engine.positionMs()).toBe(stage.clock.wallMs() - Date.parse('2026-06-02T10:00:00Z'));
  });

  test('S14: a studio that is killed at any moment around a start comes back to it, and nothing is done twice', async () => {
    stage = await ScheduleStage.open(MONDAY);
    const [a, b] = [await stage.timeline('a'), await stage.timeline('b')];
    await stage.daily('a', '10:00', a, 12 * HOUR);
    const b1 = await stage.daily('b', '11:00', b, HOUR);
    for (const [day, beforeMs] of [-4000, -2999, -1500, -251, -249, -100, 0, 1, 5, 100].entries()) {
      const date = `2026-06-${String(day + 2).padStart(2, '0')}`;
      await stage.to(`${date}T10:30:00Z`);
      stage.shown();
      await stage.to(Date.parse(`${date}T11:00:00Z`) + beforeMs - stage.clock.wallMs());
      await stage.crash(40);
      await stage.to(`${date}T11:00:10Z`);
      expect([beforeMs, stage.onAir, stage.engine.positionMs()]).toEqual([beforeMs, 'b', 10_000]);
      await stage.crash(1000);
      await stage.to(`${date}T11:05:00Z`);
      // Once more at most, where it was killed between the take and the news of it; at the same position.
      const shown = stage.shown();
      expect(shown.length).toBeLessThanOrEqual(2);
      for (const [at, what, positionMs] of shown) expect([what, Math.abs(Date.parse(`${date}T${String(at)}`) - Date.parse(`${date}T11:00:00Z`) - Number(positionMs)) < 2]).toEqual(['b', true]);
      expect(stage.lastRun(b1.id)![0]).toBe('11:00:00');
    }
  });

  test('a week of it, with crashes in between, is on air as the plan has it', async () => {
    stage = await ScheduleStage.open('2026-10-23T20:00:00Z');
    await stage.settings.patch({ schedule: { filler: { sceneId: stage.sceneId }, timeZone: 'Europe/Berlin' } }, undefined);
    const ids = [await stage.timeline('a'), await stage.timeline('b'), await stage.timeline('c', 20 * MINUTE, false)];
    await stage.daily('morning', '06:00', ids[0]!, 5 * HOUR);
    await stage.daily('night', '02:30', ids[1]!, 2 * HOUR);
    await stage.daily('news', '10:00', ids[2]!, null, { priority: 5 });
    await stage.schedule.create({ name: 'weekend', when: { kind: 'weekly', days: ['sat', 'sun'], at: '10:30' }, do: { action: 'play', timelineId: ids[1]!, forMs: 3 * HOUR } });
    await stage.schedule.create({ name: 'hourly', when: { kind: 'cron', expression: '0 14-18 * * *' }, do: { action: 'play', timelineId: ids[2]!, forMs: 10 * MINUTE } });
    await stage.to(1000);
    const end = '2026-10-30T20:00:00Z';
    const { windows } = stage.schedule.plan({ from: '2026-10-23T20:00:01Z', to: end });
    expect(windows.length).toBeGreaterThan(60);
    stage.shown();
    for (const [i, { startsAt, target, eventId }] of windows.slice(1).entries()) {
      await stage.to(startsAt);
      await stage.to(20);
      if (i % 7 === 3) await stage.crash(2000);
      const shown = stage.engine.shown.splice(0);
      expect(shown.map(({ at, what }) => [Date.parse(at) - Date.parse(startsAt), what]), startsAt).toEqual([[0, stage.engine.nameOf(target!)]]);
      const begun = eventId && Date.parse(stage.scheduler.status().now!.startsAt!);
      if (begun) expect(shown[0]!.positionMs).toBe(Date.parse(startsAt) - begun);
    }
    await stage.to(end);
    expect(stage.shown()).toEqual([]);
  });
});

describe('operators', () => {
  const live = () => stage.program.take({ sourceId: stage.sourceId });
  const two = async (more: object = {}, play: object = {}): Promise<[string, string]> => {
    stage = await ScheduleStage.open(MONDAY);
    const [a, b] = [await stage.timeline('a'), await stage.timeline('b')];
    await stage.daily('a', '10:00', a, 2 * HOUR);
    await stage.daily('b', '12:00', b, HOUR, more, play);
    await stage.to('2026-06-01T10:30:00Z');
    stage.shown();
    return [a, b];
  };

  test('S11: an override stays, the next timeline comes beneath it, and release brings that where it is by then', async () => {
    const [, b] = await two();
    await live();
    await stage.to('2026-06-01T12:20:00Z');
    expect(stage.shown().map(([, what]) => what)).toEqual(['source']);
    expect(stage.model.state.override).toMatchObject({ timelineId: b });
    await stage.playback.control({ action: 'release' });
    expect(stage.shown()).toEqual([['12:20:00Z', 'b', 20 * MINUTE]]);
    await stage.to('2026-06-01T12:21:00Z');
    expect(stage.model.state).toMatchObject({ override: null, program: { timelineId: b } });
    expect(stage.shown()).toEqual([]);
  });

  test('S11: where the filler is a scene by then, release brings the scene; where it is a timeline, that, where it stood', async () => {
    await two();
    await stage.settings.patch({ schedule: { filler: { sceneId: stage.sceneId } } }, undefined);
    await live();
    await stage.to('2026-06-01T13:30:00Z');
    stage.shown();
    expect(stage.model.state.override).toMatchObject({ instead: { sceneId: stage.sceneId } });
    await stage.playback.control({ action: 'release' });
    await stage.to(1000);
    expect([stage.shown().map(([, what]) => what), stage.model.state.override]).toEqual([['scene'], null]);

    const c = await stage.timeline('c');
    await stage.settings.patch({ schedule: { filler: { timelineId: c } } }, undefined);
    await stage.to('2026-06-01T13:40:00Z');
    expect(stage.shown()).toEqual([[expect.stringMatching(/^13:30/), 'c', 0]]);
    await live();
    for (const at of ['10:00:01', '12:00:01', '13:00:01', '13:30:00']) await stage.to(`2026-06-02T${at}Z`);
    stage.shown();
    await stage.playback.control({ action: 'release' });
    // Where it was overridden, and on since it came beneath again.
    const [[, what, positionMs]] = stage.shown() as [[string, string, number]];
    expect(what).toBe('c');
    expect(positionMs).toBeGreaterThan(39 * MINUTE);
    expect(positionMs).toBeLessThan(41 * MINUTE);
  });

  test('S11: a window that begins while a release is on its way comes on after it', async () => {
    const [a] = await two();
    await stage.settings.patch({ schedule: { filler: { sceneId: stage.sceneId } } }, undefined);
    await live();
    await stage.to('2026-06-02T09:59:59Z');
    stage.shown();
    expect(stage.model.state.override).toMatchObject({ instead: { sceneId: stage.sceneId } });
    stage.engine.slowMs = 2000;
    const released = stage.playback.control({ action: 'release' });
    await stage.to('2026-06-02T10:00:10Z');
    await released;
    expect(stage.shown().map(([, what]) => what)).toEqual(['scene', 'a']);
    expect(stage.model.state).toMatchObject({ override: null, program: { timelineId: a } });
  });

  test('S11: an event with endsOverride goes on air all the same', async () => {
    const [, b] = await two({ endsOverride: true });
    await live();
    await stage.to('2026-06-01T12:00:01Z');
    expect(stage.shown().map(([at, what]) => [at, what])).toEqual([['10:30:00Z', 'source'], ['12:00:00Z', 'b']]);
    expect(stage.model.state).toMatchObject({ override: null, program: { timelineId: b } });
  });

  test('S11: an override in the seconds before the next start wins, and the next one comes beneath', async () => {
    const [, b] = await two();
    await stage.to('2026-06-01T11:59:59Z');
    await live();
    await stage.to('2026-06-01T12:00:05Z');
    expect(stage.shown().map(([, what]) => what)).toEqual(['source']);
    expect(stage.model.state.override).toMatchObject({ timelineId: b });
  });

  test('S11: released in the seconds before the next start, that comes on all the same', async () => {
    await two();
    await live();
    await stage.to('2026-06-01T11:59:59.500Z');
    stage.shown();
    await stage.playback.control({ action: 'release' });
    await stage.to('2026-06-01T12:00:02Z');
    expect(stage.shown()).toEqual([['11:59:59.500Z', 'a', 2 * HOUR - 500], ['12:00:00Z', 'b', 0]]);
  });

  test('S12: another timeline of the operator stays until something else is planned', async () => {
    await two();
    const other = await stage.timeline('other');
    await stage.playback.control({ action: 'play', timelineId: other });
    await stage.to('2026-06-01T11:59:00Z');
    await stage.crash(100);
    await stage.to('2026-06-01T11:59:30Z');
    expect(stage.shown()).toEqual([['10:30:00Z', 'other', 0]]);
    await stage.to('2026-06-01T12:00:01Z');
    expect(stage.shown()).toEqual([['12:00:00Z', 'b', 0]]);
    // Nothing is planned after it, and what an operator takes then stays.
    await stage.to('2026-06-01T14:00:00Z');
    await stage.playback.control({ action: 'play', timelineId: other });
    await stage.to('2026-06-02T09:00:00Z');
    expect(stage.shown().map(([, what]) => what)).toEqual(['other']);
  });

  test('S10: held, it does nothing; switched on, what is planned is on at once', async () => {
    await two();
    await stage.settings.patch({ schedule: { enabled: false } }, undefined);
    const other = await stage.timeline('other');
    await stage.playback.control({ action: 'play', timelineId: other });
    await stage.to('2026-06-01T11:00:00Z');
    expect(stage.shown().map(([, what]) => what)).toEqual(['other']);
    // What was on before it was held is put on again, too.
    await stage.settings.patch({ schedule: { enabled: true } }, undefined);
    await stage.to(1000);
    expect(stage.shown()).toEqual([['11:00:00Z', 'a', HOUR]]);
    await stage.settings.patch({ schedule: { enabled: false } }, undefined);
    await stage.playback.control({ action: 'play', timelineId: other });
    await stage.to('2026-06-01T12:10:00Z');
    expect(stage.shown().map(([, what]) => what)).toEqual(['other']);
    expect(stage.scheduler.status()).toEqual({ enabled: false, now: null, next: null, problem: null });
    await stage.settings.patch({ schedule: { enabled: true } }, undefined);
    await stage.to(1000);
    expect(stage.shown()).toEqual([['12:10:00Z', 'b', 10 * MINUTE]]);
  });

  test('what is changed in the plan takes effect at once', async () => {
    const [, b] = await two();
    const event = stage.schedule.list()[0]!;
    await stage.schedule.patch(event.id, { name: 'Renamed' }, event.revision);
    await stage.to(2000);
    expect(stage.shown()).toEqual([]);
    await stage.schedule.patch(event.id, { do: { action: 'play', timelineId: b, forMs: HOUR } }, undefined);
    await stage.to(2000);
    expect(stage.shown()).toEqual([['10:30:02Z', 'b', 30 * MINUTE + 2000]]);
    // The next one is deleted while it is waited for.
    await stage.to('2026-06-01T11:59:59Z');
    await stage.schedule.remove(stage.schedule.list()[1]!.id, undefined);
    await stage.to('2026-06-01T12:10:00Z');
    expect(stage.engine.desired().program).toEqual(stage.model.state.program);
    expect(stage.model.state.scheduled?.name).toBe('nothing');
  });
});

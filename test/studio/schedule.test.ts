/** The schedule of a real studio on the real clock, with a stand-in for the engine that answers when a take is due. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readBootId, systemClock } from '../../src/runtime/clock.js';
import { StateSnapshot } from '../../src/protocol/state.js';
import { BroadcastStatus } from '../../src/protocol/status.js';
import { IDLE_EGRESS, IDLE_ENGINE, liveDestination, type Peer, StudioProcess } from '../support/studio-process.js';
import { delay, waitFor } from '../support/wait.js';

const bootId = readBootId();
/** The real engine hands a take to its compositor this long before. */
const HANDED_MS = 250;

interface Taken {
  target: { timelineId?: string; sourceId?: string; sceneId?: string };
  start?: { is: string; positionMs?: number; playback?: { zeroUs: number; bootId: string } };
  transition?: object;
  atUs?: number;
}

describe('the schedule', () => {
  let studio: StudioProcess;
  let engine: Peer<'engine'>;
  let taken: Taken[];
  const timelines: string[] = [];

  const answer = async (name: string, payload: Taken): Promise<unknown> => {
    expect(name).toBe('take');
    taken.push(payload);
    const { atUs, start, target } = payload;
    if (target.timelineId) expect(engine.last!.timelines.map(({ id }) => id)).toContain(target.timelineId);
    if (atUs !== undefined) await delay(Math.max(0, atUs / 1000 - HANDED_MS - systemClock.monotonicMs()));
    const ptsMs = Math.max(systemClock.monotonicMs(), (atUs ?? 0) / 1000);
    const reply = { frame: Math.round(ptsMs * 0.03), ptsMs };
    if (!target.timelineId) return reply;
    const zeroMs = ptsMs - (start?.positionMs ?? 0);
    const playback = start?.is === 'as' ? start.playback : { is: 'playing', zeroUs: zeroMs * 1000, bootId, zeroWallMs: Date.now() + zeroMs - systemClock.monotonicMs() };
    return { ...reply, playback };
  };
  const attach = async (): Promise<void> => {
    engine = studio.peer('engine', IDLE_ENGINE, answer);
    await waitFor('the engine', async () => (await studio.api('GET', '/health')).body.processes.engine);
  };

  beforeAll(async () => {
    taken = [];
    studio = await StudioProcess.start();
    await attach();
    const source = (await studio.api('GET', '/sources')).body.items[2].id;
    for (const name of ['A', 'B']) {
      timelines.push((await studio.api('POST', '/timelines', { name, loop: true, tracks: [{ kind: 'video', clips: [{ sourceId: source, startMs: 0, durationMs: 60_000 }] }] })).body.id);
    }
  });
  afterAll(async () => {
    await engine?.stop();
    await studio?.stop();
  });

  const state = async () => (await studio.api('GET', '/state')).body;
  /** A whole second from now on, and how the wall clock and the monotonic one call it. */
  const inSeconds = (seconds: number): { at: string; wallMs: number; monotonicMs: number } => {
    const wallMs = Math.ceil((Date.now() + seconds * 1000) / 1000) * 1000;
    return { at: new Date(wallMs).toISOString().slice(0, 19), wallMs, monotonicMs: systemClock.monotonicMs() + wallMs - Date.now() };
  };
  const once = (at: string, more: object, play: object = {}) =>
    studio.api('POST', '/schedule', { name: 'Show', timeZone: 'UTC', when: { kind: 'once', at }, do: { action: 'play', timelineId: timelines[0], forMs: 4000, ...play }, ...more });
  const lastRun = async (id: string) => (await studio.api('GET', `/schedule/${id}`)).body.lastRun;

  test('events are made, listed, changed and deleted like other things, and shown in the snapshot with when they start next', async () => {
    const made = await studio.api('POST', '/schedule', { name: 'Morning', timeZone: 'Europe/Berlin', when: { kind: 'daily', at: '06:00' }, do: { action: 'play', timelineId: timelines[1], forMs: 3_600_000 }, fromDate: '2100-01-01' });
    expect([made.status, made.headers.get('etag'), made.body.nextAt]).toEqual([201, '"1"', '2100-01-01T05:00:00.000Z']);
    const { id } = made.body;
    expect((await studio.api('GET', '/schedule')).body).toEqual({ items: [made.body] });
    expect(StateSnapshot.parse(await state()).schedule).toEqual([made.body]);
    const changed = await studio.api('PATCH', `/schedule/${id}`, { ...made.body, when: { kind: 'weekly', days: ['mon'], at: '06:00' } }, { 'If-Match': '"1"' });
    expect([changed.status, changed.body.nextAt, changed.body.revision]).toEqual([200, '2100-01-04T05:00:00.000Z', 2]);
    expect((await studio.api('PATCH', `/schedule/${id}`, { name: 'x' }, { 'If-Match': '"1"' })).body.error.code).toBe('STALE_REVISION');
    expect((await studio.api('DELETE', `/timelines/${timelines[1]}`)).body.error.details).toEqual({ uses: ['in the schedule as "Morning"'] });
    const plan = await studio.api('GET', '/schedule/plan?from=2100-01-04&to=2100-01-05');
    expect(plan.body).toMatchObject({ points: [], warnings: [], windows: [{ target: null }, { eventId: id, startsAt: '2100-01-04T05:00:00.000Z', endsAt: '2100-01-04T06:00:00.000Z', target: { timelineId: timelines[1] } }, { target: null }] });
    for (const query of ['from=yesterday', 'from=2100-01-01&to=2100-06-01', 'from=2100-01-02&to=2100-01-01', 'since=2100-01-01', `from=${encodeURIComponent('2100-01-01T00:00:00+25:00')}`]) {
      const refused = await studio.api('GET', `/schedule/plan?${query}`);
      expect([query, refused.status, refused.body.error?.code]).toEqual([query, 400, 'VALIDATION']);
    }
    expect((await studio.api('DELETE', `/schedule/${id}`)).status).toBe(204);
    expect((await studio.api('GET', `/schedule/${id}`)).status).toBe(404);
  });

  test('a timeline is asked for ahead with the moment it is due, then the filler, and all of it is told', async () => {
    const { scenes } = await state();
    await studio.api('PATCH', '/settings', { schedule: { filler: { sceneId: scenes[0].id } } });
    await waitFor('the filler', () => taken.length === 1);
    expect(taken.shift()).toEqual({ target: { sceneId: scenes[0].id }, scheduled: true });
    const due = inSeconds(4);
    const event = (await once(due.at, {}, { transition: { kind: 'fade', durationMs: 200 } })).body;
    expect(event.nextAt).toBe(`${due.at}.000Z`);
    const [ahead] = await waitFor('the take', () => taken.length > 0 && taken);
    const askedMs = systemClock.monotonicMs();
    expect(due.monotonicMs - askedMs).toBeGreaterThan(1500);
    expect(ahead).toMatchObject({ target: { timelineId: timelines[0] }, transition: { kind: 'fade' }, start: { is: 'as', playback: { bootId } } });
    expect(Math.abs(ahead!.atUs! / 1000 - due.monotonicMs)).toBeLessThan(5);
    expect(ahead!.start!.playback!.zeroUs).toBe(ahead!.atUs);
    await waitFor('the program', async () => (await state()).program.timelineId === timelines[0]);
    await waitFor('what came of it', async () => (await lastRun(event.id))?.result === 'done');
    const status = BroadcastStatus.parse((await studio.api('GET', '/broadcast')).body).schedule;
    expect(status).toMatchObject({ enabled: true, now: { eventId: event.id, target: { timelineId: timelines[0] } }, next: { action: 'filler' }, problem: null });
    const metrics = await (await fetch(`${studio.url}/metrics`, { headers: { Authorization: `Bearer ${studio.token}` } })).text();
    for (const line of [/schedule_failed 0/, /schedule_held 0/, /schedule_planned 1/, /schedule_next_seconds [0-9.]+/]) expect(metrics).toMatch(line);
    const end = await waitFor('the filler', () => taken.length > 1 && taken.at(-1));
    expect(end.target).toEqual({ sceneId: scenes[0].id });
    expect(Math.abs(end.atUs! / 1000 - due.monotonicMs - 4000)).toBeLessThan(5);
    await waitFor('the program', async () => (await state()).program.sceneId === scenes[0].id);
    expect((await state()).override).toBeNull();
    expect(taken.splice(0)).toHaveLength(2);
  });

  test('killed in the seconds before a start, the studio comes back to it; killed after it, it does nothing twice', async () => {
    const due = inSeconds(4);
    const event = (await once(due.at, { endsOverride: true }, { forMs: 60_000 })).body;
    await waitFor('the take', () => taken.length > 0);
    taken.length = 0;
    await studio.kill();
    await engine.stop();
    studio = await StudioProcess.start({ after: studio });
    await attach();
    await waitFor('the program', async () => (await state()).program.timelineId === timelines[0]);
    for (const { start } of taken) expect(Math.abs(start!.playback!.zeroUs / 1000 - due.monotonicMs)).toBeLessThan(5);
    await waitFor('what came of it', async () => (await lastRun(event.id))?.dueAt === `${due.at}.000Z` && (await lastRun(event.id)).result !== 'failed');
    taken.length = 0;
    await studio.kill();
    await engine.stop();
    studio = await StudioProcess.start({ after: studio });
    await attach();
    await delay(1500);
    expect(taken).toEqual([]);
    expect((await state()).program.timelineId).toBe(timelines[0]);
    expect((await studio.api('DELETE', `/schedule/${event.id}`)).status).toBe(204);
    await waitFor('the filler', async () => (await state()).program.sceneId !== undefined);
    taken.length = 0;
  });

  test('an engine that is away when it is due gets it when it is back, where it would be; beneath an operator\'s override it is not touched', async () => {
    await engine.stop();
    const due = inSeconds(1);
    const event = (await once(due.at, {}, { forMs: 60_000 })).body;
    await waitFor('the failure', async () => (await lastRun(event.id))?.result === 'failed');
    expect((await studio.api('GET', '/broadcast')).body.schedule.problem.code).toBe('ENGINE_AWAY');
    await attach();
    await waitFor('the program', async () => (await state()).program.timelineId === timelines[0]);
    const [late] = taken.splice(0);
    expect(late).not.toHaveProperty('atUs');
    expect(Math.abs(late!.start!.playback!.zeroUs / 1000 - due.monotonicMs)).toBeLessThan(5);
    // Within two seconds it would still be in time.
    await waitFor('what came of it', async () => ['done', 'late'].includes((await lastRun(event.id))?.result));

    const { sources, program } = await state();
    expect(program.timelineId).toBe(timelines[0]);
    expect((await studio.api('POST', '/program/take', { sourceId: sources[0].id })).status).toBe(200);
    const next = inSeconds(2);
    await once(next.at, { name: 'Next' }, { timelineId: timelines[1], forMs: 60_000 });
    await waitFor('the next one beneath', async () => (await state()).override?.timelineId === timelines[1]);
    expect((await state()).program).toEqual({ sourceId: sources[0].id });
    taken.length = 0;
    expect((await studio.api('POST', '/playback', { action: 'release' })).status).toBe(200);
    expect(taken[0]!.target).toEqual({ timelineId: timelines[1] });
    expect(Math.abs(taken[0]!.start!.playback!.zeroUs / 1000 - next.monotonicMs)).toBeLessThan(5);
  });

  test('the broadcast is started and stopped when it is due', async () => {
    const destination = (await studio.api('POST', '/destinations', { name: 'D', url: 'rtmp://127.0.0.1:1/live', key: 'k' })).body.id;
    const egress = studio.peer('egress', { ...IDLE_EGRESS, destinations: [liveDestination(destination)] });
    const [start, stop] = [inSeconds(2), inSeconds(4)];
    const when = (at: string) => ({ name: 'Air', timeZone: 'UTC', when: { kind: 'once', at } });
    await studio.api('POST', '/schedule', { ...when(start.at), do: { action: 'broadcast-start', destinationIds: [destination] } });
    await studio.api('POST', '/schedule', { ...when(stop.at), do: { action: 'broadcast-stop' } });
    const begun = await waitFor('the start', async () => { const { broadcast } = await state(); return broadcast.destinationIds.length > 0 && broadcast; });
    expect(begun.destinationIds).toEqual([destination]);
    expect(Math.abs(Date.parse(begun.startedAt) - start.wallMs)).toBeLessThan(500);
    await waitFor('the stop', async () => (await state()).broadcast.startedAt === null);
    expect(Math.abs(Date.now() - stop.wallMs)).toBeLessThan(1500);
    await egress.stop();
  });
});

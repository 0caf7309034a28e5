/** What every store of jobs must do: the fake, the studio's table, and the sidecar's way to it over the link run the same suite. */
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { LONGEST_WAIT_MS, MOST_LOSSES } from '../../src/domain/jobs/retry.js';
import type { JobStore } from '../../src/domain/jobs/store.js';
import { LEASE_MS } from '../../src/domain/jobs/work.js';
import { MOST_RESULT_BYTES, type Job, type Lease, type NewJob, type NewStep, type Taken } from '../../src/protocol/jobs.js';
import { LinkClient } from '../../src/runtime/link-client.js';
import { LinkServer } from '../../src/runtime/link-server.js';
import { silentLog } from '../../src/runtime/log.js';
import { RemoteJobs } from '../../src/sidecar/jobs/remote-store.js';
import { answerJobAsks } from '../../src/studio/services/job-asks.js';
import { JobTable } from '../../src/studio/store/job-table.js';
import { SqliteStore } from '../../src/studio/store/sqlite-store.js';
import { FakeClock } from '../fakes/fake-clock.js';
import { MemoryJobs } from '../fakes/memory-jobs.js';
import { removeFolder, tempFolder } from '../support/temp.js';
import { waitFor } from '../support/wait.js';

interface Home { store: JobStore; reopen(): Promise<void>; drop(): Promise<void> }
const MOST_ENDED = 3;
const random = () => 1;

function memory(clock: FakeClock): Promise<Home> {
  return Promise.resolve({ store: new MemoryJobs({ clock, random, mostEnded: MOST_ENDED }), reopen: () => Promise.resolve(), drop: () => Promise.resolve() });
}

async function table(clock: FakeClock): Promise<Home> {
  const folder = tempFolder();
  let ids = 0;
  const open = async () => {
    const sqlite = new SqliteStore(join(folder, 'studio.db'));
    await sqlite.start();
    return { sqlite, store: new JobTable({ clock, random, mostEnded: MOST_ENDED, ...sqlite.jobs, newId: () => `job-${ids++}` }) };
  };
  let opened = await open();
  return {
    get store() { return opened.store; },
    async reopen() {
      await opened.sqlite.stop();
      opened = await open();
    },
    async drop() {
      await opened.sqlite.stop();
      removeFolder(folder);
    },
  };
}

async function remote(clock: FakeClock): Promise<Home> {
  const behind = await table(clock);
  const folder = tempFolder();
  let isConnected = false;
  const server = new LinkServer({
    socketPath: join(folder, 's'), log: silentLog, desired: () => ({ finish: [] }) as never, onActual: () => undefined, onEvent: () => undefined,
    onPresence: (_role, connected) => { isConnected = connected; }, onAsk: (name, payload, role) => answerJobAsks(behind.store)(name, payload, role),
  });
  await server.start();
  const client = new LinkClient({ role: 'sidecar', socketPath: join(folder, 's'), log: silentLog, actual: () => ({ recordings: [] }), onDesired: () => undefined });
  client.start();
  await waitFor('the link', () => isConnected);
  return {
    store: new RemoteJobs(client), reopen: () => behind.reopen(),
    async drop() {
      await client.stop();
      await server.stop();
      await behind.drop();
      removeFolder(folder);
    },
  };
}

const step = (name: string, needs: string[] = [], change: Partial<NewStep> = {}): NewStep => ({ name, needs, input: { of: 'a' }, ...change });
const job = (steps: NewStep[], change: Partial<NewJob> = {}): NewJob => ({ kind: 'analyze', subject: { is: 'recording', recordingId: 'rec_1' }, askedBy: 'automatic', steps, ...change });
const NAMES = ['features', 'find', 'cut', 'title', 'other'];
const ANNA = { name: 'anna', life: '1' };
const BOB = { name: 'bob', life: '1' };
const ERROR = { code: 'STEP_FAILED', message: 'It rained.' } as const;

describe.each([['in memory', memory], ['in the database', table], ['over the link', remote]])('jobs %s', (_name, make) => {
  let clock: FakeClock;
  let home: Home;
  beforeEach(async () => {
    clock = new FakeClock();
    home = await make(clock);
  });
  afterEach(() => home.drop());
  const take = (worker = ANNA) => home.store.take(worker, NAMES);
  const taken = async (worker = ANNA): Promise<Taken> => (await take(worker)) ?? expect.fail('nothing was ready');
  const is = async (id: string): Promise<string> => {
    const { state, steps } = (await home.store.get(id))!;
    return `${state}: ${steps.map((one) => `${one.id} ${one.status.is}`).join(', ')}`;
  };
  const statusOf = (one: Job, id: string) => one.steps.find((each) => each.id === id)!.status;
  const held = (lease: Lease) => home.store.heartbeat(lease, { progress: 0, text: '' });

  test('does each step when what it needs is done, and hands it the results', async () => {
    const submitted = await home.store.submit(job([step('find', ['features', 'other']), step('features'), step('other')], { id: 'a' }));
    expect(submitted).toMatchObject({ id: 'a', kind: 'analyze', subject: { is: 'recording', recordingId: 'rec_1' }, askedBy: 'automatic', state: 'waiting', progress: 0, endedAtMs: null, error: null, createdAtMs: clock.wallMs() });
    const first = await taken();
    expect(first).toMatchObject({ name: 'features', input: { of: 'a' }, results: {} });
    expect(await is('a')).toBe('running: features running, other waiting, find waiting');
    expect(await home.store.complete(first.lease, { bins: 3 })).toBe('done');
    const second = await taken(BOB);
    expect(second.name).toBe('other');
    expect(await take()).toBeNull();
    expect(await home.store.complete(second.lease, undefined)).toBe('done');
    const third = await taken();
    expect(third).toMatchObject({ name: 'find', results: { features: { bins: 3 }, other: null } });
    await home.reopen();
    await home.store.complete(third.lease, ['found']);
    expect(await home.store.get('a')).toMatchObject({ state: 'done', progress: 1, text: '', endedAtMs: clock.wallMs() });
    expect(await home.store.results('a')).toEqual({ features: { bins: 3 }, other: null, find: ['found'] });
    expect(await home.store.results('nobody')).toEqual({});
    expect(await take()).toBeNull();
  });

  test('does a step once, whoever asks for it, at the same time or later', async () => {
    await home.store.submit(job([step('features'), step('find', ['features'])], { id: 'a' }));
    await home.store.submit(job([step('features'), step('title', ['features'])], { id: 'b' }));
    const first = await taken();
    expect(await take(BOB)).toBeNull();
    await home.store.complete(first.lease, 1);
    expect(await is('a')).toBe('waiting: features done, find waiting');
    expect(await is('b')).toBe('waiting: features done, title waiting');
    expect(await home.store.submit(job([step('features')], { id: 'c' }))).toMatchObject({ state: 'done', progress: 1 });
    for (const change of [{ version: 2 }, { input: { of: 'b' } }]) {
      expect(await home.store.submit(job([step('features', [], change)], { id: 'd' }))).toMatchObject({ state: 'waiting' });
    }
  });

  test('takes only what the worker can do, an operator\'s before others, older before newer', async () => {
    await home.store.submit(job([step('cut', [], { input: 1 })]));
    await home.store.submit(job([step('cut', [], { input: 2 }), step('cut', [], { input: 3, id: 'cut-2' })], { askedBy: 'operator' }));
    await home.store.submit(job([step('cut', [], { input: 4 })]));
    expect(await home.store.take(ANNA, ['find'])).toBeNull();
    expect(await home.store.take(ANNA, [])).toBeNull();
    const inputs = [];
    for (let i = 0; i < 4; i++) inputs.push((await taken()).input);
    expect(inputs).toEqual([2, 3, 1, 4]);
    // What is asked for again by an operator is moved up with what it needs.
    await home.store.submit(job([step('cut', [], { input: 5 })]));
    await home.store.submit(job([step('cut', [], { input: 6 })], { id: 'six' }));
    await home.store.submit(job([step('cut', [], { input: 6 })], { id: 'six', askedBy: 'operator' }));
    expect((await taken()).input).toBe(6);
  });

  test('refuses a worker that comes late: its lease ran out and was taken back, though nobody has taken it since', async () => {
    await home.store.submit(job([step('features')], { id: 'a' }));
    const late = (await taken()).lease;
    await clock.advance(LEASE_MS - 1);
    expect(await home.store.expire()).toBe(0);
    expect(await held(late)).toBe('held');
    await clock.advance(LEASE_MS);
    expect(await home.store.expire()).toBe(1);
    expect(await home.store.expire()).toBe(0);
    expect(await held(late)).toBe('lost');
    const { lease } = await taken(BOB);
    expect(lease.token).toBeGreaterThan(late.token);
    expect(await held(late)).toBe('lost');
    expect(await home.store.complete(late, 'late')).toBe('lost');
    expect(await home.store.fail(late, ERROR, true)).toBe('lost');
    await home.store.release(late);
    expect(await home.store.complete(lease, 'in time')).toBe('done');
    expect(await home.store.complete(late, 'late')).toBe('lost');
    expect(await home.store.results('a')).toEqual({ features: 'in time' });
    // Its answer got lost on the way: it is said again.
    expect(await home.store.complete(lease, 'again')).toBe('done');
    expect(await home.store.results('a')).toEqual({ features: 'in time' });
  });

  test('lets a worker go on that was out of reach for long, if nobody took it back', async () => {
    await home.store.submit(job([step('features')], { id: 'a' }));
    const { lease } = await taken();
    await clock.advance(10 * LEASE_MS);
    await home.reopen();
    expect(await held(lease)).toBe('held');
    expect(await home.store.expire()).toBe(0);
    expect(await home.store.complete(lease, 1)).toBe('done');
  });

  test('gives back at once what a worker had in its life before, and neither what it has nor what others have', async () => {
    await home.store.submit(job([step('features'), step('other'), step('cut')], { id: 'a' }));
    const before = await taken();
    const others = await taken(BOB);
    const next = { name: 'anna', life: '2' };
    const again = await taken(next);
    expect(again.name).toBe(before.name);
    expect(again.lease.token).toBeGreaterThan(before.lease.token);
    expect((await taken(next)).name).toBe('cut');
    expect(await held(others.lease)).toBe('held');
    expect(await held(again.lease)).toBe('held');
    expect(await home.store.complete(before.lease, 1)).toBe('lost');
  });

  test('lives over a clock that is set back', async () => {
    await home.store.submit(job([step('features'), step('other')], { id: 'a' }));
    await taken();
    const failing = await taken();
    await home.store.fail(failing.lease, ERROR, false);
    clock.setWall(clock.wallMs() - 2 * LONGEST_WAIT_MS);
    expect(await home.store.expire()).toBe(1);
    expect((await taken()).name).toBe('features');
    expect((await taken()).name).toBe('other');
  });

  test('tries again after a wait, and gives a step up in the end with its last error; what does not need it is done all the same', async () => {
    await home.store.submit(job([step('features'), step('find', ['features']), step('cut', [], { media: true })], { id: 'a' }));
    const tries = { features: 0, cut: 0 };
    const waits: number[] = [];
    for (;;) {
      const next = await take();
      if (!next) {
        const state = (await home.store.get('a'))!;
        if (state.endedAtMs !== null) break;
        expect(state.steps.some(({ status }) => status.is === 'waiting' && status.error?.message.startsWith('It rained'))).toBe(true);
        waits.push(Math.min(...state.steps.flatMap(({ status }) => (status.is === 'waiting' && status.failures > 0 ? [status.notBeforeMs - clock.wallMs()] : []))));
        await clock.advance(waits.at(-1)! - 1);
        expect(await take()).toBeNull();
        await clock.advance(1);
        continue;
      }
      const name = next.name as 'features' | 'cut';
      tries[name] += 1;
      const isLast = tries[name] === (name === 'cut' ? 3 : 4);
      expect(await home.store.fail(next.lease, { ...ERROR, message: `It rained ${tries[name]}.` }, false)).toBe(isLast ? 'dead' : 'again');
      expect(await held(next.lease)).toBe('lost');
    }
    expect(tries).toEqual({ features: 4, cut: 3 });
    expect(waits).toEqual([4_000, 8_000, 16_000]);
    expect(await is('a')).toBe('failed: features dead, cut dead, find cancelled');
    const over = (await home.store.get('a'))!;
    expect(over.error).toEqual({ code: 'STEP_FAILED', message: 'It rained 4.' });
    expect(statusOf(over, 'cut')).toMatchObject({ error: { message: 'It rained 3.' } });
    expect(await home.store.counts()).toEqual({ jobs: { waiting: 0, running: 0, done: 0, failed: 1, cancelled: 0 }, deadLetters: 2 });

    // Asked for again, it is all tried anew.
    expect(await home.store.submit(job([step('features'), step('find', ['features']), step('cut', [], { media: true })], { id: 'a' }))).toMatchObject({ state: 'waiting', error: null, endedAtMs: null });
    expect(await is('a')).toBe('waiting: features waiting, cut waiting, find waiting');
    for (let i = 0; i < 3; i++) await home.store.complete((await taken()).lease, i);
    expect(await is('a')).toBe('done: features done, cut done, find done');
    expect((await home.store.counts()).deadLetters).toBe(0);
  });

  test('does not try again what fails for good, and does what else there is', async () => {
    await home.store.submit(job([step('features'), step('find', ['features']), step('other')], { id: 'a' }));
    expect(await home.store.fail((await taken()).lease, ERROR, true)).toBe('dead');
    expect(await is('a')).toBe('waiting: features dead, other waiting, find waiting');
    expect((await home.store.get('a'))!.error).toEqual(ERROR);
    await home.store.complete((await taken()).lease, 1);
    expect(await is('a')).toBe('failed: features dead, other done, find cancelled');
  });

  test('gives up a step that takes its worker with it again and again, and not one that was released', async () => {
    await home.store.submit(job([step('features')], { id: 'a' }));
    for (let i = 0; i < 5; i++) await home.store.release((await taken()).lease);
    await taken({ name: 'anna', life: '0' });
    for (let i = 1; i < MOST_LOSSES; i++) {
      const worker = { name: 'anna', life: String(i) };
      // The first times it goes on at once, then after a wait.
      const again = await take(worker);
      expect(again !== null).toBe(i <= 3);
      await clock.advance(again ? 0 : LONGEST_WAIT_MS);
      if (!again) await taken(worker);
    }
    expect((await home.store.get('a'))!.state).toBe('running');
    expect(await take({ name: 'anna', life: 'last' })).toBeNull();
    expect((await home.store.get('a'))!).toMatchObject({ state: 'failed', error: { code: 'STEP_LOST' } });
  });

  test('cancels a job: what waits is not begun, what runs is told; what another job wants goes on', async () => {
    await home.store.submit(job([step('features'), step('find', ['features']), step('other')], { id: 'a' }));
    await home.store.submit(job([step('features')], { id: 'b' }));
    const shared = await taken();
    const own = await taken();
    expect(await home.store.cancel('a')).toMatchObject({ state: 'cancelled', endedAtMs: clock.wallMs() });
    expect(await held(shared.lease)).toBe('held');
    expect(await held(own.lease)).toBe('cancelled');
    expect(await home.store.complete(own.lease, 1)).toBe('lost');
    await home.store.release(own.lease);
    await home.store.complete(shared.lease, 1);
    expect(await is('a')).toBe('cancelled: features done, other cancelled, find cancelled');
    expect(await is('b')).toBe('done: features done');
    expect(await take()).toBeNull();
    expect((await home.store.cancel('b')).state).toBe('done');
    await expect(home.store.cancel('nobody')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(await home.store.get('nobody')).toBeNull();
    // Wanted again: not before whoever was at it has let go.
    await home.store.submit(job([step('other')], { id: 'c' }));
    expect(await take(BOB)).toBeNull();
    await clock.advance(LEASE_MS);
    expect((await taken(BOB)).name).toBe('other');
    expect(await home.store.complete(own.lease, 1)).toBe('lost');
  });

  test('brings a job that is submitted again to what it says now', async () => {
    await home.store.submit(job([step('features'), step('cut', ['features'], { input: 1 }), step('other', ['cut'])], { id: 'a' }));
    await home.store.complete((await taken()).lease, 'f');
    const old = await taken();
    expect(old.name).toBe('cut');
    const now = await home.store.submit(job([step('features'), step('cut', ['features'], { input: 2 })], { id: 'a' }));
    expect(now.steps.map(({ id, status }) => `${id} ${status.is}`)).toEqual(['features done', 'cut waiting']);
    expect(await held(old.lease)).not.toBe('held');
    expect(await home.store.complete(old.lease, 1)).toBe('lost');
    expect(await taken()).toMatchObject({ name: 'cut', input: 2, results: { features: 'f' } });
    expect(await take()).toBeNull();
    expect((await home.store.list({})).map(({ id }) => id)).toEqual(['a']);
  });

  test('tells progress, of the step and of the job', async () => {
    await home.store.submit(job([step('features'), step('other')], { id: 'a' }));
    const { lease } = await taken();
    await home.store.heartbeat(lease, { progress: 0.5, text: 'minute 3 of 6' });
    expect(await home.store.get('a')).toMatchObject({ state: 'running', progress: 0.25, text: 'minute 3 of 6' });
    await home.store.release(lease);
    expect((await home.store.get('a'))!.progress).toBe(0);
    await taken();
    expect(statusOf((await home.store.get('a'))!, 'features')).toEqual({ is: 'running', worker: 'anna', sinceMs: clock.wallMs(), progress: 0, text: '' });
    await taken(BOB);
    expect((await home.store.get('a'))!.text).toBe('features');
  });

  test('refuses what is no graph, and results that are too large', async () => {
    const refused = (steps: NewStep[], sentence: RegExp) => expect(home.store.submit(job(steps, { id: 'a' }))).rejects.toMatchObject({ code: 'VALIDATION', message: expect.stringMatching(sentence) });
    await refused([step('cut'), step('cut')], /same id/);
    await refused([step('cut', ['find'])], /needs "find"/);
    await refused([step('cut', ['find']), step('find', ['cut']), step('other')], /"cut", "find" need each other/);
    await refused([step('cut', [], { input: 'x'.repeat(70_000) })], /70002 bytes/);
    await refused([step('Cut!')], /name of a step/);
    expect(await home.store.get('a')).toBeNull();
    await home.store.submit(job([step('cut')], { id: 'a' }));
    const { lease } = await taken();
    await expect(home.store.complete(lease, 'é'.repeat(MOST_RESULT_BYTES / 2))).rejects.toMatchObject({ code: 'TOO_LARGE', message: expect.stringContaining('262146 bytes') });
    expect(await home.store.complete(lease, 'é'.repeat(MOST_RESULT_BYTES / 2 - 1))).toBe('done');
  });

  test('lists the newest first, by what they are of, and forgets the oldest that are over', async () => {
    const finish = async (id: string) => {
      await home.store.submit(job([step('cut', [], { input: id })], { id }));
      await home.store.complete((await taken()).lease, id);
      await clock.advance(10);
    };
    for (const id of ['1', '2', '3', '4', '5']) await finish(id);
    await home.store.submit(job([step('cut', [], { input: '6' })], { id: '6', kind: 'export', subject: { is: 'file', path: 'films/a.mp4' } }));
    const ids = async (query: Parameters<JobStore['list']>[0]) => (await home.store.list(query)).map(({ id }) => id);
    expect(await ids({})).toEqual(['6', '5', '4', '3']);
    expect(await ids({ limit: 2 })).toEqual(['6', '5']);
    expect(await ids({ open: true })).toEqual(['6']);
    expect(await ids({ open: false, recordingId: 'rec_1' })).toEqual(['5', '4', '3']);
    expect(await ids({ kind: 'export' })).toEqual(['6']);
    expect((await home.store.get('6'))!.subject).toEqual({ is: 'file', path: 'films/a.mp4' });
    expect(await home.store.results('1')).toEqual({});
    // Its result went with it; that of one that is kept is there.
    expect((await home.store.submit(job([step('cut', [], { input: '1' })], { id: 'again' }))).state).toBe('waiting');
    expect((await home.store.submit(job([step('cut', [], { input: '5' })], { id: 'and' }))).state).toBe('done');
  });
});

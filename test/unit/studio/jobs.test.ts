/** Jobs as the studio's services have them: who is told, what is counted, what is taken back when, and a disk that is full. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { LEASE_MS } from '../../../src/domain/jobs/work.js';
import type { NewJob } from '../../../src/protocol/jobs.js';
import { silentLog } from '../../../src/runtime/log.js';
import { Jobs } from '../../../src/studio/services/jobs.js';
import { FakeClock, settled } from '../../fakes/fake-clock.js';
import { MemoryJobs } from '../../fakes/memory-jobs.js';

const WORKER = { name: 'anna', life: '1' };
const JOB: NewJob = { id: 'a', kind: 'k', subject: { is: 'file', path: 'x' }, askedBy: 'automatic', steps: [{ name: 'cut', input: 1 }] };
let clock: FakeClock;
let store: MemoryJobs;
let jobs: Jobs;
beforeEach(() => {
  clock = new FakeClock();
  store = new MemoryJobs({ clock });
  jobs = new Jobs({ store, clock, log: silentLog });
  jobs.start();
});
afterEach(() => jobs.stop());

test('a studio that has come back takes nothing back before the time of a lease, and then what nobody renewed', async () => {
  await jobs.submit(JOB);
  const taken = (await jobs.take(WORKER, ['cut']))!;
  await clock.advance(LEASE_MS - 1);
  expect((await jobs.get('a'))!.state).toBe('running');
  await jobs.heartbeat(taken.lease, { progress: 0, text: '' });
  await clock.advance(LEASE_MS - 10);
  expect((await jobs.get('a'))!.state).toBe('running');
  await clock.advance(2_010);
  expect((await jobs.get('a'))!.state).toBe('waiting');
});

test('outcomes and seconds are counted by the names of steps', async () => {
  await jobs.submit(JOB);
  const taken = (await jobs.take(WORKER, ['cut']))!;
  await clock.advance(2_500);
  expect(await jobs.fail(taken.lease, { code: 'STEP_FAILED', message: 'no' }, false)).toBe('again');
  await clock.advance(10_000);
  const again = (await jobs.take(WORKER, ['cut']))!;
  await clock.advance(500);
  expect(await jobs.complete(taken.lease, 1)).toBe('lost');
  expect(await jobs.complete(again.lease, 1)).toBe('done');
  // Said again, it is not counted again.
  expect(await jobs.complete(again.lease, 1)).toBe('done');
  expect(Object.fromEntries(jobs.sums)).toEqual({ cut: { outcomes: { done: 1, again: 1, dead: 0, lost: 0 }, seconds: 3 } });
});

test('many changes in one turn are told once, until nobody listens', async () => {
  const told: (readonly string[])[] = [];
  const end = jobs.onChange((ids) => told.push(ids));
  jobs.changed(['a', 'b']);
  jobs.changed(['b', 'c']);
  await settled();
  expect(told).toEqual([['a', 'b', 'c']]);
  end();
  jobs.changed(['a']);
  await settled();
  expect(told).toHaveLength(1);
});

test('a store that fails is told in words to who called, and to nobody else', async () => {
  store.take = () => Promise.reject(Object.assign(new Error('database or disk is full'), { code: 'SQLITE_FULL' }));
  await expect(jobs.take(WORKER, ['cut'])).rejects.toMatchObject({ code: 'DISK_FULL' });
  store.take = () => { throw new Error('no such table: job_works'); };
  await expect(jobs.take(WORKER, ['cut'])).rejects.toMatchObject({ code: 'DISK_ERROR', message: expect.stringContaining('no such table') });
  store.expire = () => Promise.reject(new Error('no'));
  await clock.advance(10 * LEASE_MS);
  expect((await jobs.submit(JOB)).state).toBe('waiting');
});

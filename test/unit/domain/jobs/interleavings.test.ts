/**
 * Two workers, time that passes, leases that run out, cancels and submits in any order: on the fake, which passes the same contract suite as the
 * table, and on the table where there is time.
 */
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import type { JobStore } from '../../../../src/domain/jobs/store.js';
import type { NewJob, Taken } from '../../../../src/protocol/jobs.js';
import { JobTable } from '../../../../src/studio/store/job-table.js';
import { SqliteStore } from '../../../../src/studio/store/sqlite-store.js';
import { FakeClock } from '../../../fakes/fake-clock.js';
import { MemoryJobs } from '../../../fakes/memory-jobs.js';
import { removeFolder, tempFolder } from '../../../support/temp.js';

const WORKERS = ['anna', 'bob'] as const;
const folder = tempFolder();
afterAll(() => removeFolder(folder));

type Act = { do: 'take' | 'complete' | 'fail' | 'lasting' | 'release' | 'beat' | 'die'; who: 0 | 1 } | { do: 'pass'; ms: number } | { do: 'expire' } | { do: 'submit'; job: number } | { do: 'cancel'; job: number };
const act = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constantFrom('take', 'complete', 'complete', 'fail', 'lasting', 'release', 'beat', 'die'), who: fc.constantFrom(0, 1) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('pass'), ms: fc.constantFrom(1, 2_000, 16_000, 400_000) }) },
  { weight: 1, arbitrary: fc.constant({ do: 'expire' }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('submit', 'submit', 'cancel'), job: fc.nat(2) }) },
) as fc.Arbitrary<Act>;

/** Three jobs that share steps. */
const JOBS: NewJob[] = [
  [['a', []], ['b', ['a']], ['c', ['a']]], [['a', []], ['b', ['a']], ['d', ['b']]], [['e', []], ['a', []], ['f', ['e', 'a']]],
].map((steps, i) => ({
  id: `j${i}`, kind: 'k', subject: { is: 'file', path: 'x' }, askedBy: i === 1 ? 'operator' : 'automatic', steps: (steps as [string, string[]][]).map(([name, needs]) => ({ name, needs, input: null })),
}));
const NAMES = ['a', 'b', 'c', 'd', 'e', 'f'];

async function play(store: JobStore, clock: FakeClock, acts: readonly Act[]): Promise<string[]> {
  /** What each worker thinks it has; a hand that is late comes as well. */
  const hands: Taken[][] = [[], []];
  const lives = [1, 1];
  const done = new Map<string, number>();
  const said: string[] = [];
  for (const one of acts) {
    if (one.do === 'pass') await clock.advance(one.ms);
    else if (one.do === 'expire') said.push(`expired ${await store.expire()}`);
    else if (one.do === 'submit') await store.submit(JOBS[one.job]!);
    else if (one.do === 'cancel') await store.cancel(`j${one.job}`).catch(() => undefined);
    else if (one.do === 'die') lives[one.who]! += 1;
    else if (one.do === 'take') {
      const taken = await store.take({ name: WORKERS[one.who], life: String(lives[one.who]) }, NAMES);
      said.push(`took ${taken?.name}`);
      if (!taken) continue;
      // What is done is not done again, and what it needs is there, as it was handed in.
      expect(done.has(taken.lease.key)).toBe(false);
      for (const [id, result] of Object.entries(taken.results)) expect(result).toMatchObject({ by: id });
      // Nobody else has a lease of it that holds.
      for (const other of hands.flat()) if (other.lease.key === taken.lease.key) expect(other.lease.token).toBeLessThan(taken.lease.token);
      hands[one.who]!.push(taken);
    } else {
      const taken = hands[one.who]!.shift();
      if (!taken) continue;
      const { lease, name } = taken;
      const answer = one.do === 'complete' ? await store.complete(lease, { by: name, token: lease.token })
        : one.do === 'release' ? await store.release(lease)
          : one.do === 'beat' ? await store.heartbeat(lease, { progress: 0.5, text: '' })
            : await store.fail(lease, { code: 'STEP_FAILED', message: one.do }, one.do === 'lasting');
      said.push(`${one.do} ${name} ${String(answer)}`);
      if (one.do === 'beat') hands[one.who]!.push(taken);
      if (answer === 'done') {
        expect(done.has(lease.key)).toBe(false);
        done.set(lease.key, lease.token);
      }
    }
    for (const job of await store.list({})) {
      const results = await store.results(job.id);
      for (const { key, id, status } of job.steps) if (done.has(key)) expect([status.is, results[id]]).toEqual(['done', { by: id, token: done.get(key) }]);
    }
    // What is counted is what is listed, and a job that goes on has something that can still be done.
    for (const job of await store.list({ open: true })) expect(job.steps.some(({ status }) => status.is === 'waiting' || status.is === 'running'), job.state).toBe(true);
  }
  // Nothing is lost: left to one worker, every job that goes on comes to its end.
  for (let i = 0; i < 200 && (await store.list({ open: true })).length > 0; i++) {
    await clock.advance(400_000);
    await store.expire();
    const taken = await store.take({ name: 'last', life: '1' }, NAMES);
    if (taken) expect(await store.complete(taken.lease, { by: taken.name, token: taken.lease.token })).toBe('done');
  }
  expect(await store.list({ open: true })).toEqual([]);
  expect((await store.counts()).jobs).toMatchObject({ waiting: 0, running: 0 });
  return said;
}

test('nothing is done twice, nothing is lost, whatever happens in whatever order', async () => {
  await fc.assert(fc.asyncProperty(fc.array(act, { maxLength: 60 }), async (acts) => {
    const clock = new FakeClock();
    await play(new MemoryJobs({ clock, random: () => 0.5 }), clock, [{ do: 'submit', job: 0 }, ...acts]);
  }), { numRuns: 300 });
});

test('the table says the same as the fake', async () => {
  let files = 0;
  await fc.assert(fc.asyncProperty(fc.array(act, { minLength: 20, maxLength: 60 }), async (acts) => {
    const clocks = [new FakeClock(), new FakeClock()] as const;
    const sqlite = new SqliteStore(join(folder, `${files++}.db`));
    await sqlite.start();
    const played: readonly Act[] = [{ do: 'submit', job: 0 }, ...acts];
    const table = await play(new JobTable({ clock: clocks[0], random: () => 0.5, ...sqlite.jobs, newId: () => 'new' }), clocks[0], played);
    await sqlite.stop();
    expect(table).toEqual(await play(new MemoryJobs({ clock: clocks[1], random: () => 0.5 }), clocks[1], played));
  }), { numRuns: 6 });
});

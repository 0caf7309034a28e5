/** Models that rank highlights: what a person asks of them is answered by what was done for it, and what is done late is told. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { silentLog } from '../../../src/runtime/log.js';
import { Jobs } from '../../../src/studio/services/jobs.js';
import { Models } from '../../../src/studio/services/models.js';
import { FakeClock, settled } from '../../fakes/fake-clock.js';
import { MemoryJobs } from '../../fakes/memory-jobs.js';
import { removeFolder, tempFolder } from '../../support/temp.js';

const WORKER = { name: 'anna', life: '1' };
let clock: FakeClock;
let home: string;
let store: MemoryJobs;
let jobs: Jobs;
let models: Models;
let told: number;
const turn = () => new Promise((done) => { setImmediate(done); });
beforeEach(() => {
  clock = new FakeClock();
  home = tempFolder();
  store = new MemoryJobs({ clock });
  jobs = new Jobs({ store, clock, log: silentLog });
  told = 0;
  models = new Models({ home, jobs, clock, onChange: () => { told += 1; } });
  inUse('m2');
});
afterEach(() => removeFolder(home));

function inUse(active: string): void {
  mkdirSync(join(home, 'models'), { recursive: true });
  const model = (id: string) => ({ id, kind: 'linear', createdAtMs: 1, rows: 40, metrics: {}, parent: null, active: id === active, why: 'It ranks better.' });
  writeFileSync(join(home, 'models', 'summary.json'), JSON.stringify({ models: [model('m1'), model('m2')], held: true }));
}

/** It waits to be done; behind the one before, if one was asked before. */
const asks = (after?: string): Promise<string> => vi.waitFor(async () => {
  const job = await jobs.get('models');
  expect(job).toMatchObject({ state: 'waiting' });
  expect(job!.steps[0]!.key).not.toBe(after);
  return job!.steps[0]!.key;
});

async function does(active: string, said: string): Promise<void> {
  const taken = (await jobs.take(WORKER, ['models']))!;
  inUse(active);
  await jobs.complete(taken.lease, { said });
  jobs.changed(['models']);
  await turn();
}

test('what was done for somebody before is no answer to what is asked now', async () => {
  const first = models.choose({ id: 'm1' });
  await asks();
  await does('m1', 'm1 ranks.');
  expect(await first).toMatchObject({ said: 'm1 ranks.', items: [{ id: 'm2', active: false }, { id: 'm1', active: true }] });
  await clock.advance(1);
  // Of the first one, told late.
  jobs.changed(['models']);
  const second = models.rollBack();
  await asks();
  await turn();
  await does('m2', 'm2 ranks.');
  expect(await second).toMatchObject({ said: 'm2 ranks.', items: [{ id: 'm2', active: true }, {}] });
});

test('whoever is overtaken by another is answered at once, with what is so by now', async () => {
  const first = models.choose({ id: 'm1' });
  const key = await asks();
  await clock.advance(1);
  const second = models.choose({ id: 'm2' });
  await asks(key);
  jobs.changed(['models']);
  expect(await first).toMatchObject({ said: null, items: [{ id: 'm2', active: true }, {}] });
  await does('m2', 'm2 ranks.');
  expect(await second).toMatchObject({ said: 'm2 ranks.' });
});

test('what takes longer than an answer may is told when it is done', async () => {
  const asked = models.choose({ id: 'm1' });
  await asks();
  await clock.advance(5_000);
  expect(await asked).toMatchObject({ said: null, items: [{ id: 'm2', active: true }, {}] });
  const before = { rev: models.rev, told };
  await does('m1', 'm1 ranks.');
  await settled();
  expect({ rev: models.rev, told }).toEqual({ rev: before.rev + 1, told: before.told + 1 });
});

test('the job is read once a change, however many wait', async () => {
  const [first, second] = [models.rollBack(), models.rollBack()];
  await asks();
  await turn();
  const get = vi.spyOn(store, 'get');
  await does('m1', 'm1 ranks.');
  expect(get).toHaveBeenCalledTimes(1);
  expect(await Promise.all([first, second])).toMatchObject([{ said: 'm1 ranks.' }, { said: 'm1 ranks.' }]);
});

test('a summary that is no file is as if nothing had been learnt', async () => {
  const path = join(home, 'models', 'summary.json');
  rmSync(path);
  execFileSync('mkfifo', [path]);
  expect(await models.list()).toEqual({ items: [], held: false, said: null });
});

/** The worker of jobs as a process: killed, stopped, cut off from the studio, told that nobody wants what it does. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { usableMsUntil } from '../support/ends.js';
import { add, JobRig, killThrough } from '../support/job_rig.js';
import { signal } from '../support/process.js';
import { waitFor } from '../support/wait.js';

let rig: JobRig;
beforeEach(async () => {
  rig = new JobRig();
  await rig.startStudio();
});
afterEach(() => rig.stop());

it('comes to the same end through eight kills at any moment, and does no step again that was done', async () => {
  const report = await killThrough(rig, 8, Math.random);
  // Each kill costs the step that ran then, and no other.
  expect(report.begun).toBeLessThanOrEqual(report.steps + report.kills);
  expect(report.ended).toBeGreaterThanOrEqual(report.steps);
});

it('goes on while the studio is away, and hands in when it is back', async () => {
  rig.startWorker();
  await rig.submit('a', [add('one', { ms: 1_000 }), add('two', { add: 2 }, ['one'])]);
  await waitFor('it to begin', () => rig.count('begin') === 1);
  await rig.stopStudio();
  await waitFor('it to end meanwhile', () => rig.count('end') === 1);
  await rig.startStudio();
  expect(await rig.over('a')).toMatchObject({ state: 'done' });
  expect(await rig.jobs.results('a')).toEqual({ one: 1, two: 3 });
  expect(rig.count('begin')).toBe(2);
});

it('aborts within two seconds what nobody wants any more, and does the next', async () => {
  rig.startWorker();
  await rig.submit('a', [add('long', { ms: 60_000 })]);
  await waitFor('progress', async () => (await rig.jobs.get('a'))?.text === 'half of it');
  await rig.jobs.cancel('a');
  expect(await usableMsUntil(rig.worker!.pid, () => rig.count('abort') === 1)).toBeLessThan(2_000);
  await rig.submit('b', [add('short', {})]);
  expect((await rig.over('b')).state).toBe('done');
});

it('gives back what it has when it is stopped, and the next begins it at once', async () => {
  rig.startWorker();
  await rig.submit('a', [add('long', { ms: 3_000 })]);
  await waitFor('it to begin', () => rig.count('begin') === 1);
  signal(rig.worker!.pid, 'SIGTERM');
  expect(await rig.worker!.exited).toEqual({ code: 0, signal: null });
  expect(rig.count('abort')).toBe(1);
  expect((await rig.jobs.get('a'))!.steps[0]!.status).toMatchObject({ is: 'waiting', failures: 0, error: null });
  rig.startWorker();
  await waitFor('it to begin again', () => rig.count('begin') === 2);
});

it('says what failed, tries again what may go better, and refuses results that are too large', async () => {
  rig.startWorker();
  await rig.submit('a', [add('lasting', { fail: 'The film is gone.', lasting: true }), add('large', { large: 300_000 }), add('passing', { fail: 'It rained.' })]);
  const job = await waitFor('the failures', async () => {
    const seen = (await rig.jobs.get('a'))!;
    const passing = seen.steps[2]!.status;
    return passing.is === 'waiting' && passing.failures === 1 && seen;
  });
  expect(job.steps.map(({ status }) => status)).toMatchObject([
    { is: 'dead', error: { code: 'MEDIA_MISSING', message: 'The film is gone.' } },
    { is: 'dead', error: { code: 'TOO_LARGE', message: expect.stringContaining('at most 262144 are kept') } },
    { is: 'waiting', error: { code: 'STEP_FAILED', message: 'It rained.' } },
  ]);
  expect(rig.jobs.sums.get('add')).toMatchObject({ outcomes: { done: 0, again: 1, dead: 2, lost: 0 } });
});

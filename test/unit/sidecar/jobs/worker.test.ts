/** What is done beside what, and what gives way, against a store in memory. */
import { afterEach, expect, it } from 'vitest';
import type { Taken } from '../../../../src/protocol/jobs.js';
import { ServerError } from '../../../../src/runtime/errors.js';
import { silentLog } from '../../../../src/runtime/log.js';
import { systemClock } from '../../../../src/runtime/clock.js';
import { JobWorker, type Lane, type StepFunction } from '../../../../src/sidecar/jobs/worker.js';
import { analysisLanes } from '../../../../src/sidecar/steps/registry.js';
import { withLasting } from '../../../../src/sidecar/steps/lasting.js';
import { waitFor } from '../../../support/wait.js';

let worker: JobWorker | undefined;
afterEach(() => worker?.stop());

function run(names: string[], lanes: Lane[], steps: Record<string, StepFunction>) {
  const ready = [...names];
  const said: string[] = [];
  let token = 0;
  worker = new JobWorker({
    name: 'one', steps, lanes, clock: systemClock, log: silentLog,
    store: {
      take: (_worker, wanted): Promise<Taken | null> => {
        const at = ready.findIndex((name) => wanted.includes(name));
        const [name] = at < 0 ? [] : ready.splice(at, 1);
        return Promise.resolve(name === undefined ? null : { lease: { key: name, token: ++token }, name, input: null, results: {} });
      },
      heartbeat: () => Promise.resolve('held'),
      complete: ({ key }) => { said.push(`done ${key}`); return Promise.resolve('done'); },
      fail: ({ key }, { code }, lasting) => { said.push(`failed ${key} ${code} ${lasting}`); return Promise.resolve(lasting ? 'dead' : 'again'); },
      release: ({ key }) => { said.push(`released ${key}`); return Promise.resolve(); },
    },
  });
  worker.start();
  return { said, ready };
}
const until: StepFunction = ({ signal }) => new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
const quick: StepFunction = () => Promise.resolve(null);

it('cuts clips while a server is waited for', async () => {
  const lanes = analysisLanes({ transcript: { server: { baseUrl: 'http://127.0.0.1:1', model: 'm' } }, llm: undefined }, () => true);
  const { said } = run(['transcript', 'cut', 'find'], lanes, { transcript: until, cut: quick, find: quick });
  await waitFor('the others', () => said.length === 2);
  expect(said).toEqual(['done cut', 'done find']);
});

it('does one thing at a time that uses the processor while something is on air, and clips beside it else', async () => {
  let isOnAir = false;
  const lanes = analysisLanes({ transcript: {}, llm: undefined }, () => isOnAir);
  const { said, ready } = run(['features', 'cut'], lanes, { features: until, cut: until });
  await waitFor('both to be taken', () => ready.length === 0);
  isOnAir = true;
  await waitFor('one to give way', () => said.length === 1);
  expect(said).toEqual(['released cut']);
  ready.push('cut');
  await new Promise((resolve) => { systemClock.after(1_200, () => resolve(null)); });
  expect(ready).toEqual(['cut']);
});

it('tells of a studio that stays away, and of none that is not there yet', async () => {
  const warned: string[] = [];
  const log = Object.assign(Object.create(silentLog) as typeof silentLog, { warn: (_facts: object, text: string) => { warned.push(text); } });
  const hurried = Object.assign(Object.create(systemClock) as typeof systemClock, { after: (_ms: number, work: () => void) => systemClock.after(0, work) });
  let asked = 0;
  const told: number[] = [];
  worker = new JobWorker({
    name: 'one', steps: { find: quick }, clock: hurried, log,
    store: {
      take: () => {
        told.push(warned.length);
        // Away at the start, there once, and then away for good.
        return ++asked === 4 ? Promise.resolve(null) : Promise.reject(new ServerError('TIMEOUT', 'It is not there.'));
      },
      heartbeat: () => Promise.resolve('held'), complete: () => Promise.resolve('done'), fail: () => Promise.resolve('dead'), release: () => Promise.resolve(),
    },
  });
  worker.start();
  await waitFor('some more', () => told.length > 12);
  expect(told.slice(0, 12)).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1]);
});

it('says which failures are lasting', async () => {
  const gone = withLasting(() => Promise.reject(new ServerError('MEDIA_MISSING', 'It is not there.')));
  const full = withLasting(() => Promise.reject(new ServerError('DISK_FULL', 'It is full.')));
  const { said } = run(['gone', 'full'], [{ names: ['gone', 'full'] }], { gone, full });
  await waitFor('both', () => said.length === 2);
  expect(said).toEqual(['failed gone MEDIA_MISSING true', 'failed full DISK_FULL false']);
});

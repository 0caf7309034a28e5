/**
 * A process with a worker of jobs and nothing else: `job-worker.mjs SOCKET LINES`. Its step "add" writes a line to LINES when it begins and when
 * it ends, takes `input.ms`, and adds `input.add` to the results of what it needs. `input.deaf` makes it heed no signal.
 */
import { appendFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { systemClock } from '../../dist/src/runtime/clock.js';
import { stopAll } from '../../dist/src/runtime/lifecycle.js';
import { LinkClient } from '../../dist/src/runtime/link-client.js';
import { silentLog } from '../../dist/src/runtime/log.js';
import { LastingFailure, JobWorker } from '../../dist/src/sidecar/jobs/worker.js';
import { RemoteJobs } from '../../dist/src/sidecar/jobs/remote-store.js';

const [socketPath, file] = process.argv.slice(2);
const say = (what, key) => appendFileSync(file, `${what} ${key} ${process.pid}\n`);

async function add({ input, results, key, signal, progress }) {
  say('begin', key);
  if (input.fail) throw input.lasting ? new LastingFailure('MEDIA_MISSING', input.fail) : new Error(input.fail);
  progress(0.5, 'half of it');
  try {
    await delay(input.ms, undefined, input.deaf ? {} : { signal });
  } catch (error) {
    say('abort', key);
    throw error;
  }
  say('end', key);
  return input.large ? 'x'.repeat(input.large) : Object.values(results).reduce((sum, one) => sum + one, input.add);
}

const link = new LinkClient({ role: 'sidecar', socketPath, log: silentLog, actual: () => ({ recordings: [] }), onDesired: () => undefined });
const worker = new JobWorker({ store: new RemoteJobs(link), steps: { add }, name: 'test', clock: systemClock, log: silentLog });
const owners = [worker, link];
process.on('SIGTERM', () => void stopAll(owners, silentLog).then(() => process.exit(0)));
link.start();
worker.start();

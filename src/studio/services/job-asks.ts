/** What the sidecar asks of the store of jobs, by the names of src/protocol/asks.ts. */
import type { JobStore } from '../../domain/jobs/store.js';
import { isOfJobs, type AnswerOf, type AskOf, type JobAskName } from '../../protocol/asks.js';
import { ServerError } from '../../runtime/errors.js';
import type { AnswerAsk } from '../../runtime/link-asks.js';

type Handlers = { [N in JobAskName]: (payload: AskOf<N>) => Promise<AnswerOf<N>> };

export function answerJobAsks(jobs: JobStore): AnswerAsk {
  const handlers: Handlers = {
    'jobs:submit': (job) => jobs.submit(job),
    'jobs:cancel': ({ id }) => jobs.cancel(id),
    'jobs:get': ({ id }) => jobs.get(id),
    'jobs:list': (query) => jobs.list(query),
    'jobs:results': ({ id }) => jobs.results(id),
    'jobs:counts': () => jobs.counts(),
    'jobs:take': ({ worker, names }) => jobs.take(worker, names),
    'jobs:heartbeat': ({ lease, progress }) => jobs.heartbeat(lease, progress),
    'jobs:complete': ({ lease, result }) => jobs.complete(lease, result),
    'jobs:fail': ({ lease, error, lasting }) => jobs.fail(lease, error, lasting),
    'jobs:release': ({ lease }) => jobs.release(lease).then(() => null),
    'jobs:expire': () => jobs.expire(),
  };
  return (name, payload) => {
    if (!isOfJobs(name)) throw new ServerError('UNKNOWN_MESSAGE', `"${name}" is not asked of jobs.`);
    return handlers[name](payload as never);
  };
}

/** The studio's store of jobs, asked over the link. Each call rejects when the studio is away: who asks tries again. */
import type { JobStore } from '../../domain/jobs/store.js';
import { resultText } from '../../domain/jobs/plan.js';
import type { Completed, Failed, Held, Job, JobCounts, JobQuery, Lease, NewJob, StepProgress, Taken, WorkerId } from '../../protocol/jobs.js';
import type { Problem } from '../../protocol/status.js';
import { ServerError } from '../../runtime/errors.js';
import type { LinkClient } from '../../runtime/link-client.js';

export class RemoteJobs implements JobStore {
  constructor(private readonly link: Pick<LinkClient<'sidecar'>, 'ask'>) {}

  submit(job: NewJob): Promise<Job> {
    return this.link.ask('jobs:submit', job);
  }

  cancel(id: string): Promise<Job> {
    return this.link.ask('jobs:cancel', { id });
  }

  get(id: string): Promise<Job | null> {
    return this.link.ask('jobs:get', { id });
  }

  list(query: JobQuery): Promise<Job[]> {
    return this.link.ask('jobs:list', query);
  }

  results(id: string): Promise<Record<string, unknown>> {
    return this.link.ask('jobs:results', { id });
  }

  counts(): Promise<JobCounts> {
    return this.link.ask('jobs:counts', {});
  }

  take(worker: WorkerId, names: readonly string[]): Promise<Taken | null> {
    return this.link.ask('jobs:take', { worker, names: [...names] });
  }

  heartbeat(lease: Lease, progress: StepProgress): Promise<Held> {
    return this.link.ask('jobs:heartbeat', { lease, progress });
  }

  async complete(lease: Lease, result: unknown): Promise<Completed> {
    // Looked at here: what is too large for the link would close it.
    const kept = resultText(result);
    if ('problem' in kept) throw new ServerError('TOO_LARGE', kept.problem);
    return this.link.ask('jobs:complete', { lease, result: result ?? null });
  }

  fail(lease: Lease, error: Problem, lasting: boolean): Promise<Failed> {
    return this.link.ask('jobs:fail', { lease, error, lasting });
  }

  async release(lease: Lease): Promise<void> {
    await this.link.ask('jobs:release', { lease });
  }

  expire(): Promise<number> {
    return this.link.ask('jobs:expire', {});
  }
}

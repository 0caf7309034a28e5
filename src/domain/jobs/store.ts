/**
 * Where jobs are kept, as who submits them and who does their steps see it. One contract suite holds for every implementation
 * (test/contract/job-store): the table in the studio's database, the sidecar's way to it over the link, and any that may come,
 * as one on Redis for many machines.
 *
 * A step that is done is never done again: its result is found by its key, whichever job asks. A step is done under a lease, which
 * is renewed; one that runs out is taken back, and whoever had it is refused by its token, however late it comes.
 */
import type { Completed, Failed, Held, Job, JobCounts, JobQuery, Lease, NewJob, StepProgress, Taken, WorkerId } from '../../protocol/jobs.js';
import type { Problem } from '../../protocol/status.js';

/** Jobs that go on; more are refused. */
export const MOST_OPEN_JOBS = 1_000;
/** Jobs that are over; beyond this the oldest are forgotten, and the results that no other job has. */
export const MOST_ENDED_JOBS = 500;

/** Each call rejects with a `code` and a sentence: VALIDATION, NOT_FOUND, TOO_LARGE, JOBS_FULL, or as the way to the store has it (DISK_FULL, LINK_CLOSED, …). */
export interface JobStore {
  /**
   * A job of the same id is brought to what this one says: steps that it no longer has are cancelled, those that are done stay done, and
   * those that were given up or cancelled are tried anew. It may be said again and again.
   */
  submit(job: NewJob): Promise<Job>;
  /** One that is over stays as it is. Steps that other jobs want too go on. */
  cancel(id: string): Promise<Job>;
  get(id: string): Promise<Job | null>;
  /** Newest first. */
  list(query: JobQuery): Promise<Job[]>;
  /** Of its steps that are done, by their ids; empty when there is no such job. */
  results(id: string): Promise<Record<string, unknown>>;
  counts(): Promise<JobCounts>;

  /**
   * The first step that is ready and has one of these names: of jobs that an operator asked for before others, older before newer.
   * What the worker had taken in an earlier life is taken back first. Null when nothing is ready.
   */
  take(worker: WorkerId, names: readonly string[]): Promise<Taken | null>;
  /** Renews the lease; also one that ran out and was not taken back. */
  heartbeat(lease: Lease, progress: StepProgress): Promise<Held>;
  /** Said again after an answer that did not come, it answers the same. @param result JSON, at most MOST_RESULT_BYTES, else TOO_LARGE */
  complete(lease: Lease, result: unknown): Promise<Completed>;
  /** It is tried again after a while, or given up: after three retries (two of steps with pictures or sound), or at once when it is lasting. */
  fail(lease: Lease, error: Problem, lasting: boolean): Promise<Failed>;
  /** The worker stops: somebody else may begin it anew, and it was no failure. One that is lost stays as it is. */
  release(lease: Lease): Promise<void>;
  /** Takes back what nobody renewed. @returns how many */
  expire(): Promise<number>;
}

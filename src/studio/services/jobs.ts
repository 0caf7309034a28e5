/**
 * Jobs, as the studio's services and doors use them, and what the sidecar asks about them. Nothing of the live part waits for what is
 * kept here: a call that fails says so to who called, and that is all.
 */
import type { JobStore } from '../../domain/jobs/store.js';
import { LEASE_MS } from '../../domain/jobs/work.js';
import { READ_ONLY_ADVICE } from '../../protocol/disk-advice.js';
import type { Completed, Failed, Held, Job, JobCounts, JobQuery, Lease, NewJob, StepProgress, Taken, WorkerId } from '../../protocol/jobs.js';
import type { Problem } from '../../protocol/status.js';
import type { Clock } from '../../runtime/clock.js';
import { ServerError, toProblem } from '../../runtime/errors.js';
import type { Owner } from '../../runtime/lifecycle.js';
import type { Log } from '../../runtime/log.js';
import { isReadOnly } from '../../runtime/scarcity.js';
import { isStoreFull } from '../store/fault.js';

const EXPIRE_EVERY_MS = 2_000;
/** Steps whose beginning is remembered, for their seconds. */
const MOST_BEGUN = 200;

export type StepOutcome = Completed | Failed;
/** Of one name, since the studio was started. `lost`: handed in too late. */
export interface StepSums { outcomes: Record<StepOutcome, number>; seconds: number }

export interface JobsOptions {
  store: JobStore;
  clock: Clock;
  log: Log;
}

export class Jobs implements JobStore, Owner {
  readonly #listeners = new Set<(ids: readonly string[]) => void>();
  readonly #begun = new Map<string, { name: string; token: number; atMs: number }>();
  readonly #sums = new Map<string, StepSums>();
  #changed = new Set<string>();
  #cancel: (() => void) | undefined;
  #isTold = false;
  #stopped: Promise<void> | undefined;

  constructor(private readonly options: JobsOptions) {}

  /** Whoever did a step while the studio was away has the time of a lease to say so, before anything is taken back. */
  start(): void {
    this.#expireIn(LEASE_MS);
  }

  stop(): Promise<void> {
    return (this.#stopped ??= Promise.resolve(this.#cancel?.()));
  }

  /** Calls back with the ids of jobs of which something is another than before, progress included; many changes in one turn make one call. @returns the end of it */
  onChange(listener: (ids: readonly string[]) => void): () => void {
    this.#listeners.add(listener);
    return () => { this.#listeners.delete(listener); };
  }

  /** For the store: it has changed. */
  readonly changed = (ids: readonly string[]): void => {
    if (this.#changed.size === 0) setImmediate(() => this.#tell());
    for (const id of ids) this.#changed.add(id);
  };

  /** By the names of steps. */
  get sums(): ReadonlyMap<string, StepSums> {
    return this.#sums;
  }

  submit(job: NewJob): Promise<Job> {
    return this.#try(() => this.options.store.submit(job));
  }

  cancel(id: string): Promise<Job> {
    return this.#try(() => this.options.store.cancel(id));
  }

  get(id: string): Promise<Job | null> {
    return this.#try(() => this.options.store.get(id), 'reads');
  }

  list(query: JobQuery): Promise<Job[]> {
    return this.#try(() => this.options.store.list(query), 'reads');
  }

  results(id: string): Promise<Record<string, unknown>> {
    return this.#try(() => this.options.store.results(id), 'reads');
  }

  counts(): Promise<JobCounts> {
    return this.#try(() => this.options.store.counts(), 'reads');
  }

  async take(worker: WorkerId, names: readonly string[]): Promise<Taken | null> {
    const taken = await this.#try(() => this.options.store.take(worker, names));
    if (taken) {
      const { name, lease: { key, token } } = taken;
      this.#begun.set(key, { name, token, atMs: this.options.clock.monotonicMs() });
      if (this.#begun.size > MOST_BEGUN) this.#begun.delete(this.#begun.keys().next().value!);
    }
    return taken;
  }

  heartbeat(lease: Lease, progress: StepProgress): Promise<Held> {
    return this.#try(() => this.options.store.heartbeat(lease, progress));
  }

  async complete(lease: Lease, result: unknown): Promise<Completed> {
    return this.#count(lease, await this.#try(() => this.options.store.complete(lease, result)));
  }

  async fail(lease: Lease, error: Problem, lasting: boolean): Promise<Failed> {
    return this.#count(lease, await this.#try(() => this.options.store.fail(lease, error, lasting)));
  }

  release(lease: Lease): Promise<void> {
    return this.#try(() => this.options.store.release(lease));
  }

  expire(): Promise<number> {
    return this.#try(() => this.options.store.expire());
  }

  #count<T extends StepOutcome>({ key, token }: Lease, outcome: T): T {
    const begun = this.#begun.get(key);
    if (begun?.token !== token) return outcome;
    this.#begun.delete(key);
    const sums = this.#sums.get(begun.name) ?? { outcomes: { done: 0, again: 0, dead: 0, lost: 0 }, seconds: 0 };
    sums.outcomes[outcome] += 1;
    sums.seconds += (this.options.clock.monotonicMs() - begun.atMs) / 1000;
    this.#sums.set(begun.name, sums);
    return outcome;
  }

  #tell(): void {
    const ids = [...this.#changed];
    this.#changed = new Set();
    for (const listener of this.#listeners) listener(ids);
  }

  #expireIn(ms: number): void {
    if (this.#stopped) return;
    this.#cancel = this.options.clock.after(ms, () => {
      // What went wrong is in the log; the next time is soon.
      void this.expire().catch(() => 0).then(() => this.#expireIn(EXPIRE_EVERY_MS));
    });
  }

  /** @throws ServerError: the store's own, or DISK_FULL, DISK_READ_ONLY or DISK_ERROR */
  async #try<T>(work: () => Promise<T>, does: 'reads' | 'writes' = 'writes'): Promise<T> {
    try {
      const answer = await work();
      // From a disk that takes no writes one can read.
      if (does === 'writes') this.#isTold = false;
      return answer;
    } catch (error) {
      if (error instanceof ServerError) throw error;
      const { message } = toProblem(error);
      if (!this.#isTold) this.options.log.error({ problem: message }, 'jobs cannot be stored or read; what is on air is not touched by it');
      this.#isTold = true;
      if (isStoreFull(error)) throw new ServerError('DISK_FULL', 'The disk is full: jobs cannot go on until there is room. Delete recordings or files.', { cause: error });
      throw isReadOnly(error)
        ? new ServerError('DISK_READ_ONLY', `The disk is read-only: jobs cannot go on until it can be written. ${READ_ONLY_ADVICE}`, { cause: error })
        : new ServerError('DISK_ERROR', `Jobs cannot be stored or read just now: ${message}.`, { cause: error });
    }
  }
}

/**
 * Jobs one after the other, the one asked for last first: whoever scrolls wants what is seen now. The same job is done once for
 * all who ask. A lane has a bound: beyond it the job that was asked for first is dropped, and so is one that nobody waits for any more.
 */
import type { Clock } from '../../runtime/clock.js';
import { ServerError } from '../../runtime/errors.js';

/** Jobs that wait in a lane. */
export const MOST_WAITING = 64;
/** Whoever asks is answered by then, one way or another; the job goes on. */
export const ANSWER_MS = 1500;

interface Job {
  readonly key: string;
  readonly work: () => Promise<unknown>;
  readonly result: Promise<unknown>;
  settle(outcome: Promise<unknown>): void;
  waiters: number;
}

export class JobLane {
  readonly #jobs = new Map<string, Job>();
  /** The last one is next. */
  readonly #waiting: Job[] = [];
  #running: Job | undefined;
  #isStopped = false;
  done = 0;
  dropped = 0;

  constructor(private readonly clock: Clock) {}

  /** Nothing more is begun, and what waits is dropped. */
  stop(): void {
    this.#isStopped = true;
    for (const job of this.#waiting.splice(0)) this.#drop(job);
  }

  /**
   * @param signal whoever asked has gone
   * @throws what the work throws; ServerError NOT_READY when it takes its time, or was dropped
   */
  async run<T>(key: string, work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    if (this.#isStopped || signal?.aborted) throw notReady();
    const job = this.#jobs.get(key) ?? this.#add(key, work);
    job.waiters += 1;
    this.#toFront(job);
    let cancel = (): void => undefined;
    const gone = (): void => this.#left(job);
    const late = new Promise<never>((_, reject) => { cancel = this.clock.after(ANSWER_MS, () => reject(notReady())); });
    signal?.addEventListener('abort', gone, { once: true });
    try {
      return await (Promise.race([job.result, late]) as Promise<T>);
    } finally {
      cancel();
      signal?.removeEventListener('abort', gone);
    }
  }

  #add(key: string, work: () => Promise<unknown>): Job {
    let settle!: (outcome: Promise<unknown>) => void;
    const result = new Promise<unknown>((resolve) => { settle = resolve; });
    // Whoever waited may have gone by then.
    result.catch(() => undefined);
    const job: Job = { key, work, result, settle, waiters: 0 };
    this.#jobs.set(key, job);
    this.#waiting.push(job);
    const oldest = this.#waiting.length > MOST_WAITING ? this.#waiting.shift() : undefined;
    if (oldest) this.#drop(oldest);
    void this.#workOn();
    return job;
  }

  #toFront(job: Job): void {
    const at = this.#waiting.indexOf(job);
    if (at >= 0) this.#waiting.push(...this.#waiting.splice(at, 1));
  }

  #left(job: Job): void {
    job.waiters -= 1;
    const at = this.#waiting.indexOf(job);
    if (job.waiters > 0 || at < 0) return;
    this.#waiting.splice(at, 1);
    this.#drop(job);
  }

  #drop(job: Job): void {
    this.dropped += 1;
    this.#jobs.delete(job.key);
    job.settle(Promise.reject(notReady()));
  }

  async #workOn(): Promise<void> {
    if (this.#running) return;
    for (let job = this.#waiting.pop(); job; job = this.#waiting.pop()) {
      this.#running = job;
      const outcome = job.work();
      job.settle(outcome);
      await outcome.catch(() => undefined);
      this.done += 1;
      this.#jobs.delete(job.key);
      this.#running = undefined;
    }
  }
}

function notReady(): ServerError {
  return new ServerError('NOT_READY', 'It is being made. Ask again in a moment.');
}

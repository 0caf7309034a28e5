/**
 * Does steps of jobs, one at a time in each of its lanes: takes one that is ready, runs the function of its name, tells every second that it goes on, and hands
 * in what came out. The studio may go and come back meanwhile: work goes on, and is handed in when it is there again. Whoever is killed
 * leaves its step to the next life of the worker, which takes it back at once.
 */
import { randomUUID } from 'node:crypto';
import type { JobStore } from '../../domain/jobs/store.js';
import { HEARTBEAT_MS } from '../../domain/jobs/work.js';
import type { Held, StepProgress, Taken, WorkerId } from '../../protocol/jobs.js';
import type { Problem } from '../../protocol/status.js';
import { Backoff } from '../../runtime/backoff.js';
import type { Clock } from '../../runtime/clock.js';
import { ServerError, toProblem } from '../../runtime/errors.js';
import type { Owner } from '../../runtime/lifecycle.js';
import type { Log } from '../../runtime/log.js';

/** Nothing is ready: asked again after this long. */
const IDLE_MS = 1_000;
/** So long steps have to end when the process stops; what has not by then is begun anew by the next. */
const STOP_MS = 1_200;
/** The studio comes and goes, as at a start: it is told when it has been away for some seconds, or it refuses. */
const FAILURES_TOLD = 5;
const LONGEST_TEXT = 200;
const LONGEST_ERROR = 2_000;

export interface StepRun {
  input: unknown;
  /** Of the steps it needs, by their ids. */
  results: Readonly<Record<string, unknown>>;
  /** Names the result: files that are written have it in their names, and one that is there whole need not be written again. */
  key: string;
  /** Nobody wants the result any more, somebody else has the step, or the process stops: to be heeded within a second. */
  signal: AbortSignal;
  /** @param share 0 to 1 @param text what is being done, for people */
  progress(share: number, text?: string): void;
}

/**
 * Resolves with JSON of at most MOST_RESULT_BYTES. A throw is a failure, and is tried again; a LastingFailure is not. It yields to the event
 * loop: a process whose loop stands for five seconds is taken for one that hangs.
 */
export type StepFunction = (run: StepRun) => Promise<unknown>;

/** What would fail again however often it is tried, as where the file is not there. */
export class LastingFailure extends ServerError {}

/** Steps that are done one after another, beside those of other lanes. A name may stand in several. */
export interface Lane {
  names: readonly string[];
  /** While it is not, nothing is taken, and what runs is given back within two seconds. Left out: always. */
  isOpen?(): boolean;
}

export interface JobWorkerOptions {
  store: Pick<JobStore, 'take' | 'heartbeat' | 'complete' | 'fail' | 'release'>;
  /** By the names of steps; others are left to other workers. */
  steps: Readonly<Record<string, StepFunction>>;
  /** The same at each start: by it what the life before had taken is taken back. */
  name: string;
  clock: Clock;
  log: Log;
  /** Left out: one, of all steps. */
  lanes?: readonly Lane[];
}

const isOpen = (lane: Lane): boolean => lane.isOpen?.() ?? true;

export class JobWorker implements Owner {
  readonly #worker: WorkerId;
  readonly #stopping = new AbortController();
  #lanes: Promise<void>[] = [];
  #stopped: Promise<void> | undefined;

  constructor(private readonly options: JobWorkerOptions) {
    this.#worker = { name: options.name, life: randomUUID() };
  }

  start(): void {
    const { lanes = [{ names: Object.keys(this.options.steps) }] } = this.options;
    this.#lanes = lanes.map((lane) => this.#work(lane));
  }

  /** Ends what runs, and gives it back. */
  stop(): Promise<void> {
    return (this.#stopped ??= (async () => {
      this.#stopping.abort(new Error('The process is stopping.'));
      let cancel = (): void => {};
      const limit = new Promise<void>((resolve) => { cancel = this.options.clock.after(STOP_MS, resolve); });
      await Promise.race([Promise.all(this.#lanes), limit]);
      cancel();
    })());
  }

  async #work(lane: Lane): Promise<void> {
    const { store, log } = this.options;
    const backoff = new Backoff(200, 5_000);
    let failures = 0;
    while (!this.#stopping.signal.aborted) {
      try {
        const taken = isOpen(lane) ? await store.take(this.#worker, lane.names) : null;
        backoff.reset();
        failures = 0;
        if (taken) await this.#do(taken, lane);
        else await this.#pause(IDLE_MS);
      } catch (error) {
        failures += 1;
        if (failures === FAILURES_TOLD) log.warn({ problem: toProblem(error).message }, 'no step of a job can be taken just now; it is tried again');
        await this.#pause(backoff.nextMs());
      }
    }
  }

  async #do({ lease, name, input, results }: Taken, lane: Lane): Promise<void> {
    const { store, steps, clock, log } = this.options;
    const sinceMs = clock.monotonicMs();
    const over = new AbortController();
    const lost = new AbortController();
    const said: StepProgress = { progress: 0, text: '' };
    const closed = new AbortController();
    void this.#beat(() => store.heartbeat(lease, said), lost, over.signal, () => {
      if (!isOpen(lane)) closed.abort(new Error('There is no room for it now.'));
    });
    const signal = AbortSignal.any([this.#stopping.signal, lost.signal, closed.signal]);
    const run: StepRun = {
      input, results, key: lease.key, signal,
      progress: (share, text = said.text) => {
        said.progress = Math.min(1, Math.max(0, Number.isFinite(share) ? share : 0));
        said.text = text.slice(0, LONGEST_TEXT);
      },
    };
    try {
      const result = await steps[name]!(run);
      const handed = await this.#handIn(() => store.complete(lease, result), lost.signal);
      log.info({ step: name, tookMs: Math.round(clock.monotonicMs() - sinceMs), handed }, 'a step of a job has come to its end');
    } catch (error) {
      if (lost.signal.aborted) log.info({ step: name }, `a step of a job was ended: ${(lost.signal.reason as Error).message}`);
      else if (this.#stopping.signal.aborted || closed.signal.aborted) await store.release(lease).catch(() => undefined);
      else await this.#failed(name, error, (problem, lasting) => this.#handIn(() => store.fail(lease, problem, lasting), lost.signal));
    } finally {
      over.abort();
    }
  }

  async #failed(name: string, error: unknown, handIn: (problem: Problem, lasting: boolean) => Promise<unknown>): Promise<void> {
    const { code, message } = toProblem(error);
    const problem = { code: error instanceof ServerError ? code : ('STEP_FAILED' as const), message: message.slice(0, LONGEST_ERROR) };
    const lasting = error instanceof LastingFailure || code === 'TOO_LARGE';
    this.options.log.warn({ step: name, code: problem.code, problem: problem.message, lasting }, 'a step of a job failed');
    await handIn(problem, lasting).catch((reason: unknown) => {
      this.options.log.error({ step: name, problem: toProblem(reason).message }, 'what came of a step could not be handed in');
    });
  }

  /** Tells that the step goes on until `over`; that it could not be told is no reason to end it. */
  async #beat(tell: () => Promise<Held>, lost: AbortController, over: AbortSignal, look: () => void): Promise<void> {
    for (;;) {
      await this.#pause(HEARTBEAT_MS, over);
      if (over.aborted || this.#stopping.signal.aborted) return;
      look();
      const held = await tell().catch(() => 'held' as const);
      if (held === 'cancelled') lost.abort(new Error('nobody wants it any more.'));
      if (held === 'lost') lost.abort(new Error('it was taken back.'));
      if (held !== 'held') return;
    }
  }

  /** Again and again, until it is heard: what was worked for hours is not thrown away as the studio restarts. */
  async #handIn<T>(hand: () => Promise<T>, lost: AbortSignal): Promise<T> {
    const backoff = new Backoff(100, 5_000);
    for (;;) {
      try {
        return await hand();
      } catch (error) {
        const { code } = toProblem(error);
        if (lost.aborted || this.#stopping.signal.aborted || code === 'TOO_LARGE' || code === 'VALIDATION' || code === 'UNKNOWN_MESSAGE') throw error;
        await this.#pause(backoff.nextMs());
      }
    }
  }

  /** Ends early when the process stops, or by the signal. */
  #pause(ms: number, signal?: AbortSignal): Promise<void> {
    const signals = [this.#stopping.signal, ...(signal ? [signal] : [])];
    return new Promise((resolve) => {
      if (signals.some(({ aborted: is }) => is)) {
        resolve();
        return;
      }
      const end = (): void => {
        cancel();
        for (const one of signals) one.removeEventListener('abort', end);
        resolve();
      };
      const cancel = this.options.clock.after(ms, end);
      for (const one of signals) one.addEventListener('abort', end);
    });
  }
}

/** A child process that is started again whenever it ends, until it is stopped. "Ended" is its exit event, nothing else. */
import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import { Backoff } from './backoff.js';
import { systemClock } from './clock.js';
import type { Owner } from './lifecycle.js';
import type { Log } from './log.js';

export interface ChildPlan {
  command: string;
  args: string[];
  stdio: StdioOptions;
  env?: NodeJS.ProcessEnv;
}

export interface ChildExit {
  code: number | null;
  signal: NodeJS.Signals | null;
  /** How long this life was, ms. */
  livedMs: number;
  /** It was asked to stop: no life follows. */
  stopped: boolean;
}

export interface SupervisedChildOptions {
  name: string;
  log: Log;
  /** Called before each life; may open what that life needs. */
  plan(): ChildPlan;
  /** The child runs; attach to its streams here, and drain every one of them. */
  onStart(child: ChildProcess): void;
  /** `true` starts the next life after the backoff, `false` leaves it ended. */
  onExit(exit: ChildExit): boolean;
  backoff?: Backoff;
  /** A life longer than this resets the backoff, ms. */
  healthyAfterMs?: number;
}

type State =
  | { is: 'idle' }
  | { is: 'running'; child: ChildProcess; since: number }
  | { is: 'waiting'; timer: NodeJS.Timeout }
  | { is: 'ended' };

/** TERM, TERM, KILL this far apart: FFmpeg ignores the first TERM while it is blocked on a peer. */
const KILL_STEP_MS = 500;

export class SupervisedChild implements Owner {
  #state: State = { is: 'idle' };
  #stopped: Promise<void> | undefined;
  readonly #backoff: Backoff;
  #onEnded = (): void => {};
  restarts = 0;

  constructor(private readonly options: SupervisedChildOptions) {
    this.#backoff = options.backoff ?? new Backoff(100, 10_000);
  }

  get pid(): number | undefined {
    return this.#state.is === 'running' ? this.#state.child.pid : undefined;
  }

  start(): void {
    if (this.#stopped || this.#state.is === 'running') return;
    if (this.#state.is === 'waiting') clearTimeout(this.#state.timer);
    const since = systemClock.monotonicMs();
    let child: ChildProcess;
    try {
      const plan = this.options.plan();
      child = spawn(plan.command, plan.args, { stdio: plan.stdio, env: plan.env ?? process.env });
    } catch (error) {
      this.options.log.error({ err: error, child: this.options.name }, 'a child could not be started');
      this.#next(0);
      return;
    }
    this.#state = { is: 'running', child, since };
    let over = false;
    const ended = (code: number | null, signal: NodeJS.Signals | null): void => {
      if (over) return;
      over = true;
      this.#onEnded();
      const livedMs = systemClock.monotonicMs() - since;
      this.#state = { is: 'ended' };
      const again = this.options.onExit({ code, signal, livedMs, stopped: this.#stopped !== undefined });
      if (again && !this.#stopped) this.#next(livedMs);
    };
    child.once('exit', ended);
    // Spawning itself failed: there will be no exit event.
    child.once('error', (error) => {
      this.options.log.error({ problem: error.message, child: this.options.name }, 'a child could not be started');
      if (child.pid === undefined) ended(null, null);
    });
    if (child.pid !== undefined) this.options.onStart(child);
  }

  /** Ends this life at once with KILL; the next follows as `onExit` says. For a child that hangs. */
  kill(): void {
    if (this.#state.is === 'running') this.#state.child.kill('SIGKILL');
  }

  stop(): Promise<void> {
    return (this.#stopped ??= this.#end());
  }

  #end(): Promise<void> {
    if (this.#state.is === 'waiting') clearTimeout(this.#state.timer);
    if (this.#state.is !== 'running') return Promise.resolve();
    const { child } = this.#state;
    return new Promise((resolve) => {
      const steps: NodeJS.Signals[] = ['SIGTERM', 'SIGTERM', 'SIGKILL'];
      let timer: NodeJS.Timeout | undefined;
      const step = (): void => {
        const signal = steps.shift();
        if (!signal) return;
        child.kill(signal);
        timer = setTimeout(step, KILL_STEP_MS);
      };
      this.#onEnded = () => {
        clearTimeout(timer);
        resolve();
      };
      step();
    });
  }

  #next(livedMs: number): void {
    if (livedMs >= (this.options.healthyAfterMs ?? 10_000)) this.#backoff.reset();
    this.restarts += 1;
    const timer = setTimeout(() => this.start(), this.#backoff.nextMs());
    this.#state = { is: 'waiting', timer };
  }
}

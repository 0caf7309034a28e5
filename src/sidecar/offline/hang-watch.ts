/**
 * Tells a child that hangs from one that is only behind everybody else in line for the processor, where it may get nothing for minutes.
 *
 * While nothing new is heard of it, it is looked at every two seconds. One that was not given the processor since, though no thread of it
 * wants it and none waits for the disk, stands still: it was stopped, or waits for what does not come. After twenty seconds of that it hangs.
 * What wants the processor and does not get it is let wait for as long as that lasts; what gets it, or waits for the disk, and has nothing to say
 * for two minutes, hangs as well. Only looks count: of a machine that stood still, each is two seconds.
 */
import type { Clock } from '../../runtime/clock.js';
import { sightOf, type Sight } from '../../runtime/proc-sight.js';

export const LOOK_EVERY_MS = 2_000;
export const STILL_MS = 20_000;
/** Of time that it could have used. */
export const PATIENCE_MS = 120_000;

export interface HangWatchOptions {
  pid: number | undefined;
  clock: Clock;
  /** Called once; it is not looked at any more. @param forMs of which it had nothing to show */
  onHang(forMs: number): void;
  /** That it waits says nothing, as where it has read all that we gave it; then only one that was stopped stands still. Left out: never. */
  mayWait?(): boolean;
  /** Infinity where it says nothing while it works. */
  patienceMs?: number;
  /** Left out: what /proc says. */
  look?(pid: number): Sight | null;
}

export class HangWatch {
  #before: Sight | null = null;
  #stillMs = 0;
  #quietMs = 0;
  #cancel: () => void;

  constructor(private readonly options: HangWatchOptions) {
    this.#cancel = options.pid === undefined ? (): void => {} : this.#later();
  }

  /** Something new was heard of it. */
  feed(): void {
    this.#before = null;
    this.#stillMs = 0;
    this.#quietMs = 0;
  }

  stop(): void {
    this.#cancel();
  }

  #later(): () => void {
    return this.options.clock.after(LOOK_EVERY_MS, () => {
      this.#look();
    });
  }

  #look(): void {
    const { pid, look = sightOf, onHang, patienceMs = PATIENCE_MS } = this.options;
    const now = look(pid!);
    if (now && this.#before) this.#count(this.#before, now);
    this.#before = now;
    const forMs = this.#stillMs >= STILL_MS ? this.#stillMs : this.#quietMs >= patienceMs ? this.#quietMs : null;
    if (forMs === null) this.#cancel = this.#later();
    else onHang(forMs);
  }

  #count(before: Sight, now: Sight): void {
    const mayWait = this.options.mayWait?.() ?? false;
    const isStill = now.ranNs === before.ranNs && (now.isStopped || !(now.isRunnable || now.isAtDisk || mayWait));
    this.#stillMs = isStill ? this.#stillMs + LOOK_EVERY_MS : 0;
    if (mayWait) this.#quietMs = 0;
    else this.#quietMs += now.isRunnable ? Math.min(LOOK_EVERY_MS, Math.max(0, (now.ranNs - before.ranNs) / 1e6)) : LOOK_EVERY_MS;
  }
}

/** Work that is done a while later, once for each name: what is asked again meanwhile begins to wait anew. */
import type { Clock } from '../../runtime/clock.js';

export class Timers {
  readonly #cancels = new Map<string, () => void>();
  #isStopped = false;

  constructor(private readonly clock: Clock) {}

  set(name: string, ms: number, work: () => void): void {
    this.cancel(name);
    if (this.#isStopped) return;
    this.#cancels.set(name, this.clock.after(ms, () => {
      this.#cancels.delete(name);
      work();
    }));
  }

  cancel(name: string): void {
    this.#cancels.get(name)?.();
    this.#cancels.delete(name);
  }

  stop(): void {
    this.#isStopped = true;
    for (const name of [...this.#cancels.keys()]) this.cancel(name);
  }
}

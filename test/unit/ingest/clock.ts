import type { Clock } from '../../../src/runtime/clock.js';

/** A clock that only moves when told to. */
export class HandClock implements Clock {
  nowMs = 1_000_000;
  #timers: { atMs: number; run(): void }[] = [];

  monotonicMs(): number {
    return this.nowMs;
  }

  wallMs(): number {
    return 1_700_000_000_000 + this.nowMs;
  }

  after(ms: number, callback: () => void): () => void {
    const timer = { atMs: this.nowMs + ms, run: callback };
    this.#timers.push(timer);
    return () => (this.#timers = this.#timers.filter((one) => one !== timer));
  }

  /** Timers that fall due run in order. */
  advance(ms: number): void {
    const endMs = this.nowMs + ms;
    for (;;) {
      const next = this.#timers.filter((one) => one.atMs <= endMs).sort((a, b) => a.atMs - b.atMs)[0];
      if (next === undefined) break;
      this.nowMs = next.atMs;
      this.#timers = this.#timers.filter((one) => one !== next);
      next.run();
    }
    this.nowMs = endMs;
  }
}

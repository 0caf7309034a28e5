/** A clock that moves only when told to. It passes the same contract suite as the system's. */
import type { Clock } from '../../src/runtime/clock.js';

export class FakeClock implements Clock {
  #nowMs = 1_000_000;
  #zeroWallMs = 1_700_000_000_000;
  /** In the order in which they were asked for. */
  #timers: { atMs: number; callback: () => void }[] = [];
  /** How many timers were asked for so far. */
  timersMade = 0;

  monotonicMs(): number {
    return this.#nowMs;
  }

  wallMs(): number {
    return this.#zeroWallMs + this.#nowMs;
  }

  after(ms: number, callback: () => void): () => void {
    const timer = { atMs: this.#nowMs + ms, callback };
    this.#timers.push(timer);
    this.timersMade += 1;
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  /** Moves on, calling what falls due on the way, and lets promises settle in between. */
  async advance(ms: number): Promise<void> {
    const endMs = this.#nowMs + ms;
    while (this.#callNext(endMs)) await settled();
    this.#nowMs = endMs;
    await settled();
  }

  /** Somebody sets the wall clock. */
  setWall(wallMs: number): void {
    this.#zeroWallMs = wallMs - this.#nowMs;
  }

  /** The process stands still for a while: all that fell due meanwhile is late. */
  async leap(ms: number): Promise<void> {
    this.#nowMs += ms;
    await this.advance(0);
  }

  /** Moves on within this turn: what waits for promises sees only the end. */
  pass(ms: number): void {
    const endMs = this.#nowMs + ms;
    while (this.#callNext(endMs));
    this.#nowMs = endMs;
  }

  /** Calls what is due next, if anything is until then. */
  #callNext(endMs: number): boolean {
    const next = this.#timers.filter((timer) => timer.atMs <= endMs).sort((a, b) => a.atMs - b.atMs)[0];
    if (!next) return false;
    this.#timers = this.#timers.filter((timer) => timer !== next);
    this.#nowMs = Math.max(this.#nowMs, next.atMs);
    next.callback();
    return true;
  }
}

export const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

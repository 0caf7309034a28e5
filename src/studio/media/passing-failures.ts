/** What failed for a reason that passes, as a disk that is slow: the answer until it is tried again, later each time. */
import type { Clock } from '../../runtime/clock.js';

const FIRST_MS = 10_000;
const LAST_MS = 600_000;

export class PassingFailures<T> {
  readonly #failures = new Map<string, { what: T; waitMs: number; untilMs: number }>();

  /** @param most kept: beyond them the one that failed first is forgotten */
  constructor(private readonly clock: Clock, private readonly most: number) {}

  /** What came of the last try; undefined: it did not fail, or it is time for another one. */
  of(key: string): T | undefined {
    const failure = this.#failures.get(key);
    return failure && this.clock.monotonicMs() < failure.untilMs ? failure.what : undefined;
  }

  failed(key: string, what: T): void {
    const before = this.#failures.get(key);
    const waitMs = before ? Math.min(LAST_MS, before.waitMs * 2) : FIRST_MS;
    this.#failures.delete(key);
    this.#failures.set(key, { what, waitMs, untilMs: this.clock.monotonicMs() + waitMs });
    if (this.#failures.size > this.most) this.#failures.delete(this.#failures.keys().next().value!);
  }

  worked(key: string): void {
    this.#failures.delete(key);
  }
}

/**
 * Whether the studio stood still, as on a stopped or overloaded machine. Panels take it for gone by then and tell whoever sits there so: what was asked
 * of it in that time must not be done when it goes on, whenever that is.
 */
import type { Clock } from '../runtime/clock.js';
import type { Owner } from '../runtime/lifecycle.js';

const TICK_MS = 250;
/** As long as a panel waits for a word. */
export const STALL_MS = 1500;
/** What had come by then is read within this time. */
const AFTER_MS = 250;

export class StallWatch implements Owner {
  #tickedMs = Infinity;
  #endedMs = -Infinity;
  #ticker: NodeJS.Timeout | undefined;
  #stopped: Promise<void> | undefined;

  /** @param onStall told once each time, with its length in ms, before anything that came meanwhile is worked on */
  constructor(private readonly clock: Pick<Clock, 'monotonicMs'>, private readonly onStall: (lengthMs: number) => void) {}

  start(): void {
    this.#tickedMs = this.clock.monotonicMs();
    this.#ticker = setInterval(() => this.look(), TICK_MS);
  }

  stop(): Promise<void> {
    return (this.#stopped ??= Promise.resolve(clearInterval(this.#ticker)));
  }

  /** To be asked before something is done that was asked for. @returns whether it may have been asked while nobody could answer */
  look(): boolean {
    const nowMs = this.clock.monotonicMs();
    const gapMs = nowMs - this.#tickedMs;
    if (gapMs > STALL_MS) this.#endedMs = nowMs;
    if (gapMs > 0) this.#tickedMs = nowMs;
    if (gapMs > STALL_MS) this.onStall(gapMs);
    return nowMs - this.#endedMs < AFTER_MS;
  }
}

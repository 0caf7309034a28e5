/** How wrong keys are slowed down, address by address, and how much the log says of refusals. */
import type { Clock } from '../runtime/clock.js';
import { addressGroup } from '../runtime/peer-address.js';

const FIRST_DELAY_MS = 250;
const MAX_DELAY_MS = 5000;
/** So long after the last wrong key an address is as good as new. */
const FORGET_MS = 60_000;
const LOG_EVERY_MS = 10_000;
const MAX_ADDRESSES = 10_000;

interface Record {
  failures: number;
  lastMs: number;
  loggedMs: number | null;
}

/**
 * A wrong key is answered late, twice as late each time, up to 5 s; a right one is never delayed, so a camera behind the
 * same address as somebody who guesses still connects at once. Memory is bounded: the oldest address is forgotten.
 */
export class Admission {
  readonly #addresses = new Map<string, Record>();

  constructor(private readonly clock: Clock) {}

  /** A publisher was refused. @returns ms to wait before a wrong key is answered, and whether to log it */
  failed(remote: string): { delayMs: number; log: boolean } {
    const address = addressGroup(remote);
    const nowMs = this.clock.monotonicMs();
    const record = this.#addresses.get(address) ?? { failures: 0, lastMs: nowMs, loggedMs: null };
    if (nowMs - record.lastMs > FORGET_MS) record.failures = 0;
    record.failures += 1;
    record.lastMs = nowMs;
    const log = record.loggedMs === null || nowMs - record.loggedMs >= LOG_EVERY_MS;
    if (log) record.loggedMs = nowMs;
    // Set anew, so that the map's order is that of the last failure.
    this.#addresses.delete(address);
    this.#addresses.set(address, record);
    if (this.#addresses.size > MAX_ADDRESSES) {
      const [oldest] = this.#addresses.keys();
      if (oldest !== undefined) this.#addresses.delete(oldest);
    }
    return { delayMs: Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.min(record.failures - 1, 20)), log };
  }

  get size(): number {
    return this.#addresses.size;
  }
}

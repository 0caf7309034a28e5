/**
 * Name look-ups, two at a time. The system's resolver blocks a thread of a small pool that file writes share: without a
 * bound, a few destinations with a dead name server would hold up the recording.
 */
import { lookup, type LookupAddress, type LookupOptions } from 'node:dns';
import type { LookupFunction } from 'node:net';

/** Longest that a connection may take to come about, ms; who waited so long for a look-up has given up. */
export const CONNECT_TIMEOUT_MS = 8000;

const AT_ONCE = 2;
const MAX_WAITING = 64;

interface Waiting {
  sinceMs: number;
  begin(): void;
  giveUp(): void;
}

export interface BoundedLookupOptions {
  /** As `dns.lookup`. */
  resolve?: LookupFunction;
  /** Monotonic. */
  nowMs?: () => number;
}

/** One a process: the pool of threads it protects is the process's too. */
export class BoundedLookup {
  readonly #waiting: Waiting[] = [];
  readonly #resolve: LookupFunction;
  readonly #nowMs: () => number;
  #running = 0;
  /** Look-ups never begun, because too many waited or they waited too long. */
  dropped = 0;

  constructor({ resolve = systemLookup, nowMs = () => performance.now() }: BoundedLookupOptions = {}) {
    this.#resolve = resolve;
    this.#nowMs = nowMs;
  }

  /** As `dns.lookup`; fails with EAI_AGAIN when it is not its turn in time. */
  readonly lookup: LookupFunction = (hostname, options, callback) => {
    const giveUp = (): void => {
      this.dropped += 1;
      callback(Object.assign(new Error('Too many names are being looked up.'), { code: 'EAI_AGAIN' }), '', 0);
    };
    const begin = (): void => {
      this.#running += 1;
      this.#resolve(hostname, options, (error, address, family) => {
        this.#running -= 1;
        this.#next();
        callback(error, address, family);
      });
    };
    if (this.#running < AT_ONCE) return begin();
    this.#waiting.push({ sinceMs: this.#nowMs(), begin, giveUp });
    // The oldest is the first whose asker has lost patience.
    if (this.#waiting.length > MAX_WAITING) this.#waiting.shift()?.giveUp();
  };

  #next(): void {
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      if (this.#nowMs() - next.sinceMs <= CONNECT_TIMEOUT_MS) return next.begin();
      next.giveUp();
    }
  }
}

const systemLookup: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, options as LookupOptions, callback as (error: NodeJS.ErrnoException | null, address: string | LookupAddress[], family?: number) => void);
};

/**
 * Slows down guessing: each address has a purse of wrong tokens that refills by one a second. An empty purse means that
 * nothing from there is even compared; other addresses notice nothing.
 */
import type { Clock } from '../../runtime/clock.js';

export const ATTEMPTS = { burst: 60, refillPerSecond: 1 } as const;
/** Addresses remembered; the oldest is forgotten first, which costs a guesser of that many addresses nothing either way. */
const MAX_ADDRESSES = 10_000;

export class AttemptLimiter {
  readonly #purses = new Map<string, { left: number; atMs: number }>();
  /** Wrong tokens, and tries that were not looked at. */
  refused = 0;
  blocked = 0;

  constructor(private readonly clock: Clock) {}

  mayTry(address: string): boolean {
    const purse = this.#purse(address);
    if (!purse || purse.left >= 1) return true;
    this.blocked += 1;
    return false;
  }

  failed(address: string): void {
    this.refused += 1;
    const purse = this.#purse(address) ?? { left: ATTEMPTS.burst, atMs: this.clock.monotonicMs() };
    purse.left -= 1;
    this.#purses.delete(address);
    this.#purses.set(address, purse);
    if (this.#purses.size > MAX_ADDRESSES) this.#purses.delete(this.#purses.keys().next().value!);
  }

  #purse(address: string): { left: number; atMs: number } | undefined {
    const purse = this.#purses.get(address);
    if (!purse) return undefined;
    const now = this.clock.monotonicMs();
    purse.left = Math.min(ATTEMPTS.burst, purse.left + ((now - purse.atMs) / 1000) * ATTEMPTS.refillPerSecond);
    purse.atMs = now;
    return purse;
  }
}

/**
 * How many messages a client may send: so many at once, and so many a second after that; a person with a mouse is far below. What is too
 * many is refused; who goes on all the same takes the time of everybody else, for to refuse is work as well.
 */
import { ServerError } from '../../runtime/errors.js';

export const MESSAGES_AT_ONCE = 200;
export const MESSAGES_A_SECOND = 100;
/** Refused, less what it might have sent since. */
const MOST_REFUSED = 1000;

export class Allowance {
  #left = MESSAGES_AT_ONCE;
  #refused = 0;
  #filledAtMs: number;

  constructor(nowMs: number) {
    this.#filledAtMs = nowMs;
  }

  /** @returns whether this one is one too many; `flood`: and too many of them were */
  spend(nowMs: number): 'fine' | 'late' | 'flood' {
    const filled = ((nowMs - this.#filledAtMs) / 1000) * MESSAGES_A_SECOND;
    this.#left = Math.min(MESSAGES_AT_ONCE, this.#left + filled);
    this.#refused = Math.max(0, this.#refused - filled);
    this.#filledAtMs = nowMs;
    if (this.#left >= 1) {
      this.#left -= 1;
      return 'fine';
    }
    this.#refused += 1;
    return this.#refused > MOST_REFUSED ? 'flood' : 'late';
  }
}

export const tooMany = (): ServerError => new ServerError('TOO_MANY_ATTEMPTS', 'Too many messages at once. Slow down.');

/** How many messages a client may send: so many at once, and so many a second after that; a person with a mouse is far below. */
import { ServerError } from '../../runtime/errors.js';

const AT_ONCE = 200;
const A_SECOND = 100;

export class Allowance {
  #left = AT_ONCE;
  #filledAtMs: number;

  constructor(nowMs: number) {
    this.#filledAtMs = nowMs;
  }

  /** @returns false when there were too many */
  spend(nowMs: number): boolean {
    this.#left = Math.min(AT_ONCE, this.#left + ((nowMs - this.#filledAtMs) / 1000) * A_SECOND) - 1;
    this.#filledAtMs = nowMs;
    if (this.#left >= 0) return true;
    this.#left = 0;
    return false;
  }
}

export const tooMany = (): ServerError => new ServerError('TOO_MANY_ATTEMPTS', 'Too many messages at once. Slow down.');

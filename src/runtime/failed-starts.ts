/**
 * How often a process has failed to start, one try after the other, and how long it therefore waits before it ends: a start that
 * cannot work, as with a damaged database, is told once, and then at growing intervals. pm2's own wait grows as well, but it takes
 * waiting for living and begins anew after 5 s. Each try is a process of its own, so the count lies in a file.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';

/** The first is tried again at once, as what was wrong may be over by then. */
const FIRST_WAIT_MS = 1000;
/** Below the time after which pm2 waits no longer for a process to be ready. */
const MOST_MS = 12_000;

export class FailedStarts {
  /** @param parent who starts it again: with another one the count begins anew */
  constructor(private readonly file: string, private readonly parent: number) {}

  /** One more. @returns how long to wait, ms */
  another(): number {
    const count = this.#count();
    try {
      writeFileSync(this.file, `${this.parent} ${count + 1}`, { mode: 0o600 });
    } catch {
      // A disk that lets us write nothing must not make it worse.
      return MOST_MS;
    }
    return count === 0 ? 0 : Math.min(MOST_MS, FIRST_WAIT_MS * 2 ** (count - 1));
  }

  /** It has started. */
  clear(): void {
    rmSync(this.file, { force: true });
  }

  #count(): number {
    try {
      const [parent, count] = readFileSync(this.file, 'utf8').split(' ').map(Number);
      return parent === this.parent && count! > 0 ? Math.min(count!, 30) : 0;
    } catch {
      return 0;
    }
  }
}

/**
 * Where log lines go, without ever waiting for whoever reads them. A terminal that somebody halted with Ctrl-S, a pager that is not
 * scrolled, or a supervisor that stands still reads nothing: a write that waits for it would hold the whole process, and the program.
 */
import { writeSync } from 'node:fs';

/** What is kept of a line of which only a part went out. Longer ones end where they are. */
const MOST_LEFT_BYTES = 1 << 20;

export class LineOutput {
  /** Of the last line, what did not fit; it goes first, or two lines would be one. */
  #left: Buffer = Buffer.alloc(0);
  #lost = 0;

  /**
   * @param lostLine what is said, when somebody reads again, of the lines that were dropped meanwhile
   * @param writeSome writes what fits at once and answers how much that was; throws EAGAIN when nothing fits
   */
  constructor(private readonly lostLine: (count: number) => string, private readonly writeSome: (bytes: Buffer) => number = (bytes) => writeSync(1, bytes)) {}

  /** Whole lines, each with its end. What does not fit is dropped. */
  write(lines: string): void {
    if (!this.#send(this.#left)) {
      this.#lost += 1;
      return;
    }
    if (this.#lost > 0) {
      const line = Buffer.from(this.lostLine(this.#lost));
      this.#lost = 0;
      if (!this.#send(line)) {
        this.#lost = 1;
        return;
      }
    }
    this.#send(Buffer.from(lines));
  }

  /** Whether all of it went out; else the rest is left. */
  #send(bytes: Buffer): boolean {
    let sent = 0;
    while (sent < bytes.length) {
      try {
        sent += this.writeSome(bytes.subarray(sent));
      } catch (error) {
        // Nobody is there any more, or the disk that it goes to is full: nothing to wait for.
        const isFull = (error as NodeJS.ErrnoException).code === 'EAGAIN';
        this.#left = isFull ? bytes.subarray(sent, sent + MOST_LEFT_BYTES) : Buffer.alloc(0);
        return !isFull;
      }
    }
    this.#left = Buffer.alloc(0);
    return true;
  }
}

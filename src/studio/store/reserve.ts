/**
 * Room on the disk that is kept for the store: on a full disk an operator must still be able to end a broadcast or delete a
 * recording. A file of real bytes beside the database; given up when the store finds no room, made again when there is.
 */
import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, openSync, rmSync, statSync, statfsSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/** Room for some fifty changes. */
const RESERVE_BYTES = 1024 * 1024;
/** It is made again when so much is left beside it: whoever filled the disk would only take it from us again. */
const SPARE_BYTES = 4 * RESERVE_BYTES;
/** SQLite needs some pages, and its index of the log, to do anything. */
const LEAST_FREE_BYTES = 256 * 1024;

export class Reserve {
  #isKept: boolean;

  constructor(private readonly file: string) {
    this.#isKept = sizeOf(file) >= RESERVE_BYTES;
  }

  /** Nothing is left but this. Also true when the disk cannot be asked: then a try costs nothing. */
  get isDiskFull(): boolean {
    return this.#freeBytes() < LEAST_FREE_BYTES;
  }

  /** Makes room. @returns whether there was any to make */
  giveUp(): boolean {
    if (sizeOf(this.file) === 0) return false;
    try {
      rmSync(this.file, { force: true });
    } catch {
      // A disk that is read-only gives up nothing.
      return false;
    }
    this.#isKept = false;
    return true;
  }

  /** Makes it, when it is not there and there is room; a disk that does not let us is left as it is. */
  keep(): void {
    if (this.#isKept || this.#freeBytes() < RESERVE_BYTES + SPARE_BYTES) return;
    try {
      const file = openSync(this.file, 'w', 0o600);
      try {
        // Bytes that no file system can store as less.
        writeSync(file, randomBytes(RESERVE_BYTES));
        fsyncSync(file);
      } finally {
        closeSync(file);
      }
      this.#isKept = sizeOf(this.file) >= RESERVE_BYTES;
    } catch {
      rmSync(this.file, { force: true });
    }
  }

  #freeBytes(): number {
    try {
      const { bavail, bsize } = statfsSync(dirname(this.file));
      return bavail * bsize;
    } catch {
      return 0;
    }
  }
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

/**
 * What is known of the disk of a folder. It is asked one question at a time: a disk that does not answer, as that of a server that is gone, keeps
 * the thread that asked, and libuv has four of them for all files of a process. Asked anew every few seconds they were all gone within ten.
 */
import { constants } from 'node:fs';
import { access, statfs } from 'node:fs/promises';
import type { Clock } from './clock.js';
import { isReadOnly } from './scarcity.js';

/** A disk that sleeps, or is far away, answers within this. */
const SILENT_MS = 8000;

export interface DiskFacts { freeBytes: number; sizeBytes: number; isReadOnly: boolean }

export class DiskSight {
  #facts: DiskFacts | null = null;
  #askedMs: number | null = null;

  /** @param ask null: it cannot be told */
  constructor(folder: string, private readonly clock: Pick<Clock, 'monotonicMs'>, private readonly ask: () => Promise<DiskFacts | null> = () => askDisk(folder)) {}

  /** Asks, unless it has not answered yet. */
  look(): void {
    if (this.#askedMs !== null) return;
    this.#askedMs = this.clock.monotonicMs();
    void this.ask().catch(() => null).then((facts) => {
      this.#facts = facts;
      this.#askedMs = null;
    });
  }

  /** It does not answer. */
  get isSilent(): boolean {
    return this.#askedMs !== null && this.clock.monotonicMs() - this.#askedMs > SILENT_MS;
  }

  /** As it answered last; null before, while it does not answer, and where it cannot be told. */
  get facts(): DiskFacts | null {
    return this.isSilent ? null : this.#facts;
  }
}

async function askDisk(folder: string): Promise<DiskFacts> {
  const { bavail, blocks, bsize } = await statfs(folder);
  const refused = await access(folder, constants.W_OK).then(() => false, isReadOnly);
  return { freeBytes: bavail * bsize, sizeBytes: blocks * bsize, isReadOnly: refused };
}

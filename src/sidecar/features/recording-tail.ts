/**
 * A recording that is still being made, as one FLV stream: reads its parts as they grow and goes on with the next, so that it is analysed as
 * it is recorded. Times are those that the finished file will have (`PartJoiner`). After a restart it begins anew.
 */
import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../runtime/clock.js';
import { PartJoiner } from '../part-joiner.js';

const PART = /^part-(\d{4,6})\.flv$/;
const READ_BYTES = 256 * 1024;
/** The recorder writes five times a second. */
const LOOK_EVERY_MS = 400;

export interface RecordingTailOptions {
  /** Holds the parts; need not be there yet. */
  folder: string;
  clock: Clock;
}

export class RecordingTail implements AsyncIterable<Buffer> {
  #ended = false;
  #wake: () => void = () => {};

  constructor(private readonly options: RecordingTailOptions) {}

  /** The recording has stopped and its last part is closed: what is on disk now is all of it. May be called twice. */
  end(): void {
    this.#ended = true;
    this.#wake();
  }

  /** The whole recording from its start, once. Throws what the file system does. */
  [Symbol.asyncIterator](): AsyncIterator<Buffer> {
    return new PartJoiner().joinParts(this.#parts());
  }

  async *#parts(): AsyncGenerator<AsyncIterable<Buffer>, void, void> {
    for (let last = 0; ;) {
      // Asked before looking: a part that came before the end is seen.
      const isOver = this.#ended;
      const next = (await this.#numbers()).find(({ number }) => number > last);
      if (next) {
        last = next.number;
        yield this.#bytes(next);
      } else if (isOver) {
        return;
      } else {
        await this.#wait();
      }
    }
  }

  /** A part to its end: nobody writes to it once there is a later one. The piece that is given is used again for the next. */
  async *#bytes(part: { number: number; name: string }): AsyncGenerator<Buffer, void, void> {
    const file = await open(join(this.options.folder, part.name), 'r');
    const buffer = Buffer.allocUnsafe(READ_BYTES);
    try {
      for (let isWhole = false; ;) {
        const { bytesRead } = await file.read(buffer, 0, READ_BYTES, null);
        if (bytesRead > 0) {
          yield buffer.subarray(0, bytesRead);
        } else if (isWhole) {
          return;
        } else {
          // Whatever was written before this is answered is read after it.
          isWhole = this.#ended || (await this.#numbers()).some(({ number }) => number > part.number);
          if (!isWhole) await this.#wait();
        }
      }
    } finally {
      await file.close();
    }
  }

  async #numbers(): Promise<{ number: number; name: string }[]> {
    const names = await readdir(this.options.folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return [];
      throw error;
    });
    return names.flatMap((name) => {
      const match = PART.exec(name);
      return match ? [{ number: Number(match[1]), name }] : [];
    }).sort((a, b) => a.number - b.number);
  }

  #wait(): Promise<void> {
    if (this.#ended) return Promise.resolve();
    return new Promise((resolve) => {
      const cancel = this.options.clock.after(LOOK_EVERY_MS, resolve);
      this.#wake = () => {
        cancel();
        resolve();
      };
    });
  }
}

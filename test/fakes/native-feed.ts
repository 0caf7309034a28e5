/** One feed of the fake native program: a bounded queue that an encoder reads, or does not. */
import type { NativeFeedStats } from '../../src/engine/native.js';

export class FakeFeed {
  /** The encoder reads; else frames pile up. */
  read = false;
  closing = false;
  #queued = 0;
  #written = 0;
  #dropped = 0;
  #progressUs = 0;
  #broken = false;

  constructor(readonly id: number, readonly fd: number, private readonly capacity: number, readonly firstFrame: number) {}

  /** A tick: one more frame if it is still fed. `open`: somebody holds the reading end. */
  tick(fed: boolean, open: boolean, nowUs: number): void {
    if (!open) this.#broken = true;
    if (this.#broken) return;
    if (fed && this.#queued < this.capacity) this.#queued += 1;
    else if (fed) this.#dropped += 1;
    if (!this.read || this.#queued === 0) return;
    this.#written += this.#queued;
    this.#queued = 0;
    this.#progressUs = Math.floor(nowUs);
  }

  /** Nothing is left to write, or never will be written. */
  get done(): boolean {
    return this.#queued === 0 || this.#broken;
  }

  stats(): NativeFeedStats {
    return {
      id: this.id, queued: this.#queued, capacity: this.capacity, written: this.#written, dropped: this.#dropped, progressUs: this.#progressUs,
      firstFrame: this.firstFrame, broken: this.#broken,
    };
  }
}

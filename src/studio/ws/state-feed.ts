/** The operator's state as a document with a rev: a snapshot, then patches, and what was missed for those who come back. */
import { createRequire } from 'node:module';
import type { z } from 'zod';
import type { JsonPatchOperation } from '../../protocol/messages.js';
import type { StateSnapshot } from '../../protocol/state.js';

// CommonJS without named exports for ESM.
const { compare } = createRequire(import.meta.url)('fast-json-patch') as typeof import('fast-json-patch');

/** Patches kept for those who come back; older ones mean a snapshot, which is cheaper than so many patches. */
const MAX_HISTORY = 200;

interface Step {
  rev: number;
  patch: z.infer<typeof JsonPatchOperation>[];
}

export type StateMessage = { type: 'state'; payload: { rev: number; page: string; snapshot: StateSnapshot } | Step };

export class StateFeed {
  readonly #history: Step[] = [];
  #snapshot: StateSnapshot | undefined;
  #message: StateMessage | undefined;
  #rev: number;

  /**
   * @param firstRev must grow from one start to the next, so that a client of the last start is not taken for a current one
   * @param page which panel is served
   */
  constructor(private readonly read: () => StateSnapshot, firstRev: number, private readonly page: string) {
    this.#rev = firstRev;
  }

  get rev(): number {
    return this.#rev;
  }

  /** Looks for changes since the last call. @returns what clients must hear, or null */
  update(): StateMessage | null {
    if (!this.#snapshot) return null;
    const next = this.read();
    // It only ever makes add, remove and replace.
    const patch = compare(this.#snapshot, next) as Step['patch'];
    this.#snapshot = next;
    if (patch.length === 0) return null;
    this.#rev += 1;
    this.#message = undefined;
    const step = { rev: this.#rev, patch };
    this.#history.push(step);
    if (this.#history.length > MAX_HISTORY) this.#history.shift();
    return { type: 'state', payload: step };
  }

  /** The same object until something changes, so that it can be written out once for many. */
  snapshot(): StateMessage {
    this.#snapshot ??= this.read();
    return (this.#message ??= { type: 'state', payload: { rev: this.#rev, page: this.page, snapshot: this.#snapshot } });
  }

  /** What a client at `rev` missed, in order; a snapshot when that is not known any more. */
  since(rev: number): StateMessage[] {
    if (rev === this.#rev && this.#snapshot) return [];
    const first = this.#history.findIndex((step) => step.rev === rev + 1);
    if (first < 0) return [this.snapshot()];
    return this.#history.slice(first).map((step) => ({ type: 'state', payload: step }));
  }
}

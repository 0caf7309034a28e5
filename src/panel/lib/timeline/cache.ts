/** What is fetched to be drawn: a few at a time, what was asked last first, and the longest unused goes when there are too many. */

import { isPassing } from '../api.js';

const AGAIN_MS = 1500;

export interface CacheOptions<T> {
  /** @throws ApiError what may pass is tried again; anything else means that it cannot be had */
  load(key: string, signal: AbortSignal): Promise<T>;
  /** Something has come: it can be drawn. */
  onCome(): void;
  onGo?(value: T): void;
  most: number;
  atOnce?: number;
  /** What is wished for beyond this is forgotten, the oldest first. */
  waiting?: number;
}

export class DrawCache<T> {
  readonly #have = new Map<string, T | null>();
  readonly #wished = new Map<string, true>();
  readonly #abort = new AbortController();
  readonly #loading = new Set<string>();

  constructor(private readonly options: CacheOptions<T>) {}

  /** @returns undefined: it is not here, and was wished for; null: it cannot be had */
  get(key: string): T | null | undefined {
    const value = this.#have.get(key);
    if (value !== undefined) {
      // The order of a Map is that of its entries' making: used last is last.
      this.#have.delete(key);
      this.#have.set(key, value);
      return value;
    }
    // On its way: whoever draws again meanwhile does not have it fetched twice.
    if (this.#loading.has(key)) return undefined;
    this.#wished.delete(key);
    this.#wished.set(key, true);
    const { waiting = 60 } = this.options;
    for (const old of this.#wished.keys()) {
      if (this.#wished.size <= waiting) break;
      this.#wished.delete(old);
    }
    this.#next();
    return undefined;
  }

  close(): void {
    this.#abort.abort();
    this.#wished.clear();
    for (const value of this.#have.values()) if (value !== null) this.options.onGo?.(value);
    this.#have.clear();
  }

  #next(): void {
    const { load, onCome, onGo, most, atOnce = 3 } = this.options;
    while (this.#loading.size < atOnce && this.#wished.size > 0 && !this.#abort.signal.aborted) {
      const key = [...this.#wished.keys()].at(-1)!;
      this.#wished.delete(key);
      this.#loading.add(key);
      void load(key, this.#abort.signal).catch((error: unknown) => (isPassing(error) ? undefined : null)).then((value) => {
        this.#loading.delete(key);
        if (this.#abort.signal.aborted) {
          if (value !== null && value !== undefined) onGo?.(value);
          return;
        }
        // Whoever draws it anew asks for it again.
        if (value === undefined) {
          setTimeout(() => { if (!this.#abort.signal.aborted) onCome(); }, AGAIN_MS);
          this.#next();
          return;
        }
        this.#have.set(key, value);
        for (const [old, gone] of this.#have) {
          if (this.#have.size <= most) break;
          this.#have.delete(old);
          if (gone !== null) onGo?.(gone);
        }
        if (value !== null) onCome();
        this.#next();
      });
    }
  }
}

/** Waits between tries: doubling from `minMs` to `maxMs`, each drawn from its upper half so that many never retry in step. */
export class Backoff {
  #tries = 0;

  constructor(
    private readonly minMs: number,
    private readonly maxMs: number,
    private readonly random: () => number = Math.random,
  ) {}

  /** The next wait, ms; never above `maxMs`. */
  nextMs(): number {
    const ceiling = Math.min(this.maxMs, this.minMs * 2 ** Math.min(this.#tries, 30));
    this.#tries += 1;
    return Math.round(ceiling / 2 + this.random() * (ceiling / 2));
  }

  /** It worked: the next failure starts from `minMs` again. */
  reset(): void {
    this.#tries = 0;
  }
}

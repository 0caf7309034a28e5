/** How many different things there were, where each may be seen again and again for a while. It runs for months: only the latest are remembered. */
const REMEMBERED = 1000;

export class CountedOnce {
  readonly #seen = new Set<string>();
  #count = 0;

  get count(): number {
    return this.#count;
  }

  add(key: string): void {
    if (this.#seen.has(key)) return;
    this.#count += 1;
    this.#seen.add(key);
    if (this.#seen.size > REMEMBERED) this.#seen.delete(this.#seen.values().next().value!);
  }
}

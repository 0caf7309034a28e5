/** Work of one name is done one after another: what is begun later sees what came of what was begun before it. */
export class Turns {
  /** Of each name the one that goes on, and the one that waits for it. */
  readonly #going = new Map<string, Promise<unknown>>();
  readonly #waiting = new Map<string, Promise<unknown>>();

  /**
   * Resolves and rejects as the work does. What is asked for while one waits for its turn is that one, however many ask: work of one name does the same,
   * whoever asks, by what it finds when its turn has come.
   */
  take<T>(name: string, work: () => Promise<T>): Promise<T> {
    const waiting = this.#waiting.get(name);
    if (waiting) return waiting as Promise<T>;
    const before = this.#going.get(name);
    if (!before) return this.#go(name, work());
    const turn = before.then(() => {
      this.#waiting.delete(name);
      return this.#go(name, work());
    });
    this.#waiting.set(name, turn);
    return turn;
  }

  #go<T>(name: string, turn: Promise<T>): Promise<T> {
    const over: Promise<unknown> = turn.catch(() => undefined).then(() => {
      if (this.#going.get(name) === over) this.#going.delete(name);
    });
    this.#going.set(name, over);
    return turn;
  }
}

/** Work of one name is done one after another: what is begun later sees what came of what was begun before it. */
export class Turns {
  readonly #last = new Map<string, Promise<unknown>>();

  /** Resolves and rejects as the work does. */
  take<T>(name: string, work: () => Promise<T>): Promise<T> {
    const turn = (this.#last.get(name) ?? Promise.resolve()).then(work);
    const over = turn.catch(() => undefined).then(() => {
      if (this.#last.get(name) === over) this.#last.delete(name);
    });
    this.#last.set(name, over);
    return turn;
  }
}

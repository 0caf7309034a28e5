/** Large bodies are worked on one by one, with everybody else's turn in between: many that come in at once would hold up all else for seconds. */
export class Turns {
  #last: Promise<void> = Promise.resolve();

  /** Resolves when it is the asker's turn. */
  next(): Promise<void> {
    this.#last = this.#last.then(() => new Promise((resolve) => void setImmediate(resolve)));
    return this.#last;
  }
}

/** A value that changes faster than it may be sent: the newest is sent, one at a time and at a bounded rate. */

export class Latest<T> {
  #next: { value: T } | undefined;
  #busy = false;

  /**
   * @param send its promise ends when the far end has it; what it rejects with is its own affair
   * @param everyMs the shortest time from one to the next
   * @param wait resolves after so many ms
   */
  constructor(
    private readonly send: (value: T) => Promise<unknown>, private readonly everyMs: number,
    private readonly wait: (ms: number) => Promise<void> = (ms) => new Promise((done) => setTimeout(done, ms)),
  ) {}

  /** Takes the place of a value that has not been sent yet. The last one is always sent. */
  put(value: T): void {
    this.#next = { value };
    if (!this.#busy) void this.#work();
  }

  async #work(): Promise<void> {
    this.#busy = true;
    while (this.#next) {
      const { value } = this.#next;
      this.#next = undefined;
      await Promise.all([this.send(value).catch(() => {}), this.wait(this.everyMs)]);
    }
    this.#busy = false;
  }
}

/** What is done again and again for as long as somebody wants it; nothing while nobody does. */
export class WhileWanted {
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly everyMs: number, private readonly work: () => void) {}

  get isOn(): boolean {
    return this.#timer !== undefined;
  }

  /** Saying again what was said before does not disturb the pace. */
  set(wanted: boolean): void {
    if (wanted === this.isOn) return;
    clearInterval(this.#timer);
    this.#timer = wanted ? setInterval(this.work, this.everyMs) : undefined;
  }
}

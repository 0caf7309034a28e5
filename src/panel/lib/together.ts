/**
 * Draws together what comes one by one: for a browser a frame in which one picture is new is nearly as much work as one in which all
 * are, and pictures of ten sources, each with a clock of its own, would make a frame each.
 */
export class Together {
  readonly #waiting = new Set<() => void>();
  #soon: ReturnType<typeof setTimeout> | undefined;

  /** @param withinMs what waits is drawn after this, whatever else is */
  constructor(private readonly withinMs: number) {}

  /** To be drawn with the others. Whoever waits already waits once. */
  add(draw: () => void): void {
    this.#waiting.add(draw);
    this.#soon ??= setTimeout(() => this.draw(), this.withinMs);
  }

  /** Something is drawn now: what waits goes with it. */
  draw(): void {
    clearTimeout(this.#soon);
    this.#soon = undefined;
    const all = [...this.#waiting];
    this.#waiting.clear();
    for (const draw of all) draw();
  }
}

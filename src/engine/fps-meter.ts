/** How many frames a second are really made. */
const EVERY_MS = 500;

export class FpsMeter {
  #rendered = 0;
  #atMs = 0;
  value = 0;

  /** @param rendered frames so far */
  look(rendered: number): void {
    const nowMs = performance.now();
    const elapsedMs = nowMs - this.#atMs;
    if (elapsedMs < EVERY_MS) return;
    this.value = this.#atMs === 0 ? 0 : Math.round(((rendered - this.#rendered) * 100_000) / elapsedMs) / 100;
    this.#rendered = rendered;
    this.#atMs = nowMs;
  }
}

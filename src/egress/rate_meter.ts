/** A rate out of a growing byte counter. */
const WINDOW_MS = 4000;

export class RateMeter {
  #notes: { atMs: number; bytes: number }[] = [];

  /** The counter has reached `bytes`. */
  note(nowMs: number, bytes: number): void {
    this.#notes.push({ atMs: nowMs, bytes });
    while (this.#notes.length > 2 && this.#notes[1]!.atMs <= nowMs - WINDOW_MS) this.#notes.shift();
  }

  /** Over the last four seconds; 0 when nothing was noted lately. */
  kbps(nowMs: number): number {
    const first = this.#notes[0];
    const last = this.#notes.at(-1);
    if (!first || !last || last.atMs <= first.atMs || nowMs - last.atMs > WINDOW_MS) return 0;
    return Math.round(((last.bytes - first.bytes) * 8) / (last.atMs - first.atMs));
  }
}

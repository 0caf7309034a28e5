/** A rate out of bytes as they come, over the last seconds. */
const SLOT_MS = 250;
/** A rate that has only begun is not told from less than this, ms. */
const LEAST_MS = 500;

export class RateMeter {
  /** A slot gathers what came in a quarter of a second, so that there are few of them however many pieces come. */
  #slots: { atMs: number; bytes: number }[] = [];
  #sinceMs = 0;

  constructor(private readonly windowMs = 3000) {}

  /** `bytes` more have come. */
  add(nowMs: number, bytes: number): void {
    this.#forget(nowMs);
    if (this.#slots.length === 0) this.#sinceMs = nowMs;
    const last = this.#slots.at(-1);
    if (last && nowMs - last.atMs < SLOT_MS) last.bytes += bytes;
    else this.#slots.push({ atMs: nowMs, bytes });
  }

  /** Over the window, or since the first byte when that was later; 0 when nothing came in it. */
  kbps(nowMs: number): number {
    this.#forget(nowMs);
    const bytes = this.#slots.reduce((sum, slot) => sum + slot.bytes, 0);
    return Math.round((bytes * 8) / Math.min(this.windowMs, Math.max(LEAST_MS, nowMs - this.#sinceMs)));
  }

  #forget(nowMs: number): void {
    while (this.#slots[0] && this.#slots[0].atMs <= nowMs - this.windowMs) this.#slots.shift();
  }
}

/** What a meter shows of the levels that come: up at once and down slowly, so that a short peak can be seen; and where the highest was. Pure. */

export const FLOOR_DB = -60;
/** dB a second. */
const FALL_DB = 26;
const HOLD_MS = 1500;
const HOLD_FALL_DB = 40;

/** Where a level stands on the scale, 0 … 1. */
export function part(db: number): number {
  return Math.min(1, Math.max(0, 1 - db / FLOOR_DB));
}

/** After a longer time without a level nothing falls further: it is at the floor. */
const passedS = (sinceMs: number, nowMs: number): number => Math.min(1000, nowMs - sinceMs) / 1000;

export class Falling {
  #shown = FLOOR_DB;
  #atMs = 0;

  get shown(): number {
    return this.#shown;
  }

  /** @returns the dBFS to be shown @param nowMs monotonic */
  take(db: number, nowMs: number): number {
    const fallen = this.#shown - FALL_DB * passedS(this.#atMs, nowMs);
    this.#atMs = nowMs;
    this.#shown = Math.max(db, fallen, FLOOR_DB);
    return this.#shown;
  }
}

/** Bars that fall back, a line where the highest peak was, and whether it was too much. */
export class MeterHold {
  readonly #peak = new Falling();
  readonly #rms = new Falling();
  hold = FLOOR_DB;
  /** It was at or above `clipDb`, and nobody has acknowledged that. */
  clipped = false;
  #heldSinceMs = 0;
  #lastMs = 0;

  constructor(private readonly clipDb: number) {}

  get peak(): number {
    return this.#peak.shown;
  }

  get rms(): number {
    return this.#rms.shown;
  }

  /** @param nowMs monotonic */
  take(peak: number, rms: number, nowMs: number): void {
    this.#peak.take(peak, nowMs);
    this.#rms.take(rms, nowMs);
    if (peak >= this.hold) {
      this.hold = Math.max(peak, FLOOR_DB);
      this.#heldSinceMs = nowMs;
    } else if (nowMs - this.#heldSinceMs > HOLD_MS) {
      this.hold = Math.max(this.peak, this.hold - HOLD_FALL_DB * passedS(this.#lastMs, nowMs));
    }
    this.#lastMs = nowMs;
    if (peak >= this.clipDb) this.clipped = true;
  }
}

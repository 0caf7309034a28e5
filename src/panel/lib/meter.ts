/** How a meter moves: up at once, and down slowly, so that a short peak can be seen. */

export const FLOOR_DB = -60;
/** dB a second. */
const FALL_DB = 26;

/** Where a level stands on the scale, 0 … 1. */
export function part(db: number): number {
  return Math.min(1, Math.max(0, 1 - db / FLOOR_DB));
}

export class Falling {
  #shown = FLOOR_DB;
  #atMs = 0;

  /** @returns the dBFS to be shown @param nowMs monotonic */
  take(db: number, nowMs: number): number {
    const fallen = this.#shown - (FALL_DB * Math.min(1000, nowMs - this.#atMs)) / 1000;
    this.#atMs = nowMs;
    this.#shown = Math.max(db, fallen, FLOOR_DB);
    return this.#shown;
  }
}

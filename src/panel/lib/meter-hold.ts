/** What a meter shows of the levels that come: bars that fall back, a line where the highest peak was, and whether it was too much. Pure. */

export const METER_FLOOR_DB = -60;
/** dB a second, so that a short peak can be seen. */
const FALL_DB = 26;
const HOLD_MS = 1500;
const HOLD_FALL_DB = 40;

/** 0..1 of the scale. */
export const meterPart = (db: number): number => Math.min(1, Math.max(0, 1 - db / METER_FLOOR_DB));

export class MeterHold {
  peak = METER_FLOOR_DB;
  rms = METER_FLOOR_DB;
  hold = METER_FLOOR_DB;
  /** It was at or above `clipDb`, and nobody has acknowledged that. */
  clipped = false;
  #heldSinceMs = 0;
  #lastMs: number | undefined;

  constructor(private readonly clipDb: number) {}

  /** @param nowMs monotonic */
  take(peak: number, rms: number, nowMs: number): void {
    const passedS = Math.min(1000, nowMs - (this.#lastMs ?? nowMs)) / 1000;
    this.#lastMs = nowMs;
    this.peak = Math.max(peak, this.peak - FALL_DB * passedS, METER_FLOOR_DB);
    this.rms = Math.max(rms, this.rms - FALL_DB * passedS, METER_FLOOR_DB);
    if (peak >= this.hold) {
      this.hold = Math.max(peak, METER_FLOOR_DB);
      this.#heldSinceMs = nowMs;
    } else if (nowMs - this.#heldSinceMs > HOLD_MS) {
      this.hold = Math.max(this.peak, this.hold - HOLD_FALL_DB * passedS);
    }
    if (peak >= this.clipDb) this.clipped = true;
  }
}

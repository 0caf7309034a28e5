/**
 * One figure over time in memory that never grows: each second of the last hour, and of each minute of the last day the least, the mean and the
 * most. 31,680 bytes. What is not known is NaN.
 */
export const HOUR_SECONDS = 3600;
export const DAY_MINUTES = 1440;
export const SERIES_BYTES = 4 * (HOUR_SECONDS + 3 * DAY_MINUTES);

export class Series {
  readonly seconds = new Float32Array(HOUR_SECONDS).fill(NaN);
  readonly min = new Float32Array(DAY_MINUTES).fill(NaN);
  readonly mean = new Float32Array(DAY_MINUTES).fill(NaN);
  readonly max = new Float32Array(DAY_MINUTES).fill(NaN);
  /** Of the minute under way. */
  #sum = 0;
  #count = 0;
  #least = Infinity;
  #most = -Infinity;
  /** Looks since it last had a value. */
  idle = 0;

  add(slot: number, value: number | undefined): void {
    this.seconds[slot] = value ?? NaN;
    if (value === undefined) {
      this.idle += 1;
      return;
    }
    this.idle = 0;
    this.#sum += value;
    this.#count += 1;
    this.#least = Math.min(this.#least, value);
    this.#most = Math.max(this.#most, value);
  }

  /** The minute is over. */
  closeMinute(slot: number): void {
    this.putMinute(slot, this.#count === 0 ? undefined : [this.#least, this.#sum / this.#count, this.#most]);
    [this.#sum, this.#count, this.#least, this.#most] = [0, 0, Infinity, -Infinity];
  }

  putMinute(slot: number, values: readonly [min: number, mean: number, max: number] | undefined): void {
    [this.min[slot], this.mean[slot], this.max[slot]] = values ?? [NaN, NaN, NaN];
  }
}

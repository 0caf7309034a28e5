/** Figures of the last hour and day by name, and what can be asked of the last seconds. Times are kept on the monotonic clock, and said by the wall's as it is now. */
import type { History as HistoryAnswer, HistorySeries } from '../../protocol/health.js';
import type { Recent } from '../../domain/health/recent.js';
import { unitOf } from '../../domain/health/samples.js';
import { DAY_MINUTES, HOUR_SECONDS, Series, SERIES_BYTES } from './series.js';

/** At most 3.8 MB for the figures. Further ones, as of a hundredth camera, are left out and counted. */
export const MOST_SERIES = 120;
export const MOST_BYTES = MOST_SERIES * SERIES_BYTES + 8 * (HOUR_SECONDS + DAY_MINUTES);
const MINUTE_MS = 60_000;

/** A minute as it is stored: least, mean and most by name. */
export interface Minute {
  /** Unix time of its end, ms. */
  atMs: number;
  values: Record<string, [min: number, mean: number, max: number]>;
}

export class History implements Recent {
  readonly #series = new Map<string, Series>();
  /** When each slot was written, monotonic ms; NaN: never. */
  readonly #secondAt = new Float64Array(HOUR_SECONDS).fill(NaN);
  readonly #minuteAt = new Float64Array(DAY_MINUTES).fill(NaN);
  #second = -1;
  #minute = -1;
  #minuteBegan: number | undefined;
  /** Figures for which there was no room. */
  leftOut = 0;

  /** @param offsetMs wall clock minus monotonic, now */
  constructor(private readonly offsetMs: () => number) {}

  /** What was stored before, oldest first. */
  restore(minutes: readonly Minute[]): void {
    const offsetMs = this.offsetMs();
    for (const { atMs, values } of minutes.slice(-DAY_MINUTES)) {
      const slot = this.#nextMinute(atMs - offsetMs);
      for (const [key, three] of Object.entries(values)) this.#of(key)?.putMinute(slot, three);
    }
  }

  /**
   * The figures of this second.
   * @param nowMs monotonic
   * @returns the minute that is over with it, to be stored
   */
  add(nowMs: number, figures: ReadonlyMap<string, number>): Minute | undefined {
    this.#minuteBegan ??= nowMs;
    const minute = nowMs - this.#minuteBegan >= MINUTE_MS ? this.#closeMinute(nowMs) : undefined;
    this.#second = (this.#second + 1) % HOUR_SECONDS;
    this.#secondAt[this.#second] = nowMs;
    for (const [key, value] of figures) if (!this.#series.has(key) && Number.isFinite(value)) this.#of(key);
    for (const [key, series] of this.#series) {
      const value = figures.get(key);
      series.add(this.#second, value !== undefined && Number.isFinite(value) ? value : undefined);
      // Nothing of it is left to be shown.
      if (series.idle > DAY_MINUTES * 60) this.#series.delete(key);
    }
    return minute;
  }

  read(range: HistoryAnswer['range'], sinceMs = -Infinity): HistoryAnswer {
    const isHour = range === 'hour';
    const at = isHour ? this.#secondAt : this.#minuteAt;
    const newest = isHour ? this.#second : this.#minute;
    const offsetMs = this.offsetMs();
    const slots: number[] = [];
    for (let back = at.length - 1; back >= 0; back--) {
      const slot = (newest - back + at.length) % at.length;
      // NaN is later than nothing.
      if (Math.round(at[slot]! + offsetMs) > sinceMs) slots.push(slot);
    }
    const pick = (values: Float32Array, digits: number): (number | null)[] => slots.map((slot) => rounded(values[slot]!, digits));
    const series = [...this.#series].map(([key, one]): HistorySeries => {
      const unit = unitOf(key);
      const digits = unit === 'frames' || unit === 'fps' || unit === 'percent' || unit === 'dBFS' ? 1 : 0;
      return isHour
        ? { key, unit, values: pick(one.seconds, digits) }
        : { key, unit, values: pick(one.mean, digits), min: pick(one.min, digits), max: pick(one.max, digits) };
    });
    return { range, stepMs: isHour ? 1000 : MINUTE_MS, times: slots.map((slot) => Math.round(at[slot]! + offsetMs)), series };
  }

  values(key: string, seconds: number): number[] {
    const series = this.#series.get(key);
    if (!series) return [];
    const found: number[] = [];
    const nowMs = this.#secondAt[this.#second]!;
    for (let back = 0; back < Math.min(seconds, HOUR_SECONDS); back++) {
      const slot = (this.#second - back + HOUR_SECONDS) % HOUR_SECONDS;
      // Looks that came late: what is older than asked for is not meant.
      if (!(nowMs - this.#secondAt[slot]! < seconds * 1000)) break;
      if (!Number.isNaN(series.seconds[slot]!)) found.push(series.seconds[slot]!);
    }
    return found;
  }

  minuteMean(key: string, minutesAgo: number): number | undefined {
    const series = this.#series.get(key);
    const slot = (this.#minute - minutesAgo + DAY_MINUTES) % DAY_MINUTES;
    const value = this.#minute < 0 || minutesAgo >= DAY_MINUTES ? NaN : (series?.mean[slot] ?? NaN);
    return Number.isNaN(value) ? undefined : value;
  }

  #closeMinute(nowMs: number): Minute {
    const slot = this.#nextMinute(nowMs);
    this.#minuteBegan = nowMs;
    const values: Minute['values'] = {};
    for (const [key, series] of this.#series) {
      series.closeMinute(slot);
      const three = [series.min[slot]!, series.mean[slot]!, series.max[slot]!] as [number, number, number];
      if (!Number.isNaN(three[1])) values[key] = three.map((value) => rounded(value, 2)!) as [number, number, number];
    }
    return { atMs: Math.round(nowMs + this.offsetMs()), values };
  }

  #nextMinute(atMs: number): number {
    this.#minute = (this.#minute + 1) % DAY_MINUTES;
    this.#minuteAt[this.#minute] = atMs;
    for (const series of this.#series.values()) series.putMinute(this.#minute, undefined);
    return this.#minute;
  }

  #of(key: string): Series | undefined {
    const known = this.#series.get(key);
    if (known) return known;
    if (this.#series.size >= MOST_SERIES) {
      this.leftOut += 1;
      return undefined;
    }
    const made = new Series();
    this.#series.set(key, made);
    return made;
  }
}

function rounded(value: number, digits: number): number | null {
  if (Number.isNaN(value)) return null;
  const times = 10 ** digits;
  return Math.round(value * times) / times;
}

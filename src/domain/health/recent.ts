/** What was in the last seconds and minutes, by the name of a figure. */
export interface Recent {
  /** Newest first, of so many seconds; seconds of which nothing is known are left out. */
  values(key: string, seconds: number): number[];
  /** The mean of a whole minute; undefined: nothing is known of it. 0 is the last one that is over. */
  minuteMean(key: string, minutesAgo: number): number | undefined;
}

export function sumOf(recent: Recent, key: string, seconds: number): number {
  return recent.values(key, seconds).reduce((sum, value) => sum + value, 0);
}

/** undefined: less than half of the time is known. */
export function meanOf(recent: Recent, key: string, seconds: number): number | undefined {
  const values = recent.values(key, seconds);
  return values.length < seconds / 2 ? undefined : values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** undefined: nothing is known, or less than the whole time, give or take three seconds. */
export function mostOf(recent: Recent, key: string, seconds: number): number | undefined {
  const values = recent.values(key, seconds);
  return values.length === 0 || values.length < seconds - 3 ? undefined : Math.max(...values);
}

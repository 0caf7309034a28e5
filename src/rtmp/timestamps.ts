const WRAP = 2 ** 32;

/** The low 32 bits of a time in ms, as RTMP and FLV carry it (0 … 2³²−1). Negative times wrap. */
export function timestamp32(timeMs: number): number {
  return timeMs >>> 0;
}

/**
 * Turns 32-bit timestamps, which wrap every 49.7 days, into times that go on growing.
 * Each one is taken as the nearest to the one before, so steps of up to ±24.8 days, also backwards over the wrap, are
 * right. One instance serves all tracks of a stream, which keeps them comparable.
 */
export class TimestampUnwrapper {
  private last: number | null = null;

  /** @param timestamp raw 32-bit value in ms @returns ms, an integer; below 0 only if a stream steps back before its 0 */
  unwrap(timestamp: number): number {
    const last = this.last;
    const raw = timestamp >>> 0;
    const next = last === null ? raw : last + ((raw - (((last % WRAP) + WRAP) % WRAP)) | 0);
    this.last = next;
    return next;
  }
}

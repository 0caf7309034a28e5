/** What reports say over time, made fit to read: no word that flips each second. */
import type { SourceState, SourceStatus } from '../../protocol/status.js';

/** Of a source that comes in bursts one report says "late" and the next "live": so many "late" */
const LATE_REPORTS = 3;
/** within this time, the last of them not longer ago than the other, make it late. Reports come once a second. */
const LATE_WITHIN_MS = 6000;
const LATE_HELD_MS = 3000;

/** Shows "late" for a source that is so again and again, and for as long as it is; every other state at once. */
export class LateFilter {
  readonly #lateAtMs = new Map<string, number[]>();

  /** @param nowMs monotonic */
  apply(sources: readonly SourceStatus[], nowMs: number): SourceStatus[] {
    for (const id of [...this.#lateAtMs.keys()]) if (!sources.some((source) => source.id === id)) this.#lateAtMs.delete(id);
    return sources.map((source) => {
      if (source.state !== 'late' && source.state !== 'live') {
        this.#lateAtMs.delete(source.id);
        return source;
      }
      const lateAt = (this.#lateAtMs.get(source.id) ?? []).filter((atMs) => nowMs - atMs <= LATE_WITHIN_MS);
      if (source.state === 'late') lateAt.push(nowMs);
      this.#lateAtMs.set(source.id, lateAt);
      const isLate = lateAt.length >= LATE_REPORTS && nowMs - lateAt.at(-1)! <= LATE_HELD_MS;
      const state: SourceState = isLate ? 'late' : 'live';
      return { ...source, state };
    });
  }
}

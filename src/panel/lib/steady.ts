/** What reports say over time, made fit to read: no word that flips each second, and a warning only for what lasts. */
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

const WINDOW_MS = 10_000;
/** Part of the frames of ten seconds that may be missing before somebody is told. */
const TOLERATED = 0.01;

/** How much a counter of frames has grown in the last ten seconds. */
export class DropWatch {
  #seen: { atMs: number; dropped: number }[] = [];

  /**
   * Takes a report. @returns the frames lost within ten seconds when that is more than one in a hundred of `fps`, else 0
   * @param dropped the counter; undefined while there is none
   * @param nowMs monotonic
   */
  report(dropped: number | undefined, fps: number, nowMs: number): number {
    const last = this.#seen.at(-1);
    // A counter that began anew, or reports that were missed, say nothing about these ten seconds.
    if (dropped === undefined || (last && (dropped < last.dropped || nowMs - last.atMs > WINDOW_MS))) this.#seen = [];
    if (dropped === undefined) return 0;
    this.#seen = [...this.#seen.filter(({ atMs }) => nowMs - atMs <= WINDOW_MS), { atMs: nowMs, dropped }];
    const grown = dropped - this.#seen[0]!.dropped;
    return grown > (fps * WINDOW_MS * TOLERATED) / 1000 ? grown : 0;
  }
}

/** What reports say over time, made fit to read: no word that flips each second, and a warning only for what lasts. */
import type { SourceState, SourceStatus } from '../../protocol/status.js';

/** A source that is late for less than this is still called live. */
const LATE_AFTER_MS = 2000;

/** Shows "late" only after two seconds of it; every other state at once. */
export class LateFilter {
  readonly #lateSinceMs = new Map<string, number>();

  /** @param nowMs monotonic */
  apply(sources: readonly SourceStatus[], nowMs: number): SourceStatus[] {
    for (const id of [...this.#lateSinceMs.keys()]) {
      if (!sources.some((source) => source.id === id && source.state === 'late')) this.#lateSinceMs.delete(id);
    }
    return sources.map((source) => {
      if (source.state !== 'late') return source;
      const sinceMs = this.#lateSinceMs.get(source.id) ?? nowMs;
      this.#lateSinceMs.set(source.id, sinceMs);
      const state: SourceState = nowMs - sinceMs < LATE_AFTER_MS ? 'live' : 'late';
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

/** How much of what a source sends comes too late. Pure. */

/**
 * Part of a source's own pictures that were not there when they were due, 0 to 1: a camera of 12.5 pictures a second in a program of 30 is whole at 0,
 * though most frames of the program show a picture for the second time.
 * @param repeated by how much the source's `repeated`, or the program's, has grown in this time
 * @param sourceFps what it sends; left out: as the program
 */
export function lateShare(repeated: number, seconds: number, programFps: number, sourceFps?: number): number {
  const due = Math.min(programFps, sourceFps && sourceFps > 0 ? sourceFps : programFps) * seconds;
  return due > 0 ? Math.min(1, Math.max(0, repeated) / due) : 0;
}

/** `0 %`, `0.4 %`, `12 %`. */
export function shareInWords(share: number): string {
  if (share <= 0) return '0 %';
  return share < 0.1 ? `${Math.max(0.1, Math.round(share * 1000) / 10)} %` : `${Math.round(share * 100)} %`;
}

const WINDOW_MS = 30_000;

/** The share of the last half minute, from a counter. */
export class RepeatWatch {
  #seen: { atMs: number; repeated: number }[] = [];

  /**
   * Takes a report. @returns the share; undefined before there is anything to compare
   * @param repeated the counter; undefined while there is none
   * @param nowMs monotonic
   */
  report(repeated: number | undefined, nowMs: number, programFps: number, sourceFps?: number): number | undefined {
    const last = this.#seen.at(-1);
    // A counter that began anew says nothing about what was before.
    if (repeated === undefined || (last && repeated < last.repeated)) this.#seen = [];
    if (repeated === undefined) return undefined;
    this.#seen = [...this.#seen.filter(({ atMs }) => nowMs - atMs <= WINDOW_MS), { atMs: nowMs, repeated }];
    const [first] = this.#seen;
    return first && nowMs > first.atMs ? lateShare(repeated - first.repeated, (nowMs - first.atMs) / 1000, programFps, sourceFps) : undefined;
  }
}

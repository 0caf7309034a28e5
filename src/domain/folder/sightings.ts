/** When a file is whole: nobody has written to it for a while. Pure; times are monotonic, as a disk's own may be anything. */

/** So long a file's size and time must stay as they are. */
const WHOLE_AFTER_MS = 2000;

export interface Sighting {
  /** Its size and time as they were seen. */
  readonly version: string;
  readonly sinceMs: number;
}
export type Sightings = ReadonlyMap<string, Sighting>;

/** What is known after a look at the folder; of what is not there any more nothing is. */
export function sightingsAfter(before: Sightings, found: readonly { readonly path: string; readonly version: string }[], nowMs: number): Sightings {
  return new Map(found.map(({ path, version }) => {
    const seen = before.get(path);
    return [path, seen?.version === version ? seen : { version, sinceMs: nowMs }];
  }));
}

export function isWhole(seen: Sighting | undefined, nowMs: number): boolean {
  return seen !== undefined && nowMs - seen.sinceMs >= WHOLE_AFTER_MS;
}

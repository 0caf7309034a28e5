/** Events that repeat themselves become one with a count. Pure. */
import type { Level, EventKind } from '../../protocol/health.js';

export interface LoggedEvent {
  id: number;
  /** Unix time, ms. */
  atMs: number;
  lastMs: number;
  count: number;
  level: Level;
  kind: EventKind;
  code: string;
  text: string;
  by: string | null;
  ids: string[];
}

/** The same within this time of the last is a repetition, */
const FOLD_MS = 120_000;
/** when no more than so many others have come since: one must find it where it is looked for. */
const FOLD_BEHIND = 20;

/** The one of the newest events (newest last) that `next` repeats; undefined: it is something new. */
export function repeats(newest: readonly LoggedEvent[], next: Omit<LoggedEvent, 'id' | 'count' | 'lastMs'>): LoggedEvent | undefined {
  return newest.slice(-FOLD_BEHIND).findLast((one) => one.code === next.code && one.text === next.text && one.by === next.by && next.atMs - one.lastMs < FOLD_MS);
}

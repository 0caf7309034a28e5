/** Events that repeat themselves become one with a count. Pure. */
import type { Level, EventKind } from '../../protocol/health.js';
import type { Happening } from './happenings.js';

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
/** and what may come and go all day within this one: an hour of slides is one line that says how often they stood, and a freeze after a quiet hour a new one; */
const FOLD_RECURRING_MS = 3_600_000;
/** when no more than so many others have come since: one must find it where it is looked for. */
const FOLD_BEHIND = 20;

/** The one of the newest events (newest last) that `next` repeats; undefined: it is something new. */
export function repeats(newest: readonly LoggedEvent[], next: Happening & Pick<LoggedEvent, 'atMs' | 'by'>): LoggedEvent | undefined {
  const withinMs = next.recurs ? FOLD_RECURRING_MS : FOLD_MS;
  const isSame = (one: LoggedEvent): boolean => (next.recurs ? one.level === next.level && one.ids.join() === next.ids.join() : one.text === next.text);
  return newest.slice(-FOLD_BEHIND).findLast((one) => one.code === next.code && one.by === next.by && next.atMs - one.lastMs < withinMs && isSame(one));
}

/** Starts and stops of the broadcast: which of those that have come due is to be done, and which is not any more. Pure. */
import type { ScheduleAction, ScheduleRun } from '../../protocol/schedule.js';
import { DAY } from './local-time.js';
import { startsOf } from './starts.js';
import type { EventDocument, ScheduleFacts } from './windows.js';

export type PointAction = Exclude<ScheduleAction, { action: 'play' }>;

export interface DuePoint {
  event: EventDocument;
  action: PointAction;
  dueMs: number;
  /** Why it is not done; null: it is to be done. */
  skip: string | null;
}

/** What comes within this of when it was due is in time. */
export const IN_TIME_MS = 2000;

/**
 * All that have come due and were not dealt with, at most one an event: its last. One of them at most is to be done, for all are
 * about the one broadcast: a start that a stop has followed is not wanted any more.
 * @param held the schedule is switched off
 */
export function duePoints(facts: ScheduleFacts, runs: ReadonlyMap<string, ScheduleRun>, nowMs: number, held: boolean): DuePoint[] {
  const last = facts.events.flatMap((event, place) => {
    const { enabled, do: action } = event.data;
    const dueMs = enabled && action.action !== 'play' ? startsOf(event.data, facts.timeZone).upTo(nowMs) : null;
    return dueMs === null || action.action === 'play' ? [] : [{ event, action, dueMs, place }];
  });
  last.sort((a, b) => b.dueMs - a.dueMs || b.event.data.priority - a.event.data.priority || b.place - a.place);
  const newest = last[0];
  return last
    .filter(({ event, dueMs }) => !isDealtWith(event, runs.get(event.id), dueMs, nowMs))
    .map(({ event, action, dueMs }) => {
      const followed = newest && newest.event !== event ? newest : undefined;
      const late = nowMs - dueMs > Math.max(event.data.graceMs, IN_TIME_MS);
      const skip = held ? 'The schedule was switched off.'
        : followed ? `"${followed.event.data.name}" was due after it.`
        : late ? `It was missed by ${Math.round((nowMs - dueMs) / 1000)} s.` : null;
      return { event, action, dueMs, skip };
    });
}

/** Done, skipped, or due before the event was what it is now. One that failed is tried again as long as it may be late. */
function isDealtWith({ updatedAt, data }: EventDocument, run: ScheduleRun | undefined, dueMs: number, nowMs: number): boolean {
  if (dueMs < Date.parse(updatedAt)) return true;
  const ranMs = run ? Date.parse(run.dueAt) : -Infinity;
  // One from further ahead was made while the clock was wrong.
  if (!run || ranMs < dueMs || ranMs > nowMs + DAY) return false;
  return ranMs > dueMs || run.result !== 'failed' || nowMs - dueMs > Math.max(data.graceMs, IN_TIME_MS);
}

/** The first moment after this one at which one is due; Infinity: never. */
export function nextPoint(facts: ScheduleFacts, afterMs: number): { atMs: number; event: EventDocument | null; action: PointAction['action'] | null } {
  let first: ReturnType<typeof nextPoint> = { atMs: Infinity, event: null, action: null };
  for (const event of facts.events) {
    const { enabled, do: action } = event.data;
    if (!enabled || action.action === 'play') continue;
    const atMs = startsOf(event.data, facts.timeZone).after(afterMs) ?? Infinity;
    if (atMs < first.atMs) first = { atMs, event, action: action.action };
  }
  return first;
}

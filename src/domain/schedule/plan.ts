/** A stretch of time as the schedule has it, overlaps resolved, and what a person should look at in it. Pure. */
import type { PlanPoint, PlanWarning, PlanWindow, SchedulePlan } from '../../protocol/schedule.js';
import { clockChanges, DAY, localAt } from './local-time.js';
import { startsOf } from './starts.js';
import { nameOf, Windows, type ScheduleFacts, type Window } from './windows.js';

/** Longest stretch of one plan. */
export const MOST_PLAN_MS = 31 * DAY;
const MOST_ENTRIES = 2000;
/** Looked at: windows that begin or end, and what that costs, by Windows.workAt. */
const MOST_LOOKED = 5000;
const MOST_WORK = 1_000_000;
const MOST_WARNINGS = 200;
/** Further than this no zone's clocks are set at once. */
const MOST_SHIFT = 3 * 3_600_000;
/** Starts of one event in a repeated hour that are told. */
const MOST_REPEATED = 8;

const iso = (ms: number): string => new Date(ms).toISOString();

/** @param toMs not in it any more */
export function planOf(facts: ScheduleFacts, fromMs: number, toMs: number): SchedulePlan {
  const warnings: PlanWarning[] = [];
  const warn = (atMs: number, eventId: string, code: PlanWarning['code'], message: string): void => {
    warnings.push({ at: iso(atMs), eventId, code, message });
  };
  const { points, endMs: pointsEndMs } = pointsOf(facts, fromMs, toMs, warn);
  const { windows, endMs } = windowsOf(facts, fromMs, pointsEndMs, warn);
  oddities(facts, fromMs, endMs, warn);
  warnings.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
  return { from: iso(fromMs), to: iso(endMs), windows, points: points.filter(({ at }) => at < iso(endMs)), warnings: warnings.slice(0, MOST_WARNINGS) };
}

const TOO_MANY = 'There is too much in the schedule for one plan: it ends here. Ask for the rest from here on.';

type Warn = (atMs: number, eventId: string, code: PlanWarning['code'], message: string) => void;

function windowsOf(facts: ScheduleFacts, fromMs: number, toMs: number, warn: Warn): { windows: PlanWindow[]; endMs: number } {
  const schedule = new Windows(facts);
  const overlaps = new Overlaps(warn);
  const found: PlanWindow[] = [];
  let planned = schedule.planned(fromMs);
  let sinceMs = fromMs;
  overlaps.look(schedule.at(fromMs), fromMs);
  const close = (untilMs: number): void => {
    const { window, target } = planned;
    found.push({ startsAt: iso(sinceMs), endsAt: iso(untilMs), eventId: window?.event.id ?? null, target, priority: window?.event.data.priority ?? null });
  };
  let endMs = toMs;
  let atMs = schedule.nextBoundary(fromMs);
  let work = 0;
  for (let looked = 0; atMs < toMs; atMs = schedule.nextBoundary(atMs), looked++) {
    work += schedule.workAt(atMs);
    if (looked >= MOST_LOOKED || work > MOST_WORK || found.length >= MOST_ENTRIES) {
      endMs = atMs;
      warn(atMs, (schedule.at(atMs)[0] ?? planned.window)?.event.id ?? facts.events[0]!.id, 'too-many', TOO_MANY);
      break;
    }
    overlaps.look(schedule.at(atMs), atMs);
    const next = schedule.planned(atMs);
    if (nameOf(next) === nameOf(planned)) continue;
    close(atMs);
    planned = next;
    sinceMs = atMs;
  }
  close(endMs);
  overlaps.end(fromMs, endMs);
  return { windows: found, endMs };
}

/** Who covers whom. */
class Overlaps {
  readonly #told = new Set<string>();
  readonly #hidden = new Map<string, Window>();
  readonly #seen = new Set<string>();

  constructor(private readonly warn: Warn) {}

  look(covering: readonly Window[], atMs: number): void {
    covering.forEach((window, i) => {
      const name = windowName(window);
      if (i === 0) this.#seen.add(name);
      else this.#hidden.set(name, window);
      if (this.#told.size >= MOST_WARNINGS) return;
      for (const below of covering.slice(i + 1)) this.#tell(window, below, atMs);
    });
  }

  /** Those that were never on, of the windows that lie in the plan as a whole. */
  end(fromMs: number, toMs: number): void {
    for (const [name, { event, startMs, endMs }] of this.#hidden) {
      if (this.#seen.has(name) || startMs < fromMs || endMs > toMs) continue;
      this.warn(startMs, event.id, 'never-on', `"${event.data.name}" is not seen at all: others cover the whole of it.`);
    }
  }

  #tell(upper: Window, lower: Window, atMs: number): void {
    const pair = `${windowName(upper)} ${windowName(lower)}`;
    if (this.#told.has(pair)) return;
    this.#told.add(pair);
    this.warn(atMs, upper.event.id, 'overlap', `"${upper.event.data.name}" covers "${lower.event.data.name}".`);
  }
}

const windowName = ({ event, startMs }: Window): string => `${event.id}@${startMs}`;

/** Where there are too many of them, the plan ends earlier. */
function pointsOf(facts: ScheduleFacts, fromMs: number, toMs: number, warn: Warn): { points: PlanPoint[]; endMs: number } {
  const events = facts.events.filter(({ data }) => data.enabled && data.do.action !== 'play');
  const most = Math.floor(MOST_ENTRIES / Math.max(1, events.length)) + 1;
  let end = { atMs: toMs, eventId: '' };
  const points = events.flatMap(({ id, data: { do: { action } }, data }): PlanPoint[] => {
    if (action === 'play') return [];
    const starts = startsOf(data, facts.timeZone).between(fromMs - 1, toMs - 1, most);
    if (starts.length === most && starts.at(-1)!.atMs < end.atMs) end = { atMs: starts.at(-1)!.atMs, eventId: id };
    return starts.map(({ atMs }) => ({ at: iso(atMs), eventId: id, action }));
  });
  if (end.eventId !== '') warn(end.atMs, end.eventId, 'too-many', TOO_MANY);
  return { points: points.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0)), endMs: Math.max(end.atMs, fromMs + 1) };
}

/** What is odd about events themselves. */
function oddities(facts: ScheduleFacts, fromMs: number, toMs: number, warn: Warn): void {
  for (const { id, data } of facts.events) {
    if (!data.enabled) continue;
    const zone = data.timeZone ?? facts.timeZone;
    const starts = startsOf(data, facts.timeZone);
    if (starts.upTo(fromMs) === null && starts.after(fromMs) === null) warn(fromMs, id, 'never', `"${data.name}" never starts: there is no such day.`);
    if (data.do.action === 'play' && data.do.forMs === null) {
      const timeline = facts.timeline(data.do.timelineId);
      if (timeline && !timeline.loop && timeline.durationMs === 0) warn(fromMs, id, 'empty', `The timeline of "${data.name}" is empty: its windows have no length.`);
    }
    for (const changeMs of clockChanges(zone, fromMs, toMs + MOST_SHIFT)) {
      const backMs = localAt(zone, changeMs - 1) + 1 - localAt(zone, changeMs);
      const odd = backMs > 0 ? starts.between(changeMs - backMs - 1, changeMs - 1, MOST_REPEATED) : starts.between(changeMs - 1, changeMs, 1);
      for (const { atMs, oddity } of odd) {
        if (oddity === null || atMs < fromMs || atMs >= toMs) continue;
        warn(atMs, id, oddity, oddity === 'moved'
          ? `The clocks of ${zone} are set forward: the time of "${data.name}" does not exist on this day, and it starts at the first moment after the gap.`
          : `The clocks of ${zone} are set back: the time of "${data.name}" comes twice on this day, and it starts at the first.`);
      }
    }
  }
}

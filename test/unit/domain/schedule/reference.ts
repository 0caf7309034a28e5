/**
 * The rules of docs/schedule.md done slowly: a walk over every minute, which writes down what begins in it and asks what of all
 * that has begun is on. Knows nothing of offsets: it reads the clocks of each zone and sees what they show for the first time.
 */
import type { EventDocument } from '../../../../src/domain/schedule/windows.js';
import type { Weekday } from '../../../../src/protocol/schedule.js';
import { MINUTE, TIMELINES } from './support.js';

interface Begun {
  event: EventDocument;
  place: number;
  startMs: number;
  /** null: open, until another begins. */
  endMs: number | null;
}

const DAYS: Weekday[] = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
/** No clock is set but at a quarter of an hour: in between it only goes on. */
const LOOK_MS = 15 * MINUTE;
const clocks = new Map<string, (at: number) => number>();

/** Local time as it would be in UTC, remembered. */
function clockOf(zone: string): (at: number) => number {
  let clock = clocks.get(zone);
  if (clock) return clock;
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' });
  const known = new Map<number, number>();
  clock = (at) => {
    const looked = at - (at % LOOK_MS);
    let local = known.get(looked);
    if (local === undefined) known.set(looked, (local = Date.parse(`${format.format(looked).replace(' ', 'T')}Z`)));
    return local + at - looked;
  };
  clocks.set(zone, clock);
  return clock;
}

/** Whether an event that is not by cron starts at a local time. */
function isStart({ data: { when, fromDate, untilDate } }: EventDocument, localMs: number): boolean {
  if (when.kind === 'cron') throw new Error('The walk knows no cron.');
  // Of most minutes that is all there is to look at.
  if (Number(when.at.slice(-5, -3)) * 60 + Number(when.at.slice(-2)) !== Math.floor(localMs / MINUTE) % (24 * 60)) return false;
  const text = new Date(localMs).toISOString();
  const [date, time] = [text.slice(0, 10), text.slice(11, 16)];
  if ((fromDate !== null && date < fromDate) || (untilDate !== null && date > untilDate)) return false;
  switch (when.kind) {
    case 'once': return when.at === `${date}T${time}`;
    case 'daily': return when.at === time;
    case 'weekly': return when.at === time && when.days.includes(DAYS[new Date(localMs).getUTCDay()]!);
    default: return when satisfies never;
  }
}

/** For each minute from one on up to another: what is on, as `name@start`; '' for nothing. Starts walking `beforeMs` earlier. */
export function walk(events: readonly EventDocument[], zone: string, fromMs: number, toMs: number, beforeMs: number): Map<number, string> {
  const seen = new Map<string, number>();
  const begun: Begun[] = [];
  const on = new Map<number, string>();
  for (let at = fromMs - beforeMs; at < toMs; at += MINUTE) {
    const starting = new Set<EventDocument>();
    for (const event of events) {
      const name = event.data.timeZone ?? zone;
      const shows = clockOf(name)(at);
      const before = seen.get(event.id) ?? shows - MINUTE;
      for (let local = before + MINUTE; local <= shows; local += MINUTE) if (event.data.enabled && event.data.do.action === 'play' && isStart(event, local)) starting.add(event);
      seen.set(event.id, Math.max(before, shows));
    }
    if (starting.size > 0) for (const one of begun) one.endMs ??= at;
    for (const event of starting) {
      const { do: action } = event.data;
      if (action.action !== 'play') continue;
      const timeline = TIMELINES[action.timelineId]!;
      const length = action.forMs ?? (timeline.loop ? null : timeline.durationMs);
      begun.push({ event, place: events.indexOf(event), startMs: at, endMs: length === null ? null : at + length });
    }
    if (at < fromMs) continue;
    const covering = begun.filter(({ endMs }) => endMs === null || at < endMs);
    let best: Begun | undefined;
    for (const one of covering) if (!best || isOver(one, best)) best = one;
    on.set(at, best ? `${best.event.id}@${best.startMs}` : '');
  }
  return on;
}

function isOver(a: Begun, b: Begun): boolean {
  if (a.event.data.priority !== b.event.data.priority) return a.event.data.priority > b.event.data.priority;
  return a.startMs !== b.startMs ? a.startMs > b.startMs : a.place > b.place;
}

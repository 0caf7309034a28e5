/** When an event starts: the local times that it names, and the moments at which they come. Pure. */
import type { ScheduleEventInput, ScheduleWhen, Weekday } from '../../protocol/schedule.js';
import { cronTimes, type LocalTimes } from './cron.js';
import { DAY, latestLocal, oddity, whenComes } from './local-time.js';

export interface Start {
  /** ms since 1970. */
  atMs: number;
  /** Its local time is left out on that day, or is there twice. */
  oddity: 'moved' | 'twice' | null;
}

export interface Starts {
  /** The first after a moment; null: none. */
  after(atMs: number): number | null;
  /** The last up to a moment, that one included; null: none. */
  upTo(atMs: number): number | null;
  /** Those after a moment up to another, at most so many. */
  between(afterMs: number, upToMs: number, most: number): Start[];
  /** Of an answer that is not remembered: as much as so many that are. */
  readonly cost: number;
}

/** Croner takes a tenth of a millisecond and more. */
const CRON_COST = 200;
const COST = 5;

type Timing = Pick<ScheduleEventInput, 'when' | 'timeZone' | 'fromDate' | 'untilDate'>;

const known = new WeakMap<Timing, { zone: string; starts: Starts }>();

/**
 * The starts of an event. Made once a version of it, and the last answers are remembered: they are asked for every second.
 * @param defaultZone of an event that names none
 */
export function startsOf(timing: Timing, defaultZone: string): Starts {
  const zone = timing.timeZone ?? defaultZone;
  const before = known.get(timing);
  if (before?.zone === zone) return before.starts;
  const starts = remembering(makeStarts(timing, zone));
  known.set(timing, { zone, starts });
  return starts;
}

/** A sentence about a cron expression that is none, or null. */
export function cronProblem(when: ScheduleWhen): string | null {
  if (when.kind !== 'cron') return null;
  try {
    cronTimes(when.expression);
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}

function makeStarts(timing: Timing, zone: string): Starts {
  const times = bounded(localTimes(timing.when), timing);
  const after = (atMs: number): number | null => {
    const localMs = times.after(latestLocal(zone, atMs));
    return localMs === null ? null : whenComes(zone, localMs);
  };
  return {
    after,
    cost: timing.when.kind === 'cron' ? CRON_COST : COST,
    upTo: (atMs) => {
      const localMs = times.upTo(latestLocal(zone, atMs));
      return localMs === null ? null : whenComes(zone, localMs);
    },
    between: (afterMs, upToMs, most) => {
      const found: Start[] = [];
      for (let localMs = times.after(latestLocal(zone, afterMs)); localMs !== null && found.length < most; localMs = times.after(localMs)) {
        const atMs = whenComes(zone, localMs);
        if (atMs > upToMs) break;
        // Several that are left out on one day come together.
        if (found.at(-1)?.atMs !== atMs) found.push({ atMs, oddity: oddity(zone, localMs) });
      }
      return found;
    },
  };
}

interface Answers {
  upTo: number | null;
  after: number | null;
}

/** Between two starts the answers stay the same. Two such stretches are remembered: one asks about now and about what is next. */
function remembering(starts: Starts): Starts {
  let latest: Answers | undefined;
  let before: Answers | undefined;
  const at = (atMs: number): Answers => {
    if (latest && isWithin(latest, atMs)) return latest;
    const known = before && isWithin(before, atMs) ? before : undefined;
    // A start is the last up to itself.
    const upTo = (): number | null => (latest?.after === atMs ? atMs : starts.upTo(atMs));
    const found = known ?? { upTo: upTo(), after: starts.after(atMs) };
    before = latest;
    return (latest = found);
  };
  return { ...starts, upTo: (atMs) => at(atMs).upTo, after: (atMs) => at(atMs).after };
}

const isWithin = ({ upTo, after }: Answers, atMs: number): boolean => atMs >= (upTo ?? -Infinity) && atMs < (after ?? Infinity);

const WEEKDAYS: readonly Weekday[] = ['thu', 'fri', 'sat', 'sun', 'mon', 'tue', 'wed'];

function localTimes(when: ScheduleWhen): LocalTimes {
  switch (when.kind) {
    case 'once': {
      const at = Date.parse(`${when.at}Z`);
      return { after: (localMs) => (at > localMs ? at : null), upTo: (localMs) => (at <= localMs ? at : null) };
    }
    case 'daily': return onDays(when.at, () => true);
    case 'weekly': {
      const days = new Set(when.days);
      // Day 0 of 1970 was a Thursday.
      return onDays(when.at, (day) => days.has(WEEKDAYS[((day % 7) + 7) % 7]!));
    }
    case 'cron': return cronTimes(when.expression);
    default: return when satisfies never;
  }
}

function onDays(time: string, isDay: (day: number) => boolean): LocalTimes {
  const [hours = 0, minutes = 0, seconds = 0] = time.split(':').map(Number);
  const inDay = ((hours * 60 + minutes) * 60 + seconds) * 1000;
  return {
    after: (localMs) => {
      let day = Math.floor((localMs - inDay) / DAY) + 1;
      while (!isDay(day)) day++;
      return day * DAY + inDay;
    },
    upTo: (localMs) => {
      let day = Math.floor((localMs - inDay) / DAY);
      while (!isDay(day)) day--;
      return day * DAY + inDay;
    },
  };
}

/** Only those on the days from the first to the last. */
function bounded(times: LocalTimes, { fromDate, untilDate }: Pick<Timing, 'fromDate' | 'untilDate'>): LocalTimes {
  const first = fromDate === null ? -Infinity : Date.parse(`${fromDate}T00:00:00Z`);
  const last = untilDate === null ? Infinity : Date.parse(`${untilDate}T00:00:00Z`) + DAY - 1;
  return {
    after: (localMs) => {
      const found = times.after(Math.max(localMs, first - 1));
      return found === null || found > last ? null : found;
    },
    upTo: (localMs) => {
      const found = times.upTo(Math.min(localMs, last));
      return found === null || found < first ? null : found;
    },
  };
}

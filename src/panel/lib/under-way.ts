/** Whether an event of the schedule, as it is being written, would be on as soon as it is stored: its start today has passed. Pure. */
import { Weekday, type ScheduleEventInput } from '../../protocol/schedule.js';

/** A moment as the clocks of a time zone show it. */
interface LocalMoment {
  /** `YYYY-MM-DD`, `HH:MM:SS`. */
  date: string;
  time: string;
}

/** @param timeZone null: that of this browser */
export function localMoment(at: Date, timeZone: string | null): LocalMoment {
  const [date, time] = at.toLocaleString('sv', timeZone === null ? {} : { timeZone }).split(' ');
  return { date: date!, time: time! };
}

/** A cron expression is left to the server: what it says of today is not looked into. */
export function isUnderWay({ enabled, do: action, when, fromDate, untilDate }: ScheduleEventInput, now: LocalMoment): boolean {
  if (!enabled || action.action !== 'play' || when.kind === 'cron') return false;
  if ((fromDate !== null && now.date < fromDate) || (untilDate !== null && now.date > untilDate)) return false;
  if (when.kind === 'weekly' && !when.days.includes(weekdayOf(now.date))) return false;
  if (when.kind === 'once' && when.at.slice(0, 10) !== now.date) return false;
  const sinceMs = clockMs(now.time) - clockMs(when.at.slice(when.kind === 'once' ? 11 : 0));
  return sinceMs >= 0 && (action.forMs === null || sinceMs < action.forMs);
}

function weekdayOf(date: string): Weekday {
  // Monday is the first of the week here, Sunday of JavaScript's.
  return Weekday.options[(new Date(`${date}T00:00Z`).getUTCDay() + 6) % 7]!;
}

function clockMs(time: string): number {
  const [hours = 0, minutes = 0, seconds = 0] = time.split(':').map(Number);
  return ((hours * 60 + minutes) * 60 + seconds) * 1000;
}

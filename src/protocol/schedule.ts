/** The schedule: what is to happen when, as an operator writes it down, and what comes of it. docs/schedule.md has the rules. */
import { z } from 'zod';
import { Id, Name } from './ids.js';
import { stored, TimeZone, Transition } from './resources.js';
import { ProgramTarget } from './status.js';

/** A window is at most a year and a day long. */
const windowMs = z.number().int().min(1000).max(366 * 24 * 3600 * 1000);

/** Times of day and dates are those of the event's time zone. */
const LocalTime = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$/, 'A time of day is "HH:MM" or "HH:MM:SS".');
const LocalDate = z.string().regex(/^(19[7-9]\d|20\d\d|21\d\d)-\d\d-\d\d$/, 'A date is "YYYY-MM-DD".').refine(isDate, 'There is no such day.');
const LocalDateTime = z
  .string()
  .regex(/^(19[7-9]\d|20\d\d|21\d\d)-\d\d-\d\dT([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$/, 'A moment is "YYYY-MM-DDTHH:MM" or "YYYY-MM-DDTHH:MM:SS".')
  .refine((text) => isDate(text.slice(0, 10)), 'There is no such day.');

export const Weekday = z.enum(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']);
export type Weekday = z.infer<typeof Weekday>;

export const ScheduleWhen = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('once'), at: LocalDateTime }),
  z.strictObject({ kind: z.literal('daily'), at: LocalTime }),
  z.strictObject({ kind: z.literal('weekly'), days: z.array(Weekday).min(1).max(7), at: LocalTime }),
  /** Five fields, or six with the seconds in front. */
  z.strictObject({ kind: z.literal('cron'), expression: z.string().min(1).max(200) }),
]);
export type ScheduleWhen = z.infer<typeof ScheduleWhen>;

export const ScheduleAction = z.discriminatedUnion('action', [
  z.strictObject({
    action: z.literal('play'),
    timelineId: Id,
    /** Length of the window; null: as long as the timeline is, and of one that loops until the next event starts. */
    forMs: windowMs.nullable().default(null),
    /** `start`: position 0 is at the window's start, whenever one joins in. `resume`: it goes on where it stood. */
    align: z.enum(['start', 'resume']).default('start'),
    transition: Transition.optional(),
  }),
  z.strictObject({
    action: z.literal('broadcast-start'),
    /** Left out: every enabled destination. */
    destinationIds: z.array(Id).max(100).optional(),
    record: z.boolean().optional(),
  }),
  z.strictObject({ action: z.literal('broadcast-stop') }),
]);
export type ScheduleAction = z.infer<typeof ScheduleAction>;

export const ScheduleEventInput = z.strictObject({
  name: Name,
  enabled: z.boolean().default(true),
  /** null: that of the settings. */
  timeZone: TimeZone.nullable().default(null),
  when: ScheduleWhen,
  /** The first and the last day on which it may start. */
  fromDate: LocalDate.nullable().default(null),
  untilDate: LocalDate.nullable().default(null),
  do: ScheduleAction,
  /** Of windows that overlap the higher one is on. */
  priority: z.number().int().min(-100).max(100).default(0),
  /** `play`: goes on air even over what an operator took. */
  endsOverride: z.boolean().default(false),
  /** Start and stop of a broadcast: how late it may still be done. */
  graceMs: z.number().int().min(0).max(24 * 3600 * 1000).default(5 * 60 * 1000),
}).refine((event) => event.fromDate === null || event.untilDate === null || event.fromDate <= event.untilDate, { message: 'The last day comes before the first.', path: ['untilDate'] });
export type ScheduleEventInput = z.infer<typeof ScheduleEventInput>;

/** What came of the last time that an event was due. */
export const ScheduleRun = z.object({
  dueAt: z.string(),
  /** When that came of it. */
  at: z.string(),
  /** `late`: by more than two seconds. `failed`: it is tried again while it is of use. */
  result: z.enum(['done', 'late', 'skipped', 'failed']),
  /** Why it was skipped, or failed. */
  problem: z.string().nullable(),
});
export type ScheduleRun = z.infer<typeof ScheduleRun>;

export const ScheduleEvent = z.object({
  ...stored, ...ScheduleEventInput.shape,
  /** When it starts next; null: never again, or it is switched off. */
  nextAt: z.string().nullable(),
  lastRun: ScheduleRun.nullable(),
});
export type ScheduleEvent = z.infer<typeof ScheduleEvent>;

/** A stretch of a plan in which one thing is on. */
export const PlanWindow = z.object({
  startsAt: z.string(), endsAt: z.string(),
  /** null: the filler, or nothing. */
  eventId: Id.nullable(),
  /** null: nothing is planned, and the program is left alone. */
  target: ProgramTarget.nullable(),
  priority: z.number().int().nullable(),
});
export type PlanWindow = z.infer<typeof PlanWindow>;

export const PlanPoint = z.object({ at: z.string(), eventId: Id, action: z.enum(['broadcast-start', 'broadcast-stop']) });
export type PlanPoint = z.infer<typeof PlanPoint>;

export const PlanWarning = z.object({
  at: z.string(),
  eventId: Id,
  /**
   * `overlap`: it covers another event's window for a while. `never-on`: others cover all of its window. `moved`: its local
   * time does not exist on that day. `twice`: its local time exists twice, and it starts at the first.
   * `empty`: its timeline has no length. `never`: it never starts. `too-many`: the plan ends here, as it has too many entries.
   */
  code: z.enum(['overlap', 'never-on', 'moved', 'twice', 'empty', 'never', 'too-many']),
  message: z.string(),
});
export type PlanWarning = z.infer<typeof PlanWarning>;

/** What is on when, once overlaps are resolved. */
export const SchedulePlan = z.object({ from: z.string(), to: z.string(), windows: z.array(PlanWindow), points: z.array(PlanPoint), warnings: z.array(PlanWarning) });
export type SchedulePlan = z.infer<typeof SchedulePlan>;

/** ISO 8601 with a zone, or a date, which is its first moment in the time zone of the settings; the log of airings has UTC days. */
const InstantOrLocalDay = z.union([z.iso.datetime({ offset: true }), LocalDate], 'Use a date, or a moment such as "2026-12-01T08:00:00Z".');
export const PlanQuery = z.strictObject({
  /** Left out: now. */
  from: InstantOrLocalDay.optional(),
  /** At most 31 days later; left out: seven. */
  to: InstantOrLocalDay.optional(),
});
export type PlanQuery = z.infer<typeof PlanQuery>;

function isDate(text: string): boolean {
  const at = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(text);
}

/** How the chain does: what a person should act on, what happened, and figures over the last hour and day. */
import { z } from 'zod';

export const Level = z.enum(['info', 'warning', 'error']);
export type Level = z.infer<typeof Level>;

export const WarningCode = z.enum([
  'PROCESS_AWAY', 'PROCESS_RESTARTS', 'ENCODER_FAILED', 'ENCODER_PROBLEM', 'ENCODER_SLOW', 'LATE_FRAMES', 'SOURCE_GONE', 'SOURCE_OVER', 'SOURCE_BURSTS', 'SOURCE_SOUND_ONLY', 'SOURCE_NO_SOUND', 'SOURCE_STILL', 'SOURCE_BLACK', 'SOURCE_SILENT', 'SOURCE_KEY_SHARED',
  'PROGRAM_SILENT', 'TIMELINE_OVER', 'DESTINATION_SLOW', 'DESTINATION_AWAY', 'RECORDING_FAILED', 'DISK_FILLS', 'DISK_LOW', 'DISK_READ_ONLY', 'DISK_SILENT', 'MEMORY_LOW', 'MEMORY_GROWS', 'CLOCK_STEP', 'SCHEDULE_PROBLEM',
]);
export type WarningCode = z.infer<typeof WarningCode>;

/** Something that a person should act on, for as long as it is so. */
export const Warning = z.object({
  code: WarningCode, level: z.enum(['warning', 'error']),
  /** What is wrong, and what to do: a sentence each. */
  message: z.string(), advice: z.string(),
  since: z.string(),
  /** The sources, destinations or others that it is about. */
  ids: z.array(z.string()),
});
export type Warning = z.infer<typeof Warning>;

/** What a process and its children (decoders, FFmpeg) take. */
export const ProcessLoad = z.object({
  role: z.string(), pid: z.number(), children: z.number(),
  /** Percent of one core, over the last second; null before the second look. */
  cpuPercent: z.number().nullable(),
  /** Resident memory of the process, and of its children what they share with no file: bytes. */
  memoryBytes: z.number(),
});
export type ProcessLoad = z.infer<typeof ProcessLoad>;

/** The machine, once a second; null before the first look. */
export const Machine = z.object({
  processes: z.array(ProcessLoad),
  /** What could be given to processes, and all there is: bytes. */
  memoryAvailableBytes: z.number(), memoryBytes: z.number(),
  /** Of the disk that recordings go to; null: it cannot be asked. */
  diskFreeBytes: z.number().nullable(), diskBytes: z.number().nullable(),
});
export type Machine = z.infer<typeof Machine>;

/** What it is about: a filter of the log. */
export const EventKind = z.enum(['program', 'broadcast', 'source', 'destination', 'recording', 'encoder', 'process', 'schedule', 'insert', 'settings', 'machine']);
export type EventKind = z.infer<typeof EventKind>;

/** Something that happened. One that repeats itself within two minutes is one event with a count; what may be meant, as a camera whose picture stands, within an hour. */
export const StudioEvent = z.object({
  id: z.number().int(),
  /** When it happened first, and last. */
  at: z.string(), lastAt: z.string(), count: z.number().int(),
  level: Level, kind: EventKind, code: z.string(),
  text: z.string(),
  /** Who did it: an operator's name, "a panel", "REST", "the websocket"; null: nobody, it happened. */
  by: z.string().nullable(),
  ids: z.array(z.string()),
});
export type StudioEvent = z.infer<typeof StudioEvent>;

export const EventsQuery = z.strictObject({
  /** An event's id: those before it. */
  before: z.coerce.number().int().min(0).optional(),
  kind: EventKind.optional(),
  /** This level and what is worse. */
  level: Level.optional(),
  /** What its sentence, or who did it, contains; in any case. */
  text: z.string().max(100).optional(),
  limit: z.coerce.number().int().min(1).max(500).default(100),
});
export type EventsQuery = z.infer<typeof EventsQuery>;
export const Events = z.object({
  /** Newest first. */
  items: z.array(StudioEvent),
  /** The `before` of the next page; null: there are no more. */
  next: z.number().int().nullable(),
});
export type Events = z.infer<typeof Events>;

export const HistoryQuery = z.strictObject({
  range: z.enum(['hour', 'day']).default('hour'),
  /** Unix time, ms: only what is later. */
  since: z.coerce.number().min(0).optional(),
});
export type HistoryQuery = z.infer<typeof HistoryQuery>;

/** null: nothing is known of that moment. */
const Values = z.array(z.number().nullable());
export const HistorySeries = z.object({
  /** `encoder.kbps`, `destination.ID.kbps`, `process.ROLE.cpu`, … */
  key: z.string(),
  /** `frames`: in that second, or on average in a second of that minute. `percent`: of one core. */
  unit: z.enum(['kb/s', 'frames', 'fps', 'ms', 'dBFS', 'percent', 'MB']),
  /** One for each of `times`; of a minute the mean. */
  values: Values,
  /** Of a minute; only of a day. */
  min: Values.optional(), max: Values.optional(),
});
export type HistorySeries = z.infer<typeof HistorySeries>;
/** Columns: each series has a value for each of the times. */
export const History = z.object({
  range: z.enum(['hour', 'day']),
  /** 1000 for an hour, 60000 for a day; between two times there can be more, as while the studio was not running. */
  stepMs: z.number(),
  /** Unix time, ms, by the machine's clock as it is now. */
  times: z.array(z.number()),
  series: z.array(HistorySeries),
});
export type History = z.infer<typeof History>;

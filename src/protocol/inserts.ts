/** Inserts: what is put in between or over the program on command or every so often, and the log of what was aired of them. */
import { z } from 'zod';
import { Id, Name } from './ids.js';
import { Transition, ms, placed, stored } from './resources.js';

export const InsertMode = z.enum(['over', 'between']);
export type InsertMode = z.infer<typeof InsertMode>;

const insert = {
  name: Name,
  /** Exactly one of these. */
  sourceId: Id.optional(),
  sceneId: Id.optional(),
  timelineId: Id.optional(),
  /** How long it airs; null: as long as the file, or the timeline, is from `inMs` on. What has no length of its own needs one. */
  durationMs: ms.min(100, 'An insert lasts 100 ms or more.').nullable().default(null),
  /** Where it begins in the file or timeline. */
  inMs: ms.default(0),
  /** The timeline on program goes on beneath (`over`), or stands still meanwhile and goes on where it was left (`between`). */
  mode: InsertMode.default('over'),
  /** With a place smaller than the frame it lies over the program, which stays visible and heard. */
  ...placed,
  /** How it comes in and goes, within its length; null: by a cut. */
  transition: Transition.nullable().default(null),
  transitionOut: Transition.nullable().default(null),
  /** Airs it by itself this often; null: on command only. */
  everyMs: ms.min(10_000, 'By itself an insert comes every 10 s or less often.').nullable().default(null),
  /** Whether it comes by itself; on command it airs in any case. */
  enabled: z.boolean().default(true),
};
const isOneThing = (i: { sourceId?: unknown; sceneId?: unknown; timelineId?: unknown }): boolean =>
  [i.sourceId, i.sceneId, i.timelineId].filter((id) => id !== undefined).length === 1;

export const InsertInput = z.strictObject(insert).refine(isOneThing, 'An insert has exactly one of sourceId, sceneId and timelineId.');
export type InsertInput = z.infer<typeof InsertInput>;
export const Insert = z.object({ ...insert, ...stored });
export type Insert = z.infer<typeof Insert>;

/** `air` puts one on air, `stop` ends the one that is. */
export const InsertControl = z.discriminatedUnion('action', [
  z.strictObject({ action: z.literal('air'), insertId: Id }),
  z.strictObject({ action: z.literal('stop') }),
]);
export type InsertControl = z.infer<typeof InsertControl>;

/** What came of `air`: its first program frame, when that is due, and how many frames it has. */
export const InsertAired = z.object({ airingId: Id, frame: z.number().int(), ptsMs: z.number(), frames: z.number().int() });
export type InsertAired = z.infer<typeof InsertAired>;
/** What came of `stop`: the first program frame without it. */
export const InsertStopped = z.object({ airingId: Id, frame: z.number().int(), ptsMs: z.number() });
export type InsertStopped = z.infer<typeof InsertStopped>;

/**
 * `whole`: all its frames were aired, and its own picture was there in each. `partly`: it had all its frames, but its picture was missing in
 * some (`missedFrames`), as of a film that ends early. `failed`: its picture was in none of those it had, whatever ended it. Else what cut
 * it short: a take, an emergency, the operator's stop, an engine that was away or changed its video format.
 */
export const AiringEnd = z.enum(['whole', 'partly', 'failed', 'take', 'emergency', 'stopped', 'engine']);
export type AiringEnd = z.infer<typeof AiringEnd>;

/** One airing of an insert, as it is logged when it is over. */
export const AiringRecord = z.object({
  airingId: Id, insertId: Id,
  /** Of the insert, as it was called then. */
  name: z.string(),
  mode: InsertMode,
  /** When its first frame was due. */
  startedAt: z.string(),
  /** That frame's number; how many frames were aired, of how many, and how many make a second. */
  frame: z.number().int(), frames: z.number().int(), plannedFrames: z.number().int(), fps: z.number(),
  ended: AiringEnd,
  /**
   * Of the frames that were aired, those in which something of its own was not there to be seen: the slate or a fallback stood in, or its
   * last picture had stood for more than 200 ms though another was due. Of sound alone, those in which it was not there to be heard. null:
   * logged before this was counted.
   */
  missedFrames: z.number().int().nullable(),
});
export type AiringRecord = z.infer<typeof AiringRecord>;

export const AiringTotal = z.object({
  insertId: Id,
  /** As it was called last. */
  name: z.string(),
  airings: z.number().int(), frames: z.number().int(),
  /** Airings that were not whole; */
  cut: z.number().int(),
  /** of those, the ones in which its own picture was never there. */
  failed: z.number().int(),
  /** Frames in which its own picture was not there, of all airings in which that was counted. */
  missedFrames: z.number().int(),
});
export type AiringTotal = z.infer<typeof AiringTotal>;

/** A day here is one of UTC; a plan's is one of the settings' time zone. */
const instantOrUtcDay = z.union([z.iso.datetime({ offset: true }), z.iso.date()], 'A moment is written like "2026-05-01" or "2026-05-01T12:00:00Z".');
const range = {
  /** From this moment on, and before that one, by when airings began; a day alone means its beginning, UTC. */
  from: instantOrUtcDay.optional(),
  to: instantOrUtcDay.optional(),
};
export const AiringsQuery = z.strictObject({
  ...range,
  insertId: Id.optional(),
  limit: z.string().regex(/^[0-9]{1,4}$/, 'A number from 1 to 1000.').transform(Number).pipe(z.number().min(1).max(1000)).default(100),
  /** An airing's id: those that began before it. */
  before: Id.optional(),
});
export type AiringsQuery = z.infer<typeof AiringsQuery>;
export const AiringsExportQuery = z.strictObject({ ...range, insertId: Id.optional(), format: z.enum(['csv', 'json']).default('csv') });
export type AiringsExportQuery = z.infer<typeof AiringsExportQuery>;
export const AiringsSummaryQuery = z.strictObject(range);
export type AiringsSummaryQuery = z.infer<typeof AiringsSummaryQuery>;

/** The insert on air, as `broadcast:status` shows it. */
export const InsertStatus = z.object({
  airingId: Id, insertId: Id, name: z.string(), mode: InsertMode,
  /** Its first program frame; how many were aired, and how many it has. */
  frame: z.number().int(), aired: z.number().int(), frames: z.number().int(),
  /** In how many of those aired its own picture was not there. */
  missedFrames: z.number().int(),
});
export type InsertStatus = z.infer<typeof InsertStatus>;

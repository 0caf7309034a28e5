/** What is, as the processes report it and as `broadcast:status` shows it each second. */
import { z } from 'zod';
import { toErrorCode, type ErrorCode } from './error-codes.js';
import { Machine, Warning } from './health.js';
import { Id } from './ids.js';
import { InsertStatus } from './inserts.js';
import { TimelineStatus } from './playback.js';

/** One of those listed, which may become more; another, as of a process of another version, becomes INTERNAL. */
const Code = z.string().overwrite(toErrorCode) as z.ZodType<ErrorCode, string>;
export const Problem = z.object({ code: Code, message: z.string() });
export type Problem = z.infer<typeof Problem>;

export const BroadcastState = z.enum(['standby', 'starting', 'live', 'stopping']);
export type BroadcastState = z.infer<typeof BroadcastState>;
export const DestinationState = z.enum(['idle', 'connecting', 'live', 'reconnecting', 'failed']);
export type DestinationState = z.infer<typeof DestinationState>;
/** `idle`: a file that is not open; taking it opens it. */
export const SourceState = z.enum(['idle', 'waiting', 'live', 'late', 'gone', 'ended', 'failed']);
export type SourceState = z.infer<typeof SourceState>;

/** What is on program. */
export const ProgramTarget = z.union([z.strictObject({ sourceId: Id }), z.strictObject({ sceneId: Id }), z.strictObject({ timelineId: Id })]);
export type ProgramTarget = z.infer<typeof ProgramTarget>;

export const SourceStatus = z.object({
  id: Id, state: SourceState, ageMs: z.number(),
  width: z.number().optional(), height: z.number().optional(), fps: z.number().optional(),
  /** A camera that sends sound and, in this connection, no picture: `ageMs` is the sound's. Its fallback, or the slate, is where its picture was. */
  soundOnly: z.literal(true).optional(),
  /** A camera that goes on sending, but for some two seconds now one and the same picture, a black one, or sound in which there is nothing. */
  still: z.literal(true).optional(), black: z.literal(true).optional(), silent: z.literal(true).optional(),
  /** On program frames where it should have had a new picture. */
  repeated: z.number().optional(), dropped: z.number().optional(),
  /** Pictures never shown because a newer one was due, and mixer blocks for which the sound came too late. */
  skipped: z.number().optional(), audioUnderruns: z.number().optional(),
  error: Problem.optional(),
});
export type SourceStatus = z.infer<typeof SourceStatus>;

export const EncoderStatus = z.object({
  state: z.enum(['starting', 'running', 'restarting', 'failed']),
  codec: z.string(), kbps: z.number(), fps: z.number(), dropped: z.number(), restarts: z.number(), error: Problem.optional(),
});

/** Pictures drawn and drawings that failed since the engine's start; `error`: one on show cannot be drawn, its last picture stays. */
export const OverlaysStatus = z.object({ drawn: z.number(), failed: z.number(), error: Problem.optional() });

export const ProgramStatus = z.object({
  sourceId: Id.optional(), sceneId: Id.optional(), timelineId: Id.optional(),
  frame: z.number(), fps: z.number(), repeated: z.number(), late: z.number(), skipped: z.number(),
  composeUsAvg: z.number(), composeUsP99: z.number(), inTransition: z.boolean(),
  /** How far all that goes out is faded to black, 0..1. */
  black: z.number().optional(),
  /** How far the T-bar has been moved, while it is held between program and preview. */
  bar: z.number().optional(),
  /** Loudest sample of the program since the last report, dBFS, floor -100. */
  peakDb: z.number().optional(),
});

export const DestinationStatus = z.object({
  id: Id, state: DestinationState, kbps: z.number(), ackedBytes: z.number(), reconnects: z.number(),
  droppedFrames: z.number(), queueMs: z.number(), error: Problem.optional(),
});
export type DestinationStatus = z.infer<typeof DestinationStatus>;

export const RecordingStatus = z.object({
  state: z.enum(['idle', 'recording', 'stopped']), id: Id.nullable(), bytes: z.number(), durationMs: z.number(),
  /** Picture frames that are not in it because the disk was too slow. */
  droppedFrames: z.number(), error: Problem.optional(),
  /** Program time of its first frame, in this boot of the machine; left out: it has none yet. */
  zeroMs: z.number().optional(),
});

export const CameraStatus = z.object({
  id: Id, state: z.enum(['idle', 'live']),
  sinceMs: z.number().nullable(), ageMs: z.number().nullable(), remote: z.string().nullable(), kbps: z.number(), bytes: z.number(),
  video: z.object({ codec: z.string(), width: z.number().optional(), height: z.number().optional(), fps: z.number().optional() }).nullable(),
  audio: z.object({ codec: z.string(), sampleRate: z.number().optional(), channels: z.number().optional() }).nullable(),
  /** Another encoder has pushed with its key again and again, from this address, and is refused for as long as this one sends. */
  rival: z.string().optional(),
});
export type CameraStatus = z.infer<typeof CameraStatus>;

/** What the schedule is about, as `broadcast:status` shows it. */
export const ScheduleStatus = z.object({
  /** Held by `settings.schedule.enabled`: false. */
  enabled: z.boolean(),
  /** What is planned now, whether or not an operator has put something else on; null: nothing is. */
  now: z.object({ eventId: Id.nullable(), target: ProgramTarget, startsAt: z.string().nullable(), endsAt: z.string().nullable() }).nullable(),
  /** What happens next; null: nothing within a year. */
  next: z.object({ at: z.string(), eventId: Id.nullable(), action: z.enum(['play', 'filler', 'end', 'broadcast-start', 'broadcast-stop']) }).nullable(),
  /** What could not be done, and is tried again. */
  problem: Problem.nullable(),
});
export type ScheduleStatus = z.infer<typeof ScheduleStatus>;

/** Somebody at a panel. */
export const OperatorStatus = z.object({
  /** Of this connection. */
  id: z.string(),
  /** null: no name was given. */
  name: z.string().nullable(),
  /** When the panel connected. */
  since: z.string(),
  /** The page that is looked at. */
  what: z.string(),
});
export type OperatorStatus = z.infer<typeof OperatorStatus>;

export const BroadcastStatus = z.object({
  state: BroadcastState,
  /** Since the broadcast was started; 0 in standby. */
  uptimeMs: z.number(),
  program: ProgramStatus.nullable(),
  /** Sources that are seen or heard on program: itself, those of its scene that are not hidden, or those that its timeline has just now. */
  onAir: z.array(Id).default([]),
  encoder: EncoderStatus.nullable(),
  overlays: OverlaysStatus.nullable(),
  sources: z.array(SourceStatus),
  destinations: z.array(DestinationStatus),
  recording: RecordingStatus,
  timeline: TimelineStatus.nullable(),
  schedule: ScheduleStatus,
  /** The emergency picture is over everything. */
  emergency: z.boolean(),
  /** The insert on air. */
  insert: InsertStatus.nullable(),
  /** Which processes answer, and how many reports and events each could not send because the studio did not read. */
  processes: z.array(z.object({ role: z.string(), connected: z.boolean(), pid: z.number().nullable(), restarts: z.number(), unsent: z.number() })),
  /** Panels that have said who sits there, in the order in which they came; the first 30. */
  operators: z.array(OperatorStatus).default([]),
  /** How many such panels are connected. */
  panels: z.number().default(0),
  /** What a person should act on, the worst first. */
  warnings: z.array(Warning).default([]),
  /** null: not looked at yet. */
  machine: Machine.nullable().default(null),
});
export type BroadcastStatus = z.infer<typeof BroadcastStatus>;

/**
 * What the meters show, 20 times a second while somebody looks: peak and RMS of left and right since the last time, dBFS, floor -100.
 * `id` is a source, or `program`. A source that is open is measured before its fader and mute and whether or not it is heard, with what
 * clips of timelines play of it; the program as it goes out, behind its fader and limiter. One that is left out has had no frame since.
 */
export const Levels = z.object({
  levels: z.array(z.object({ id: z.string(), peak: z.tuple([z.number(), z.number()]), rms: z.tuple([z.number(), z.number()]) })),
});

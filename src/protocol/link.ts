/**
 * What the studio and the other processes say to each other over `run/studio.sock`, one JSON object a line.
 *
 * A process says `hello`, gets `desired` (the whole of what the operator wants of it, again at each change), and sends
 * `actual` (the whole of what is) once a second and at once when something important changes. `request` and `reply` carry
 * the few commands that need an answer, `ask` and `answer` what a process asks of the studio (asks.ts). Nobody keeps history: either side may vanish and come back at any moment.
 */
import { z } from 'zod';
import { Id } from './ids.js';
import { AiringEnd } from './inserts.js';
import { TileWish } from './multiview.js';
import { Playback, Region, TimelineStatus } from './playback.js';
import {
  AudioInput, CameraInput, ClockInput, ColorInput, ImageInput, Layer, LowerThirdInput, MediaInput, Platform, Settings, TestInput, Transition,
} from './resources.js';
import { AudioControl, SourceAudio } from './sound.js';
import {
  CameraStatus, DestinationStatus, EncoderStatus, OverlaysStatus, Problem, ProgramStatus, ProgramTarget, RecordingStatus, SourceStatus,
} from './status.js';

export const Role = z.enum(['ingest', 'engine', 'egress', 'sidecar']);
export type Role = z.infer<typeof Role>;

// ---- desired ----------------------------------------------------------------------------------------------------

/** `name` is for people who read the log. */
export const IngestDesired = z.object({ cameras: z.array(z.object({ id: Id, name: z.string(), key: z.string() })) });
export type IngestDesired = z.infer<typeof IngestDesired>;

const withId = { id: Id };
/** Absolute, or an http(s) address where those are allowed; a resource has it relative to the media folder. */
const withFile = { id: Id, path: z.string() };
/** A source as the engine needs it: paths made absolute and checked by the studio. */
export const EngineSource = z.discriminatedUnion('kind', [
  CameraInput.extend(withId), MediaInput.extend(withFile), ImageInput.extend(withFile), AudioInput.extend(withFile),
  ColorInput.extend(withId), TestInput.extend(withId),
]);
export type EngineSource = z.infer<typeof EngineSource>;
export const EngineOverlay = z.discriminatedUnion('kind', [LowerThirdInput.extend(withId), ClockInput.extend(withId)]);
export type EngineOverlay = z.infer<typeof EngineOverlay>;
/** One that is on program, armed, overridden, or lies in such a one. */
export const EngineTimeline = z.object({
  id: Id, revision: z.number().int(),
  /** A `TimelineDocument`; read when the revision has changed, as it can be large. */
  document: z.unknown(),
  playback: Playback,
  /** What an edit on air leaves where it is: the time, as when it is left out, or the clip on air, as of a folder. */
  keeps: z.enum(['time', 'clip']).optional(),
});
export type EngineTimeline = z.infer<typeof EngineTimeline>;
/** A folder whose timeline is among them. */
export const EngineFolder = z.object({
  id: Id, revision: z.number().int(),
  /** Sources of its files, of kind `media` and `image`; read when the revision has changed, as there can be thousands. */
  files: z.unknown(),
});
export type EngineFolder = z.infer<typeof EngineFolder>;
export const EngineScene = z.object({ id: Id, layers: z.array(Layer) });

/** What an emergency shows; `slate`: the slate, silent. */
export const EmergencyTarget = z.union([z.strictObject({ sourceId: Id }), z.strictObject({ sceneId: Id }), z.strictObject({ slate: z.literal(true) })]);
export type EmergencyTarget = z.infer<typeof EmergencyTarget>;

/** An insert on its way. */
export const EngineInsert = z.object({
  airingId: Id, insertId: Id,
  /** A `TimelineDocument` with the one clip, its picture and sound, not looping. Its length is how long it airs. */
  document: z.unknown(),
  /** Whether the timeline on program goes on beneath, or stands still meanwhile. */
  mode: z.enum(['over', 'between']),
  /** Fills the frame: the program beneath is neither seen nor heard nor are overlays. Else it lies over the program. */
  fills: z.boolean(),
  transition: Transition.optional(), transitionOut: Transition.optional(),
  /** Its first frame, so that an engine that comes back joins in where it should be; null: it is to begin as soon as it is ready. */
  began: z.object({ frame: z.number().int(), bootId: z.string(), wallMs: z.number() }).nullable(),
});
export type EngineInsert = z.infer<typeof EngineInsert>;

export const EngineDesired = z.object({
  settings: Settings,
  mediaFolder: z.string(),
  sources: z.array(EngineSource),
  scenes: z.array(EngineScene),
  overlays: z.array(EngineOverlay),
  timelines: z.array(EngineTimeline),
  folders: z.array(EngineFolder).default([]),
  program: ProgramTarget,
  /** The take by which it came on program, as far as the studio has heard. An engine that has taken something since keeps that. */
  take: z.number().int().default(0),
  /** The timeline to be held ready, as its playback says; null: none. */
  armed: Id.nullable(),
  /** What is armed on preview, that timeline or a source or scene: its files are opened, and its picture can be watched. */
  preview: ProgramTarget.nullable().default(null),
  /** Files that lie in timelines, on program or not: they are opened when they are due or taken. */
  inTimelines: z.array(Id).default([]),
  /** All that goes out is faded to black, but for the emergency. */
  black: z.boolean().default(false),
  /** What is over everything; null: nothing is. */
  emergency: EmergencyTarget.nullable(),
  insert: EngineInsert.nullable(),
  /** Someone watches the meters: send `levels` events. */
  levels: z.boolean(),
  /** Tiles that somebody watches, no more than a client may ask for; they go by a socket of their own. */
  tiles: z.array(TileWish).default([]),
  /** Mixes that somebody listens to, by numbers of their own; they go by a socket of their own. No sources: the program. */
  listen: z.array(z.object({ mix: z.number().int(), sourceIds: z.array(Id) })).default([]),
});
export type EngineDesired = z.infer<typeof EngineDesired>;

export const EgressDestination = z.object({
  id: Id, name: z.string(), platform: Platform,
  /** Server part only, without the key. */
  url: z.string(),
  key: z.string(),
});
export type EgressDestination = z.infer<typeof EgressDestination>;
export const EgressDesired = z.object({
  /** Those to be connected now; one that is missing is to be closed. */
  destinations: z.array(EgressDestination),
  recording: z.object({ id: Id }).nullable(),
});
export type EgressDesired = z.infer<typeof EgressDesired>;

/**
 * `finish` is null while the studio cannot know what is over: what runs goes on, and nothing is begun. `watch` is what is being recorded now,
 * to be looked at while it grows; null: nothing, or nobody wants it. `onAir`: something is sent or recorded, so that all other work keeps to one thread.
 */
export const SidecarDesired = z.object({
  finish: z.array(z.object({ recordingId: Id })).nullable(), watch: z.object({ recordingId: Id }).nullable().default(null), onAir: z.boolean().default(true),
});
export type SidecarDesired = z.infer<typeof SidecarDesired>;

// ---- actual -----------------------------------------------------------------------------------------------------

export const IngestActual = z.object({
  cameras: z.array(CameraStatus),
  /** RTMP connections open now. */
  openConnections: z.number(),
  counters: z.object({
    connections: z.number(), accepted: z.number(), refused: z.number(), takeovers: z.number(), droppedToSubscribers: z.number(),
    /** GOPs too long to be kept for a decoder that comes late. */
    cacheOverflows: z.number(),
  }),
});
export type IngestActual = z.infer<typeof IngestActual>;

/** What a request that changes what is on program, or over it, is answered. */
export const TakeReply = z.object({
  /** The first program frame that shows it, and when that frame is due. */
  frame: z.number().int(), ptsMs: z.number(),
  /** Of a timeline. */
  playback: Playback.optional(),
  /** A timeline that stood still for an insert, which a take has ended: how it stood then. */
  left: z.object({ timelineId: Id, playback: Playback }).optional(),
  /** Of what puts something on program: how many takes there were, this one included, counted on by each engine from what it was told. */
  take: z.number().int().optional(),
});
export type TakeReply = z.infer<typeof TakeReply>;

/** An insert that is over. */
export const Airing = z.object({
  airingId: Id, insertId: Id,
  /** Its first frame, and how many were aired. */
  frame: z.number().int(), frames: z.number().int(),
  /** In how many of those its own picture was not there. */
  missed: z.number().int().default(0),
  ended: AiringEnd,
});
export type Airing = z.infer<typeof Airing>;

export const EngineActual = z.object({
  program: ProgramStatus, encoder: EncoderStatus, sources: z.array(SourceStatus),
  overlays: OverlaysStatus,
  /** Small pictures made, and those that nobody was fast enough for. */
  tiles: z.object({ made: z.number(), dropped: z.number() }).default({ made: 0, dropped: 0 }),
  /** Pieces of mixes that were lost, because they were not fetched or not read in time. */
  sound: z.object({ dropped: z.number() }).default({ dropped: 0 }),
  /** The timeline on program, else the armed one. */
  timeline: TimelineStatus.omit({ overridden: true }).extend({
    /** How it stands; of one that stands still for an insert, as it will once that is over. An edit can move its zero. */
    playback: Playback,
  }).nullable(),
  /**
   * What it answered to the take by which `program` came there, so that a studio that did not hear the answer, or died before it was
   * stored, knows; null: nobody asked this engine for it, it was what the studio had wanted.
   */
  taken: TakeReply.extend({ take: z.number().int(), scheduled: z.boolean() }).nullable().default(null),
  /** The emergency picture is over everything. */
  emergency: z.boolean(),
  /** The one on program: its first frame, how many were aired so far, in how many of those its own picture was not there, and how many it has. */
  insert: z.object({
    airingId: Id, insertId: Id, frame: z.number().int(), aired: z.number().int(), missed: z.number().int().default(0), frames: z.number().int(),
  }).nullable(),
  /** The newest 50 that are over, oldest first. */
  airings: z.array(Airing),
});
export type EngineActual = z.infer<typeof EngineActual>;

export const EgressActual = z.object({
  input: z.object({
    connected: z.boolean(), kbps: z.number(), width: z.number(), height: z.number(), ageMs: z.number().nullable(),
    /** Encoders put on air; tags that stepped back or came from a replaced one; connections that sent something else. */
    switches: z.number(), dropped: z.number(), refused: z.number(),
    /** GOPs too long to be kept for a destination or viewer that comes late. */
    cacheOverflows: z.number(),
  }),
  destinations: z.array(DestinationStatus),
  /** Look-ups of destinations' names never begun, because too many were under way. */
  lookupsDropped: z.number(),
  recording: RecordingStatus,
  /** Recordings of which files are still open: the one that is wanted, and those that wait for their disk to be closed. */
  openRecordings: z.array(Id).default([]),
  preview: z.object({ viewers: z.number(), dropped: z.number() }),
});
export type EgressActual = z.infer<typeof EgressActual>;

/** A stretch of a recording's own time. */
export const Pause = z.object({ atMs: z.number(), lengthMs: z.number() });
export type Pause = z.infer<typeof Pause>;
/** Of one recording; what is paused more often is beyond help. */
export const MAX_PAUSES = 500;

export const FinishedRecording = z.object({
  /** "working" with an error waits, for room on the disk, and goes on by itself; "ready" with one has something left out that was damaged. */
  recordingId: Id, state: z.enum(['working', 'ready', 'failed']), durationMs: z.number(), bytes: z.number(),
  /** Of the MP4, relative to VISTTER_HOME. */
  path: z.string().nullable(), error: Problem.optional(),
  /** Left out of the file. Left out: none, or it was made by one that died before it could tell. */
  pauses: z.array(Pause).max(MAX_PAUSES).optional(),
});
export const SidecarActual = z.object({ recordings: z.array(FinishedRecording) });
export type SidecarActual = z.infer<typeof SidecarActual>;

/** Which schema is whose. */
export const ROLE_SCHEMAS = {
  ingest: { desired: IngestDesired, actual: IngestActual },
  engine: { desired: EngineDesired, actual: EngineActual },
  egress: { desired: EgressDesired, actual: EgressActual },
  sidecar: { desired: SidecarDesired, actual: SidecarActual },
} as const;
export type DesiredOf = { ingest: IngestDesired; engine: EngineDesired; egress: EgressDesired; sidecar: SidecarDesired };
export type ActualOf = { ingest: IngestActual; engine: EngineActual; egress: EgressActual; sidecar: SidecarActual };

/** From a position on, or where it would be if it had been played since `playing` said so. */
export const TimelineStart = z.discriminatedUnion('is', [
  z.object({ is: z.literal('from'), positionMs: z.number(), region: Region.optional() }),
  z.object({ is: z.literal('as'), playback: Playback }),
]);
export type TimelineStart = z.infer<typeof TimelineStart>;

// ---- requests to the engine ---------------------------------------------------------------------------------------

/** Puts a target on program. The studio stores the target as desired as well, so a restarted engine comes back with it. */
export const TakeRequest = z.object({
  target: ProgramTarget, transition: Transition.optional(),
  /** Of a timeline, how it is to stand from the first frame that shows it; left out: as was last wanted of it. */
  start: TimelineStart.optional(),
  /**
   * Not before this moment, CLOCK_MONOTONIC µs, at most a few seconds ahead: it is made ready, and taken on the frame that is due
   * then, ready or not. Whatever else is taken meanwhile is in its place.
   */
  atUs: z.number().optional(),
  /** By the plan: nothing is overridden by it. */
  scheduled: z.boolean().optional(),
});
export type TakeRequest = z.infer<typeof TakeRequest>;

/** Changes how the timeline on program, or the armed one, is played. The reply is a TakeReply. */
export const PlaybackRequest = z.object({
  timelineId: Id,
  action: z.enum(['play', 'pause', 'seek', 'stop', 'region']),
  positionMs: z.number().optional(),
  /** `region` and `seek`; null: none. */
  region: Region.nullable().optional(),
  /** `pause`: cameras stay live. */
  live: z.boolean().optional(),
});
export type PlaybackRequest = z.infer<typeof PlaybackRequest>;

/**
 * The T-bar has been moved to a position. At 1 it is a take, and the reply has its number; else the reply has the frame that shows it.
 * @see ProgramBar
 */
export const BarRequest = z.object({
  position: z.number().min(0).max(1),
  /** What it leads to; null: it is taken back. */
  target: ProgramTarget.nullable(),
  transition: Transition.optional(),
});
export type BarRequest = z.infer<typeof BarRequest>;

/** Fades all that goes out to black, or back. The reply is a TakeReply: the frame on which that begins. */
export const BlackRequest = z.object({ on: z.boolean(), durationMs: z.number() });
export type BlackRequest = z.infer<typeof BlackRequest>;

/** Which program frame is the first to show a revision of the timeline on program. Answered when that is settled, by an EditedReply. */
export const EditedRequest = z.object({ timelineId: Id, revision: z.number().int() });
export type EditedRequest = z.infer<typeof EditedRequest>;
export const EditedReply = z.object({ frame: z.number().int(), ptsMs: z.number() });
export type EditedReply = z.infer<typeof EditedReply>;

/** Puts the emergency picture over everything, or takes it away. The reply is a TakeReply: the first frame that shows it, or the program again. */
export const EmergencyRequest = z.object({ target: EmergencyTarget.nullable(), transition: Transition.optional() });
export type EmergencyRequest = z.infer<typeof EmergencyRequest>;

/** A fader that is moved, or the like: heard at once, and desired soon. It is answered with nothing. */
export const SoundRequest = z.object({ id: AudioControl.shape.id, audio: SourceAudio });
export type SoundRequest = z.infer<typeof SoundRequest>;

/** The answer to `insert`, whose request is an EngineInsert. */
export const InsertReply = z.object({
  /** Its first frame, when that is due, and how many it will air. */
  frame: z.number().int(), ptsMs: z.number(), frames: z.number().int(),
  /** How the timeline on program stands once it is over, when it stands still meanwhile. */
  playback: Playback.optional(),
});
export type InsertReply = z.infer<typeof InsertReply>;

/** Ends an insert before its time. The reply is a TakeReply, with the playback of a timeline that stood still meanwhile. */
export const InsertEndRequest = z.object({ airingId: Id });
export type InsertEndRequest = z.infer<typeof InsertEndRequest>;

// ---- envelope -----------------------------------------------------------------------------------------------------

export const FromProcess = z.discriminatedUnion('type', [
  z.object({ type: z.literal('hello'), role: Role, pid: z.number().int(), version: z.string() }),
  z.object({
    type: z.literal('actual'), payload: z.unknown(),
    /** Reports and events not sent so far because the studio did not read or was away. */
    unsent: z.number().default(0),
  }),
  z.object({ type: z.literal('event'), name: z.string(), payload: z.unknown() }),
  z.object({ type: z.literal('reply'), id: z.number().int(), payload: z.unknown().optional(), error: Problem.optional() }),
  z.object({ type: z.literal('ask'), id: z.number().int(), name: z.string(), payload: z.unknown() }),
]);
export type FromProcess = z.infer<typeof FromProcess>;

export const FromStudio = z.discriminatedUnion('type', [
  z.object({ type: z.literal('desired'), rev: z.number().int(), payload: z.unknown() }),
  /** A large part of what is desired from now on: said once a connection, and left out there for as long as it stays the same. */
  z.object({
    type: z.literal('document'), key: z.string(), document: z.unknown(),
    /** The version before, which the receiver has: the document says by place what it shares with it (link-documents.ts). */
    base: z.string().optional(),
  }),
  z.object({ type: z.literal('request'), id: z.number().int(), name: z.string(), payload: z.unknown() }),
  z.object({ type: z.literal('answer'), id: z.number().int(), payload: z.unknown().optional(), error: Problem.optional() }),
]);
export type FromStudio = z.infer<typeof FromStudio>;

/** What the studio stores, by kind: the operator's things, as the public schemas check them, and what is wanted of the chain. */
import { z } from 'zod';
import { ChosenMetadata, MAX_CLIPS, WantedClip } from '../protocol/analysis.js';
import { StoredFolder, StoredFolderFiles } from '../protocol/folder.js';
import { FindingPreset } from '../protocol/highlights.js';
import { Id, Name } from '../protocol/ids.js';
import { InsertInput } from '../protocol/inserts.js';
import { EmergencyTarget, EngineInsert, Pause } from '../protocol/link.js';
import { Playback } from '../protocol/playback.js';
import { OverlayInput, Platform, Recording, SceneInput, Settings, SourceInput } from '../protocol/resources.js';
import { ScheduleEventInput, ScheduleRun } from '../protocol/schedule.js';
import { ProgramTarget } from '../protocol/status.js';
import { TimelineDocument } from '../protocol/timeline.js';

/** A destination without its key, which lies encrypted beside it. */
export const StoredDestination = z.object({
  name: Name, platform: Platform, url: z.string(), enabled: z.boolean(), hasKey: z.boolean(),
});
export type StoredDestination = z.infer<typeof StoredDestination>;

export const StoredRecording = Recording.omit({ id: true }).extend({
  /** When its first frame was due, by the machine's clock, in each boot of the machine that wrote to it. */
  zeros: z.array(z.object({ bootId: z.string(), programMs: z.number() })).default([]),
  /** Stretches of its time that were left out of the file: nothing was recorded in them. */
  pauses: z.array(Pause).default([]),
  /** What was on program when it was begun. */
  startedWith: ProgramTarget.nullable().default(null),
});
export type StoredRecording = z.infer<typeof StoredRecording>;

/** Whether to be on air, and where to. */
export const StoredBroadcast = z.object({
  on: z.boolean(),
  /** Wall-clock, ISO 8601; null while off. */
  startedAt: z.string().nullable(),
  /** null: whatever is enabled, as it changes. A list: these, until the operator adds or removes some. */
  destinationIds: z.array(Id).nullable(),
  /** Began with the broadcast, so it ends with it. */
  recordingId: Id.nullable(),
});
export type StoredBroadcast = z.infer<typeof StoredBroadcast>;
export const OFF_AIR: StoredBroadcast = { on: false, startedAt: null, destinationIds: null, recordingId: null };

/** The timeline that is held ready: it is what is armed on preview. */
export const StoredArmed = z.object({ timelineId: Id.nullable() });
export type StoredArmed = z.infer<typeof StoredArmed>;

/** The source or scene that is armed on preview; null: none, or a timeline is. */
export const StoredPreview = z.object({ target: z.union([z.strictObject({ sourceId: Id }), z.strictObject({ sceneId: Id })]).nullable() });
export type StoredPreview = z.infer<typeof StoredPreview>;

/** Whether all that goes out is to be faded to black. */
export const StoredBlack = z.object({ on: z.boolean() });
export type StoredBlack = z.infer<typeof StoredBlack>;

/** The take by which what is on program came there, as engine and studio count them. */
export const StoredTake = z.object({ number: z.number().int() });
export type StoredTake = z.infer<typeof StoredTake>;

/** The timeline over which something else was taken; its `playback` goes on counting. null: none. */
export const StoredOverride = z.object({
  timelineId: Id,
  /** Where it was then. */
  leftPlayback: Playback,
  /** A source or scene that the schedule has beneath by now: `release` brings it in the timeline's place. */
  instead: ProgramTarget.optional(),
}).nullable();
export type StoredOverride = z.infer<typeof StoredOverride>;

/** What the schedule put on, or under an override, last; null: nothing, as one that was just switched on. */
export const StoredScheduled = z.object({
  /** What was planned, by its name in domain/schedule/windows.ts. */
  name: z.string(),
  /** From when on it was planned: ms since 1970. */
  sinceMs: z.number(),
}).nullable();
export type StoredScheduled = z.infer<typeof StoredScheduled>;

/** What is over everything; null: nothing is. */
export const StoredEmergency = z.object({
  target: EmergencyTarget,
  /** Wall-clock, ISO 8601. */
  since: z.string(),
  /** The timeline that was on program when it began, and where it was then. */
  left: z.object({ timelineId: Id, playback: Playback }).nullable(),
}).nullable();
export type StoredEmergency = z.infer<typeof StoredEmergency>;

/** When an insert comes by itself: at `anchor` and each `everyMs` after it, but not at the anchor itself. */
export const StoredInsertRule = z.object({
  everyMs: z.number(),
  /** When it was switched on, or got another `everyMs`. */
  anchor: z.object({ monotonicMs: z.number(), bootId: z.string(), wallMs: z.number() }),
  /** How many due times since the anchor are done with. */
  served: z.number().int(),
});
export type StoredInsertRule = z.infer<typeof StoredInsertRule>;

/** An airing of an insert that is not logged yet: it is on air, or the engine's word on how it ended is still to come. */
export const StoredAiring = z.object({
  insert: EngineInsert.extend({ began: EngineInsert.shape.began.unwrap() }),
  /** Of the insert, as it was when it began. */
  name: Name,
  /** All that it is to air, and how many make a second. */
  frames: z.number().int(), fps: z.number(),
  /** The timeline that stands still meanwhile. */
  holds: Id.nullable(),
  /** How many were aired by engines that are gone, and of those without its own picture, */
  aired: z.number().int(), missed: z.number().int().default(0),
  /** and by the one that has it now, as it last said; by its process id. */
  engine: z.object({ pid: z.number().int(), aired: z.number().int(), missed: z.number().int().default(0) }).nullable(),
  /** Ended before its time by what the operator did: the first frame without it. */
  ended: z.object({ by: z.enum(['take', 'emergency', 'stopped']), frame: z.number().int() }).nullable(),
});
export type StoredAiring = z.infer<typeof StoredAiring>;

/** What people want of a recording's analysis, and did to its result. */
export const StoredAnalysis = z.object({
  /** How often somebody asked for all of it once more. */
  again: z.number().int().default(0),
  /** What counted when it was asked for last. */
  preset: FindingPreset.default('auto'),
  /** Clips that are wanted, in the order in which they were. */
  clips: z.array(WantedClip).max(MAX_CLIPS).default([]),
  chosen: ChosenMetadata.nullable().default(null),
});
export type StoredAnalysis = z.infer<typeof StoredAnalysis>;
/** Of a recording of which nobody has wanted anything yet. */
export const NOTHING_WANTED: StoredAnalysis = { again: 0, preset: 'auto', clips: [], chosen: null };

/** A timeline's document at another revision: to go back to, or to do again. */
export const StoredVersion = z.object({
  timelineId: Id,
  stack: z.enum(['undo', 'redo']),
  /** JSON, deflated, base64: fifty versions of 10,000 clips would be too much to keep as they are. */
  packed: z.string(),
});
export type StoredVersion = z.infer<typeof StoredVersion>;

export const DOCUMENT_SCHEMAS = {
  source: SourceInput, scene: SceneInput, overlay: OverlayInput, destination: StoredDestination, recording: StoredRecording,
  settings: Settings, program: ProgramTarget, take: StoredTake, broadcast: StoredBroadcast,
  timeline: TimelineDocument,
  /** A timeline's latest is the last that was made. */
  'timeline-version': StoredVersion,
  /** Of the timeline with the same id. */
  playback: Playback,
  armed: StoredArmed, preview: StoredPreview, black: StoredBlack, override: StoredOverride, emergency: StoredEmergency,
  'schedule-event': ScheduleEventInput,
  /** Of the event with the same id. */
  'schedule-run': ScheduleRun,
  scheduled: StoredScheduled,
  folder: StoredFolder,
  /** Of the folder with the same id. */
  'folder-files': StoredFolderFiles,
  insert: InsertInput,
  /** Of the insert with the same id. */
  'insert-rule': StoredInsertRule,
  /** Of the recording with the same id. */
  analysis: StoredAnalysis,
  /** In the order in which they began. */
  airings: z.array(StoredAiring),
} as const;
export type Kind = keyof typeof DOCUMENT_SCHEMAS;
export type DataOf = { [K in Kind]: z.infer<(typeof DOCUMENT_SCHEMAS)[K]> };
export const KINDS = Object.keys(DOCUMENT_SCHEMAS) as Kind[];
/** Kinds of which there is exactly one, under this id. */
export const THE_ONE = 'channel';

export interface Document<T> {
  readonly id: string;
  /** 1 when made, one more at each change. */
  readonly revision: number;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly data: T;
}
export type DocumentOf<K extends Kind> = Document<DataOf[K]>;

/** Everything stored, in the order in which it was made. */
export interface StudioState {
  readonly sources: readonly DocumentOf<'source'>[];
  readonly scenes: readonly DocumentOf<'scene'>[];
  readonly overlays: readonly DocumentOf<'overlay'>[];
  readonly destinations: readonly DocumentOf<'destination'>[];
  readonly recordings: readonly DocumentOf<'recording'>[];
  readonly settings: DocumentOf<'settings'>;
  readonly program: DataOf['program'];
  /** The number of the take by which it came there; 0: of none. */
  readonly take: number;
  readonly broadcast: StoredBroadcast;
  readonly timelines: readonly DocumentOf<'timeline'>[];
  /** What timelines were before, by the version's id. */
  readonly timelineVersions: ReadonlyMap<string, DocumentOf<'timeline-version'>>;
  /** By the timeline's id; one that is not in it was never played. */
  readonly playbacks: ReadonlyMap<string, Playback>;
  /** Id of the timeline that is held ready, armed on preview; */
  readonly armed: string | null;
  /** of a source or scene that is, itself. One of the two at most is there. */
  readonly preview: StoredPreview['target'];
  /** All that goes out is to be faded to black, but for the emergency. */
  readonly black: boolean;
  readonly override: StoredOverride;
  readonly schedule: readonly DocumentOf<'schedule-event'>[];
  /** What came of events, by their ids. */
  readonly scheduleRuns: ReadonlyMap<string, ScheduleRun>;
  readonly scheduled: StoredScheduled;
  readonly folders: readonly DocumentOf<'folder'>[];
  /** By the folder's id. */
  readonly folderFiles: ReadonlyMap<string, DocumentOf<'folder-files'>>;
  readonly emergency: StoredEmergency;
  readonly inserts: readonly DocumentOf<'insert'>[];
  /** By the insert's id; one that is not in it does not come by itself. */
  readonly insertRules: ReadonlyMap<string, StoredInsertRule>;
  readonly airings: readonly StoredAiring[];
  /** By the recording's id. */
  readonly analyses: ReadonlyMap<string, DocumentOf<'analysis'>>;
}

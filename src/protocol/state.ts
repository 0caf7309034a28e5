/** What `state` carries on the websocket: the whole of what the operator has made, as one document that patches change. */
import { z } from 'zod';
import { AnalysisSummary } from './analysis.js';
import { Folder } from './folder.js';
import { Id } from './ids.js';
import { Insert } from './inserts.js';
import { EmergencyTarget } from './link.js';
import { Destination, Overlay, Recording, Scene, Settings, Source } from './resources.js';
import { ScheduleEvent } from './schedule.js';
import { BroadcastState, ProgramTarget } from './status.js';
import { TimelineSummary } from './timeline.js';

/** Settings as they are read: with the revision that `If-Match` takes. */
export const SettingsResource = z.object({ ...Settings.shape, revision: z.number().int().min(1) });
export type SettingsResource = z.infer<typeof SettingsResource>;

/** What the operator wants of the broadcast, and where it stands. */
export const BroadcastSummary = z.object({
  state: BroadcastState,
  /** When it was started; null in standby. */
  startedAt: z.string().nullable(),
  /** Destinations it goes to. */
  destinationIds: z.array(Id),
  /** The recording that is running; null when nothing is recorded. */
  recordingId: Id.nullable(),
});
export type BroadcastSummary = z.infer<typeof BroadcastSummary>;

/** Lists are in the order in which their things were made. */
export const StateSnapshot = z.object({
  sources: z.array(Source),
  scenes: z.array(Scene),
  overlays: z.array(Overlay),
  destinations: z.array(Destination),
  timelines: z.array(TimelineSummary),
  schedule: z.array(ScheduleEvent),
  /** Without their files. */
  folders: z.array(Folder),
  inserts: z.array(Insert),
  settings: SettingsResource,
  program: ProgramTarget,
  /** The timeline that is held ready; null: none. */
  armed: Id.nullable(),
  /** What is armed on preview: a source, a scene, or the timeline that is held ready; null: nothing. */
  preview: ProgramTarget.nullable(),
  /** The timeline over which something else was taken, and which `release` brings back; null: none. */
  override: z.object({
    timelineId: Id,
    /** What `release` brings in its place, as the timeline's time on the schedule is over. */
    instead: ProgramTarget.optional(),
  }).nullable(),
  /** All that goes out is to be faded to black, but for the emergency. */
  black: z.boolean(),
  /** What is over everything, and since when; null: nothing is. */
  emergency: z.object({ target: EmergencyTarget, since: z.string() }).nullable(),
  broadcast: BroadcastSummary,
  /** The newest 100, newest first. */
  recordings: z.array(Recording),
  /** Of those of them that are ready. */
  analyses: z.array(AnalysisSummary),
  /** Of the models that rank highlights: another `rev` means that `GET /models` answers otherwise. */
  models: z.object({ rev: z.number().int() }),
});
export type StateSnapshot = z.infer<typeof StateSnapshot>;

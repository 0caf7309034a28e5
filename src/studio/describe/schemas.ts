/** The public schemas by name, as JSON Schema: for openapi.json and PROTOCOL.md alike. */
import { z } from 'zod';
import { Analysis, AnalysisSummary, ChosenMetadata, ClipStatus, DecisionInput, ExportContents, ExportInput, MetadataPatch } from '../../protocol/analysis.js';
import { Folder, FolderFile, FolderInput, FolderWithFiles } from '../../protocol/folder.js';
import { Events, History, HistorySeries, Machine, ProcessLoad, StudioEvent, Warning } from '../../protocol/health.js';
import { Chapter, Highlight, HighlightDecision, MarkerAdd, MarkerAdded, MetadataLint, RecordedMoment, VideoMetadata } from '../../protocol/highlights.js';
import { AiringRecord, AiringTotal, Insert, InsertAired, InsertControl, InsertInput, InsertStatus, InsertStopped } from '../../protocol/inserts.js';
import { EmergencyTarget, TakeReply } from '../../protocol/link.js';
import { Job, JobStep } from '../../protocol/jobs.js';
import { MediaFacts, MediaFile, MediaUse, Upload, UploadInput, Waveform } from '../../protocol/media.js';
import { ModelChoice, Models, ModelSummary } from '../../protocol/models.js';
import { BroadcastControl, BroadcastStart, CameraSwitch, JsonPatchOperation, OperatorIntroduction, OverlayControl, Ping, Resume, Subscribe } from '../../protocol/messages.js';
import {
  Destination, DestinationInput, Layer, Overlay, OverlayInput, PlatformInfo, Recording, Scene, SceneInput, Settings, Source, SourceInput, Transition,
} from '../../protocol/resources.js';
import { EncoderPreset, Presets, ScenePreset, SceneTemplate } from '../../protocol/presets.js';
import { PreviewArm, ProgramBar, ProgramBlack, ProgramTake } from '../../protocol/preview.js';
import { Playback, PlaybackControl, PlaybackReply, TimelineStatus } from '../../protocol/playback.js';
import { PlanPoint, PlanWarning, PlanWindow, ScheduleAction, ScheduleEvent, ScheduleEventInput, SchedulePlan, ScheduleRun, ScheduleWhen } from '../../protocol/schedule.js';
import { AudioControl, Listen } from '../../protocol/sound.js';
import { SettingsResource, StateSnapshot } from '../../protocol/state.js';
import {
  BroadcastStatus, DestinationStatus, EncoderStatus, OperatorStatus, Problem, ProgramStatus, ProgramTarget, RecordingStatus, ScheduleStatus, SourceStatus,
} from '../../protocol/status.js';
import {
  Clip, ClipInput, Keyframe, Timeline, TimelineFile, TimelineImported, TimelineInput, TimelinePatch, TimelineProblem, TimelineReport, TimelineSaved, TimelineSummary, TimelineUpdate, Track,
  TrackInput,
} from '../../protocol/timeline.js';

/** What clients send: fields with a default may be left out. */
const INPUTS = {
  SourceInput, SceneInput, Layer, OverlayInput, DestinationInput, Settings, CameraSwitch, PreviewArm, ProgramTake, ProgramBar, ProgramBlack, Transition, BroadcastStart, BroadcastControl,
  OverlayControl, AudioControl, Listen, Subscribe, Resume, OperatorIntroduction, Ping, TimelineInput, TrackInput, ClipInput, Keyframe, TimelineUpdate, TimelinePatch, PlaybackControl, TimelineFile,
  ScheduleEventInput, ScheduleWhen, ScheduleAction,
  FolderInput,
  InsertInput, InsertControl,
  UploadInput,
  MarkerAdd, DecisionInput, ExportInput, MetadataPatch, ModelChoice,
} as const;
export const ErrorBody = z.object({ error: z.object({ code: z.string(), message: z.string(), details: z.unknown().optional() }) });
/** What clients get. */
const OUTPUTS = {
  ErrorBody,
  Source, Scene, Overlay, Destination, PlatformInfo, SettingsResource, Recording, StateSnapshot, TakeReply, BroadcastStatus, ProgramStatus, ProgramTarget,
  EncoderStatus, SourceStatus, DestinationStatus, RecordingStatus, OperatorStatus, Warning, Machine, ProcessLoad, StudioEvent, Events, History, HistorySeries, Problem, JsonPatchOperation,
  Timeline, TimelineSaved, TimelineSummary, Track, Clip, TimelineReport, TimelineProblem, TimelineStatus, Playback, PlaybackReply, TimelineImported,
  ScheduleEvent, ScheduleRun, SchedulePlan, PlanWindow, PlanPoint, PlanWarning, ScheduleStatus,
  Folder, FolderFile, FolderWithFiles,
  EncoderPreset, ScenePreset, SceneTemplate, Presets,
  MediaFile, MediaFacts, MediaUse, Waveform, Upload,
  Insert, InsertAired, InsertStopped, InsertStatus, AiringRecord, AiringTotal, EmergencyTarget,
  RecordedMoment, MarkerAdded, Highlight, HighlightDecision, Chapter, VideoMetadata, ChosenMetadata, MetadataLint, ClipStatus, ExportContents, Analysis, AnalysisSummary, ModelSummary, Models, Job, JobStep,
} as const;

export type JsonSchema = Record<string, unknown>;

const NAMES = new Map<z.ZodType, string>([...Object.entries(INPUTS), ...Object.entries(OUTPUTS)].map(([name, schema]) => [schema, name]));
const REGISTRIES = { input: registryOf(INPUTS), output: registryOf(OUTPUTS) };
const refTo = (name: string): string => `#/components/schemas/${name}`;

/** Every named schema; they point to each other by name. */
export function namedSchemas(): Record<string, JsonSchema> {
  return { ...convert('input'), ...convert('output') };
}

/** A `$ref` for a named schema, else the schema itself. */
export function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): JsonSchema {
  const name = NAMES.get(schema);
  if (name) return { $ref: refTo(name) };
  const items = schema instanceof z.ZodObject ? (schema.shape as Record<string, z.ZodType>).items : undefined;
  if (items instanceof z.ZodArray) {
    return { type: 'object', properties: { items: { type: 'array', items: jsonSchema(items.element as z.ZodType, io) } }, required: ['items'] };
  }
  const { $defs: _, ...converted } = z.toJSONSchema(schema, { io, metadata: REGISTRIES[io] });
  return JSON.parse(JSON.stringify(clean(converted, io)).replaceAll('#/$defs/', refTo(''))) as JsonSchema;
}

function convert(io: 'input' | 'output'): Record<string, JsonSchema> {
  const { schemas: converted } = z.toJSONSchema(REGISTRIES[io], { io, uri: refTo });
  return Object.fromEntries(Object.entries(converted).map(([name, schema]) => [name, clean(schema, io)]));
}

function registryOf(schemas: Readonly<Record<string, z.ZodType>>): z.core.$ZodRegistry<{ id: string }> {
  const registry = z.registry<{ id: string }>();
  for (const [name, schema] of Object.entries(schemas)) registry.add(schema, { id: name });
  return registry;
}

/**
 * Without what only repeats where it stands, bounds that every integer of JavaScript has, and
 * for answers, the claim that they never grow, and what would stand in for a field that is always there.
 */
function clean(schema: object, io: 'input' | 'output'): JsonSchema {
  return JSON.parse(JSON.stringify(schema, (key, value: unknown) => {
    if (key === '$schema' || key === '$id') return undefined;
    if (key === 'default' && io === 'output') return undefined;
    if (key === 'additionalProperties' && value === false && io === 'output') return undefined;
    if ((key === 'maximum' && value === Number.MAX_SAFE_INTEGER) || (key === 'minimum' && value === Number.MIN_SAFE_INTEGER)) return undefined;
    return value;
  })) as JsonSchema;
}

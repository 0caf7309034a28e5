/**
 * A timeline: tracks of clips, a scene that changes with time. All times are whole ms from the timeline's start; what they mean
 * in frames stands in src/domain/timeline/rate.ts.
 */
import { z } from 'zod';
import { MAX_KEYFRAMES } from './clip-rules.js';
import { Id, Name } from './ids.js';
import { LayerAudio, Transition, ms, place, placed, stored, unit } from './resources.js';

/** In one document, all tracks together. */
export const MAX_CLIPS = 20_000;
export const MAX_TRACKS = 32;

const gainDb = LayerAudio.shape.gainDb.unwrap();

export const Easing = z.enum(['linear', 'hold', 'ease-in', 'ease-out', 'ease-in-out']);
export type Easing = z.infer<typeof Easing>;

/** What it names has this value at that moment; what it does not name, it does not touch. */
export const Keyframe = z.strictObject({
  /** From the clip's start. */
  atMs: ms,
  x: place.x.optional(),
  y: place.y.optional(),
  width: place.width.optional(),
  height: place.height.optional(),
  opacity: unit.optional(),
  /** Added to the gains of the track and the clip; linear in dB on the way. */
  gainDb: gainDb.optional(),
  /** The way from this keyframe to the next. */
  easing: Easing.default('linear'),
});
export type Keyframe = z.infer<typeof Keyframe>;

const clip = {
  /** Exactly one of these. */
  sourceId: Id.optional(),
  sceneId: Id.optional(),
  timelineId: Id.optional(),
  overlayId: Id.optional(),
  startMs: ms,
  durationMs: ms.min(1),
  /** Where it begins in the file, or in the nested timeline. */
  inMs: ms.default(0),
  /** The place and its picture as in a layer. Scenes, overlays and nested timelines are laid out within it as within the frame. */
  ...placed,
  /** How it comes in, from its start on: out of the clip of its track that it touches or overlaps, else out of nothing. */
  transition: Transition.optional(),
  /** How it goes, up to its end, where no clip of its track touches it. */
  transitionOut: Transition.optional(),
  keyframes: z.array(Keyframe).max(MAX_KEYFRAMES).default([]),
};
const isOneThing = (c: { sourceId?: unknown; sceneId?: unknown; timelineId?: unknown; overlayId?: unknown }): boolean =>
  [c.sourceId, c.sceneId, c.timelineId, c.overlayId].filter((id) => id !== undefined).length === 1;
const ONE_THING = 'A clip has exactly one of sourceId, sceneId, timelineId and overlayId.';

export const ClipInput = z.strictObject({ id: Id.optional(), ...clip }).refine(isOneThing, ONE_THING);
export type ClipInput = z.infer<typeof ClipInput>;
export const Clip = z.strictObject({ id: Id, ...clip }).refine(isOneThing, ONE_THING);
export type Clip = z.infer<typeof Clip>;

export const TrackKind = z.enum(['video', 'overlay', 'audio']);
export type TrackKind = z.infer<typeof TrackKind>;

const track = {
  name: Name.optional(),
  kind: TrackKind,
  /** A track that is off is neither seen nor heard; the timeline is as long as with it. */
  enabled: z.boolean().default(true),
  gainDb: gainDb.default(0),
};
export const TrackInput = z.strictObject({ id: Id.optional(), ...track, clips: z.array(ClipInput).max(MAX_CLIPS) });
export type TrackInput = z.infer<typeof TrackInput>;
export const Track = z.strictObject({ id: Id, ...track, clips: z.array(Clip).max(MAX_CLIPS) });
export type Track = z.infer<typeof Track>;

const timeline = {
  name: Name,
  loop: z.boolean().default(false),
  /** null: to the end of the last clip. Clips that reach further are cut there. */
  durationMs: ms.min(1).nullable().default(null),
  /**
   * What stands where no video track has a clip, when the timeline is over, and in the place of a clip whose file fails; null:
   * nothing, and the slate for the file. Of a timeline in another the outer one's counts.
   */
  filler: z.union([z.strictObject({ sourceId: Id }), z.strictObject({ sceneId: Id })]).nullable().default(null),
};
export const fewEnough = (t: { tracks: readonly { clips: readonly unknown[] }[] }): boolean => t.tracks.reduce((sum, { clips }) => sum + clips.length, 0) <= MAX_CLIPS;
export const TOO_MANY = `A timeline has at most ${MAX_CLIPS} clips.`;

/** As a client sends it: ids may be left out, the studio gives them. Tracks are drawn in their order, later ones on top. */
export const TimelineInput = z.strictObject({ ...timeline, tracks: z.array(TrackInput).max(MAX_TRACKS) }).refine(fewEnough, TOO_MANY);
export type TimelineInput = z.infer<typeof TimelineInput>;

/** As it is stored: every track and clip has an id. */
export const TimelineDocument = z.strictObject({ ...timeline, tracks: z.array(Track).max(MAX_TRACKS) }).refine(fewEnough, TOO_MANY);
export type TimelineDocument = z.infer<typeof TimelineDocument>;

/** Of a timeline whose clips are the files of a folder; its tracks cannot be edited. */
const ofFolder = { folderId: Id.optional() };

export const Timeline = z.object({ ...TimelineDocument.shape, ...stored, ...ofFolder });
export type Timeline = z.infer<typeof Timeline>;

/** A timeline without what is in it, as lists and the snapshot have it. */
export const TimelineSummary = z.object({
  ...stored, name: Name, loop: z.boolean(),
  /** How long it is, also where the document says null. */
  durationMs: z.number().int(),
  /** How many clips it has, all tracks together. */
  clips: z.number().int(),
  /** There is nothing to play: no clip, no filler and no length. It is neither armed nor put on program. */
  empty: z.boolean(),
  /** How many edits can be taken back, and how many that were can be done again. */
  undo: z.number().int(), redo: z.number().int(),
  ...ofFolder,
});
export type TimelineSummary = z.infer<typeof TimelineSummary>;

/** What can be wrong with a timeline beyond its shape. */
export const TimelineProblemCode = z.enum([
  'unknown-source', 'unknown-scene', 'unknown-overlay', 'unknown-timeline', 'wrong-kind', 'duplicate-id', 'overlap', 'cycle', 'too-deep',
  'too-many-layers', 'nested', 'keyframe-outside', 'keyframe-order', 'file-missing', 'file-unreadable', 'in-after-end', 'longer-than-file',
  'camera-away', 'transition-too-long', 'past-the-end', 'no-effect',
]);
export type TimelineProblemCode = z.infer<typeof TimelineProblemCode>;

export const TimelineProblem = z.object({
  /** Which field, dotted: `tracks.0.clips.3.sourceId`. */
  path: z.string(),
  code: TimelineProblemCode,
  /** An error shows on air; a warning is worth knowing. */
  severity: z.enum(['error', 'warning']),
  message: z.string(),
  /** What the message calls by its id, a clip, source, scene, overlay or timeline: `said` stands in it, for whoever has a name to put there. */
  names: z.array(z.object({ said: z.string(), id: z.string() })),
});
export type TimelineProblem = z.infer<typeof TimelineProblem>;

export const TimelineReport = z.object({
  /** Errors first, each in the document's order; at most 200. */
  problems: z.array(TimelineProblem),
  /** How many there are, listed or not. */
  errors: z.number().int(),
  warnings: z.number().int(),
});
export type TimelineReport = z.infer<typeof TimelineReport>;

/** A timeline that was stored, and what is wrong with it as far as that is seen without opening files: at most 200, errors first. */
export const TimelineSaved = z.object({ ...Timeline.shape, problems: z.array(TimelineProblem) });
export type TimelineSaved = z.infer<typeof TimelineSaved>;

const pointer = z.string().max(1000).regex(/^(?:\/(?:[^~/]|~[01])*)+$/, 'A path is a JSON pointer into the timeline, such as "/tracks/0/clips/3/startMs".');
/** In one patch. */
export const MAX_OPERATIONS = 10_000;
/** JSON Patch (RFC 6902) on a timeline's document: without id, revision and the dates. */
export const TimelinePatch = z.array(z.discriminatedUnion('op', [
  z.strictObject({ op: z.literal('add'), path: pointer, value: z.unknown() }),
  z.strictObject({ op: z.literal('replace'), path: pointer, value: z.unknown() }),
  z.strictObject({ op: z.literal('test'), path: pointer, value: z.unknown() }),
  z.strictObject({ op: z.literal('remove'), path: pointer }),
  z.strictObject({ op: z.literal('move'), from: pointer, path: pointer }),
  z.strictObject({ op: z.literal('copy'), from: pointer, path: pointer }),
])).max(MAX_OPERATIONS);
export type TimelinePatch = z.infer<typeof TimelinePatch>;

/** Changes a timeline that is at `revision`: to another document, or by a patch. */
export const TimelineUpdate = z.strictObject({
  timelineId: Id, revision: z.number().int().min(1), timeline: TimelineInput.optional(), patch: TimelinePatch.optional(),
}).refine((m) => (m.timeline === undefined) !== (m.patch === undefined), 'Give either a timeline or a patch.');
export type TimelineUpdate = z.infer<typeof TimelineUpdate>;
/** `frame`, and when that is due: the first program frame that shows it, where the timeline is on program. */
export interface TimelineUpdated {
  revision: number;
  frame?: number;
  ptsMs?: number;
}

/** What a file says of a thing that its clips name: enough to find the same one elsewhere. */
const Named = z.looseObject({ id: Id, name: Name });

/** A timeline with all that lies in it and the things it names, as one JSON file. Keys are never in it. */
export const TimelineFile = z.object({
  kind: z.literal('vistterstudio/timeline', 'This is not a file of a timeline.'),
  version: z.literal(1, 'This file is of a later version.'),
  timeline: z.object({ id: Id, ...TimelineInput.shape }).refine(fewEnough, TOO_MANY),
  /** Timelines that lie in it, or in those. */
  nested: z.array(z.object({ id: Id, ...TimelineInput.shape }).refine(fewEnough, TOO_MANY)).max(200),
  sources: z.array(Named.extend({ kind: z.string().max(40), path: z.string().max(1024).optional() })).max(20_000),
  scenes: z.array(Named).max(20_000),
  overlays: z.array(Named.extend({ kind: z.string().max(40) })).max(20_000),
});
export type TimelineFile = z.infer<typeof TimelineFile>;

export const TimelineImported = z.object({
  timeline: TimelineSaved,
  /** Things that its clips name and that are not here; the clips still name them by the ids of the file. */
  unmatched: z.array(z.object({ kind: z.enum(['source', 'scene', 'overlay']), id: Id, name: Name.nullable() })),
});
export type TimelineImported = z.infer<typeof TimelineImported>;

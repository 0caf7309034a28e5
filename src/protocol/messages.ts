/** The websocket at `/ws`: every message either side may send. */
import { z } from 'zod';
import { StudioEvent } from './health.js';
import { MarkerAdd } from './highlights.js';
import { Id, Name } from './ids.js';
import { InsertControl } from './inserts.js';
import { TileWishes } from './multiview.js';
import { PlaybackControl } from './playback.js';
import { PreviewArm, ProgramBar, ProgramBlack, ProgramTake } from './preview.js';
import { Transition } from './resources.js';
import { AudioControl, Listen } from './sound.js';
import { StateSnapshot } from './state.js';
import { BroadcastStatus, Levels } from './status.js';
import { TimelineUpdate } from './timeline.js';

const id = z.union([z.string().max(100), z.number()]).optional();

export const CameraSwitch = z
  .strictObject({ sourceId: Id.optional(), sceneId: Id.optional(), transition: Transition.optional() })
  .refine((m) => (m.sourceId === undefined) !== (m.sceneId === undefined), 'Give either a sourceId or a sceneId.');
export type CameraSwitch = z.infer<typeof CameraSwitch>;

export const BroadcastStart = z.strictObject({
  /** Left out: every enabled destination. */
  destinationIds: z.array(Id).max(100).optional(),
  record: z.boolean().optional(),
});
export const BroadcastControl = z.discriminatedUnion('action', [
  BroadcastStart.extend({ action: z.literal('start') }),
  z.strictObject({ action: z.literal('stop') }),
  z.strictObject({ action: z.literal('record-start') }),
  z.strictObject({ action: z.literal('record-stop') }),
]);
export type BroadcastControl = z.infer<typeof BroadcastControl>;

export const OverlayControl = z.strictObject({ overlayId: Id, visible: z.boolean() });
/** What a client wants pushed besides `state` and `broadcast:status`. */
export const Subscribe = z.strictObject({
  levels: z.boolean().optional(),
  /**
   * Tiles, in the place of those wanted so far; none: an empty list. Of what all clients want together, 64 different ones are made: the
   * program and preview first, then those of who came first.
   */
  multiview: TileWishes.optional(),
  /** Sound, in the place of what was listened to so far. */
  listen: Listen.optional(),
  /** `event` messages: what happens, as it happens. */
  events: z.boolean().optional(),
});
export type Subscribe = z.infer<typeof Subscribe>;
/** Who sits at a panel and what is looked at there, for the others and for the log of events. */
export const OperatorIntroduction = z.strictObject({
  /** null: no name was given. */
  name: Name.max(40).nullable(),
  /** As the panel's name of its page. */
  what: z.string().regex(/^[a-z-]{0,20}$/),
});
/** A word to see whether the other side is there; the ack comes at once. */
export const Ping = z.strictObject({});
/** Asks for what was missed since `rev`; a snapshot when that is too long ago. */
export const Resume = z.strictObject({ rev: z.number().int().min(0) });

export const ClientMessage = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('camera:switch'), id, payload: CameraSwitch }),
  z.strictObject({ type: z.literal('preview:arm'), id, payload: PreviewArm }),
  z.strictObject({ type: z.literal('program:take'), id, payload: ProgramTake }),
  z.strictObject({ type: z.literal('program:bar'), id, payload: ProgramBar }),
  z.strictObject({ type: z.literal('program:black'), id, payload: ProgramBlack }),
  z.strictObject({ type: z.literal('broadcast:control'), id, payload: BroadcastControl }),
  z.strictObject({ type: z.literal('playback:control'), id, payload: PlaybackControl }),
  z.strictObject({ type: z.literal('insert:control'), id, payload: InsertControl }),
  z.strictObject({ type: z.literal('timeline:update'), id, payload: TimelineUpdate }),
  z.strictObject({ type: z.literal('overlay:control'), id, payload: OverlayControl }),
  z.strictObject({ type: z.literal('audio:control'), id, payload: AudioControl }),
  z.strictObject({ type: z.literal('marker:add'), id, payload: MarkerAdd }),
  z.strictObject({ type: z.literal('subscribe'), id, payload: Subscribe }),
  z.strictObject({ type: z.literal('resume'), id, payload: Resume }),
  z.strictObject({ type: z.literal('operator'), id, payload: OperatorIntroduction }),
  z.strictObject({ type: z.literal('ping'), id, payload: Ping }),
]);
export type ClientMessage = z.infer<typeof ClientMessage>;

export const JsonPatchOperation = z.object({ op: z.enum(['add', 'remove', 'replace']), path: z.string(), value: z.unknown().optional() });

export const ServerMessage = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ack'), id: z.union([z.string(), z.number()]).optional(), payload: z.unknown() }),
  z.object({
    type: z.literal('error'), id: z.union([z.string(), z.number()]).optional(),
    payload: z.object({ code: z.string(), message: z.string(), details: z.unknown().optional() }),
  }),
  z.object({
    type: z.literal('state'),
    payload: z.union([
      z.object({
        rev: z.number().int(),
        /** Which panel this studio serves: another word than before means another version, whose own page is to be loaded. */
        page: z.string(),
        snapshot: StateSnapshot,
      }),
      z.object({ rev: z.number().int(), patch: z.array(JsonPatchOperation) }),
    ]),
  }),
  z.object({ type: z.literal('broadcast:status'), payload: BroadcastStatus }),
  z.object({ type: z.literal('audio:levels'), payload: Levels }),
  z.object({ type: z.literal('event'), payload: StudioEvent }),
]);
export type ServerMessage = z.infer<typeof ServerMessage>;

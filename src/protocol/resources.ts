/** The public resources: what an operator makes and sets. Types derive from the schemas; REST, websocket and the store use the same. */
import { z } from 'zod';
import { Id, isFitLine, Name } from './ids.js';
import { ProgramAudio, SourceAudio } from './sound.js';

export const unit = z.number().min(0).max(1);
/** No time within a file or a timeline, and so no timeline, is longer. */
export const MAX_MS = 30 * 24 * 3600 * 1000;
export const ms = z.number().int().min(0).max(MAX_MS);
const Color = z.string().regex(/^#[0-9a-fA-F]{6}$/, 'A colour is "#rrggbb".');

/** Path below `VISTTER_HOME/media`; the studio also checks that it stays inside when links are followed. */
const MediaPath = z
  .string()
  .min(1)
  .max(1024)
  .refine((p) => !p.startsWith('/') && !p.includes('\0') && !p.split('/').includes('..'), {
    message: 'A path is relative to the media folder and does not leave it.',
  });

export const SourceKind = z.enum(['camera', 'media', 'image', 'audio', 'color', 'test']);
export type SourceKind = z.infer<typeof SourceKind>;

const sourceCommon = {
  name: Name,
  /** Stands in while this one is gone; null: the slate. */
  fallbackSourceId: Id.nullable().default(null),
  /** Sound and picture later by this much; a second of pictures is what fits in memory between decoder and compositor (src/engine/ring-slots.ts). */
  delayMs: z.number().int().min(0).max(1000).default(0),
  audio: SourceAudio.prefault({}),
};
const fileCommon = { path: MediaPath, loop: z.boolean().default(false), inMs: ms.default(0), outMs: ms.nullable().default(null) };

export const CameraInput = z.strictObject({ kind: z.literal('camera'), ...sourceCommon });
export const MediaInput = z.strictObject({ kind: z.literal('media'), ...sourceCommon, ...fileCommon });
export const ImageInput = z.strictObject({ kind: z.literal('image'), ...sourceCommon, path: MediaPath });
export const AudioInput = z.strictObject({ kind: z.literal('audio'), ...sourceCommon, ...fileCommon });
export const ColorInput = z.strictObject({ kind: z.literal('color'), ...sourceCommon, color: Color.default('#000000') });
export const TestInput = z.strictObject({ kind: z.literal('test'), ...sourceCommon, tone: z.boolean().default(false) });
export const SourceInput = z.discriminatedUnion('kind', [CameraInput, MediaInput, ImageInput, AudioInput, ColorInput, TestInput]);
export type SourceInput = z.infer<typeof SourceInput>;

export const stored = { id: Id, revision: z.number().int().min(1), createdAt: z.string(), updatedAt: z.string() };
const Ingest = z.object({ server: z.string(), key: z.string().optional() });

export const Source = z.discriminatedUnion('kind', [
  z.object({ ...CameraInput.shape, ...stored, ingest: Ingest }),
  z.object({ ...MediaInput.shape, ...stored }),
  z.object({ ...ImageInput.shape, ...stored }),
  z.object({ ...AudioInput.shape, ...stored }),
  z.object({ ...ColorInput.shape, ...stored }),
  z.object({ ...TestInput.shape, ...stored }),
]);
export type Source = z.infer<typeof Source>;

export const Fit = z.enum(['contain', 'cover', 'fill']);

export const LayerAudio = z.strictObject({
  gainDb: z.number().min(-60).max(12).default(0),
  muted: z.boolean().default(false),
});

export const place = { x: z.number().min(-1).max(2), y: z.number().min(-1).max(2), width: z.number().gt(0).max(3), height: z.number().gt(0).max(3) };

/** Where something lies in the frame, and how it is seen and heard there: the same of a layer, a clip and an insert. */
export const placed = {
  x: place.x.default(0),
  y: place.y.default(0),
  width: place.width.default(1),
  height: place.height.default(1),
  fit: Fit.default('contain'),
  opacity: unit.default(1),
  crop: z
    .strictObject({ left: unit.default(0), top: unit.default(0), right: unit.default(0), bottom: unit.default(0) })
    .refine((c) => c.left + c.right < 1 && c.top + c.bottom < 1, 'A crop must leave something of the picture.')
    .default({ left: 0, top: 0, right: 0, bottom: 0 }),
  audio: LayerAudio.default({ gainDb: 0, muted: false }),
};

export const Layer = z
  .strictObject({
    sourceId: Id.optional(), overlayId: Id.optional(), ...placed,
    /** Neither seen nor heard, wherever the scene is shown. */
    hidden: z.boolean().default(false),
    /** Editors do not move it; nothing else heeds it. */
    locked: z.boolean().default(false),
  })
  .refine((l) => (l.sourceId === undefined) !== (l.overlayId === undefined), 'A layer has either a sourceId or an overlayId.');
export type Layer = z.infer<typeof Layer>;

export const SceneInput = z.strictObject({ name: Name, layers: z.array(Layer).max(32) });
export type SceneInput = z.infer<typeof SceneInput>;
export const Scene = z.object({ ...SceneInput.shape, ...stored });
export type Scene = z.infer<typeof Scene>;

export const TransitionKind = z.enum([
  'cut', 'fade', 'dip',
  'wipe', 'wipe-left', 'wipe-right', 'wipe-up', 'wipe-down',
  'slide', 'slide-left', 'slide-right', 'slide-up', 'slide-down',
  'push', 'push-left', 'push-right', 'push-up', 'push-down',
]);
export type TransitionKind = z.infer<typeof TransitionKind>;
export const Transition = z.strictObject({
  kind: TransitionKind,
  durationMs: z.number().int().min(0).max(60_000).default(500),
  /** `dip` only. */
  color: Color.optional(),
});
export type Transition = z.infer<typeof Transition>;

/** Text a viewer reads: plain, never markup. */
const Caption = z.string().max(200)
  .refine(isFitLine, 'A caption is one line of whole characters, without control characters and those that turn its direction (U+202A to U+202E, U+2066 to U+2069).');

/** An overlay is a picture of its own: no larger than the frame, because all of it is drawn. */
const whole = z.number().gt(0).max(1);

/** As wide as long names want at their full size: the plate behind them is no wider than they are. */
export const LowerThirdInput = z.strictObject({
  kind: z.literal('lower-third'), name: Name, visible: z.boolean().default(false),
  title: Caption.default(''), subtitle: Caption.default(''), color: Color.default('#d7263d'),
  x: place.x.default(0.05), y: place.y.default(0.74), width: whole.default(0.5), height: whole.default(0.1852),
});
/** An IANA name. */
export const TimeZone = z.string().max(60).refine(isTimeZone, 'That is not a time zone; one is "Europe/Berlin".');
export const ClockInput = z.strictObject({
  kind: z.literal('clock'), name: Name, visible: z.boolean().default(false),
  timeZone: TimeZone.default('UTC'),
  seconds: z.boolean().default(true), color: Color.default('#ffffff'),
  x: place.x.default(0.84), y: place.y.default(0.04), width: whole.default(0.125), height: whole.default(0.0556),
});
export const OverlayInput = z.discriminatedUnion('kind', [LowerThirdInput, ClockInput]);
export type OverlayInput = z.infer<typeof OverlayInput>;
export const Overlay = z.discriminatedUnion('kind', [
  z.object({ ...LowerThirdInput.shape, ...stored }),
  z.object({ ...ClockInput.shape, ...stored }),
]);
export type Overlay = z.infer<typeof Overlay>;

/** There are some 600; each may be spelt in capitals or not. */
const MOST_ZONES = 1000;
/** Of those that were looked up. The first formatter of a process takes 20 ms, in a browser before anything can be pressed. */
const timeZones = new Set(['UTC']);

function isTimeZone(name: string): boolean {
  if (timeZones.has(name)) return true;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    if (timeZones.size < MOST_ZONES) timeZones.add(name);
    return true;
  } catch {
    return false;
  }
}

export const Platform = z.enum(['custom', 'youtube', 'twitch', 'facebook', 'kick']);
export type Platform = z.infer<typeof Platform>;

export const DestinationInput = z.strictObject({
  name: Name,
  platform: Platform.default('custom'),
  /** `rtmp://` or `rtmps://`; may be left out for a platform that has one of its own. */
  url: z.string().max(1024).optional(),
  /** Write-only. */
  key: z.string().max(1024).optional(),
  enabled: z.boolean().default(true),
});
export type DestinationInput = z.infer<typeof DestinationInput>;
export const Destination = z.object({
  ...stored, name: Name, platform: Platform, url: z.string(), enabled: z.boolean(),
  /** Whether a key is stored; the key itself is never read back. */
  hasKey: z.boolean(),
  /** What the encoder makes that the platform does not take, a sentence each. */
  warnings: z.array(z.string()),
});
export type Destination = z.infer<typeof Destination>;

/** A platform as the form of a destination needs it. */
export const PlatformInfo = z.object({
  platform: Platform, label: z.string(),
  /** Its own server, which a destination without a url goes to; null: there is none. */
  url: z.string().nullable(),
  /** Where a person finds the key. */
  keyPlace: z.string(), keyRequired: z.boolean(),
  /** What the encoder makes now that it does not take, a sentence each. */
  warnings: z.array(z.string()),
});
export type PlatformInfo = z.infer<typeof PlatformInfo>;

const even = (min: number, max: number) => z.number().int().min(min).max(max).refine((n) => n % 2 === 0, 'It must be even.');

/** Frames a second as people write them: 30, 29.97, 59.94, 23.976. */
export const Fps = z.number().refine((n) => FPS_FRACTIONS.has(n), {
  message: 'Use 10, 12, 15, 20, 23.976, 24, 25, 29.97, 30, 48, 50, 59.94 or 60 frames a second.',
});
export const FPS_FRACTIONS: ReadonlyMap<number, readonly [num: number, den: number]> = new Map([
  [10, [10, 1]], [12, [12, 1]], [15, [15, 1]], [20, [20, 1]], [23.976, [24000, 1001]], [24, [24, 1]], [25, [25, 1]], [29.97, [30000, 1001]],
  [30, [30, 1]], [48, [48, 1]], [50, [50, 1]], [59.94, [60000, 1001]], [60, [60, 1]],
]);

export const EncoderCodec = z.enum(['auto', 'libx264', 'h264_nvenc']);
export const EncoderPreset = z.enum(['ultrafast', 'superfast', 'veryfast', 'faster', 'fast', 'medium', 'slow']);

/** BCP 47, as "de" or "pt-BR". */
export const Language = z.string().regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}$/, 'A language is written as "en" or "pt-BR".');

/** The scene or source that an emergency puts over everything. */
export const PreparedEmergency = z.union([z.strictObject({ sceneId: Id }), z.strictObject({ sourceId: Id })]);

/** Of the program's sound, what the encoder makes of it. */
export const SoundEncoding = z.strictObject({ bitrateKbps: z.number().int().min(32).max(320).default(160) });

export const Settings = z.strictObject({
  channel: z.strictObject({ name: Name.default('VistterStudio') }).prefault({}),
  video: z.strictObject({ width: even(160, 3840).default(1920), height: even(90, 2160).default(1080), fps: Fps.default(30) }).prefault({}),
  encoder: z
    .strictObject({
      codec: EncoderCodec.default('auto'),
      preset: EncoderPreset.default('veryfast'),
      bitrateKbps: z.number().int().min(100).max(50_000).default(6000),
      keyframeIntervalMs: z.number().int().min(500).max(10_000).default(2000),
    })
    .prefault({}),
  audio: z.strictObject({ ...SoundEncoding.shape, ...ProgramAudio }).prefault({}),
  schedule: z
    .strictObject({
      /** false: the schedule does nothing. */
      enabled: z.boolean().default(true),
      /** Of events that name none; null: that of the machine. */
      timeZone: TimeZone.nullable().default(null),
      /** Stands wherever nothing is planned; null: then the program is left alone. */
      filler: z.union([z.strictObject({ timelineId: Id }), z.strictObject({ sourceId: Id }), z.strictObject({ sceneId: Id })]).nullable().default(null),
    })
    .prefault({}),
  /** null: the slate, silent. */
  emergency: PreparedEmergency.nullable().default(null),
  analysis: z
    .strictObject({
      /** Highlights, chapters and metadata of a recording are found as soon as it is ready. */
      auto: z.boolean().default(true),
      /** How many highlights are to be found. */
      most: z.number().int().min(1).max(50).default(10),
      /** What is spoken, for transcript and metadata; null: it is found out. */
      language: Language.nullable().default(null),
    })
    .prefault({}),
});
export type Settings = z.infer<typeof Settings>;

export const RecordingState = z.enum(['recording', 'finishing', 'ready', 'failed']);
export const Recording = z.object({
  id: Id, state: RecordingState, startedAt: z.string(), endedAt: z.string().nullable(), durationMs: z.number().nullable(),
  bytes: z.number().nullable(),
  /** Of the finished file, relative to VISTTER_HOME. */
  path: z.string().nullable(),
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
});
export type Recording = z.infer<typeof Recording>;

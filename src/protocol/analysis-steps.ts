/**
 * What each step of an analysis or an export is told. A step is done again only when this has changed: so nothing is in it that changes by itself.
 *
 * Paths are relative to VISTTER_HOME. All that the steps make of a recording lies in `analysis/<recordingId>`; what one step makes for another is a file there. What
 * can be long is in a file there as well, which the studio writes before it submits a job, and the step is told its digest.
 */
import { z } from 'zod';
import { Choices } from './analysis.js';
import { FindingPreset, HighlightDecision, DecisionRow, MAX_MOMENTS, MOST_LEARNED, RecordedMoment, VideoMetadata, Clip } from './highlights.js';
import { Id } from './ids.js';
import { ModelId } from './models.js';
import { Language, SourceKind, place } from './resources.js';

const RelativePath = z.string().min(1).max(500).refine((path) => !path.startsWith('/') && !path.includes('\0') && !path.split('/').includes('..'), 'A path is relative to VISTTER_HOME and does not leave it.');

/** Of every step. */
const ofRecording = {
  recordingId: Id,
  /** The finished file, and how large it is: the same path with another size is another file. */
  file: RelativePath, bytes: z.number().int().nonnegative(), durationMs: z.number().int().nonnegative(),
};
/** A file of JSON, and the SHA-256 of its bytes, hex. By the time it is read it may be a newer one, which will do as well. */
const InputFile = z.object({ file: RelativePath, sha256: z.string().regex(/^[0-9a-f]{64}$/) });
export type InputFile = z.infer<typeof InputFile>;
/** What was done and what happened while it was recorded, in the order of its time. */
export const MomentsFile = z.object({ moments: z.array(RecordedMoment).max(MAX_MOMENTS) });
export type MomentsFile = z.infer<typeof MomentsFile>;
/** What people decided, of all recordings, the oldest first: the newest of so many. */
export const DecisionsFile = z.object({ rows: z.array(DecisionRow).max(MOST_LEARNED), of: z.number().int().nonnegative().optional() });
export type DecisionsFile = z.infer<typeof DecisionsFile>;
/** What earlier recordings are called by now, the newest first: what the channel is about. */
export const PastFile = z.object({ videos: z.array(VideoMetadata).max(50) });
export type PastFile = z.infer<typeof PastFile>;

/** In the folder of a recording, beside its file: lines of JSON, `ChatMessage`. */
export const CHAT_NAME = 'chat.jsonl';

/** The feature table. `chat`: null where there is none. */
export const FeaturesInput = z.object({ ...ofRecording, /** A `MomentsFile`. */ moments: InputFile, chat: InputFile.nullable().default(null), again: z.number().int().nonnegative() });
export type FeaturesInput = z.infer<typeof FeaturesInput>;

/** Highlights, ranked by the model in use; a new one is trained first when there are decisions that the last one did not know. */
export const FindInput = z.object({
  ...ofRecording,
  /** A `MomentsFile` and a `DecisionsFile`. */
  moments: InputFile, decisions: InputFile,
  /** How many to find. */
  most: z.number().int().min(1).max(50),
  preset: FindingPreset.default('auto'),
  /** Counted up when somebody asks for all of it once more, or rolls a model back. */
  again: z.number().int().nonnegative(),
});
export type FindInput = z.infer<typeof FindInput>;
export const TranscriptInput = z.object({ ...ofRecording, language: Language.nullable(), again: z.number().int().nonnegative() });
export type TranscriptInput = z.infer<typeof TranscriptInput>;

/** Title, description, tags and chapters, after `find` and `transcript`. */
export const MetadataInput = z.object({
  ...ofRecording, language: Language.nullable(), channel: z.string(), startedAt: z.string(),
  /** The name of what was on program when it was begun; null: nobody knows. */
  startedWith: z.string().nullable().default(null),
  /** A `MomentsFile` and a `PastFile`. */
  moments: InputFile, past: InputFile,
  chat: InputFile.nullable().default(null),
  again: z.number().int().nonnegative(),
});
export type MetadataInput = z.infer<typeof MetadataInput>;

/** Stretches of the recording that show nothing of what it is about, as a test card does. */
const PlainSpans = z.array(z.object({ startMs: z.number().int().nonnegative(), endMs: z.number().int().nonnegative() }));
export const MAX_PLAIN_SPANS = 500;
export const ThumbnailsInput = z.object({ ...ofRecording, plain: PlainSpans.max(MAX_PLAIN_SPANS).default([]), again: z.number().int().nonnegative() });
export type ThumbnailsInput = z.infer<typeof ThumbnailsInput>;

/** `result.json` and the YAML manifest, after all others. */
export const ManifestInput = z.object({
  ...ofRecording, startedAt: z.string(), again: z.number().int().nonnegative(),
  decisions: z.array(HighlightDecision).max(200),
  /** What people put in the place of what is suggested, and of each field who did, and when. */
  chosen: VideoMetadata.partial().nullable(), choices: Choices.default({}),
});
export type ManifestInput = z.infer<typeof ManifestInput>;

/** Where a source lay in the frame: 0..1 of it, later ones on top. */
export const SeenLayer = z.object({ kind: SourceKind, name: z.string(), ...place });
export type SeenLayer = z.infer<typeof SeenLayer>;

/** One clip. The file is `analysis/<recordingId>/clips/<clipId>.mp4`; a `<clipId>.json` beside it, a `Clip`, is written last. */
export const CutInput = z.object({
  ...ofRecording, clipId: Id, highlightId: z.string().nullable(),
  startMs: z.number().int().nonnegative(), endMs: z.number().int().positive(),
  shape: Clip.shape.shape,
  /** Burned in. */
  captions: z.boolean(),
  /** The scene that was on program when it began; null: not a scene, or nobody knows. */
  layers: z.array(SeenLayer).max(32).nullable(),
});
export type CutInput = z.infer<typeof CutInput>;

/** The manifest once more, with the clips of an export, after all of them are cut. */
export const BundleInput = z.object({ ...ManifestInput.shape, clipIds: z.array(Id).max(200) });
export type BundleInput = z.infer<typeof BundleInput>;

/** Changes which model is in use. Its result is `{said}`: what came of it, in words; `models/summary.json` tells of it by then. */
export const ModelsInput = z.discriminatedUnion('action', [
  /** Back to what was in use before, and held there. */
  z.object({ action: z.literal('roll-back'), askedAtMs: z.number() }),
  /** null: the newest goes into use, and each that is learnt later. */
  z.object({ action: z.literal('choose'), id: ModelId.nullable(), askedAtMs: z.number() }),
]);
export type ModelsInput = z.infer<typeof ModelsInput>;

/** By the names of the steps. All need `features`, but for `cut`, `bundle` and `models`; `find` and `metadata` need the transcript, `metadata` and `thumbnails` need `find`, and `manifest` all of them. */
export const ANALYSIS_STEPS = {
  features: FeaturesInput, find: FindInput, transcript: TranscriptInput, metadata: MetadataInput, thumbnails: ThumbnailsInput, manifest: ManifestInput,
  cut: CutInput, bundle: BundleInput, models: ModelsInput,
} as const;
export type AnalysisStep = keyof typeof ANALYSIS_STEPS;
export type AnalysisStepInput = { [K in AnalysisStep]: z.infer<(typeof ANALYSIS_STEPS)[K]> };
/** Of how each is done: to be counted up when it comes to give other results from the same input. */
export const STEP_VERSIONS: Readonly<Record<AnalysisStep, number>> = { features: 3, find: 8, transcript: 3, metadata: 7, thumbnails: 2, manifest: 3, cut: 1, bundle: 2, models: 1 };

/** What the sidecar finds in a recording, what people decide about it, and what is said of the whole. Times count from the recording's start. */
import { z } from 'zod';
import { Id, isFitLine } from './ids.js';

/** By what a highlight was found; `combined` by more than one. */
export const HighlightKind = z.enum(['sound', 'picture', 'chat', 'event', 'combined']);
export type HighlightKind = z.infer<typeof HighlightKind>;

/** A found moment. */
export const Highlight = z.object({
  /** The same for the same moment of the same recording, however often it is analysed. */
  id: z.string(),
  startMs: z.number().int().nonnegative(), endMs: z.number().int().positive(),
  /** Where it is strongest, within its bounds. */
  peakMs: z.number().int().nonnegative(),
  /** 0 to 1; comparable within one recording. */
  score: z.number().min(0).max(1),
  kind: HighlightKind,
  /** In plain words, the strongest first: "crowd loud ×4", "38 chatters in 10 s", "cut to camera 2". */
  reasons: z.array(z.string()),
});
export type Highlight = z.infer<typeof Highlight>;

export const Chapter = z.object({ startMs: z.number().int().nonnegative(), title: z.string() });
export type Chapter = z.infer<typeof Chapter>;

/** The limits are the platforms' (YouTube's): by construction nothing here is longer, and nothing has an angle bracket. */
export const MAX_TITLE_CHARACTERS = 100;
export const MAX_DESCRIPTION_BYTES = 5_000;
/** Of all tags together as YouTube counts them: a comma between, quotes around those with a space. */
export const MAX_TAGS_CHARACTERS = 500;

/** How much that is. */
export const tagsCharacters = (tags: readonly string[]): number => tags.reduce((sum, tag, at) => sum + [...tag].length + (tag.includes(' ') ? 2 : 0) + (at > 0 ? 1 : 0), 0);

export const VideoMetadata = z.object({
  title: z.string(), description: z.string(), tags: z.array(z.string()),
  /** With their #. */
  hashtags: z.array(z.string()),
});
export type VideoMetadata = z.infer<typeof VideoMetadata>;

/** What was done or happened while it was recorded. */
export const MomentKind = z.enum(['take', 'override', 'marker', 'alert', 'insert']);
export type MomentKind = z.infer<typeof MomentKind>;
export const RecordedMoment = z.object({
  /** In the finished file, where there is one. */
  atMs: z.number().int().nonnegative(), kind: MomentKind,
  /** For people: what was taken, or what the marker says. */
  text: z.string(),
});
export type RecordedMoment = z.infer<typeof RecordedMoment>;
/** What a moment says when the emergency picture comes over everything, and is released: it takes nothing off program. */
export const EMERGENCY_BEGINS = 'Emergency: ';
export const EMERGENCY_OVER = 'Emergency released';
export const isOfEmergency = (text: string): boolean => text === EMERGENCY_OVER || text.startsWith(EMERGENCY_BEGINS);

/** What counts when highlights are found: all of it and what was marked, one of the three alone, or the published formulas, for comparison. */
export const FindingPreset = z.enum(['auto', 'sound', 'picture', 'chat', 'classic']);
export type FindingPreset = z.infer<typeof FindingPreset>;

/** A line of a chat file. */
export const ChatMessage = z.object({ atMs: z.number(), user: z.string(), text: z.string() });
export type ChatMessage = z.infer<typeof ChatMessage>;

/** Marks this moment of what is being recorded. */
export const MarkerAdd = z.strictObject({ text: z.string().trim().max(200).refine(isFitLine, 'A mark is one line of whole characters.').optional() });
export type MarkerAdd = z.infer<typeof MarkerAdd>;
/** Where it lies. */
export const MarkerAdded = z.object({ recordings: z.array(z.object({ recordingId: Id, atMs: z.number().int() })) });
export type MarkerAdded = z.infer<typeof MarkerAdded>;
/** Kept of one recording; later ones are not. */
export const MAX_MOMENTS = 10_000;

/** What a person said of a highlight. Bounds are those chosen; of a rejected one those that the finder found. */
export const HighlightDecision = z.object({
  highlightId: z.string(), verdict: z.enum(['accepted', 'rejected']),
  startMs: z.number().int().nonnegative(), endMs: z.number().int().positive(),
  by: z.string(), atMs: z.number(),
});
export type HighlightDecision = z.infer<typeof HighlightDecision>;

/** A clip that was cut of a recording. */
export const Clip = z.object({
  id: Id, highlightId: z.string().nullable(), startMs: z.number().int(), endMs: z.number().int(),
  shape: z.enum(['wide', 'vertical']),
  /** Which rung of the ladder held: nothing re-encoded, only the ends, or all of it. */
  cut: z.enum(['copy', 'smart', 'full']),
  /** Relative to VISTTER_HOME. */
  path: z.string(), bytes: z.number().int(),
});
export type Clip = z.infer<typeof Clip>;

/** What `vistter analyze --json` prints of a file. */
export const AnalyzedFile = z.object({
  file: z.string(), durationMs: z.number().int(), tookMs: z.number().int(),
  /** Of all processes that worked on it, at their highest. */
  peakRssBytes: z.number().int(),
  highlights: z.array(Highlight), chapters: z.array(Chapter), metadata: VideoMetadata,
  /** What a person should know: damaged parts, long keyframe intervals, a transcript that could not be had. */
  notes: z.array(z.string()),
});
export type AnalyzedFile = z.infer<typeof AnalyzedFile>;

/** What lies in a highlight's features, as learning reads them: finite numbers, always the same ones in the same order. */
const Vector = z.array(z.number()).max(256);

/** A decision with what was known of the highlight when it was found: learning needs it long after the recording is gone. */
export const DecisionRow = z.object({
  /** The recording. */
  stream: z.string(),
  highlightId: z.string(), verdict: HighlightDecision.shape.verdict,
  startMs: z.number().int(), endMs: z.number().int(),
  /** By the finder, before anything that was learnt moved them. */
  foundStartMs: z.number().int(), foundEndMs: z.number().int(),
  score: z.number(), kind: HighlightKind, vector: Vector, atMs: z.number(),
});
export type DecisionRow = z.infer<typeof DecisionRow>;
/** Learnt from at once, the newest of all recordings together. All are kept. */
export const MOST_LEARNED = 5_000;

/** How well title, description and tags would do, and each point that costs something, in words that say what to do. */
export const MetadataLint = z.object({
  score: z.number().min(0).max(100),
  points: z.array(z.object({ field: z.enum(['title', 'description', 'tags', 'hashtags', 'chapters']), costs: z.number().min(0).max(100), message: z.string() })).max(100),
});
export type MetadataLint = z.infer<typeof MetadataLint>;

/** The name of a picture below `analysis/<recordingId>/pictures`. */
export const PictureName = z.string().regex(/^[A-Za-z0-9_-]{1,80}\.jpg$/, 'A picture is called NAME.jpg.');
export const FoundHighlight = Highlight.extend({
  vector: Vector, picture: PictureName.nullable(),
  /** What the finder found, where what was learnt from trims has moved the bounds. */
  found: Highlight.pick({ startMs: true, endMs: true }).optional(),
});
export type FoundHighlight = z.infer<typeof FoundHighlight>;

/** What ranked the highlights; null: nobody has decided enough yet, the heuristic did. */
const RankedBy = z.object({ id: z.string().max(100), why: z.string().max(500) }).nullable();

/** In the place of `inputsHash`: a first list, from while it was recorded. */
export const EARLY = 'early';
/**
 * `VISTTER_HOME/analysis/<recordingId>/result.json`: written whole by the sidecar (beside, then renamed) and read by the studio. Beside it lie `pictures/`
 * and `clips/`, each clip as `<clipId>.mp4` with a `<clipId>.json` (a `Clip`), which is written last.
 */
export const AnalysisFile = z.object({
  version: z.literal(1),
  recordingId: Id,
  /** SHA-256 over what it was made from, hex. */
  inputsHash: z.string().max(128), analyzedAtMs: z.number(),
  durationMs: AnalyzedFile.shape.durationMs, tookMs: z.number().int(), peakRssBytes: z.number().int(),
  highlights: z.array(FoundHighlight).max(200),
  /** Those that only an earlier analysis found: what was accepted of them goes on being shown, with its reasons and its picture. */
  kept: z.array(FoundHighlight).max(200).default([]),
  /** The score over the recording, for the eye: one value, 0 to 1, for each `stepMs`. */
  curve: z.object({ stepMs: z.number().int().positive(), values: z.array(z.number()).max(4_000) }),
  chapters: z.array(Chapter).max(200), metadata: VideoMetadata, lint: MetadataLint.nullable(),
  /** To choose the video's picture from: 1280×720, the best first. */
  thumbnails: z.array(z.object({ name: PictureName, atMs: z.number().int() })).max(20),
  /** There is one, so that clips can have captions. */
  transcript: z.boolean(),
  /** What counted when the highlights were found. */
  preset: FindingPreset.default('auto'),
  model: RankedBy,
  notes: z.array(z.string().max(1_000)).max(100),
});
export type AnalysisFile = z.infer<typeof AnalysisFile>;
/** A larger one is not read. */
export const MAX_ANALYSIS_BYTES = 8 * 1024 * 1024;

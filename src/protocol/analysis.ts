/** An analysis of a recording as operators and programs see it: how far it is, what was found, what was decided, what was cut. */
import { z } from 'zod';
import {
  AnalysisFile, Chapter, Clip, FindingPreset, Highlight, HighlightDecision, MAX_DESCRIPTION_BYTES, MAX_TAGS_CHARACTERS, MAX_TITLE_CHARACTERS, MetadataLint, PictureName, VideoMetadata, tagsCharacters,
} from './highlights.js';
import { Id, isFitLine } from './ids.js';
import { Problem } from './status.js';

/** `ready`: there is a result, and nothing is being done. */
export const AnalysisState = z.enum(['none', 'waiting', 'working', 'ready', 'failed']);
export type AnalysisState = z.infer<typeof AnalysisState>;

/** Where an analysis stands; in the snapshot of all. */
export const AnalysisSummary = z.object({
  recordingId: Id, state: AnalysisState,
  /** 0 to 1, and what is being done now, in plain words. */
  progress: z.number().min(0).max(1), text: z.string(),
  error: Problem.nullable(),
  /** Another one whenever anything of the analysis has changed, as a decision: read it again then. */
  rev: z.number().int(),
});
export type AnalysisSummary = z.infer<typeof AnalysisSummary>;

/** How a recording is to be analysed. */
export const AnalyzeInput = z.strictObject({ preset: FindingPreset.default('auto') });
export type AnalyzeInput = z.infer<typeof AnalyzeInput>;

export const WantedClip = z.object({ ...Clip.pick({ id: true, highlightId: true, startMs: true, endMs: true, shape: true }).shape, captions: z.boolean() });
export type WantedClip = z.infer<typeof WantedClip>;
/** A clip that is wanted: one that is cut, is being cut, or could not be. */
export const ClipStatus = z.object({
  ...WantedClip.shape,
  state: z.enum(['waiting', 'working', 'ready', 'failed']),
  progress: z.number().min(0).max(1), error: Problem.nullable(),
  /** Of one that is ready. */
  cut: Clip.shape.cut.nullable(), bytes: z.number().int().nullable(),
});
export type ClipStatus = z.infer<typeof ClipStatus>;
/** Wanted of one recording. */
export const MAX_CLIPS = 200;

const Choice = z.object({ by: z.string(), atMs: z.number() });
/** Who chose each field, and when. */
export const Choices = z.object({ title: Choice, description: Choice, tags: Choice, hashtags: Choice }).partial();
export type Choices = z.infer<typeof Choices>;
/** What people put in the place of what is suggested. A field that is left out is as it is suggested. */
export const ChosenMetadata = z.object({
  ...VideoMetadata.partial().shape,
  /** Of the last choice; and of each field that `choices` does not tell of, as it was chosen before those were kept. */
  by: z.string(), atMs: z.number(),
  choices: Choices.default({}),
});
export type ChosenMetadata = z.infer<typeof ChosenMetadata>;

export const Analysis = z.object({
  ...AnalysisSummary.shape,
  /** Of what people chose; `If-Match` takes it. */
  revision: z.number().int(),
  /** Null until there is a result. */
  durationMs: z.number().int().nullable(),
  analyzedAt: z.string().nullable(),
  /** By time. One that was accepted stays, though a later analysis does not find it any more. */
  highlights: z.array(Highlight.extend({ picture: PictureName.nullable(), decision: HighlightDecision.nullable() })),
  curve: AnalysisFile.shape.curve.nullable(),
  chapters: z.array(Chapter),
  metadata: z.object({ suggested: VideoMetadata, chosen: ChosenMetadata.nullable() }).nullable(),
  /** Of what is chosen, where that was looked at, else of what is suggested. */
  lint: MetadataLint.nullable(),
  thumbnails: AnalysisFile.shape.thumbnails,
  /** Clips can have captions. */
  transcript: z.boolean(),
  clips: z.array(ClipStatus),
  notes: z.array(z.string()),
  /** What counted when these highlights were found; null until there is a result. */
  preset: FindingPreset.nullable(),
  model: AnalysisFile.shape.model,
});
export type Analysis = z.infer<typeof Analysis>;

/** Shorter ones nobody can see. */
export const SHORTEST_HIGHLIGHT_MS = 500;
export const LONGEST_HIGHLIGHT_MS = 30 * 60_000;

/** Bounds: of an accepted one that was trimmed; left out: as they are. */
export const DecisionInput = z
  .strictObject({ verdict: HighlightDecision.shape.verdict, startMs: z.number().int().nonnegative().optional(), endMs: z.number().int().positive().optional() })
  .refine(({ startMs, endMs }) => startMs === undefined || endMs === undefined || (endMs - startMs >= SHORTEST_HIGHLIGHT_MS && endMs - startMs <= LONGEST_HIGHLIGHT_MS), {
    message: 'A highlight lasts from half a second to 30 minutes.', path: ['endMs'],
  });
export type DecisionInput = z.infer<typeof DecisionInput>;

export const ExportInput = z.strictObject({
  /** Left out: all that are accepted. */
  highlightIds: z.array(z.string().max(100)).min(1).max(100).optional(),
  shape: Clip.shape.shape.default('wide'),
  /** Burned in; needs a transcript. */
  captions: z.boolean().default(false),
});
export type ExportInput = z.infer<typeof ExportInput>;

/** All that was made of a recording, as one file holds it. */
export const ExportContents = z.object({
  /** What the ZIP is called, and how long it is. */
  name: z.string(), bytes: z.number().int(),
  files: z.array(z.object({ name: z.string(), bytes: z.number().int() })),
});
export type ExportContents = z.infer<typeof ExportContents>;

const noBrackets = (text: string): boolean => !/[<>]/.test(text);
const NO_BRACKETS = 'It cannot have "<" or ">": YouTube refuses them.';
const utf8Bytes = (text: string): number => new TextEncoder().encode(text).length;
// Halves of a surrogate pair are no text; a description may have lines.
const isText = (text: string): boolean => !/\p{Cs}|[^\P{Cc}\n\t]/u.test(text);
const Line = z.string().trim().refine(noBrackets, NO_BRACKETS).refine(isFitLine, 'It is one line of whole characters.');
const Tag = Line.pipe(z.string().min(1).max(100)).refine((tag) => !tag.includes(','), 'A tag has no comma.');

/** Fields that are left out stay; null: as suggested again. */
export const MetadataPatch = z.strictObject({
  title: Line.refine((title) => title !== '', 'A title cannot be empty.')
    .refine((title) => [...title].length <= MAX_TITLE_CHARACTERS, `A title has at most ${MAX_TITLE_CHARACTERS} characters.`).nullable().optional(),
  description: z.string().max(MAX_DESCRIPTION_BYTES, `A description has at most ${MAX_DESCRIPTION_BYTES} bytes.`).refine(isText, 'A description is text, without control characters.')
    .refine(noBrackets, NO_BRACKETS)
    .refine((text) => utf8Bytes(text) <= MAX_DESCRIPTION_BYTES, `A description has at most ${MAX_DESCRIPTION_BYTES} bytes.`).nullable().optional(),
  tags: z.array(Tag).max(100).refine((tags) => tagsCharacters(tags) <= MAX_TAGS_CHARACTERS, `All tags together have at most ${MAX_TAGS_CHARACTERS} characters.`).nullable().optional(),
  hashtags: z.array(Line.pipe(z.string().max(100)).refine((tag) => /^#[^\s#,]+$/u.test(tag), 'A hashtag is "#" and a word.')).max(15, 'More than 15 hashtags, and YouTube heeds none.').nullable().optional(),
});
export type MetadataPatch = z.infer<typeof MetadataPatch>;

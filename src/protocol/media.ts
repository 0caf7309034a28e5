/** The files of the media folder, what is known of them, and uploads into it. */
import { z } from 'zod';
import { Id, isFitLine } from './ids.js';
import { Problem } from './status.js';

/** Files that a list has at most, those that come first by name. */
export const MAX_MEDIA_FILES = 20_000;
/** What one request of an upload carries at most, bytes. */
export const UPLOAD_CHUNK_BYTES = 8 * 1024 * 1024;
const MAX_FILE_BYTES = 4 * 1024 ** 4;

/** By its name: what it is played as. `other` cannot be played. */
export const MediaKind = z.enum(['video', 'audio', 'image', 'other']);
export type MediaKind = z.infer<typeof MediaKind>;

/** What a file says of itself; what it does not say, or does not have, is null. */
export const MediaFacts = z.object({
  durationMs: z.number().int().nullable(),
  width: z.number().int().nullable(), height: z.number().int().nullable(), fps: z.number().nullable(),
  videoCodec: z.string().nullable(), audioCodec: z.string().nullable(),
  channels: z.number().int().nullable(), sampleRate: z.number().int().nullable(),
});
export type MediaFacts = z.infer<typeof MediaFacts>;

/** Something that the file lies in: directly for a source and a folder, by such a source for the others. */
export const MediaUse = z.object({ kind: z.enum(['source', 'scene', 'timeline', 'insert', 'folder']), id: Id, name: z.string() });
export type MediaUse = z.infer<typeof MediaUse>;

export const MediaFile = z.object({
  /** Below the media folder. */
  path: z.string(),
  bytes: z.number().int(),
  /** ISO 8601. */
  modifiedAt: z.string(),
  kind: MediaKind,
  /** With `problem` null too: it was not looked at yet. */
  facts: MediaFacts.nullable(),
  problem: Problem.nullable(),
  uses: z.array(MediaUse),
});
export type MediaFile = z.infer<typeof MediaFile>;

/** How loud a file is over its length. */
export const Waveform = z.object({
  /** How long each peak stands for. */
  bucketMs: z.number().int(),
  /** The largest sample of each stretch, of all channels: 0 to 1. */
  peaks: z.array(z.number()),
});
export type Waveform = z.infer<typeof Waveform>;

const SEGMENT_BYTES = 255;
const utf8Length = (text: string): number => new TextEncoder().encode(text).length;

/** Why a name cannot be given to a file or a folder of files; null: it can. */
export function nameProblem(name: string): string | null {
  if (name === '' || name === '.' || name === '..') return 'It has no name.';
  if (name.startsWith('.')) return 'A name that begins with a dot is hidden; choose another one.';
  if (!isFitLine(name)) return 'A name has no control characters and none that turn its direction.';
  if (/[\\/:*?"<>|]/.test(name)) return 'A name has none of \\ / : * ? " < > |, which not every disk can store.';
  if (name !== name.trim() || name.endsWith('.')) return 'A name does not begin or end with a space, nor end with a dot.';
  return utf8Length(name) > SEGMENT_BYTES ? `A name has at most ${SEGMENT_BYTES} bytes.` : null;
}

/** A path that a file may be put at. */
export const UploadPath = z.string().min(1).max(1024)
  .transform((path) => path.normalize('NFC'))
  .superRefine((path, ctx) => {
    const problem = path.split('/').map(nameProblem).find((one) => one !== null);
    if (problem) ctx.addIssue({ code: 'custom', message: problem });
  });

export const UploadInput = z.strictObject({
  /** Below the media folder; folders on the way are made. */
  path: UploadPath,
  bytes: z.number().int().min(1, 'An empty file cannot be played.').max(MAX_FILE_BYTES),
  /** Of the whole file, hex: what has come is compared with it before it is put in its place. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/, 'It is 64 hexadecimal digits in lower case.').optional(),
  /** In the place of a file of that name, if that is not on air or armed. */
  replace: z.boolean().default(false),
  /** Anything by which the client knows its own file again, so that it does not go on with another one of the same name. */
  fingerprint: z.string().max(200).default(''),
});
export type UploadInput = z.infer<typeof UploadInput>;

export const Upload = z.object({
  id: Id, path: z.string(), bytes: z.number().int(), fingerprint: z.string(), createdAt: z.string(),
  /** How much of it is on the disk: the next byte that is wanted. */
  offset: z.number().int(),
  /** A request carries this much at most. */
  chunkBytes: z.number().int(),
  /** It is in its place. */
  done: z.boolean(),
  /** When it is done. */
  media: MediaFile.nullable(),
});
export type Upload = z.infer<typeof Upload>;

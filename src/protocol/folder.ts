/** A folder of films and pictures as a source of clips: it owns a timeline that follows its files. */
import { z } from 'zod';
import { Id, Name } from './ids.js';
import { ms, stored, Transition } from './resources.js';

/** Files that a folder takes, those that come first by name. */
export const MAX_FOLDER_FILES = 10_000;
/** Files that one answer lists. */
export const FOLDER_PAGE = 500;

/** Path below `VISTTER_HOME/media`; empty: that folder itself. The studio also checks that it stays inside when links are followed. */
const FolderPath = z
  .string()
  .max(1024)
  .refine((path) => !path.startsWith('/') && !path.includes('\0') && !path.split('/').includes('..'), 'A path is relative to the media folder and does not leave it.')
  .transform((path) => path.split('/').filter((part) => part !== '' && part !== '.').join('/'));

export const FolderOrder = z.enum(['name', 'modified', 'shuffle']);
export type FolderOrder = z.infer<typeof FolderOrder>;

const folder = {
  name: Name,
  path: FolderPath.default(''),
  /** With the folders in it. */
  recursive: z.boolean().default(false),
  /** By `name`, as a person would sort them (2 before 10); the oldest first; or by the seed, in which a new file moves no other. */
  order: FolderOrder.default('name'),
  seed: z.number().int().min(0).max(2 ** 31 - 1).default(1),
  /** How long a picture stands; 0: pictures are left out. */
  stillMs: ms.max(24 * 3600 * 1000).default(10_000),
  /** Between its files; null: cuts. */
  transition: Transition.nullable().default(null),
};

/** What a client sends. */
export const FolderInput = z.strictObject({ ...folder, loop: z.boolean().default(true) });
export type FolderInput = z.infer<typeof FolderInput>;

/** What is stored of it; whether it loops is its timeline's business. */
export const StoredFolder = z.strictObject({ ...folder, timelineId: Id });
export type StoredFolder = z.infer<typeof StoredFolder>;

export const Folder = z.object({
  ...FolderInput.shape, path: z.string(), ...stored,
  /** Its files as a timeline, to be played, armed and nested as any other. Its tracks follow the files and cannot be edited. */
  timelineId: Id,
  /**
   * `missing`: the folder, or all that was in it, is not there now. What was known of it stays on the timeline, but for what a link
   * leads out of the media folder: that is dropped at once.
   */
  state: z.enum(['watching', 'missing']),
  /** Why it is missing, cannot be followed, or has files for which a timeline has no room. */
  message: z.string().optional(),
  /** How many files it has of each kind. */
  counts: z.object({ ready: z.number().int(), waiting: z.number().int(), refused: z.number().int() }),
});
export type Folder = z.infer<typeof Folder>;

export const FolderFile = z.object({
  /** Below the media folder. */
  path: z.string(),
  /** `waiting`: it is not whole yet, or was not looked at yet. `refused`: it cannot be played. */
  state: z.enum(['ready', 'waiting', 'refused']),
  /** Of a film that is ready. */
  durationMs: z.number().int().nullable(),
  /** Why it waits or was refused. */
  message: z.string().optional(),
});
export type FolderFile = z.infer<typeof FolderFile>;

/** With its files: those that are ready in the order in which they are played, then the others; at most 500 from `?from=` on. */
export const FolderWithFiles = z.object({ ...Folder.shape, files: z.array(FolderFile) });
export type FolderWithFiles = z.infer<typeof FolderWithFiles>;

/** A file that is, or was just now, on the folder's timeline. */
export const StoredFolderFile = z.strictObject({
  /** Of this content at this path: another one has another. */
  id: Id,
  path: z.string(),
  kind: z.enum(['media', 'image']),
  /** Of a film. */
  durationMs: z.number().int().nullable(),
  version: z.string(),
  modifiedMs: z.number(),
});
export type StoredFolderFile = z.infer<typeof StoredFolderFile>;
export const StoredFolderFiles = z.strictObject({ files: z.array(StoredFolderFile) });
export type StoredFolderFiles = z.infer<typeof StoredFolderFiles>;

/**
 * One YAML file a video, made to be kept in git: what was found and what was chosen of it, by whom, and from which inputs. The same facts make the
 * same bytes, a small change a small diff. People may edit what stands under `chosen`; it survives the next analysis.
 */
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import type { Choices } from '../../protocol/analysis.js';
import { UNNAMED } from '../../protocol/unnamed.js';
import { Chapter, Clip, Highlight, HighlightDecision, VideoMetadata } from '../../protocol/highlights.js';
import { NotAFileError, readBounded } from '../../runtime/bounded-file.js';
import { ServerError } from '../../runtime/errors.js';
import { writeWhole } from '../../runtime/whole-file.js';

const MANIFEST_VERSION = 1;
const MAX_BYTES = 16 * 1024 * 1024;

/** Who, and when (ISO 8601). `by` null: as it was suggested. `at` null: nobody knows, as of what was edited by hand. */
const chosen = { by: z.string().nullable(), at: z.string().nullable().default(null) };
const Text = z.object({ text: z.string(), ...chosen });
const List = z.object({ list: z.array(z.string()), ...chosen });

export const Manifest = z.strictObject({
  version: z.literal(MANIFEST_VERSION),
  recording: z.strictObject({ id: z.string().nullable(), file: z.string(), durationMs: z.number().int().nonnegative(), startedAt: z.string().nullable() }),
  /** By what, such as `transcript: server 127.0.0.1:8080 whisper-1`; and from what: names with hashes or versions. */
  made: z.strictObject({ by: z.record(z.string(), z.string()), from: z.record(z.string(), z.string()) }),
  found: z.strictObject({ highlights: z.array(Highlight), chapters: z.array(Chapter), metadata: VideoMetadata, notes: z.array(z.string()) }),
  chosen: z.strictObject({
    title: Text, description: Text, tags: List, hashtags: List,
    chapters: z.object({ list: z.array(Chapter), ...chosen }),
  }),
  decisions: z.array(HighlightDecision),
  clips: z.array(Clip),
});
export type Manifest = z.infer<typeof Manifest>;

/** Whoever edited the file and did not say who they are. */
export const BY_HAND = 'by hand';
/** Of what was chosen in the studio and not in the file: by what it came, and who it was. */
const FROM = /^(?:panel|REST|websocket): /;
const SOMEBODY: ReadonlyMap<string, string> = new Map([[UNNAMED.panel, 'panel: somebody'], [UNNAMED.rest, 'REST: somebody'], [UNNAMED.websocket, 'websocket: somebody']]);
const HEAD = '# What was found in this recording, and what was chosen of it. Texts and lists under "chosen" may be edited.\n';

export interface ManifestFacts {
  recording: Manifest['recording'];
  made: Manifest['made'];
  found: Manifest['found'];
  decisions: readonly HighlightDecision[];
  clips: readonly Clip[];
  /**
   * What people chose in the panel. It goes before what stands in the file, and what was chosen there once and is no longer (null: nothing is)
   * goes. Left out, as where there is no panel: what was chosen stays.
   */
  chosen?: Partial<VideoMetadata> | null | undefined;
  /** Who chose each field of it, and when. */
  choices?: Choices;
}

interface Picked<T> { value: T; by: string | null; at: string | null }

/**
 * The manifest of an analysis. What a person has chosen stays beside what is suggested now; what nobody has touched follows the suggestion.
 * @param before the one that is there, as it may have been edited
 */
export function manifestOf(facts: ManifestFacts, before: Manifest | null): Manifest {
  const { metadata, chapters } = facts.found;
  const pick = <T>(now: Picked<T> | null, was: Picked<T> & { suggested: T } | null, suggested: T): Picked<T> => {
    if (now !== null) return now;
    const untouched = { value: suggested, by: null, at: null };
    if (facts.chosen !== undefined && was?.by && FROM.test(was.by)) return untouched;
    if (was !== null && (was.by !== null || !same(was.value, was.suggested))) return { value: was.value, by: was.by ?? BY_HAND, at: was.at };
    return untouched;
  };
  const inPanel = <F extends keyof VideoMetadata>(field: F): Picked<VideoMetadata[F]> | null => {
    const value = facts.chosen?.[field];
    const choice = facts.choices?.[field];
    return value === undefined ? null : { value, by: whoChose(choice?.by ?? UNNAMED.panel), at: choice ? new Date(choice.atMs).toISOString() : null };
  };
  const text = (field: 'title' | 'description'): Manifest['chosen']['title'] => {
    const was = before && { ...before.chosen[field], value: before.chosen[field].text, suggested: before.found.metadata[field] };
    const { value, by, at } = pick(inPanel(field), was, metadata[field]);
    return { text: value, by, at };
  };
  const list = (field: 'tags' | 'hashtags'): Manifest['chosen']['tags'] => {
    const was = before && { ...before.chosen[field], value: before.chosen[field].list, suggested: before.found.metadata[field] };
    const { value, by, at } = pick(inPanel(field), was, metadata[field]);
    return { list: value, by, at };
  };
  const own = pick<Chapter[]>(null, before && { ...before.chosen.chapters, value: before.chosen.chapters.list, suggested: before.found.chapters }, chapters);
  return tidy({
    version: MANIFEST_VERSION, recording: facts.recording, made: facts.made, found: facts.found,
    chosen: { title: text('title'), description: text('description'), tags: list('tags'), hashtags: list('hashtags'), chapters: { list: own.value, by: own.by, at: own.at } },
    decisions: facts.decisions.map((one) => ({ ...one, by: SOMEBODY.get(one.by) ?? one.by })), clips: [...facts.clips],
  });
}

/** Names come from panels; what has none says by what it came. */
const whoChose = (by: string): string => SOMEBODY.get(by) ?? `panel: ${by}`;

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** Lists in an order of their own, numbers without the noise of computing, names sorted; texts that any editor shows. */
function tidy(manifest: Manifest): Manifest {
  const sorted = (record: Record<string, string>): Record<string, string> => Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
  const byTime = <T extends { startMs: number }>(all: readonly T[], id: (one: T) => string): T[] => [...all].sort((a, b) => a.startMs - b.startMs || (id(a) < id(b) ? -1 : 1));
  const { found } = manifest;
  return plain({
    ...manifest,
    made: { by: sorted(manifest.made.by), from: sorted(manifest.made.from) },
    found: { ...found, highlights: byTime(found.highlights, ({ id }) => id).map((one) => ({ ...one, score: Math.round(one.score * 1_000) / 1_000 })), chapters: byTime(found.chapters, ({ title }) => title) },
    decisions: byTime(manifest.decisions, ({ highlightId, atMs }) => `${highlightId} ${atMs}`),
    clips: byTime(manifest.clips, ({ id }) => id),
  });
}

/** Without halves of letters and controls, which no file in UTF-8 can hold or no editor shows. */
function plain<T>(value: T): T {
  if (typeof value === 'string') return value.replace(/\r\n?/g, '\n').replace(/\p{Surrogate}|[^\P{Cc}\n\t]|[\uFEFF\uFFFE\uFFFF]/gu, '') as T;
  if (Array.isArray(value)) return value.map(plain) as T;
  if (typeof value === 'object' && value !== null) return Object.fromEntries(Object.entries(value).map(([key, own]) => [plain(key), plain(own)])) as T;
  return value;
}

/** Keys in the schema's order; quotes where YAML 1.1 would read a time or a yes. */
export function manifestText(manifest: Manifest): string {
  return HEAD + stringify(Manifest.parse(manifest), { lineWidth: 0, compat: 'yaml-1.1', aliasDuplicateObjects: false, blockQuote: 'literal' });
}

/** @throws ServerError MANIFEST_NEWER, MANIFEST_INVALID */
export function parseManifest(text: string, name: string): Manifest {
  let raw: unknown;
  try {
    raw = parse(text, { maxAliasCount: 0, prettyErrors: false });
  } catch {
    throw invalid(name, 'it is not YAML');
  }
  const version = z.object({ version: z.number() }).safeParse(raw);
  if (version.success && version.data.version > MANIFEST_VERSION) {
    throw new ServerError('MANIFEST_NEWER', `${name} was written by a newer version of VistterStudio (manifest ${version.data.version}; this one knows ${MANIFEST_VERSION}). Update it, or move the file away.`);
  }
  const parsed = Manifest.safeParse(raw);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw invalid(name, `${issue!.path.join('.') || 'its beginning'}: ${issue!.message}`);
}

/**
 * null: there is none.
 * @throws ServerError MANIFEST_NEWER, MANIFEST_INVALID
 */
export async function readManifest(path: string): Promise<Manifest | null> {
  const name = basename(path);
  try {
    return parseManifest((await readBounded(path, MAX_BYTES)).toString('utf8'), name);
  } catch (error) {
    if (error instanceof NotAFileError) throw invalid(name, `it is not a file of at most ${MAX_BYTES / 1024 / 1024} MB`);
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** Whole or not at all, and only where something has changed: false where nothing has. */
export async function writeManifest(path: string, manifest: Manifest): Promise<boolean> {
  const text = manifestText(manifest);
  if ((await readFile(path, 'utf8').catch(() => null)) === text) return false;
  await writeWhole(path, text, 0o644);
  return true;
}

const invalid = (name: string, why: string): ServerError => new ServerError('MANIFEST_INVALID', `${name} is no manifest of a video (${why}). Mend it, or move it away: the next analysis writes a new one.`);

/** Title, description, tags and hashtags as they are typed, and how much of what a platform takes they are. Pure. */
import { MetadataPatch, type Analysis } from '../../../protocol/analysis.js';
import { MAX_DESCRIPTION_BYTES, MAX_TAGS_CHARACTERS, MAX_TITLE_CHARACTERS, tagsCharacters, type Chapter, type VideoMetadata } from '../../../protocol/highlights.js';
import { clockTime } from '../timeline/time.js';

export const FIELDS = ['title', 'description', 'tags', 'hashtags'] as const;
export type FieldName = (typeof FIELDS)[number];
export type Typed = Record<FieldName, string>;

/** What stands for the video: what is chosen, else what is suggested. */
export function standsFor({ suggested, chosen }: NonNullable<Analysis['metadata']>): VideoMetadata {
  return { title: chosen?.title ?? suggested.title, description: chosen?.description ?? suggested.description, tags: chosen?.tags ?? suggested.tags, hashtags: chosen?.hashtags ?? suggested.hashtags };
}

export const asTyped = ({ title, description, tags, hashtags }: VideoMetadata): Typed => ({ title, description, tags: tags.join(', '), hashtags: hashtags.join(' ') });

const listed = (text: string, by: RegExp): string[] => [...new Set(text.split(by).map((one) => one.trim()).filter((one) => one !== ''))];

export function read(typed: Typed): VideoMetadata {
  return {
    title: typed.title.trim(), description: typed.description, tags: listed(typed.tags, /,/),
    hashtags: listed(typed.hashtags, /[\s,]+/).map((one) => (one.startsWith('#') ? one : `#${one}`)),
  };
}

/** How much of it there is, and how much there may be; null: it is not counted. */
export function countOf(field: FieldName, typed: Typed): { used: number; most: number } | null {
  switch (field) {
    case 'title': return { used: [...typed.title.trim()].length, most: MAX_TITLE_CHARACTERS };
    case 'description': return { used: new TextEncoder().encode(typed.description).length, most: MAX_DESCRIPTION_BYTES };
    case 'tags': return { used: tagsCharacters(read(typed).tags), most: MAX_TAGS_CHARACTERS };
    case 'hashtags': return null;
    default: return field satisfies never;
  }
}

/** What stands against a field as it is typed; null: nothing does. */
export function objectionTo(field: FieldName, typed: Typed): string | null {
  const parsed = MetadataPatch.safeParse({ [field]: read(typed)[field] });
  return parsed.success ? null : (parsed.error.issues[0]?.message ?? null);
}

/** Fields that were typed in, as they are to be chosen. */
export function chosenBy(before: VideoMetadata, typed: Typed): Partial<VideoMetadata> {
  const now = read(typed);
  return Object.fromEntries(FIELDS.filter((field) => JSON.stringify(before[field]) !== JSON.stringify(now[field])).map((field) => [field, now[field]]));
}

/** As a description has them: a line a chapter. */
export const chapterLines = (chapters: readonly Chapter[]): string => chapters.map(({ startMs, title }) => `${clockTime(startMs)} ${title}`).join('\n');

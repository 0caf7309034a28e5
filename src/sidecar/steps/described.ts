/** Chapters, title, description and tags of what was found: for the command, for a first list and for the step alike. */
import type { Chapter } from '../../protocol/highlights.js';
import type { FeatureTable } from '../features/table.js';
import { makeChapters, type ChapterInputs } from '../metadata/chapters.js';
import { makeMetadata, type MadeMetadata } from '../metadata/metadata.js';
import type { LlmSettings } from '../metadata/llm.js';
import type { MetadataInputs } from '../metadata/text-fallback.js';

/** @throws the signal's reason only */
export async function described(
  { durationMs, shotsMs, silences }: Pick<FeatureTable, 'durationMs' | 'shotsMs' | 'silences'>, about: Omit<MetadataInputs, 'durationMs' | 'chapters'> & Pick<ChapterInputs, 'startedWith'>, options: { llm?: LlmSettings | undefined; signal: AbortSignal },
): Promise<MadeMetadata & { chapters: Chapter[] }> {
  const { moments = [], startedWith = null, transcript = null, language = null } = about;
  const chapters = makeChapters({ durationMs, moments, startedWith, transcript, shotsMs, silences, language });
  return { chapters, ...(await makeMetadata({ ...about, durationMs, chapters }, options)) };
}

/** A recording is called by when it was made, which nobody would call a video: the channel's name stands in the place of a file's. */
export const ofRecording = (
  { channel, language, startedAt, startedWith }: { channel: string; language: string | null; startedAt: string; startedWith: string | null },
): Pick<MetadataInputs, 'fileName' | 'name' | 'channel' | 'language' | 'startedAt'> & Pick<ChapterInputs, 'startedWith'> => ({ fileName: '', name: channel, channel, language, startedAt, startedWith });

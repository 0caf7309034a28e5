/** Chapters, title, description and tags of what was found: for the command, for a first list and for the step alike. */
import type { Chapter } from '../../protocol/highlights.js';
import type { FeatureTable } from '../features/table.js';
import { makeChapters } from '../metadata/chapters.js';
import { makeMetadata, type MadeMetadata } from '../metadata/metadata.js';
import type { LlmSettings } from '../metadata/llm.js';
import type { MetadataInputs } from '../metadata/text-fallback.js';

/** @throws the signal's reason only */
export async function described(
  { durationMs, shotsMs, silences }: Pick<FeatureTable, 'durationMs' | 'shotsMs' | 'silences'>, about: Omit<MetadataInputs, 'durationMs' | 'chapters'>, options: { llm?: LlmSettings | undefined; signal: AbortSignal },
): Promise<MadeMetadata & { chapters: Chapter[] }> {
  const { moments = [], transcript = null, language = null } = about;
  const chapters = makeChapters({ durationMs, moments, transcript, shotsMs, silences, language });
  return { chapters, ...(await makeMetadata({ ...about, durationMs, chapters }, options)) };
}

/** A recording is called by when it was made, which nobody would call a video: the channel's name stands in the place of a file's. */
export const ofRecording = ({ channel, language, startedAt }: { channel: string; language: string | null; startedAt: string }): Pick<MetadataInputs, 'fileName' | 'channel' | 'language' | 'startedAt'> => (
  { fileName: channel.replaceAll('/', ' '), channel, language, startedAt }
);

/** What was found and chosen of a recording, as files for people and for programs. Pure. */
import type { Analysis } from '../../protocol/analysis.js';
import { chapterTime } from '../../protocol/chapter-time.js';
import { withChosen } from './chosen.js';

export interface NamedClip {
  id: string;
  /** Within what is taken away. */
  file: string;
}

/** @returns by their names; chapters only where there are any */
export function takeawayTexts({ recordingId, durationMs, highlights, chapters, metadata, clips }: Analysis, startedAt: string, named: readonly NamedClip[]): Record<string, string> {
  const texts = metadata && withChosen(metadata.suggested, metadata.chosen);
  const files = new Map(named.map(({ id, file }) => [id, file]));
  const listed = {
    recordingId, startedAt, durationMs, ...texts, chapters,
    highlights: highlights.map(({ startMs, endMs, score, kind, reasons, decision }) => ({
      ...(decision?.verdict === 'accepted' ? { startMs: decision.startMs, endMs: decision.endMs } : { startMs, endMs }), score, kind, reasons, verdict: decision?.verdict ?? null,
    })),
    clips: clips.map(({ id, startMs, endMs, shape, captions }) => ({ file: files.get(id) ?? null, startMs, endMs, shape, captions })),
  };
  return {
    'metadata.json': `${JSON.stringify(listed, null, 2)}\n`,
    ...(texts ? { 'title and description.txt': `${[texts.title, texts.description, texts.tags.join(', '), texts.hashtags.join(' ')].filter((text) => text !== '').join('\n\n')}\n` } : {}),
    ...(chapters.length > 0 ? { 'chapters.txt': `${chapters.map(({ startMs, title }) => `${chapterTime(startMs)} ${title}`).join('\n')}\n` } : {}),
  };
}

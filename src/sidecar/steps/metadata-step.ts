/** `metadata`: chapters, title, description, tags and hashtags, and how well they would do. */
import { z } from 'zod';
import { MetadataInput, MomentsFile, PastFile } from '../../protocol/analysis-steps.js';
import { Chapter, MetadataLint, VideoMetadata } from '../../protocol/highlights.js';
import { chatLines } from '../features/json-lines.js';
import { readTableHead } from '../features/table-file.js';
import type { StepFunction } from '../jobs/worker.js';
import { lintMetadata } from '../metadata/lint.js';
import { readTranscript } from '../transcript/transcript-file.js';
import { AnalysisPaths, readJson, writeJson } from './analysis-paths.js';
import { chatThere } from './chat-there.js';
import { described, ofRecording } from './described.js';
import { Found } from './found.js';
import { leftBy } from './lasting.js';
import type { StepServices } from './services.js';

/** What is kept of it for the manifest. */
export const Described = z.object({ chapters: z.array(Chapter), metadata: VideoMetadata, lint: MetadataLint, by: z.string(), notes: z.array(z.string()) });

export const metadataStep = ({ home, llm }: StepServices): StepFunction => async ({ input, signal, progress }) => {
  const told = MetadataInput.parse(input);
  const { recordingId, durationMs, moments: momentsFile, past, chat: chatFile } = told;
  const paths = new AnalysisPaths(home, recordingId);
  progress(0, 'writing title and chapters');
  const chatPath = await chatThere(chatFile && paths.absolute(chatFile.file));
  const [{ moments }, { videos }, { highlights }, transcript, table, chat] = await Promise.all([
    readJson(paths.absolute(momentsFile.file), MomentsFile), readJson(paths.absolute(past.file), PastFile), readJson(paths.found, Found),
    leftBy(readTranscript(paths.transcript, 'words')), leftBy(readTableHead(paths.features)),
    chatPath === null ? [] : chatLines(chatPath, signal),
  ]);
  const { chapters, metadata, by, notes } = await described({ ...table, durationMs }, { ...ofRecording(told), transcript, chat, moments, highlights, past: videos }, { llm, signal });
  const kept: z.infer<typeof Described> = { chapters, metadata, lint: lintMetadata(metadata, { durationMs }), by, notes };
  await writeJson(paths.described, kept);
  return { by, chapters: chapters.length };
};

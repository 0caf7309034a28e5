/** `features`: the table of a recording, second by second, as a file. */
import { z } from 'zod';
import { FeaturesInput, MomentsFile } from '../../protocol/analysis-steps.js';
import { extractFeatures } from '../features/extract.js';
import { writeTable } from '../features/table-file.js';
import type { StepFunction } from '../jobs/worker.js';
import { AnalysisPaths, makeFolder, readJson } from './analysis-paths.js';
import { CHAT_GONE, chatThere } from './chat-there.js';
import type { StepServices } from './services.js';
import { wholeTable } from './whole-table.js';

/** What it hands on; `live`: it was looked at while it was made. */
export const FeaturesResult = z.object({ bins: z.number(), tookMs: z.number(), peakRssBytes: z.number(), live: z.boolean() });

export const featuresStep = ({ home, clock, live }: StepServices): StepFunction => async ({ input, signal, progress }) => {
  const { recordingId, file, durationMs, moments: momentsFile, chat } = FeaturesInput.parse(input);
  const paths = new AnalysisPaths(home, recordingId);
  const beganMs = clock.monotonicMs();
  progress(0, 'looking and listening');
  const { moments } = await readJson(paths.absolute(momentsFile.file), MomentsFile);
  const tapped = await live(recordingId, durationMs);
  const extracted = tapped ? null : await extractFeatures({
    input: { path: paths.absolute(file) }, signal, clock, onProgress: (doneMs, totalMs) => progress(0.98 * (doneMs / Math.max(1, totalMs ?? durationMs))),
  });
  const chatFile = await chatThere(chat && paths.absolute(chat.file));
  const whole = await wholeTable((tapped ?? extracted)!, chatFile, moments, signal);
  const table = chat && !chatFile ? { ...whole, notes: [...whole.notes, CHAT_GONE] } : whole;
  await makeFolder(paths.folder);
  await writeTable(paths.features, table);
  return {
    bins: table.bins, tookMs: Math.round(clock.monotonicMs() - beganMs), peakRssBytes: process.memoryUsage.rss() + (extracted?.peakRssBytes ?? 0), live: tapped !== null,
  } satisfies z.infer<typeof FeaturesResult>;
};

/** The first list of a recording that was watched while it was made: there as soon as it stops, while its file is still being written. */
import type { RecordingFacts } from '../../protocol/asks.js';
import { EARLY, type AnalysisFile } from '../../protocol/highlights.js';
import type { FeatureTable } from '../features/table.js';
import { inUse } from '../learning/shelf.js';
import { readShelf } from '../learning/shelf-files.js';
import { lintMetadata } from '../metadata/lint.js';
import { AnalysisPaths, writeJson } from './analysis-paths.js';
import { described, ofRecording } from './described.js';
import { foundApart } from './found-apart.js';
import { VECTORS } from './found.js';
import type { StepServices } from './services.js';
import { wholeTable } from './whole-table.js';

/** Without pictures, transcript and language model: those need the file, or time. */
export async function writeEarly({ home, modelsFolder, clock }: Pick<StepServices, 'home' | 'modelsFolder' | 'clock'>, recordingId: string, tapped: FeatureTable, facts: RecordingFacts): Promise<void> {
  const { moments, most } = facts;
  const { signal } = new AbortController();
  const beganMs = clock.monotonicMs();
  const table = await wholeTable(tapped, null, moments, signal);
  const { durationMs } = table;
  const { model, why } = inUse((await readShelf(modelsFolder)).shelf, VECTORS);
  const { highlights, curve } = await foundApart(table, { top: most, moments, model });
  const { chapters, metadata } = await described(table, { ...ofRecording(facts), moments, highlights }, { signal });
  const file: AnalysisFile = {
    version: 1, recordingId, inputsHash: EARLY, analyzedAtMs: clock.wallMs(), durationMs, tookMs: Math.round(clock.monotonicMs() - beganMs), peakRssBytes: process.memoryUsage.rss(),
    highlights, kept: [], curve, chapters, metadata, lint: lintMetadata(metadata, { durationMs }), thumbnails: [], transcript: false,
    preset: 'auto', model: model?.ranking ? { id: model.id, why } : null,
    notes: [...table.notes, 'This is the first list, from while it was recorded. Pictures, transcript and clips come when the file is finished.'].slice(-100),
  };
  await writeJson(new AnalysisPaths(home, recordingId).result, file);
}

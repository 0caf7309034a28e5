/** `find`: highlights of the table, ranked by what was learnt so far; it learns first when people have decided since. */
import { AnalysisFile, type DecisionRow, type FoundHighlight } from '../../protocol/highlights.js';
import { DecisionsFile, FindInput, MomentsFile } from '../../protocol/analysis-steps.js';
import { readTable } from '../features/table-file.js';
import { keptIds, type Named } from '../finding/identity.js';
import type { StepFunction } from '../jobs/worker.js';
import { sentences } from '../transcript/sentences.js';
import { readTranscript } from '../transcript/transcript-file.js';
import { AnalysisPaths, readJson, writeJson } from './analysis-paths.js';
import { foundApart } from './found-apart.js';
import type { Found } from './found.js';
import { leftBy } from './lasting.js';
import { learnFrom } from './models.js';
import type { StepServices } from './services.js';

export const findStep = ({ home, modelsFolder, clock }: StepServices): StepFunction => async ({ input, progress, signal }) => {
  const { recordingId, durationMs, moments: momentsFile, decisions, most, preset } = FindInput.parse(input);
  const paths = new AnalysisPaths(home, recordingId);
  progress(0, 'finding highlights');
  const { moments } = await readJson(paths.absolute(momentsFile.file), MomentsFile);
  const decided = await readJson(paths.absolute(decisions.file), DecisionsFile);
  const { model, why, notes } = await learnFrom(modelsFolder, decided, clock.wallMs());
  progress(0.3);
  const spoken = sentences(await leftBy(readTranscript(paths.transcript, 'words')));
  const read = await leftBy(readTable(paths.features));
  // What was watched while it was recorded may be some pictures longer than the file.
  const table = { ...read, durationMs: Math.min(read.durationMs, durationMs) };
  const { highlights, curve } = await foundApart(table, { top: most, preset, moments, sentences: spoken, model }, signal);
  const before = await readJson(paths.result, AnalysisFile).then((file) => file.highlights, () => []);
  const result: Found = {
    highlights: renamed(highlights, before, decided.rows.filter(({ stream }) => stream === recordingId)), curve, preset, model: model?.ranking ? { id: model.id, why } : null, notes: [...table.notes, ...notes],
  };
  await writeJson(paths.found, result);
  return { highlights: result.highlights.length, why };
};

/** Each that was found before, or decided about, by the name that it had: what people decided, cut and wrote down of it stays its own. */
function renamed(highlights: readonly FoundHighlight[], before: readonly FoundHighlight[], decided: readonly DecisionRow[]): FoundHighlight[] {
  // Where it was last: what is decided stays where it lay then.
  const last = new Map(before.map((one) => [one.id, asFound(one)]));
  const known = decided.map(({ highlightId: id, foundStartMs: startMs, foundEndMs: endMs }) => last.get(id) ?? { id, startMs, endMs });
  const ids = keptIds(highlights.map(asFound), known, [...last.values()]);
  return highlights.map((one, at) => ({ ...one, id: ids[at]! }));
}

function asFound({ id, startMs, endMs, found = { startMs, endMs } }: FoundHighlight): Named {
  return { id, startMs: found.startMs, endMs: found.endMs };
}

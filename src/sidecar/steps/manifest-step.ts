/** `manifest`: all that was found in one file for the studio, and the same with what was chosen as YAML for people. `bundle` writes the latter anew. */
import { access, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { BundleInput, ManifestInput } from '../../protocol/analysis-steps.js';
import { AnalysisFile, Clip, type FoundHighlight, type MetadataLint, type VideoMetadata } from '../../protocol/highlights.js';
import type { StepFunction } from '../jobs/worker.js';
import { lintMetadata } from '../metadata/lint.js';
import { manifestOf, readManifest, writeManifest } from '../metadata/manifest.js';
import { AnalysisPaths, readJson, writeJson } from './analysis-paths.js';
import { FeaturesResult } from './features-step.js';
import { Found } from './found.js';
import { Described } from './metadata-step.js';
import type { StepServices } from './services.js';
import { Thumbnails } from './thumbnails-step.js';
import { TranscriptResult } from './transcript-step.js';

const MOST_KEPT = 200;

const Results = z.object({ features: FeaturesResult, transcript: TranscriptResult });

export const manifestStep = ({ home, clock }: StepServices): StepFunction => async ({ input: raw, results, key }) => {
  const input = ManifestInput.parse(raw);
  const { features, transcript } = Results.parse(results);
  const paths = new AnalysisPaths(home, input.recordingId);
  const [found, described, thumbnails] = await Promise.all([readJson(paths.found, Found), readJson(paths.described, Described), readJson(paths.thumbnails, Thumbnails)]);
  const before = await readJson(paths.result, AnalysisFile).catch(() => null);
  const file: AnalysisFile = {
    version: 1, recordingId: input.recordingId, inputsHash: key, analyzedAtMs: clock.wallMs(), durationMs: input.durationMs, tookMs: features.tookMs, peakRssBytes: features.peakRssBytes,
    highlights: found.highlights.map((one) => ({ ...one, picture: thumbnails.pictures[one.id] ?? null })), kept: keptOf(before, found.highlights, input.decisions), curve: found.curve,
    chapters: described.chapters, metadata: described.metadata, lint: described.lint, thumbnails: thumbnails.thumbnails, transcript: transcript.isAny, preset: found.preset, model: found.model,
    notes: [...found.notes, ...(transcript.note === null ? [] : [transcript.note]), ...described.notes].slice(0, 100).map((note) => note.slice(0, 1_000)),
  };
  await writeJson(paths.result, file);
  await keepPictures(paths, file);
  const lint = await writeYaml(paths, input, file, { transcript: transcript.by, metadata: described.by }, null);
  return { highlights: file.highlights.length, lint };
};

/**
 * What the last analysis found and this one does not: of that, somebody may have accepted one since this one was asked for. Of what is older only what
 * was accepted by then.
 */
function keptOf(before: AnalysisFile | null, now: readonly FoundHighlight[], decisions: ManifestInput['decisions']): FoundHighlight[] {
  const gone = (one: FoundHighlight): boolean => !now.some(({ id }) => id === one.id);
  const isAccepted = ({ id }: FoundHighlight): boolean => decisions.some(({ highlightId, verdict }) => highlightId === id && verdict === 'accepted');
  const last = (before?.highlights ?? []).filter(gone);
  const older = (before?.kept ?? []).filter((one) => gone(one) && isAccepted(one) && !last.some(({ id }) => id === one.id));
  // Where there are too many, those that nobody decided about go first.
  return [...last, ...older].sort((a, b) => Number(isAccepted(b)) - Number(isAccepted(a))).slice(0, MOST_KEPT);
}

/** Of other highlights that are not found any more nothing stays, nor what a killed sidecar left half made. */
async function keepPictures(paths: AnalysisPaths, { highlights, kept: older, thumbnails }: AnalysisFile): Promise<void> {
  const kept = new Set([...[...highlights, ...older].map(({ picture }) => picture), ...thumbnails.map(({ name }) => name)]);
  for (const name of await readdir(paths.pictures).catch(() => [])) {
    if (!kept.has(name)) await rm(join(paths.pictures, name), { recursive: true, force: true });
  }
}

export const bundleStep = ({ home }: StepServices): StepFunction => async ({ input: raw }) => {
  const input = BundleInput.parse(raw);
  const paths = new AnalysisPaths(home, input.recordingId);
  const file = await readJson(paths.result, AnalysisFile);
  const isThere = (path: string): Promise<boolean> => access(path).then(() => true, () => false);
  const clips: Clip[] = [];
  for (const id of input.clipIds) {
    const path = join(paths.clips, `${id}.json`);
    // One that was deleted meanwhile is none of the manifest's.
    if (await isThere(path)) clips.push(await readJson(path, Clip));
  }
  const before = await readManifest(paths.manifest);
  return { lint: await writeYaml(paths, input, file, before?.made.by ?? {}, clips) };
};

/** @param clips null: as they are in it @returns how well what is chosen would do */
async function writeYaml(paths: AnalysisPaths, input: ManifestInput, file: AnalysisFile, by: Record<string, string>, clips: readonly Clip[] | null): Promise<MetadataLint> {
  const { recordingId, startedAt, durationMs, decisions, chosen, choices } = input;
  const before = await readManifest(paths.manifest);
  const manifest = manifestOf({
    recording: { id: recordingId, file: input.file, durationMs, startedAt },
    made: { by: { ...by, highlights: file.model?.id ?? 'heuristic' }, from: { recording: `${input.bytes} bytes`, inputs: file.inputsHash } },
    found: { highlights: file.highlights.map(({ vector: _v, picture: _p, found: _f, ...one }) => one), chapters: file.chapters, metadata: file.metadata, notes: file.notes },
    decisions, clips: clips ?? before?.clips ?? [], chosen: chosen as Partial<VideoMetadata> | null, choices,
  }, before);
  await writeManifest(paths.manifest, manifest);
  const { title, description, tags, hashtags } = manifest.chosen;
  return lintMetadata({ title: title.text, description: description.text, tags: tags.list, hashtags: hashtags.list }, { durationMs });
}

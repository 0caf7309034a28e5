/** What the step that listens asks of whoever listens. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { systemClock } from '../../../../src/runtime/clock.js';
import { writeTable } from '../../../../src/sidecar/features/table-file.js';
import { AnalysisPaths } from '../../../../src/sidecar/steps/analysis-paths.js';
import { transcriptStep } from '../../../../src/sidecar/steps/transcript-step.js';
import { removeFolder, tempFolder } from '../../../support/temp.js';
import { tableOf } from '../finding/tables.js';

let home: string;
let paths: AnalysisPaths;
beforeEach(async () => {
  home = tempFolder();
  paths = new AnalysisPaths(home, 'rec_1');
  mkdirSync(join(home, 'recordings/rec_1'), { recursive: true });
  writeFileSync(join(home, 'recordings/rec_1/recording.vtt'), 'WEBVTT\n\n00:00:05.000 --> 00:00:08.000\nServus miteinander.\n');
  mkdirSync(paths.folder, { recursive: true });
  await writeTable(paths.features, tableOf(60));
});
afterEach(() => removeFolder(home));

it.each([['de-AT', 'de'], ['fil-PH', 'fil'], ['de', 'de'], [null, null]])('a language of the settings is asked for without its region: %s', async (language, asked) => {
  const step = transcriptStep({ home, modelsFolder: join(home, 'models'), scratchFolder: join(home, 'scratch'), transcript: {}, llm: undefined, clock: systemClock, live: () => Promise.resolve(null) });
  const input = { recordingId: 'rec_1', file: 'recordings/rec_1/recording.mp4', bytes: 1, durationMs: 60_000, again: 0, language };
  await step({ input, results: {}, key: 'a'.repeat(64), signal: new AbortController().signal, progress: () => {} });
  expect(JSON.parse(readFileSync(paths.transcript, 'utf8'))).toMatchObject({ language: asked });
});

import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

const project = (name: string, options: Record<string, unknown> = {}) => ({
  extends: true as const,
  test: { name, include: [`test/${name}/**/*.test.ts`], ...options },
});

/** Of the real processes those that work on files, in the idle class: they need a processor that nobody else has all of. */
const OFFLINE = ['sidecar*', 'transcript_doors', 'vistter_command', 'planted_highlights'].map((name) => `test/process/${name}.test.ts`);
/** Of the faults those in which no frame is counted: garbage, and secrets that are looked for. */
const FAULTS_BESIDE = ['ingest', 'secrets', 'studio_garbage'].map((name) => `test/fault/${name}.test.ts`);
/**
 * Of what runs a file at a time those that ask for seconds, and for a program without a hole, but do not count a camera's frames (those of
 * files come at no time of their own): what is in the idle class may have what they leave of the processors, as row 24 of the faults has it
 * take them all.
 */
const SPARING = ['fault/encoder', 'fault/power_cut', 'realtime/decoder_files', 'realtime/egress_slow_line', 'realtime/start'].map((name) => `test/${name}.test.ts`);

/**
 * Of those that run side by side the ones that take longest, longest first. They begin before all others, so that no run ends with one of
 * them alone while the other processors have nothing to do.
 */
const LONG = [
  'panel/panel_desk', 'panel/panel_timeline', 'contract/native_api', 'studio/folders', 'panel/panel_media', 'panel/panel_making', 'long/timeline_72h', 'studio/restart',
  'panel/panel', 'process/sidecar_cut', 'panel/panel_highlights', 'process/egress_far_ends', 'studio/inserts', 'fault/ingest', 'process/ingest', 'process/egress',
].map((name) => `test/${name}.test.ts`);

const gone = LONG.filter((file) => !existsSync(join(import.meta.dirname, file)));
if (gone.length > 0) throw new Error(`No such test: ${gone.join(', ')}`);

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification): number => {
      const at = LONG.indexOf(relative(import.meta.dirname, moduleId));
      return at < 0 ? LONG.length : at;
    };
    // Others stay as they are: Array.sort keeps the order of equals.
    return (await super.sort(files)).sort((a, b) => place(a) - place(b));
  }
}

/**
 * One project a kind of test. Those that measure frames and milliseconds of real processes run one file at a time: they would
 * disturb each other. What runs beside what is scripts/test.mjs's to say.
 */
export default defineConfig({
  test: {
    // A failure says what was there, not that it was an array.
    chaiConfig: { truncateThreshold: 0 },
    sequence: { sequencer: LongestFirst },
    projects: [
      // A property takes seconds on a busy machine; none measures time. Most of a run would be spent on loading the same
      // modules anew for each file, so all files share them; those of the engine have doubles in the place of Node's own.
      project('unit', { testTimeout: 60_000, isolate: false, exclude: ['test/unit/engine/**'] }),
      project('unit-engine', { testTimeout: 60_000, isolate: false, include: ['test/unit/engine/**/*.test.ts'], setupFiles: ['test/unit/engine/setup.ts'] }),
      // Days in fake time: up to a minute of computing each.
      project('long', { testTimeout: 600_000 }),
      project('contract', { testTimeout: 120_000 }),
      project('golden', { testTimeout: 60_000 }),
      // The studio alone with stand-ins for the others: it waits for moments, never for frames, so its files run side by side.
      project('studio', { testTimeout: 120_000, hookTimeout: 120_000 }),
      // Real processes and sockets, whose answers and bytes are looked at: with a few at once nothing is late.
      project('process', { exclude: OFFLINE, testTimeout: 120_000, hookTimeout: 120_000 }),
      project('sidecar', { include: OFFLINE, testTimeout: 180_000, hookTimeout: 180_000 }),
      // A browser against the whole product: it waits for what a person would see. The files that one worker works on share their browser.
      project('panel', { isolate: false, testTimeout: 120_000, hookTimeout: 120_000, exclude: process.env.VISTTER_PICTURES === '1' ? [] : ['test/panel/panel_pictures.test.ts'] }),
      project('realtime', { exclude: SPARING, testTimeout: 60_000, hookTimeout: 60_000, fileParallelism: false }),
      project('e2e', { testTimeout: 120_000, hookTimeout: 120_000, fileParallelism: false }),
      project('fault-beside', { include: FAULTS_BESIDE, testTimeout: 180_000, hookTimeout: 120_000 }),
      project('fault', { exclude: [...FAULTS_BESIDE, ...SPARING], testTimeout: 180_000, hookTimeout: 120_000, fileParallelism: false }),
      project('sparing', { include: SPARING, testTimeout: 180_000, hookTimeout: 120_000, fileParallelism: false }),
      project('soak', { testTimeout: 7_200_000, hookTimeout: 120_000, fileParallelism: false }),
    ],
  },
});

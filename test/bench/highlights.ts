/**
 * `node dist/test/bench/highlights.js [from] [to]`: how many of the highlights that were planted in generated streams are found, beside the published
 * formulas and chance. Seeds up to 20 are for tuning; what is reported is of others.
 */
import { fileURLToPath } from 'node:url';
import { readChat } from '../../src/sidecar/features/chat.js';
import { extractFeatures } from '../../src/sidecar/features/extract.js';
import type { FeatureTable } from '../../src/sidecar/features/table.js';
import { findHighlights } from '../../src/sidecar/finding/find.js';
import { removeFolder, tempFolder } from '../support/temp.js';
import { makePlanted, type PlantedFiles } from './planted/media.js';
import { planStream, type StreamPlan } from './planted/plan.js';
import { Chance } from './planted/random.js';
import { median, scoreOf, type Score, type Span } from './planted/score.js';
import { makeSimple, planSimple } from './planted/simple.js';

export const FINDERS = ['VistterStudio', 'classic', 'random'] as const;
export type Finder = (typeof FINDERS)[number];

export interface HighlightsFigures { precision: number; recall: number; medianIou: number }
export interface HighlightsResult {
  seeds: readonly [from: number, to: number];
  /** Of the streams with sounds like sounds, and of those by FFmpeg's own sources. */
  planted: Record<Finder, HighlightsFigures>;
  simple: Record<Finder, HighlightsFigures>;
}

/** Length of what chance finds: what is planted is 9 to 32 s long. */
const RANDOM_MS = 22_000;

export async function measureHighlights(from = 21, to = 40, say: (text: string) => void = () => {}): Promise<HighlightsResult> {
  return {
    seeds: [from, to],
    planted: await measureSet(from, to, planStream, makePlanted, say),
    simple: await measureSet(from, to, planSimple, makeSimple, say),
  };
}

async function measureSet(from: number, to: number, plan: (seed: number) => StreamPlan, make: (plan: StreamPlan, folder: string) => Promise<PlantedFiles>, say: (text: string) => void): Promise<Record<Finder, HighlightsFigures>> {
  const scores: Record<Finder, Score[]> = { VistterStudio: [], classic: [], random: [] };
  for (let seed = from; seed <= to; seed++) {
    const stream = plan(seed);
    const table = await tableOf(stream, make);
    const truth = stream.highlights.map(({ start, end }) => ({ startMs: start * 1000, endMs: end * 1000 }));
    const chance = new Chance(seed + 90_000);
    const found: Record<Finder, readonly Span[]> = {
      VistterStudio: findHighlights(table), classic: findHighlights(table, { preset: 'classic' }),
      random: Array.from({ length: 10 }, () => chance.between(0, table.durationMs - RANDOM_MS)).map((startMs) => ({ startMs, endMs: startMs + RANDOM_MS })),
    };
    for (const finder of FINDERS) scores[finder].push(scoreOf(found[finder], truth));
    const ours = scores.VistterStudio.at(-1)!;
    say(`Stream ${seed} (${stream.world}): ${found.VistterStudio.length} found, precision ${ours.precision.toFixed(2)}, recall ${ours.recall.toFixed(2)}`);
  }
  return Object.fromEntries(FINDERS.map((finder) => [finder, figures(scores[finder])])) as Record<Finder, HighlightsFigures>;
}

/** The files are gone when it resolves. */
export async function tableOf(stream: StreamPlan, make: (plan: StreamPlan, folder: string) => Promise<PlantedFiles>): Promise<FeatureTable> {
  const folder = tempFolder('v-planted-');
  try {
    const files = await make(stream, folder);
    const table = await extractFeatures({ input: { path: files.media }, signal: new AbortController().signal });
    const chat = files.chat === null ? [] : (await readChat(files.chat, table.durationMs)).columns;
    return { ...table, columns: new Map([...table.columns, ...chat]) };
  } finally {
    removeFolder(folder);
  }
}

function figures(scores: readonly Score[]): HighlightsFigures {
  // Where nothing was found, nothing is wrong; what is missing tells in the recall.
  const precisions = scores.map(({ precision }) => precision).filter((value) => !Number.isNaN(value));
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  return { precision: mean(precisions), recall: mean(scores.map(({ recall }) => recall)), medianIou: median(scores.flatMap(({ ious }) => ious)) };
}

export function formatHighlights({ seeds, planted, simple }: HighlightsResult): string {
  const line = (name: string, cells: readonly string[]): string => `  ${name.padEnd(34)}${cells.map((cell) => cell.padStart(14)).join('')}`;
  const row = (set: string, of: Record<Finder, HighlightsFigures>) => FINDERS.map((finder) => line(`${finder}, ${set}`, [of[finder].precision, of[finder].recall, of[finder].medianIou].map((value) => value.toFixed(2))));
  return [`Highlights planted in streams ${seeds[0]} to ${seeds[1]} among decoys (wanted: precision ≥ 0.90, recall ≥ 0.90, IoU ≥ 0.60)`, line('', ['precision@10', 'recall', 'median IoU']), ...row('planted', planted), ...row('simple', simple)].join('\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [from = 21, to = 40] = process.argv.slice(2).map(Number);
  console.log(formatHighlights(await measureHighlights(from, to, (text) => { process.stderr.write(`${text}\n`); })));
}

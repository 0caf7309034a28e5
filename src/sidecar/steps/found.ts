/** From a table to highlights as they are kept: with the numbers that learning needs, by the model in use. Pure. */
import { z } from 'zod';
import { AnalysisFile, FoundHighlight, type RecordedMoment } from '../../protocol/highlights.js';
import { BIN_MS, type FeatureTable } from '../features/table.js';
import type { Span } from '../finding/bounds.js';
import { VECTOR_SCHEMA } from '../finding/candidate.js';
import { findCandidates, rankHighlights, type Preset } from '../finding/find.js';
import { MODES, signalsOf, type Signals } from '../finding/modes.js';
import { moveBounds } from '../learning/bounds.js';
import type { FeatureSchema, Model } from '../learning/model.js';
import { ranker } from '../learning/ranker.js';

/** What vectors hold now; what was learnt of others is of no use. */
export const VECTORS: FeatureSchema = { version: 1, names: [...VECTOR_SCHEMA] };

export const Found = z.object({ highlights: z.array(FoundHighlight), ...AnalysisFile.pick({ curve: true, preset: true, model: true }).shape, notes: z.array(z.string()) });
export type Found = z.infer<typeof Found>;

export interface FindingOptions {
  top: number;
  preset?: Preset;
  moments?: readonly RecordedMoment[];
  sentences?: readonly Span[];
  /** Null: the heuristic ranks. */
  model?: Model | null;
}

/** Points of a curve that is as wide as a screen. */
const CURVE_POINTS = 2_000;
/** Deviations that are drawn as 1. */
const FULL = 8;

export function found(table: FeatureTable, { top, preset = 'auto', moments = [], sentences = [], model = null }: FindingOptions): Pick<Found, 'highlights' | 'curve'> {
  const signals = signalsOf(table);
  const ranked = rankHighlights(findCandidates(table, { preset, moments, sentences }, signals), { top, preset, ...(model?.ranking ? { ranker: ranker(model) } : {}) });
  return {
    highlights: ranked.map(({ highlight, candidate: { vector } }) => {
      const shown = moveBounds(highlight, model?.bounds ?? [], table.durationMs);
      // What is learnt later starts from what was found, not from what an earlier lesson made of it.
      return { ...shown, vector, picture: null, ...(shown === highlight ? {} : { found: { startMs: highlight.startMs, endMs: highlight.endMs } }) };
    }),
    curve: curveOf(table, signals),
  };
}

/** How far each stretch of the recording stands out by whatever stands out most in it, for the eye. */
function curveOf(table: FeatureTable, { z }: Signals): Found['curve'] {
  const binsAPoint = Math.max(1, Math.ceil(table.bins / CURVE_POINTS));
  const values = Array.from({ length: Math.ceil(table.bins / binsAPoint) }, (_, point) => {
    let most = 0;
    for (let bin = point * binsAPoint; bin < Math.min(table.bins, (point + 1) * binsAPoint); bin++) for (const mode of MODES) most = Math.max(most, z[mode][bin] ?? 0);
    return Math.round((Math.min(FULL, most) / FULL) * 1000) / 1000;
  });
  return { stepMs: binsAPoint * BIN_MS, values };
}

/** From a model to the order of candidates. */
import { blended, halves } from './fit.js';
import type { Model } from './model.js';

/** What a candidate is ranked by; a value that is no number counts as unknown. */
export interface Rankable { score: number; vector: readonly number[] }

export type Ranker = (candidates: readonly Rankable[]) => number[];

/**
 * Scores of 0 to 1, never NaN; the same for the same score and vector. Without a model, or with one that ranks as the heuristic, they are the heuristic's. Of
 * two with the same vector the one with the higher heuristic score has the higher one.
 */
export function ranker(model: Model | null): Ranker {
  const ranking = model?.ranking ?? null;
  if (!ranking) return (candidates) => candidates.map(({ score }) => (Number.isFinite(score) ? Math.max(0, Math.min(1, score)) : 0));
  return (candidates) => candidates.map(({ score, vector }) => 1 / (1 + Math.exp(-blended(halves(ranking, vector, 0, score), ranking.blend))));
}

/** What was learnt, as it is kept: JSON that says what it is made of, how good it is and what it took the place of. */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { BoundsLesson } from './bounds.js';
import { Ranking } from './fit.js';
import { Estimate } from './measure.js';

/** Names and version of a vector's columns: what was learnt of others is of no use for these. */
export const FeatureSchema = z.object({ version: z.number().int(), names: z.array(z.string()) });
export type FeatureSchema = z.infer<typeof FeatureSchema>;

export const MODEL_FORMAT = 1;

export const Model = z.object({
  format: z.literal(MODEL_FORMAT),
  /** A hash of all that ranks and moves bounds. */
  id: z.string().regex(/^[0-9a-f]{16}$/),
  /** The model that was in use before; null: the heuristic alone. */
  parentId: z.string().nullable(),
  createdAtMs: z.number(),
  /** `heuristic`: what was learnt did not rank better; the lessons on bounds hold all the same. */
  kind: z.enum(['heuristic', 'linear', 'trees']),
  schema: FeatureSchema,
  rows: z.object({
    count: z.number().int(), streams: z.number().int(), accepted: z.number().int(), trims: z.number().int(),
    /** Decisions that there were: learned from were the newest of them. Left out in a model from before this was told. */
    of: z.number().int().optional(),
    /** SHA-256 of the decisions it was made from, hex. */
    hash: z.string(),
  }),
  ranking: Ranking.nullable(),
  bounds: z.array(BoundsLesson),
  /** Over streams left out; shares of pairs in the right order but for NDCG. Null where nothing could be tried. */
  metrics: z.object({
    streams: z.number().int(),
    learned: Estimate, heuristic: Estimate, gain: Estimate,
    /** The weight of learnt scores beside the heuristic's. Left out in a model from before it was looked at. */
    beside: Estimate.optional(),
    /** By how many standard errors decisions go by the features beside the heuristic. Left out in a model from before it was looked at. */
    evidence: z.number().optional(),
    ndcg: z.object({ learned: z.number(), heuristic: z.number() }),
    folds: z.array(z.object({ streams: z.number().int(), rows: z.number().int(), learned: z.number(), heuristic: z.number() })),
    choice: z.object({ pull: z.number(), trees: z.boolean(), blend: z.number() }),
  }).nullable(),
  /** Why it ranks, or why it does not, for people. */
  verdict: z.string().max(500),
}).refine((model) => (model.kind === 'heuristic') === (model.ranking === null), 'A model ranks by what it has learnt, or not at all.')
  .refine(({ ranking, schema: { names } }) => ranking === null || [ranking.linear.mean, ranking.linear.scale, ranking.linear.weight].every((column) => column.length === names.length), 'A model has a weight for each feature.')
  .refine(({ ranking, schema: { names } }) => ranking === null || ranking.trees.every((tree) => tree.feature.every((f) => f < names.length)), 'A tree knows only the features there are.');
export type Model = z.infer<typeof Model>;

export function modelId({ schema, rows, kind, ranking, bounds }: Pick<Model, 'schema' | 'rows' | 'kind' | 'ranking' | 'bounds'>): string {
  return createHash('sha256').update(JSON.stringify([MODEL_FORMAT, schema.version, schema.names, rows.hash, kind, ranking, bounds])).digest('hex').slice(0, 16);
}

export function sameSchema(a: FeatureSchema, b: FeatureSchema): boolean {
  return a.version === b.version && a.names.length === b.names.length && a.names.every((name, i) => name === b.names[i]);
}

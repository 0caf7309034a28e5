/** Models that rank highlights, learnt from what people decided: which there are, which is in use, and why. */
import { z } from 'zod';

export const ModelId = z.string().regex(/^[A-Za-z0-9_-]{1,80}$/, 'A model is called by letters, digits, "_" or "-".');

export const ModelSummary = z.object({
  id: ModelId,
  /** How it ranks: "linear", "trees"; "heuristic": what was learnt did not rank better, and only what it says of bounds holds. */
  kind: z.string().max(40),
  createdAtMs: z.number(),
  /** Decisions that it was trained on. */
  rows: z.number().int().nonnegative(),
  /** By their names, as "learned", "heuristic" and "gain": how well it ranks recordings that it was not trained on, beside the heuristic. */
  metrics: z.record(z.string().max(60), z.number().nullable()),
  /** The one that was in use before it; null: the heuristic alone. */
  parent: ModelId.nullable(),
  active: z.boolean(),
  /** Why it ranks, or why it does not, in words. */
  why: z.string().max(1_000),
});
export type ModelSummary = z.infer<typeof ModelSummary>;

/** `VISTTER_HOME/models/summary.json`: written whole by the sidecar (beside, then renamed) whenever its shelf changes, the oldest model first. */
export const ModelsFile = z.object({
  models: z.array(ModelSummary).max(100),
  /** A person chose which is in use: what is learnt from then on does not go into use by itself. */
  held: z.boolean(),
});
export type ModelsFile = z.infer<typeof ModelsFile>;

export const Models = z.object({
  /** The newest first. None of them `active`: the heuristic ranks. */
  items: z.array(ModelSummary), held: z.boolean(),
  /** What came of what was asked, in words; null: nothing was asked, or it is not done yet. */
  said: z.string().nullable(),
});
export type Models = z.infer<typeof Models>;

/** null: the newest goes into use, and each that is learnt later. */
export const ModelChoice = z.strictObject({ id: ModelId.nullable() });
export type ModelChoice = z.infer<typeof ModelChoice>;

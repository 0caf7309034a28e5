/** One way of learning applied to rows: what comes out, as it is kept in a model, and the scores it gives. */
import { z } from 'zod';
import type { Binned } from './bins.js';
import { fitWeights, product, scaled, scaleRows, scalingOf } from './linear.js';
import { pairsOf, type TrainingRows } from './rows.js';
import { growTrees, Tree, treeValue } from './trees.js';

/** The heuristic's score and the learnt one on one scale, blended; each less its mean, in its deviations over what was learnt from. */
export const Ranking = z.object({
  /** The learnt share. */
  blend: z.number().min(0).max(1),
  heuristic: z.object({ mean: z.number(), scale: z.number().positive(), weight: z.number().nonnegative() }),
  /** A column a feature. A scale of 0: it says nothing. */
  linear: z.object({ mean: z.array(z.number()), scale: z.array(z.number().nonnegative()), weight: z.array(z.number()) }),
  /** Added to the linear score. */
  trees: z.array(Tree).max(100),
  learned: z.object({ mean: z.number(), scale: z.number().positive() }),
});
export type Ranking = z.infer<typeof Ranking>;

/** Strength of the shrinkage towards the heuristic, and whether trees are grown on what is left. */
export interface Method { pull: number; trees: boolean }

const TREE_OPTIONS = { trees: 100, rate: 0.1, pull: 3, minChildWeight: 2, columns: 1 / 4 } as const;

/** What was learnt of the rows by each method, with a blend of 1. `binned` is needed for trees. Methods are best ordered from the strongest pull: each begins where the one before ended. */
export function fitAll(rows: TrainingRows, binned: Binned | null, methods: readonly Method[]): Ranking[] {
  const { scaling, heuristicMean, heuristicScale } = scalingOf(rows);
  const scaledRows = scaleRows(rows, scaling, heuristicMean, heuristicScale);
  const pairs = pairsOf(rows);
  const fitted = new Map<number, Float64Array>();
  let last: Float64Array | undefined;
  return methods.map(({ pull, trees }) => {
    const theta = fitted.get(pull) ?? fitWeights(scaledRows, pairs, rows.width, pull, last);
    fitted.set(pull, theta);
    last = theta;
    const margin = product(scaledRows, theta);
    const grown = trees && binned ? growTrees(binned, pairs, margin, TREE_OPTIONS) : [];
    return {
      blend: 1, heuristic: { mean: heuristicMean, scale: heuristicScale, weight: theta[0]! },
      linear: { ...scaling, weight: [...theta.subarray(1)] }, trees: grown, learned: spreadOf(margin),
    };
  });
}

/** Of a row whose values begin at `from` in `x`: what was learnt and what the heuristic says, on one scale. */
export function halves(ranking: Ranking, x: ArrayLike<number>, from: number, heuristicScore: number): { learned: number; heuristic: number } {
  const { linear, heuristic: own, trees, learned: spread } = ranking;
  const heuristic = ((Number.isFinite(heuristicScore) ? heuristicScore : 0) - own.mean) / own.scale;
  let margin = own.weight * heuristic;
  for (let f = 0; f < linear.weight.length; f++) margin += linear.weight[f]! * scaled(x[from + f]!, linear.mean[f]!, linear.scale[f]!);
  for (const tree of trees) margin += treeValue(tree, x, from);
  return { learned: (margin - spread.mean) / spread.scale, heuristic };
}

/** The heuristic's order and what was learnt, blended; higher is better. */
export function blended({ learned, heuristic }: { learned: number; heuristic: number }, blend: number): number {
  return blend * learned + (1 - blend) * heuristic;
}

function spreadOf(values: Float64Array): { mean: number; scale: number } {
  let [sum, squares] = [0, 0];
  for (const v of values) sum += v;
  const mean = sum / values.length;
  for (const v of values) squares += (v - mean) ** 2;
  return { mean, scale: Math.sqrt(squares / values.length) || 1 };
}

/**
 * Gradient-boosted trees for ranking: histograms, depth 3, second-order leaf values (as XGBoost: Chen and Guestrin 2016), on the pairwise logistic
 * loss (RankNet: Burges 2005). They are added to a margin that is given. All is deterministic.
 */
import { z } from 'zod';
import { BINS, MISSING, type Binned } from './bins.js';
import type { Pairs } from './rows.js';

/** Nodes of a full tree of depth 3: those that may part, and those together with the leaves. */
const INNER = 7;
const NODES = 15;

/** A node that parts has a `feature` ≥ 0: values ≤ `at` go left, unknown ones where `missingLeft` says. One that does not has −1. */
export const Tree = z.object({
  /** Of the 7 inner nodes of a full tree of depth 3; the children of node k are 2k + 1 and 2k + 2. */
  feature: z.array(z.number().int().min(-1)).length(INNER),
  at: z.array(z.number()).length(INNER),
  missingLeft: z.array(z.boolean()).length(INNER),
  /** Of all 15 nodes: what a row gets that ends there. */
  value: z.array(z.number()).length(NODES),
});
export type Tree = z.infer<typeof Tree>;

export interface TreeOptions {
  trees: number;
  rate: number;
  /** Pull of a leaf's value towards 0. */
  pull: number;
  /** The least sum of second derivatives in a child. */
  minChildWeight: number;
  /** Of the columns, which each tree sees in turn: a quarter of them costs a quarter, and trees that differ err less together. */
  columns: number;
}

interface Split { gain: number; feature: number; bin: number; missingLeft: boolean }

/** `margin` is each row's score before, and after it with the trees. */
export function growTrees(binned: Binned, pairs: Pairs, margin: Float64Array, options: TreeOptions): Tree[] {
  const grower = new Grower(binned, options);
  const trees: Tree[] = [];
  for (let t = 0; t < options.trees; t++) {
    derive(pairs, margin, grower.first, grower.second);
    const tree = grower.grow(columnsOf(t, binned.width, options.columns));
    // With other columns there may be something to part again.
    if (tree === null) continue;
    for (let i = 0; i < margin.length; i++) margin[i]! += tree.value[grower.node[i]!]!;
    trees.push(tree);
  }
  return trees;
}

/** Scattered by multiplication with a large prime, and others for each tree. */
function columnsOf(tree: number, width: number, share: number): Int32Array {
  const scattered = (f: number): number => Math.imul(f * 131 + tree * 7_919 + 1, 0x9E3779B1) >>> 0;
  const wanted = Math.max(1, Math.ceil(width * share));
  return Int32Array.from({ length: width }, (_, f) => f).sort((a, b) => scattered(a) - scattered(b) || a - b).slice(0, wanted).sort();
}

/** First and second derivatives of the loss by each row's score. */
function derive(pairs: Pairs, score: Float64Array, first: Float64Array, second: Float64Array): void {
  first.fill(0);
  second.fill(0);
  for (let p = 0; p < pairs.count; p++) {
    const [i, j] = [pairs.better[p]!, pairs.worse[p]!];
    const wrong = 1 / (1 + Math.exp(score[i]! - score[j]!));
    const g = pairs.weight[p]! * wrong;
    const h = g * (1 - wrong);
    first[i]! -= g;
    first[j]! += g;
    second[i]! += h;
    second[j]! += h;
  }
}

class Grower {
  /** Where each row has come to in the tree that grew last. */
  readonly node: Uint8Array;
  readonly first: Float64Array;
  readonly second: Float64Array;
  /** Both derivatives of the rows of a node, side by side. */
  readonly #gathered: Float64Array;
  readonly #histograms: Float64Array[];

  constructor(private readonly binned: Binned, private readonly options: TreeOptions) {
    this.first = new Float64Array(binned.count);
    this.second = new Float64Array(binned.count);
    this.#gathered = new Float64Array(binned.count * 2);
    this.node = new Uint8Array(binned.count);
    this.#histograms = Array.from({ length: INNER }, () => new Float64Array((binned.width + 1) * BINS * 2));
  }

  grow(columns: Int32Array): Tree | null {
    const { binned, options } = this;
    const tree: Tree = { feature: Array<number>(INNER).fill(-1), at: Array<number>(INNER).fill(0), missingLeft: Array<boolean>(INNER).fill(false), value: Array<number>(NODES).fill(0) };
    this.node.fill(0);
    const members: (Int32Array | null)[] = Array<Int32Array | null>(NODES).fill(null);
    members[0] = Int32Array.from({ length: binned.count }, (_, i) => i);
    this.#fill(this.#histograms[0]!, members[0], columns);
    for (let k = 0; k < INNER; k++) {
      const here = members[k];
      if (!here) continue;
      const split = bestSplit(this.#histograms[k]!, columns, binned.edges, options);
      if (!split) continue;
      const { feature, bin, missingLeft } = split;
      tree.feature[k] = feature;
      tree.at[k] = bin < binned.edges[feature]!.length ? binned.edges[feature]![bin]! : Number.MAX_VALUE;
      tree.missingLeft[k] = missingLeft;
      const [left, right] = this.#part(here, split);
      members[2 * k + 1] = left;
      members[2 * k + 2] = right;
      for (const i of left) this.node[i] = 2 * k + 1;
      for (const i of right) this.node[i] = 2 * k + 2;
      if (2 * k + 2 < INNER) {
        // The larger child's is what is left of the parent's when the smaller one's is taken away.
        const [small, large] = left.length <= right.length ? [2 * k + 1, 2 * k + 2] : [2 * k + 2, 2 * k + 1];
        const [own, rest, whole] = [this.#histograms[small]!, this.#histograms[large]!, this.#histograms[k]!];
        this.#fill(own, members[small]!, columns);
        for (let b = 0; b < columns.length * BINS * 2; b++) rest[b] = whole[b]! - own[b]!;
      }
    }
    if (tree.feature[0] === -1) return null;
    for (let k = 0; k < NODES; k++) {
      const here = members[k];
      if (!here || (k < INNER && tree.feature[k] !== -1)) continue;
      let [g, h] = [0, 0];
      for (const i of here) {
        g += this.first[i]!;
        h += this.second[i]!;
      }
      tree.value[k] = (-g / (h + options.pull)) * options.rate;
    }
    return tree;
  }

  /** Sums of both derivatives for each bin of each of the columns, one column after the other. */
  #fill(into: Float64Array, members: Int32Array, columns: Int32Array): void {
    const { bins, count } = this.binned;
    const gathered = this.#gathered;
    into.fill(0, 0, (columns.length + 1) * BINS * 2);
    // One after the other in memory, for all columns: half the time.
    for (let m = 0, at = 0; m < members.length; m++) {
      gathered[at++] = this.first[members[m]!]!;
      gathered[at++] = this.second[members[m]!]!;
    }
    // Two columns at a time: while one waits for the sum that it put away just now, the other adds.
    for (let c = 0; c < columns.length; c += 2) {
      const even = columns[c]! * count;
      // The last of an odd number is added to twice, the second time where nobody looks.
      const odd = (columns[c + 1] ?? columns[c]!) * count;
      const [base, next] = [c * BINS * 2, (c + 1) * BINS * 2];
      for (let m = 0; m < members.length; m++) {
        const row = members[m]!;
        const [one, other] = [base + bins[even + row]! * 2, next + bins[odd + row]! * 2];
        const [g, h] = [gathered[2 * m]!, gathered[2 * m + 1]!];
        into[one]! += g;
        into[one + 1]! += h;
        into[other]! += g;
        into[other + 1]! += h;
      }
    }
  }

  #part(members: Int32Array, { feature, bin, missingLeft }: Split): [Int32Array, Int32Array] {
    const { bins, count } = this.binned;
    const left = new Int32Array(members.length);
    const right = new Int32Array(members.length);
    let [l, r] = [0, 0];
    for (const i of members) {
      const b = bins[feature * count + i]!;
      if (b === MISSING ? missingLeft : b <= bin) left[l++] = i;
      else right[r++] = i;
    }
    return [left.slice(0, l), right.slice(0, r)];
  }
}

/** The split with the largest gain, the first of equal ones; null when none gains anything. */
export function bestSplit(histogram: Float64Array, columns: Int32Array, edges: readonly Float64Array[], { pull, minChildWeight }: Pick<TreeOptions, 'pull' | 'minChildWeight'>): Split | null {
  let best: Split | null = null;
  let least = 1e-9;
  for (let c = 0; c < columns.length; c++) {
    const f = columns[c]!;
    const base = c * BINS * 2;
    let [g, h] = [0, 0];
    for (let b = 0; b < BINS; b++) {
      g += histogram[base + 2 * b]!;
      h += histogram[base + 2 * b + 1]!;
    }
    const missingG = histogram[base + 2 * MISSING]!;
    const missingH = histogram[base + 2 * MISSING + 1]!;
    const whole = (g * g) / (h + pull);
    // With nothing missing it is the same on either side; with something, all that is known may also go left together.
    for (let side = 0; side < (missingH > 0 ? 2 : 1); side++) {
      let [leftG, leftH] = side === 1 ? [missingG, missingH] : [0, 0];
      for (let b = 0; b <= edges[f]!.length; b++) {
        leftG += histogram[base + 2 * b]!;
        leftH += histogram[base + 2 * b + 1]!;
        const [rightG, rightH] = [g - leftG, h - leftH];
        if (leftH < minChildWeight || rightH < minChildWeight) continue;
        const gain = (leftG * leftG) / (leftH + pull) + (rightG * rightG) / (rightH + pull) - whole;
        if (gain > least) {
          least = gain;
          best = { gain, feature: f, bin: b, missingLeft: side === 1 };
        }
      }
    }
  }
  return best;
}

/** What a tree adds for a row whose values begin at `from` in `x`. */
export function treeValue(tree: Tree, x: ArrayLike<number>, from: number): number {
  let k = 0;
  while (k < INNER && tree.feature[k]! >= 0) {
    const v = x[from + tree.feature[k]!]!;
    k = 2 * k + ((Number.isFinite(v) ? v <= tree.at[k]! : tree.missingLeft[k]!) ? 1 : 2);
  }
  return tree.value[k]!;
}

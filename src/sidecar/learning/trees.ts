/**
 * Gradient-boosted trees for ranking: histograms, depth 3, second-order leaf values (as XGBoost: Chen and Guestrin 2016), on the pairwise logistic
 * loss (RankNet: Burges 2005). They are added to a margin that is given. All is deterministic.
 */
import { z } from 'zod';
import { BINS, MISSING, type Binned } from './bins.js';
import { powersOf } from './linear.js';
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
  const powers = new Float64Array(margin.length);
  for (let t = 0; t < options.trees; t++) {
    derive(pairs, powersOf(margin, powers), grower.first, grower.second);
    const tree = grower.grow(columnsOf(t, binned.width, options.columns), margin);
    // With other columns there may be something to part again.
    if (tree !== null) trees.push(tree);
  }
  return trees;
}

/** Scattered by multiplication with a large prime, and others for each tree. */
function columnsOf(tree: number, width: number, share: number): Int32Array {
  const scattered = (f: number): number => Math.imul(f * 131 + tree * 7_919 + 1, 0x9E3779B1) >>> 0;
  const wanted = Math.max(1, Math.ceil(width * share));
  return Int32Array.from({ length: width }, (_, f) => f).sort((a, b) => scattered(a) - scattered(b) || a - b).slice(0, wanted).sort();
}

/** First and second derivatives of the loss by each row's score. @param powers e to the power of each score */
function derive(pairs: Pairs, powers: Float64Array, first: Float64Array, second: Float64Array): void {
  first.fill(0);
  second.fill(0);
  for (let p = 0; p < pairs.count; p++) {
    const [i, j] = [pairs.better[p]!, pairs.worse[p]!];
    const wrong = powers[j]! / (powers[i]! + powers[j]!);
    const g = pairs.weight[p]! * wrong;
    const h = g * (1 - wrong);
    first[i]! -= g;
    first[j]! += g;
    second[i]! += h;
    second[j]! += h;
  }
}

class Grower {
  readonly first: Float64Array;
  readonly second: Float64Array;
  /** Rows, those of a node side by side: node k has those from `#from[k]` up to `#to[k]`; −1 where nobody comes to it. */
  readonly #order: Int32Array;
  readonly #spare: Int32Array;
  readonly #from = new Int32Array(NODES);
  readonly #to = new Int32Array(NODES);
  /** Both derivatives of the rows of a node, side by side. */
  readonly #gathered: Float64Array;
  readonly #histograms: Float64Array[];

  constructor(private readonly binned: Binned, private readonly options: TreeOptions) {
    this.first = new Float64Array(binned.count);
    this.second = new Float64Array(binned.count);
    this.#gathered = new Float64Array(binned.count * 2);
    this.#order = new Int32Array(binned.count);
    this.#spare = new Int32Array(binned.count);
    this.#histograms = Array.from({ length: INNER }, () => new Float64Array((binned.width + 1) * BINS * 2));
  }

  /** Null where nothing gains; else what it says of each row is added to `margin`. */
  grow(columns: Int32Array, margin: Float64Array): Tree | null {
    const { binned, options } = this;
    const [from, to] = [this.#from, this.#to];
    const tree: Tree = { feature: Array<number>(INNER).fill(-1), at: Array<number>(INNER).fill(0), missingLeft: Array<boolean>(INNER).fill(false), value: Array<number>(NODES).fill(0) };
    for (let i = 0; i < binned.count; i++) this.#order[i] = i;
    from.fill(-1);
    [from[0], to[0]] = [0, binned.count];
    this.#fill(0, columns);
    for (let k = 0; k < INNER; k++) {
      if (from[k]! < 0) continue;
      const split = bestSplit(this.#histograms[k]!, columns, binned.edges, options);
      if (!split) continue;
      const { feature, bin, missingLeft } = split;
      tree.feature[k] = feature;
      tree.at[k] = bin < binned.edges[feature]!.length ? binned.edges[feature]![bin]! : Number.MAX_VALUE;
      tree.missingLeft[k] = missingLeft;
      const [left, right] = [2 * k + 1, 2 * k + 2];
      const middle = this.#part(k, split);
      [from[left], to[left], from[right], to[right]] = [from[k]!, middle, middle, to[k]!];
      if (right < INNER) {
        // The larger child's is what is left of the parent's when the smaller one's is taken away.
        const [small, large] = middle - from[k]! <= to[k]! - middle ? [left, right] : [right, left];
        this.#fill(small, columns);
        const [own, rest, whole] = [this.#histograms[small]!, this.#histograms[large]!, this.#histograms[k]!];
        for (let b = 0; b < columns.length * BINS * 2; b++) rest[b] = whole[b]! - own[b]!;
      }
    }
    if (tree.feature[0] === -1) return null;
    for (let k = 0; k < NODES; k++) {
      if (from[k]! >= 0 && !(k < INNER && tree.feature[k] !== -1)) tree.value[k] = this.#endAt(k, margin);
    }
    return tree;
  }

  /** What the rows of a leaf get, added to their margin. */
  #endAt(k: number, margin: Float64Array): number {
    const [from, to] = [this.#from[k]!, this.#to[k]!];
    let [g, h] = [0, 0];
    for (let m = from; m < to; m++) {
      g += this.first[this.#order[m]!]!;
      h += this.second[this.#order[m]!]!;
    }
    const value = (-g / (h + this.options.pull)) * this.options.rate;
    for (let m = from; m < to; m++) margin[this.#order[m]!]! += value;
    return value;
  }

  /** Sums of both derivatives for each bin of each of the columns, one column after the other. */
  #fill(k: number, columns: Int32Array): void {
    const { bins, count } = this.binned;
    const into = this.#histograms[k]!;
    const members = this.#order.subarray(this.#from[k]!, this.#to[k]!);
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

  /** Its rows parted in place, each side in the order it had. @returns where the right side begins */
  #part(k: number, { feature, bin, missingLeft }: Split): number {
    const { bins, count } = this.binned;
    const [order, right] = [this.#order, this.#spare];
    let l = this.#from[k]!;
    let r = 0;
    for (let m = l; m < this.#to[k]!; m++) {
      const row = order[m]!;
      const b = bins[feature * count + row]!;
      if (b === MISSING ? missingLeft : b <= bin) order[l++] = row;
      else right[r++] = row;
    }
    order.set(right.subarray(0, r), l);
    return l;
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

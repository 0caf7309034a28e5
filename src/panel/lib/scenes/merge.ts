/** Two people, one scene: what each changed in its layers, put together. Pure. */
import type { Layer } from '../../../protocol/resources.js';
import { same } from '../same.js';

/**
 * What tells the layers of a scene apart: what each shows, and the how manieth of these it is. They have no ids, and this stays while
 * others come, go and change places beside it.
 */
export function layerKeys(layers: readonly Layer[]): string[] {
  const times = new Map<string, number>();
  return layers.map(({ sourceId, overlayId }) => {
    const shows = sourceId ?? overlayId ?? '';
    const nth = (times.get(shows) ?? 0) + 1;
    times.set(shows, nth);
    return nth === 1 ? shows : `${shows}.${nth}`;
  });
}

export interface Merged {
  layers: Layer[];
  /** Keys of layers, and `order`, that both changed, each to something else: mine is what `layers` has. */
  contested: string[];
}

/** What others call the order of the layers among `contested`: no layer has such a key. */
export const ORDER = '*order';

/**
 * My changes on top of theirs.
 * @param base what mine were made on
 */
export function mergeLayers(base: readonly Layer[], mine: readonly Layer[], theirs: readonly Layer[]): Merged {
  const [b, m, t] = [keyed(base), keyed(mine), keyed(theirs)];
  const contested: string[] = [];
  const kept = new Map<string, Layer>();
  for (const key of new Set([...m.keys(), ...t.keys()])) {
    const [was, my, their] = [b.get(key), m.get(key), t.get(key)];
    const layer = mergeLayer(was, my, their);
    if (layer.is === 'contested') contested.push(key);
    if (layer.layer) kept.set(key, layer.layer);
  }
  const { order, isContested } = mergeOrder([...b.keys()], [...m.keys()], [...t.keys()]);
  if (isContested) contested.push(ORDER);
  return { layers: order.flatMap((key) => kept.get(key) ?? []), contested };
}

const keyed = (layers: readonly Layer[]): Map<string, Layer> => new Map(layerKeys(layers).map((key, i) => [key, layers[i]!]));

function mergeLayer(was: Layer | undefined, my: Layer | undefined, their: Layer | undefined): { is: 'fine' | 'contested'; layer: Layer | undefined } {
  if (same(my, their) || same(was, their)) return { is: 'fine', layer: my };
  if (same(was, my)) return { is: 'fine', layer: their };
  // One took it out and the other changed it, or both put it in.
  if (!was || !my || !their) return { is: 'contested', layer: my };
  const layer: Record<string, unknown> = { ...their };
  let is: 'fine' | 'contested' = 'fine';
  for (const field of Object.keys(my) as (keyof Layer)[]) {
    if (same(was[field], my[field])) continue;
    if (!same(was[field], their[field]) && !same(my[field], their[field])) is = 'contested';
    layer[field] = my[field];
  }
  return { is, layer: layer as Layer };
}

/** Mine where I changed the order of what all three have, else theirs; what only one side has stands behind what is before it there. */
function mergeOrder(base: string[], mine: string[], theirs: string[]): { order: string[]; isContested: boolean } {
  const common = (keys: string[], ...others: string[][]) => keys.filter((key) => others.every((other) => other.includes(key)));
  const [b, m, t] = [common(base, mine, theirs), common(mine, base, theirs), common(theirs, base, mine)];
  const iMoved = !same(b, m);
  const [leading, other] = iMoved ? [mine, theirs] : [theirs, mine];
  const order = [...leading];
  other.forEach((key, i) => {
    if (order.includes(key)) return;
    const before = other.slice(0, i).findLast((one) => order.includes(one));
    order.splice(before === undefined ? 0 : order.indexOf(before) + 1, 0, key);
  });
  return { order, isContested: iMoved && !same(b, t) && !same(m, t) };
}

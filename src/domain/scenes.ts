/** What a scene has on program. Pure. */
import type { Layer } from '../protocol/resources.js';

/** Its layers that are seen and heard: a hidden one is there for editors only. */
export function shownLayers(layers: readonly Layer[]): Layer[] {
  return layers.filter(({ hidden }) => !hidden);
}

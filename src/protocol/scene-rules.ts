/** What fields of a layer mean wherever its scene is drawn, heard or counted. Pure. */
import type { Layer } from './resources.js';

/** The layers that are seen and heard: a hidden one is there for editors only. */
export function shownLayers(layers: readonly Layer[]): Layer[] {
  return layers.filter(({ hidden }) => !hidden);
}

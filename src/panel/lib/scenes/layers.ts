/** What one does to the list of a scene's layers; the last one is on top. Pure: each gives a new list. */
import { Layer, type Overlay } from '../../../protocol/resources.js';

export const MOST_LAYERS = 32;

export const changeLayer = (layers: readonly Layer[], index: number, fields: Partial<Layer>): Layer[] =>
  layers.map((layer, i) => (i === index ? { ...layer, ...fields } : layer));

export const removeLayer = (layers: readonly Layer[], index: number): Layer[] => layers.toSpliced(index, 1);

/** Puts a layer at another place in the order; beyond the ends is at the ends. */
export function moveLayer(layers: readonly Layer[], from: number, to: number): Layer[] {
  const layer = layers[from];
  if (!layer) return [...layers];
  return layers.toSpliced(from, 1).toSpliced(Math.min(Math.max(to, 0), layers.length - 1), 0, layer);
}

/** A new layer on top: the first fills the frame, others stand in the middle. */
export function addSource(layers: readonly Layer[], sourceId: string): Layer[] {
  const place = layers.length === 0 ? {} : { x: 0.25, y: 0.25, width: 0.5, height: 0.5 };
  return [...layers, Layer.parse({ sourceId, ...place })];
}

/** Where the overlay lies when it is shown by itself. */
export function addOverlay(layers: readonly Layer[], { id, x, y, width, height }: Overlay): Layer[] {
  return [...layers, Layer.parse({ overlayId: id, x, y, width, height, fit: 'fill' })];
}

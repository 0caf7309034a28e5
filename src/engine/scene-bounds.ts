/**
 * Pure: any scene → one that the compositor takes. Gains add up over tracks and nested timelines, places multiply, and layers
 * come together from everywhere: what a stored document makes of that must cost at most a part of its picture, never the engine.
 */
import type { NativeLayer, NativeNode, NativeScene } from './native.js';

/** What native/addon/args.cpp refuses beyond. */
export const MOST_LAYERS = 256;
export const MOST_MIXES = 6;
export const MOST_PLACE = 16;
export const MOST_GAIN = 64;

/** Of too many layers those on top are kept; sounds come last in a scene, and are kept first. */
export function withinBounds(scene: NativeScene): NativeScene {
  return { ...scene, layers: nodesWithin(scene.layers, { left: MOST_LAYERS }, 0) };
}

function nodesWithin(nodes: readonly NativeNode[], budget: { left: number }, depth: number): NativeNode[] {
  const kept: NativeNode[] = [];
  for (let i = nodes.length - 1; i >= 0 && budget.left > 0; i--) {
    const node = nodes[i]!;
    if (!('mix' in node)) {
      budget.left -= 1;
      kept.push(layerWithin(node));
      continue;
    }
    // Deeper than any transition of any document lies: what it leads to is shown.
    if (depth >= MOST_MIXES) kept.push(...nodesWithin(node.mix.to, budget, depth).reverse());
    else {
      const { area, step, transition } = node.mix;
      kept.push({
        mix: {
          ...node.mix, to: nodesWithin(node.mix.to, budget, depth + 1), from: nodesWithin(node.mix.from, budget, depth + 1),
          step: within(step, 0, Math.max(0, transition.frames - 1)), ...(area ? { area: { ...area, ...placeWithin(area) } } : {}),
        },
      });
    }
  }
  return kept.reverse();
}

function layerWithin(layer: NativeLayer): NativeLayer {
  const { crop } = layer;
  return {
    ...layer, ...placeWithin(layer), opacity: within(layer.opacity, 0, 1), gain: within(layer.gain, 0, MOST_GAIN),
    crop: { left: within(crop.left, 0, 1), top: within(crop.top, 0, 1), right: within(crop.right, 0, 1), bottom: within(crop.bottom, 0, 1) },
  };
}

function placeWithin({ x, y, width, height }: { x: number; y: number; width: number; height: number }): { x: number; y: number; width: number; height: number } {
  return { x: within(x, -MOST_PLACE, MOST_PLACE), y: within(y, -MOST_PLACE, MOST_PLACE), width: within(width, 0, MOST_PLACE), height: within(height, 0, MOST_PLACE) };
}

/** What is no number is the least. */
function within(value: number, least: number, most: number): number {
  return value >= least ? Math.min(value, most) : least;
}

/** How a vertical clip is put together from how the scene on program was. Pure. */
import type { SeenLayer } from '../../protocol/analysis-steps.js';
import type { VerticalLayout } from '../cutting/shape.js';

/** Of the frame: what is larger is no small picture of a face, what is smaller fills too little of it to be the game. */
const LARGEST_FACE = 0.3;
const SMALLEST_GAME = 0.4;

/** A small camera over something that fills most of the frame; null: the scene is of another kind, and the clip follows what moves. */
export function layoutOf(layers: readonly SeenLayer[] | null): VerticalLayout | null {
  const inFrame = (layers ?? []).map(({ kind, x, y, width, height }) => {
    const [left, top] = [Math.max(0, x), Math.max(0, y)];
    return { kind, x: left, y: top, width: Math.min(1, x + width) - left, height: Math.min(1, y + height) - top };
  }).filter(({ width, height }) => width > 0 && height > 0);
  const area = ({ width, height }: { width: number; height: number }): number => width * height;
  const face = inFrame.findLast((layer) => layer.kind === 'camera' && area(layer) <= LARGEST_FACE);
  const game = inFrame.slice(0, face ? inFrame.indexOf(face) : 0).findLast((layer) => area(layer) >= SMALLEST_GAME);
  if (!face || !game) return null;
  const { kind: _face, ...faceAt } = face;
  const { kind: _game, ...gameAt } = game;
  return { face: faceAt, game: gameAt };
}

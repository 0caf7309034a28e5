/** Pure: a frame of a timeline → the scene that the compositor draws. */
import type { ClipPlayer, Node, Player, Resolved, ResolvedLayer } from '../../domain/timeline/model.js';
import { NO_CROP, WHOLE } from '../../domain/timeline/place.js';
import type { NativeLayer, NativeNode, NativeScene } from '../native.js';
import { withinBounds } from '../scene-bounds.js';
import { nativeTransition, overlayPictureId } from '../scene-plan.js';

/** The native source that plays a playout; undefined while there is none. */
export type FindPlayer = (player: ClipPlayer) => string | undefined;

/** @param slateId what is drawn for a playout that nobody plays */
export function timelineScene(id: string, resolved: Pick<Resolved, 'nodes' | 'sounds'>, find: FindPlayer, slateId: string): NativeScene {
  const sourceOf = (player: Player): string => {
    switch (player.type) {
      case 'shared': return player.sourceId;
      case 'overlay': return overlayPictureId(player.overlayId);
      case 'clip': return find(player) ?? slateId;
      default: return player satisfies never;
    }
  };
  const layerOf = ({ player, x, y, width, height, fit, opacity, crop, gain }: ResolvedLayer): NativeLayer =>
    ({ sourceId: sourceOf(player), x, y, width, height, fit, opacity, crop, gain });
  const nodeOf = (node: Node): NativeNode => {
    if (node.type === 'layer') return layerOf(node.layer);
    const { from, to, kind, frames, color, step, area } = node;
    return { mix: { from: from.map(nodeOf), to: to.map(nodeOf), transition: nativeTransition(kind, frames, color), step, ...(area ? { area } : {}) } };
  };
  // A sound is a layer that nobody sees: it costs no drawing.
  const sounds = resolved.sounds.map(({ player, gain }): NativeLayer => ({ sourceId: sourceOf(player), ...WHOLE, fit: 'contain', crop: NO_CROP, opacity: 0, gain }));
  return withinBounds({ id, layers: [...resolved.nodes.map(nodeOf), ...sounds] });
}

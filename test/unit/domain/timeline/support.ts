/** Timelines written short, for examples. */
import { TimelineInput, type TimelineDocument } from '../../../../src/protocol/timeline.js';
import { Layer } from '../../../../src/protocol/resources.js';
import type { Node, ResolvedLayer, Resolved, SourceFacts, TimelineLookup } from '../../../../src/domain/timeline/model.js';
import { withIds } from '../../../../src/domain/timeline/with-ids.js';

export const PAL = { num: 25, den: 1 } as const;

type Raw = Record<string, unknown>;
/** `clips` of one video track, or whole tracks; ids are a, b, c … in the order of the document, tracks t0, t1 … */
export function timeline(of: { clips?: Raw[]; tracks?: Raw[] } & Raw): TimelineDocument {
  const { clips, tracks, ...rest } = of;
  const counts = { track: 0, clip: 0 };
  const document = TimelineInput.parse({ name: 'x', ...rest, tracks: tracks ?? [{ kind: 'video', clips: clips ?? [] }] });
  return withIds(document, (kind) => (kind === 'track' ? `t${counts.track++}` : String.fromCharCode(97 + counts.clip++)));
}

const SOURCES: Record<string, SourceFacts> = {
  cam: { kind: 'camera' }, cam2: { kind: 'camera' }, pic: { kind: 'image' },
  film: { kind: 'media', inMs: 0, outMs: null, loop: false }, late: { kind: 'media', inMs: 2000, outMs: 9000, loop: false },
  round: { kind: 'media', inMs: 0, outMs: 1000, loop: true }, song: { kind: 'audio', inMs: 0, outMs: null, loop: false },
};

export function lookup(timelines: Record<string, TimelineDocument> = {}): TimelineLookup {
  return {
    source: (id) => SOURCES[id],
    scene: (id) => ({
      pip: { layers: [Layer.parse({ sourceId: 'cam' }), Layer.parse({ sourceId: 'film', x: 0.5, y: 0.5, width: 0.5, height: 0.5, opacity: 0.5, audio: { gainDb: -20 } })] },
      quiet: { layers: [Layer.parse({ sourceId: 'gone', hidden: true }), Layer.parse({ overlayId: 'gone', hidden: true }), Layer.parse({ sourceId: 'cam' })] },
      broken: { layers: [Layer.parse({ sourceId: 'gone' }), Layer.parse({ overlayId: 'gone' })] },
    })[id],
    overlay: (id) => ({ clock: { x: 0.8, y: 0.1, width: 0.1, height: 0.05 } })[id],
    timeline: (id) => timelines[id],
  };
}

export function layersOf(nodes: readonly Node[]): ResolvedLayer[] {
  return nodes.flatMap((node) => (node.type === 'layer' ? [node.layer] : [...layersOf(node.from), ...layersOf(node.to)]));
}

/** What is on, short: `cam`, `film(a@0)`, `[film(a@0) > cam wipe 3/12]`. */
export function summary({ nodes }: Pick<Resolved, 'nodes'>): string {
  return nodes.map((node) => {
    if (node.type === 'mix') return `[${summary({ nodes: node.from })} > ${summary({ nodes: node.to })} ${node.kind} ${node.step}/${node.frames}]`;
    const { player, opacity } = node.layer;
    const name = player.type === 'clip' ? `${player.sourceId}(${player.key})` : player.type === 'overlay' ? player.overlayId : player.sourceId;
    return opacity === 1 ? name : `${name}*${Number(opacity.toFixed(3))}`;
  }).join(' ');
}

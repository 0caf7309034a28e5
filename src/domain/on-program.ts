/** Which sources are seen or heard on program. Pure. */
import { shownLayers } from '../protocol/scene-rules.js';
import type { BroadcastStatus } from '../protocol/status.js';
import type { TimelineDocument } from '../protocol/timeline.js';
import type { StudioState } from './documents.js';
import { compileTimeline, type CompiledTimeline } from './timeline/compile.js';
import type { Node, Player } from './timeline/model.js';
import { frameAt, rateOf } from './timeline/rate.js';
import { resolve } from './timeline/resolve.js';

/**
 * The one that is on program, those of a scene's layers that are not hidden, or those that a timeline has at its moment; each once.
 * @param program as the engine reports it
 * @param timeline where the one on program stands at that moment; null: there is none, or nobody knows
 */
export function sourcesOnProgram(state: StudioState, program: BroadcastStatus['program'], timeline: { timelineId: string; positionMs: number } | null): string[] {
  if (program?.sourceId !== undefined) return [program.sourceId];
  if (program?.sceneId !== undefined) {
    const scene = state.scenes.find(({ id }) => id === program.sceneId);
    return [...new Set(shownLayers(scene?.data.layers ?? []).flatMap(({ sourceId }) => sourceId ?? []))];
  }
  const document = state.timelines.find(({ id }) => id === program?.timelineId)?.data;
  if (!document || !timeline || timeline.timelineId !== program?.timelineId) return [];
  const compiled = compiledOf(document, state);
  const { nodes, sounds } = resolve(compiled, frameAt(Math.round(timeline.positionMs), compiled.rate));
  return [...new Set([...nodes.flatMap(sourcesIn), ...sounds.flatMap(({ player }) => sourceOf(player))])];
}

const sourceOf = (player: Player): string[] => (player.type === 'overlay' ? [] : [player.sourceId]);
const sourcesIn = (node: Node): string[] => (node.type === 'layer' ? sourceOf(node.layer.player) : [...node.from, ...node.to].flatMap(sourcesIn));

const known = new WeakMap<TimelineDocument, Pick<StudioState, 'scenes' | 'timelines'> & { fps: number; compiled: CompiledTimeline }>();

const isSame = <T>(a: readonly T[], b: readonly T[]): boolean => a.length === b.length && a.every((one, i) => one === b[i]);

/** Made anew when something in it has changed: this is asked for each second, and a timeline can have 20,000 clips. */
function compiledOf(document: TimelineDocument, { scenes, timelines, settings }: StudioState): CompiledTimeline {
  const { fps } = settings.data.video;
  const before = known.get(document);
  // The lists are made anew for whoever asks; what is in them is the same until it is edited.
  if (before && before.fps === fps && isSame(before.scenes, scenes) && isSame(before.timelines, timelines)) return before.compiled;
  const dataOf = <T>(list: readonly { id: string; data: T }[]) => {
    const byId = new Map(list.map(({ id, data }) => [id, data]));
    return (id: string): T | undefined => byId.get(id);
  };
  // Of what kind a source is makes no difference to when it is there.
  const compiled = compileTimeline(document, rateOf(fps), { source: () => undefined, overlay: () => undefined, scene: dataOf(scenes), timeline: dataOf(timelines) });
  known.set(document, { scenes, timelines, fps, compiled });
  return compiled;
}

/** What is wrong with what viewers get, in a sentence each. */
import type { SourceState } from '../../protocol/status.js';
import { texts } from '../texts.js';

interface SourceFacts {
  id: string;
  name: string;
  kind: string;
  fallbackSourceId: string | null;
}

export interface TroubleFacts {
  sources: readonly SourceFacts[];
  /** Those of the program. */
  onAir: ReadonlySet<string>;
  stateOf(id: string): SourceState | undefined;
  /** It sends sound and no picture. */
  isSoundOnly?(id: string): boolean;
  /** The program is a scene: a source is a part of it. */
  inScene: boolean;
  /** It is a timeline: each of its clips has a player of its own, and how the source of a file stands says nothing of those. */
  inTimeline?: boolean;
  /** Somebody can see it. */
  isLive: boolean;
  /** Why an overlay could not be drawn. */
  overlayProblem?: string | undefined;
}

const { gone, waiting, failed } = texts.trouble.is;
const IS: Partial<Record<SourceState, string>> = { gone, waiting, failed };

/**
 * A sentence for each source on program that is gone, waiting, failed or late, or sends sound only: `Camera 2 is gone: viewers see the slate`; and one
 * when an overlay could not be drawn.
 */
export function programTrouble({ sources, onAir, stateOf, isSoundOnly = () => false, inScene, inTimeline = false, isLive, overlayProblem }: TroubleFacts): string[] {
  const find = (id: string | null): SourceFacts | undefined => sources.find((source) => source.id === id);
  const problemOf = (id: string): string | undefined => (isSoundOnly(id) ? texts.trouble.is.soundOnly : IS[stateOf(id) ?? 'live']);
  const ofSources = sources.filter(({ id, kind }) => onAir.has(id) && (!inTimeline || kind === 'camera')).flatMap((source) => {
    if (source.kind === 'camera' && stateOf(source.id) === 'late') return [texts.trouble.late(source.name)];
    if (isSoundOnly(source.id)) return [texts.trouble.soundOnly(source.name)];
    const problem = problemOf(source.id);
    if (problem === undefined) return [];
    if (source.kind === 'audio') return [texts.trouble.unheard(source.name, problem)];
    // A fallback that is away as well has its own fallback; the studio refuses circles, and as many steps as sources end one.
    let standIn = find(source.fallbackSourceId);
    for (let step = 0; standIn && problemOf(standIn.id) !== undefined && step < sources.length; step++) standIn = find(standIn.fallbackSourceId);
    return [texts.trouble.instead(source.name, problem, standIn?.name, { isLive, inScene })];
  });
  return overlayProblem === undefined ? ofSources : [...ofSources, texts.trouble.overlay(overlayProblem)];
}

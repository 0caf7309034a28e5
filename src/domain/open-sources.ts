/**
 * Which sources are open, each with a decoder and a ring of its own: those that may be needed at once. A film costs some 40 MB
 * while it is open, and a timeline opens one for each playout by itself, so a file that only lies in timelines stays closed. Pure.
 */
import type { EngineDesired } from '../protocol/link.js';
import type { SourceKind } from '../protocol/resources.js';
import { shownLayers } from '../protocol/scene-rules.js';
import { isFile } from './timeline/model.js';

/** Files that nothing needs just now and that are open all the same, so that a key puts them on program at once. */
export const MOST_IDLE = 16;

export interface OpenFacts {
  /** All there are, in the order in which they were made. */
  readonly sources: readonly { readonly id: string; readonly kind: SourceKind; readonly fallbackSourceId: string | null }[];
  /** Those that may be seen or heard from one frame to the next. */
  readonly needed: Iterable<string>;
  /** Those that lie in timelines, whichever. */
  readonly inTimelines: ReadonlySet<string>;
  /** Those that were taken, the last one first. */
  readonly recent: readonly string[];
}

/**
 * Cameras, colours and test cards are always open, and what stands in for any of them or for what is needed; of the other
 * files a few: those taken last, then those made last that lie in no timeline.
 */
export function openSources({ sources, needed, inTimelines, recent }: OpenFacts): Set<string> {
  const byId = new Map(sources.map((source) => [source.id, source]));
  const open = new Set<string>();
  const add = (id: string | null): void => {
    const source = id === null || open.has(id) ? undefined : byId.get(id);
    if (!source) return;
    open.add(source.id);
    add(source.fallbackSourceId);
  };
  const comesByItself = (kind: SourceKind): boolean => !isFile(kind);
  for (const { id, kind } of sources) if (comesByItself(kind)) add(id);
  for (const id of needed) add(id);
  const made = sources.filter(({ id }) => !inTimelines.has(id)).map(({ id }) => id).reverse();
  const idle = new Set([...recent, ...made].filter((id) => byId.has(id) && !open.has(id)));
  for (const id of [...idle].slice(0, MOST_IDLE)) open.add(id);
  return open;
}

/**
 * What of the engine's wish may be seen or heard from one frame to the next: in a scene, as a timeline's filler, on program,
 * prepared to be put there, or always heard.
 * @param targets on program and prepared; those that name no source are in `scenes` and `timelines`, null is none
 */
export function neededAtOnce({ scenes, timelines, sources }: Pick<EngineDesired, 'scenes' | 'timelines' | 'sources'>, targets: readonly (object | null)[]): Set<string> {
  const fillers = timelines.map(({ document }) => (document as { filler?: { sourceId?: string } | null } | null)?.filler ?? {});
  return new Set([
    ...targets.flatMap((target) => (target && 'sourceId' in target && typeof target.sourceId === 'string' ? target.sourceId : [])),
    ...scenes.flatMap(({ layers }) => shownLayers(layers).flatMap(({ sourceId }) => sourceId ?? [])),
    ...sources.flatMap(({ id, audio }) => (audio.mode === 'always' ? [id] : [])),
    ...fillers.flatMap(({ sourceId }) => sourceId ?? []),
  ]);
}

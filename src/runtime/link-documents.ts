/**
 * The large parts of what is desired, apart from the rest: a timeline of 10,000 clips has megabytes, and goes over the link once
 * and not at each change of anything else.
 */
import type { DesiredOf, EngineTimeline, Role } from '../protocol/link.js';

/** A wish without its documents, and these by what names one version of one. */
export interface Parted {
  payload: unknown;
  documents: ReadonlyMap<string, unknown>;
}

const keyOf = ({ id, revision }: Pick<EngineTimeline, 'id' | 'revision'>): string => `${id}@${revision}`;

export function part(desired: DesiredOf[Role]): Parted {
  if (!('timelines' in desired) || desired.timelines.length === 0) return { payload: desired, documents: new Map() };
  return {
    payload: { ...desired, timelines: desired.timelines.map(({ document: _, ...rest }) => rest) },
    documents: new Map(desired.timelines.map((timeline) => [keyOf(timeline), timeline.document])),
  };
}

/** The whole again. What is not a wish of the engine's comes back as it is; the schema has the last word. */
export function whole(payload: unknown, documents: ReadonlyMap<string, unknown>): { payload: unknown; keys: ReadonlySet<string> } {
  const timelines = (payload as { timelines?: unknown } | null)?.timelines;
  if (!Array.isArray(timelines)) return { payload, keys: new Set() };
  const known = timelines as (Pick<EngineTimeline, 'id' | 'revision'> & { document?: unknown })[];
  return {
    payload: { ...(payload as object), timelines: known.map((timeline) => ({ document: documents.get(keyOf(timeline)), ...timeline })) },
    keys: new Set(known.map(keyOf)),
  };
}

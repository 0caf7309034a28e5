/**
 * The large parts of what is desired, apart from the rest: a timeline of 10,000 clips or a folder of as many files has megabytes, and goes over the link once
 * and not at each change of anything else.
 */
import type { DesiredOf, EngineTimeline, Role } from '../protocol/link.js';

/** A wish without its documents, and these by what names one version of one. */
export interface Parted {
  payload: unknown;
  documents: ReadonlyMap<string, unknown>;
}

type Version = Pick<EngineTimeline, 'id' | 'revision'>;
const keyOf = ({ id, revision }: Version): string => `${id}@${revision}`;

export function part(desired: DesiredOf[Role]): Parted {
  if (!('timelines' in desired) || desired.timelines.length + desired.folders.length === 0) return { payload: desired, documents: new Map() };
  return {
    payload: {
      ...desired, timelines: desired.timelines.map(({ document: _, ...rest }) => rest), folders: desired.folders.map(({ files: _, ...rest }) => rest),
    },
    documents: new Map([
      ...desired.timelines.map((timeline) => [keyOf(timeline), timeline.document] as const), ...desired.folders.map((folder) => [keyOf(folder), folder.files] as const),
    ]),
  };
}

/** The whole again. What is not a wish of the engine's comes back as it is; the schema has the last word. */
export function whole(payload: unknown, documents: ReadonlyMap<string, unknown>): { payload: unknown; keys: ReadonlySet<string> } {
  const { timelines, folders = [] } = (payload ?? {}) as { timelines?: unknown; folders?: unknown };
  if (!Array.isArray(timelines) || !Array.isArray(folders)) return { payload, keys: new Set() };
  const [known, knownFolders] = [timelines as Version[], folders as Version[]];
  return {
    payload: {
      ...(payload as object), timelines: known.map((timeline) => ({ document: documents.get(keyOf(timeline)), ...timeline })),
      folders: knownFolders.map((folder) => ({ files: documents.get(keyOf(folder)), ...folder })),
    },
    keys: new Set([...known, ...knownFolders].map(keyOf)),
  };
}

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

/** What makes a document large: clips, each the same object in every version that did not change it. */
interface Clips {
  tracks: { clips: object[] }[];
}
/** So many clips of the version before, from a place on, its tracks one after the other. */
type Run = [from: number, count: number];

/**
 * A document as it is told to one who has these: by the version of it that is among them, if one is. An edit of one clip in
 * 10,000 is a few lines then.
 */
export function told(key: string, document: unknown, had: ReadonlyMap<string, unknown>): { base?: string; document: unknown } {
  const id = key.slice(0, key.lastIndexOf('@') + 1);
  const base = [...had.keys()].find((other) => other.startsWith(id));
  const before = base === undefined ? undefined : had.get(base);
  return base !== undefined && hasClips(document) && hasClips(before) ? { base, document: shorten(document, before) } : { document };
}

function shorten(document: Clips, base: Clips): unknown {
  const places = new Map(clipsOf(base).map((clip, i) => [clip, i]));
  const { tracks, ...rest } = document;
  return {
    ...rest,
    tracks: tracks.map(({ clips, ...track }) => {
      const short: (object | Run)[] = [];
      let run: Run | undefined;
      for (const clip of clips) {
        const place = places.get(clip);
        if (place !== undefined && run && run[0] + run[1] === place) run[1] += 1;
        else short.push(place === undefined ? clip : (run = [place, 1]));
        if (place === undefined) run = undefined;
      }
      return { ...track, clips: short };
    }),
  };
}

/** What was told by a base, whole again, with the base's own clips in it. @throws Error when the base is not there */
export function lengthen(short: unknown, base: unknown): unknown {
  if (!hasClips(base)) throw new Error('a document was told by a version that is not known');
  const known = clipsOf(base);
  const { tracks, ...rest } = short as { tracks: { clips: (object | Run)[] }[] };
  return { ...rest, tracks: tracks.map(({ clips, ...track }) => ({ ...track, clips: clips.flatMap((one) => (isRun(one) ? known.slice(one[0], one[0] + one[1]) : one)) })) };
}

function clipsOf({ tracks }: Clips): object[] {
  return tracks.flatMap(({ clips }) => clips);
}

function hasClips(document: unknown): document is Clips {
  return typeof document === 'object' && document !== null && 'tracks' in document && Array.isArray(document.tracks);
}

function isRun(one: object): one is Run {
  return Array.isArray(one);
}

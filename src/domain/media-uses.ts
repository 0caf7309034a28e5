/** Which files of the media folder are named by what, and which of them may be on air from one moment to the next. Pure. */
import { posix } from 'node:path';
import type { MediaUse } from '../protocol/media.js';
import type { TimelineDocument } from '../protocol/timeline.js';
import { wantedInsert } from './airings.js';
import type { StudioState } from './documents.js';
import { folderSources } from './folders.js';
import { engineTimelines, sourceIdsIn } from './timelines.js';

/** The same file has the same path: `./a//b` is `a/b`. */
export function plainPath(path: string): string {
  return posix.normalize(path).replace(/^(\.\/)+|\/+$/g, '');
}

export type MediaUses = ReadonlyMap<string, readonly MediaUse[]>;

/** By the file's path; one that is not in it is used by nothing. */
export function mediaUses(state: StudioState): MediaUses {
  const uses = new Map<string, MediaUse[]>();
  const at = (path: string): MediaUse[] => {
    const plain = plainPath(path);
    const known = uses.get(plain);
    if (known) return known;
    const list: MediaUse[] = [];
    uses.set(plain, list);
    return list;
  };
  const bySource = new Map<string, MediaUse[]>();
  for (const { id, data } of state.sources) {
    if (!('path' in data)) continue;
    const list = at(data.path);
    list.push({ kind: 'source', id, name: data.name });
    bySource.set(id, list);
  }
  const add = (sourceIds: Iterable<string | undefined>, use: MediaUse): void => {
    for (const list of new Set([...sourceIds].map((id) => (id === undefined ? undefined : bySource.get(id))))) list?.push(use);
  };
  for (const { id, data } of state.scenes) add(data.layers.map(({ sourceId }) => sourceId), { kind: 'scene', id, name: data.name });
  for (const { id, data } of state.timelines) {
    const { filler } = data;
    add([...sourceIdsIn(data), filler && 'sourceId' in filler ? filler.sourceId : undefined], { kind: 'timeline', id, name: data.name });
  }
  for (const { id, data } of state.inserts) add([data.sourceId], { kind: 'insert', id, name: data.name });
  for (const { id, data } of state.folders) {
    for (const { path } of state.folderFiles.get(id)?.data.files ?? []) at(path).push({ kind: 'folder', id, name: data.name });
  }
  return uses;
}

/** What holds a file fast, in words an operator reads: the things that name it themselves. */
export function holdersOf(uses: readonly MediaUse[]): string[] {
  return uses.flatMap(({ kind, name }) => (kind === 'source' ? [`the file of the source "${name}"`] : kind === 'folder' ? [`in the folder "${name}"`] : []));
}

/** Paths of what is on program, over it, armed on preview, or comes back by a release. */
export function pathsOnAir(state: StudioState): ReadonlySet<string> {
  const sources = new Map(state.sources.map(({ id, data }) => [id, data]));
  const scenes = new Map(state.scenes.map(({ id, data }) => [id, data]));
  const inFolders = folderSources(state);
  const paths = new Set<string>();
  const seen = new Set<string>();
  const addSource = (id: string | null | undefined): void => {
    if (typeof id !== 'string' || seen.has(id)) return;
    seen.add(id);
    const data = sources.get(id) ?? inFolders(id);
    if (!data) return;
    if ('path' in data) paths.add(plainPath(data.path));
    addSource(data.fallbackSourceId);
  };
  const addTarget = (target: object | null | undefined): void => {
    const { sourceId, sceneId } = (target ?? {}) as { sourceId?: string; sceneId?: string };
    addSource(sourceId);
    if (sceneId !== undefined) for (const layer of scenes.get(sceneId)?.layers ?? []) addSource(layer.sourceId);
  };
  const addDocument = ({ tracks, filler }: TimelineDocument): void => {
    for (const { clips } of tracks) clips.forEach(addTarget);
    addTarget(filler);
  };
  addTarget(state.program);
  addTarget(state.emergency?.target);
  addTarget(state.preview);
  addTarget(state.override?.instead);
  for (const { document } of engineTimelines(state, [])) addDocument(document as TimelineDocument);
  const insert = wantedInsert(state);
  if (insert) addDocument(insert.document as TimelineDocument);
  return paths;
}

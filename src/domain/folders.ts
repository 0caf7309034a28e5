/** Folders among the operator's other things: whose timeline is whose, what the engine needs of their files, what is shown. Pure. */
import { join } from 'node:path';
import type { Folder, StoredFolder, StoredFolderFile, StoredFolderFiles } from '../protocol/folder.js';
import { fitLine } from '../protocol/ids.js';
import type { EngineFolder, EngineSource, EngineTimeline } from '../protocol/link.js';
import { MediaInput, type SourceInput } from '../protocol/resources.js';
import { PLAIN_AUDIO } from '../protocol/sound.js';
import type { DocumentOf, StudioState } from './documents.js';

/** The folder whose files a timeline's clips are. */
export function folderOf(state: Pick<StudioState, 'folders'>, timelineId: string): DocumentOf<'folder'> | undefined {
  return state.folders.find(({ data }) => data.timelineId === timelineId);
}

const PLAIN_FILM = MediaInput.parse({ kind: 'media', name: 'x', path: 'x' });

/** What a source of this file would be. None is stored: it lives and goes with the folder, and nobody switches to it. */
export function folderSource({ id, kind, path }: StoredFolderFile): SourceInput {
  // Of a name that begins with a hundred spaces something must be left.
  const name = fitLine(fitLine(path.split('/').at(-1)!, ' ').trim().slice(0, 100), '') || id;
  return kind === 'image' ? { kind, name, path, fallbackSourceId: null, delayMs: 0, audio: PLAIN_AUDIO } : { ...PLAIN_FILM, name, path };
}

const sources = new WeakMap<StoredFolderFiles, ReadonlyMap<string, SourceInput>>();

/** All files of all folders, as sources by their ids. Made once a version. */
export function folderSources(state: Pick<StudioState, 'folderFiles'>): (id: string) => SourceInput | undefined {
  const maps = [...state.folderFiles.values()].map(({ data }) => {
    let map = sources.get(data);
    if (!map) sources.set(data, (map = new Map(data.files.map((file) => [file.id, folderSource(file)]))));
    return map;
  });
  return (id) => maps.find((map) => map.has(id))?.get(id);
}

const forEngine = new WeakMap<StoredFolderFiles, EngineSource[]>();

/** The folders whose timelines the engine is told of, with absolute paths; the studio has looked where links lead. */
export function engineFolders(state: StudioState, timelines: readonly EngineTimeline[], mediaFolder: string): EngineFolder[] {
  const told = new Set(timelines.map(({ id }) => id));
  return state.folders.filter(({ data }) => told.has(data.timelineId)).flatMap(({ id }) => {
    const stored = state.folderFiles.get(id);
    if (!stored) return [];
    let files = forEngine.get(stored.data);
    if (!files) {
      files = stored.data.files.map((file) => ({ ...folderSource(file), id: file.id, path: join(mediaFolder, file.path) }) as EngineSource);
      forEngine.set(stored.data, files);
    }
    return [{ id, revision: stored.revision, files }];
  });
}

/** What is seen of a folder's disk. */
export type FolderView = Pick<Folder, 'state' | 'message' | 'counts'>;

export function toFolder({ id, revision, createdAt, updatedAt, data }: DocumentOf<'folder'>, loop: boolean, view: FolderView): Folder {
  const { timelineId, ...rules }: StoredFolder = data;
  return { ...rules, loop, id, revision, createdAt, updatedAt, timelineId, ...view };
}

/** Timelines as files: one made of what is stored, and what is stored made of one. Pure. */
import { isDeepStrictEqual } from 'node:util';
import type { SourceInput } from '../protocol/resources.js';
import type { TimelineDocument, TimelineFile, TimelineImported } from '../protocol/timeline.js';
import type { DocumentOf, StudioState } from './documents.js';
import { folderSources } from './folders.js';
import { withIds } from './timeline/with-ids.js';
import { nestedIds } from './timelines.js';

interface Named {
  sources: Set<string>;
  scenes: Set<string>;
  overlays: Set<string>;
}

/** A timeline, those that lie in it (each once, at any depth), and the things they all name. Nothing here has a key. */
export function timelineFile(state: StudioState, { id, data }: DocumentOf<'timeline'>): TimelineFile {
  const nested = allNested(state, data);
  const named = thingsNamed([data, ...nested.map((timeline) => timeline.data)]);
  const scenes = state.scenes.filter((scene) => named.scenes.has(scene.id));
  for (const layer of scenes.flatMap((scene) => scene.data.layers)) {
    if (layer.sourceId !== undefined) named.sources.add(layer.sourceId);
    if (layer.overlayId !== undefined) named.overlays.add(layer.overlayId);
  }
  const inFolders = folderSources(state);
  const files = [...named.sources].flatMap((id) => { const data = inFolders(id); return data ? [{ id, ...data }] : []; });
  const plain = <T extends { name: string }>(document: { id: string; data: T }) => ({ id: document.id, ...document.data });
  return {
    kind: 'vistterstudio/timeline', version: 1,
    timeline: plain({ id, data }),
    nested: nested.map(plain),
    sources: [...state.sources.filter((source) => named.sources.has(source.id)).map(plain), ...files],
    scenes: scenes.map(plain),
    overlays: state.overlays.filter((overlay) => named.overlays.has(overlay.id)).map(plain),
  };
}

/** Timelines that lie in a document, or in those. */
function allNested(state: StudioState, document: TimelineDocument): DocumentOf<'timeline'>[] {
  const byId = new Map(state.timelines.map((timeline) => [timeline.id, timeline]));
  const found = new Map<string, DocumentOf<'timeline'>>();
  const add = (one: TimelineDocument): void => {
    for (const id of nestedIds(one)) {
      const timeline = byId.get(id);
      if (!timeline || found.has(id)) continue;
      found.set(id, timeline);
      add(timeline.data);
    }
  };
  add(document);
  return [...found.values()];
}

export interface ToImport {
  id: string;
  document: TimelineDocument;
}
export interface Import {
  /** The timeline itself. */
  top: ToImport;
  /** Those that lie in it and are not here as they are in the file. */
  nested: ToImport[];
  unmatched: TimelineImported['unmatched'];
}

/**
 * What a file means here. Its timelines are new ones, but for nested ones that are here with the same id and content. A source
 * is found by its id, a file by kind and path, a camera, colour or test card by kind and name; scenes and overlays by their
 * id or name. An id counts where it is a thing of the same kind.
 */
export function importTimeline(state: StudioState, file: TimelineFile, makeId: (kind: 'timeline' | 'track' | 'clip') => string): Import {
  const match = matcher(state, file);
  const theirs = new Map([...file.nested, file.timeline].map((timeline) => [timeline.id, timeline]));
  /** Ids here of those that are made; what lies in one that is here already is here as well. */
  const ids = new Map<string, string>();
  const take = (id: string): void => {
    const timeline = theirs.get(id);
    if (!timeline || ids.has(id)) return;
    const here = id === file.timeline.id ? undefined : state.timelines.find((one) => one.id === id);
    if (here && isDeepStrictEqual({ id, ...here.data }, timeline)) return;
    ids.set(id, makeId('timeline'));
    for (const { timelineId } of timeline.tracks.flatMap(({ clips }) => clips)) if (timelineId !== undefined) take(timelineId);
  };
  take(file.timeline.id);
  const remap = ({ id, ...input }: TimelineFile['timeline']): ToImport => ({
    id: ids.get(id)!,
    document: withIds({
      ...input,
      filler: input.filler && ('sourceId' in input.filler ? { sourceId: match.source(input.filler.sourceId) } : { sceneId: match.scene(input.filler.sceneId) }),
      tracks: input.tracks.map((track) => ({
        ...track,
        clips: track.clips.map((clip) => ({
          ...clip,
          ...(clip.sourceId === undefined ? {} : { sourceId: match.source(clip.sourceId) }),
          ...(clip.sceneId === undefined ? {} : { sceneId: match.scene(clip.sceneId) }),
          ...(clip.overlayId === undefined ? {} : { overlayId: match.overlay(clip.overlayId) }),
          ...(clip.timelineId === undefined ? {} : { timelineId: ids.get(clip.timelineId) ?? clip.timelineId }),
        })),
      })),
    }, makeId),
  });
  const made = [...ids.keys()].map((id) => remap(theirs.get(id)!));
  return { top: made[0]!, nested: made.slice(1), unmatched: match.unmatched() };
}

function thingsNamed(documents: readonly TimelineDocument[]): Named {
  const named: Named = { sources: new Set(), scenes: new Set(), overlays: new Set() };
  for (const { filler, tracks } of documents) {
    const things: Partial<Record<'sourceId' | 'sceneId' | 'overlayId', string>>[] = [filler ?? {}, ...tracks.flatMap(({ clips }) => clips)];
    for (const { sourceId, sceneId, overlayId } of things) {
      if (sourceId !== undefined) named.sources.add(sourceId);
      if (sceneId !== undefined) named.scenes.add(sceneId);
      if (overlayId !== undefined) named.overlays.add(overlayId);
    }
  }
  return named;
}

/** The ids here of the things of a file; what is asked for and not here is kept as it is, and told. */
function matcher(state: StudioState, file: TimelineFile) {
  type Kind = TimelineImported['unmatched'][number]['kind'];
  const missing = new Map<string, TimelineImported['unmatched'][number]>();
  const finder = <F extends { id: string; name: string }>(kind: Kind, theirs: readonly F[], find: (id: string, theirs: F | undefined) => { id: string } | undefined) => {
    const byId = new Map(theirs.map((one) => [one.id, one]));
    const known = new Map<string, string>();
    return (id: string): string => {
      const before = known.get(id);
      if (before !== undefined) return before;
      const named = byId.get(id);
      const found = find(id, named);
      if (!found) missing.set(`${kind} ${id}`, { kind, id, name: named?.name ?? null });
      const here = found?.id ?? id;
      known.set(id, here);
      return here;
    };
  };
  const isLike = (data: SourceInput, their: TimelineFile['sources'][number]): boolean =>
    data.kind === their.kind && ('path' in data ? data.path === their.path : data.name === their.name);
  return {
    source: finder('source', file.sources, (id, their) => {
      const same = state.sources.find((source) => source.id === id && (!their || source.data.kind === their.kind));
      return same ?? (their && state.sources.find(({ data }) => isLike(data, their)));
    }),
    scene: finder('scene', file.scenes, (id, their) => state.scenes.find((scene) => scene.id === id) ?? (their && state.scenes.find(({ data }) => data.name === their.name))),
    overlay: finder('overlay', file.overlays, (id, their) => {
      const same = state.overlays.find((overlay) => overlay.id === id && (!their || overlay.data.kind === their.kind));
      return same ?? (their && state.overlays.find(({ data }) => data.kind === their.kind && data.name === their.name));
    }),
    unmatched: () => [...missing.values()],
  };
}

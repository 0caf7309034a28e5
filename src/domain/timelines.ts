/** Timelines among the operator's other things: what the engine needs of them, how they nest, and what lists show. Pure. */
import type { EngineInsert, EngineTimeline } from '../protocol/link.js';
import { STOPPED } from '../protocol/playback.js';
import type { ProgramTarget } from '../protocol/status.js';
import type { Timeline, TimelineDocument, TimelineSummary } from '../protocol/timeline.js';
import { wantedInsert } from './airings.js';
import type { DocumentOf, StudioState } from './documents.js';
import { folderOf, folderSources } from './folders.js';
import type { Issue } from './references.js';
import { scheduleUses } from './schedule/events.js';
import { durationOf } from './timeline/compile.js';
import { isFile, MAX_NESTING, type TimelineLookup } from './timeline/model.js';
import { MAX_LAYERS, Nesting } from './timeline/nesting.js';

/** @param folderId of the folder whose files its clips are */
export function toTimeline({ id, revision, createdAt, updatedAt, data }: DocumentOf<'timeline'>, folderId?: string): Timeline {
  return { id, revision, createdAt, updatedAt, ...data, ...(folderId === undefined ? {} : { folderId }) };
}

const extents = new WeakMap<TimelineDocument, { durationMs: number; clips: number }>();

/** Counted once a version: the snapshot is made at every change of anything. */
export function extentOf(data: TimelineDocument): { durationMs: number; clips: number } {
  let counted = extents.get(data);
  if (!counted) {
    counted = { durationMs: durationOf(data), clips: data.tracks.reduce((sum, { clips }) => sum + clips.length, 0) };
    extents.set(data, counted);
  }
  return counted;
}

/** Nothing would ever be seen or heard of it. A folder's files come by themselves, and a filler or a length is something to play. */
export function isEmpty(state: Pick<StudioState, 'folders'>, { id, data }: DocumentOf<'timeline'>): boolean {
  return extentOf(data).clips === 0 && data.filler === null && data.durationMs === null && folderOf(state, id) === undefined;
}

/** As lists and the snapshot have them. */
export function timelineSummaries(state: Pick<StudioState, 'timelines' | 'timelineVersions' | 'folders'>): TimelineSummary[] {
  const steps = new Map<string, { undo: number; redo: number }>();
  for (const { data: { timelineId, stack } } of state.timelineVersions.values()) {
    let of = steps.get(timelineId);
    if (!of) steps.set(timelineId, (of = { undo: 0, redo: 0 }));
    of[stack] += 1;
  }
  return state.timelines.map((timeline) => {
    const { id, revision, createdAt, updatedAt, data } = timeline;
    const folderId = folderOf(state, id)?.id;
    return {
      id, revision, createdAt, updatedAt, name: data.name, loop: data.loop, ...extentOf(data), empty: isEmpty(state, timeline),
      ...(steps.get(id) ?? { undo: 0, redo: 0 }), ...(folderId === undefined ? {} : { folderId }),
    };
  });
}

const nestings = new WeakMap<TimelineDocument, ReadonlySet<string>>();

/** Ids of the timelines that lie in a document, each once. Looked for once a version. */
export function nestedIds(document: TimelineDocument): ReadonlySet<string> {
  let ids = nestings.get(document);
  if (!ids) {
    ids = new Set(document.tracks.flatMap(({ clips }) => clips.flatMap(({ timelineId }) => timelineId ?? [])));
    nestings.set(document, ids);
  }
  return ids;
}

const sourcesNamed = new WeakMap<TimelineDocument, ReadonlySet<string>>();

/** Ids of the sources that the clips of a document name, each once. Looked for once a version. */
export function sourceIdsIn(document: TimelineDocument): ReadonlySet<string> {
  let ids = sourcesNamed.get(document);
  if (!ids) {
    ids = new Set(document.tracks.flatMap(({ clips }) => clips.flatMap(({ sourceId }) => sourceId ?? [])));
    sourcesNamed.set(document, ids);
  }
  return ids;
}

/** Ids of the stored files that lie in any timeline, on program or not. */
export function filesInTimelines(state: StudioState): string[] {
  const named = new Set<string>();
  for (const { data } of state.timelines) for (const id of sourceIdsIn(data)) named.add(id);
  return state.sources.flatMap(({ id, data }) => (isFile(data.kind) && named.has(id) ? id : []));
}

/**
 * What the engine is told of: the timelines on program, armed, overridden and in the insert on air, and all that lie in them.
 * @param asked those that are being put on program
 * @param insert one that is being put on air
 */
export function engineTimelines(state: StudioState, asked: readonly (ProgramTarget | undefined)[], insert?: EngineInsert): EngineTimeline[] {
  const roots: string[] = [];
  const add = (id: string): void => { roots.push(id); };
  for (const target of [state.program, ...asked]) if (target && 'timelineId' in target) add(target.timelineId);
  for (const id of [state.armed, state.override?.timelineId]) if (typeof id === 'string') add(id);
  for (const one of [wantedInsert(state), insert]) if (one) for (const id of nestedIds(one.document as TimelineDocument)) add(id);
  return withNested(state, roots).map(({ id, revision, data }) => (
    { id, revision, document: data, playback: state.playbacks.get(id) ?? STOPPED, ...(folderOf(state, id) ? { keeps: 'clip' } : {}) }
  ));
}

/** Those of some ids, each followed by all that lie in it, directly or through others; what is not there is left out. */
function withNested(state: StudioState, ids: readonly string[]): DocumentOf<'timeline'>[] {
  const byId = new Map(state.timelines.map((timeline) => [timeline.id, timeline]));
  const found = new Set<DocumentOf<'timeline'>>();
  const add = (id: string): void => {
    const timeline = byId.get(id);
    if (!timeline || found.has(timeline)) return;
    found.add(timeline);
    for (const inner of nestedIds(timeline.data)) add(inner);
  };
  ids.forEach(add);
  return [...found];
}

/** Where a timeline is used, in words an operator reads; empty when it may go. */
export function usesOfTimeline(state: StudioState, id: string): string[] {
  const uses: string[] = [];
  if ('timelineId' in state.program && state.program.timelineId === id) uses.push('on program');
  if (state.armed === id) uses.push('armed on preview');
  if (state.override?.timelineId === id) uses.push('to come back when it is released');
  for (const insert of state.inserts) if (insert.data.timelineId === id) uses.push(`in the insert "${insert.data.name}"`);
  for (const other of state.timelines) if (other.id !== id && nestedIds(other.data).has(id)) uses.push(`in timeline "${other.data.name}"`);
  return [...uses, ...scheduleUses(state, 'timelineId', id)];
}

/** The things that clips name, as they are stored. */
export function timelineLookup(state: StudioState): TimelineLookup {
  const by = <T>(documents: readonly { id: string; data: T }[]) => {
    const map = new Map(documents.map(({ id, data }) => [id, data]));
    return (id: string): T | undefined => map.get(id);
  };
  const stored = by(state.sources);
  const inFolders = folderSources(state);
  return { source: (id) => stored(id) ?? inFolders(id), scene: by(state.scenes), overlay: by(state.overlays), timeline: by(state.timelines) };
}

/**
 * Why a document must not be stored: with two things of one id edits cannot tell them apart, and timelines that lie in
 * themselves or too deep cannot be resolved. All else may be wrong for a while, as an operator edits step by step.
 * @param id null for a new one
 */
export function storeIssues(state: StudioState, id: string | null, document: TimelineDocument): Issue[] {
  const issues = [...idIssues(document), ...nestingIssues(state, id, document)];
  return issues.length > 0 ? issues : layerIssues(state, id, document);
}

/** More than the compositor draws, in the document itself or in one that it lies in: what a frame costs must have a bound. */
function layerIssues(state: StudioState, id: string | null, document: TimelineDocument): Issue[] {
  const lookup = timelineLookup(state);
  const context = { ...lookup, timeline: (one: string) => (one === id ? document : lookup.timeline(one)) };
  const own = new Nesting(document, { ...context, ...(id === null ? {} : { timelineId: id }) }).layersAtOnce();
  if (own > MAX_LAYERS) return [{ path: 'tracks', message: `Up to ${own} layers would be seen at once; ${MAX_LAYERS} is the most.` }];
  if (id === null || own <= 1) return [];
  const above = state.timelines.filter(({ id: other }) => other !== id && withNested(state, [other]).some((inner) => inner.id === id));
  for (const { id: other, data } of above) {
    const layers = new Nesting(data, { ...context, timelineId: other }).layersAtOnce();
    if (layers > MAX_LAYERS) return [{ path: 'tracks', message: `"${data.name}", in which it lies, would have up to ${layers} layers at once; ${MAX_LAYERS} is the most.` }];
  }
  return [];
}

function idIssues(document: TimelineDocument): Issue[] {
  const ids = document.tracks.flatMap(({ id, clips }) => [id, ...clips.map((clip) => clip.id)]);
  if (new Set(ids).size === ids.length) return [];
  const issues: Issue[] = [];
  const seen = new Map<string, string>();
  const take = (id: string, path: string): void => {
    const first = seen.get(id);
    if (first === undefined) seen.set(id, path);
    else issues.push({ path: `${path}.id`, message: `${first} has the id "${id}" too.` });
  };
  document.tracks.forEach((track, i) => {
    take(track.id, `tracks.${i}`);
    track.clips.forEach((clip, j) => take(clip.id, `tracks.${i}.clips.${j}`));
  });
  return issues.slice(0, 20);
}

function nestingIssues(state: StudioState, id: string | null, document: TimelineDocument): Issue[] {
  const inner = nestedIds(document);
  if (inner.size === 0) return [];
  const children = new Map(state.timelines.map((timeline) => [timeline.id, timeline.id === id ? inner : nestedIds(timeline.data)]));
  /** Levels from here down, itself included; Infinity: back to the timeline that is stored. */
  const below: (one: string) => number = memo((one) => {
    if (one === id) return Infinity;
    const of = children.get(one);
    return of ? 1 + Math.max(0, ...[...of].map(below)) : 0;
  });
  const parents = (one: string): string[] => [...children].filter(([, of]) => of.has(one)).map(([parent]) => parent);
  /** Levels above. */
  const above: (one: string) => number = memo((one) => Math.max(0, ...parents(one).map((parent) => 1 + above(parent))));

  const pathOf = (nested: string): string => {
    for (const [i, { clips }] of document.tracks.entries()) {
      const j = clips.findIndex(({ timelineId }) => timelineId === nested);
      if (j >= 0) return `tracks.${i}.clips.${j}.timelineId`;
    }
    return 'tracks';
  };
  const looping = [...inner].filter((nested) => below(nested) === Infinity);
  if (looping.length > 0) return looping.map((nested) => ({ path: pathOf(nested), message: 'A timeline cannot lie in itself, directly or through others.' }));
  const up = id === null ? 0 : above(id);
  return [...inner].filter((nested) => up + below(nested) > MAX_NESTING)
    .map((nested) => ({ path: pathOf(nested), message: `Timelines may lie ${MAX_NESTING} deep in each other below the first, and no deeper.` }));
}

/** A value is worked out once; one that depends on itself is Infinity. */
function memo(work: (id: string) => number): (id: string) => number {
  const known = new Map<string, number>();
  return (id) => {
    const before = known.get(id);
    if (before !== undefined) return before;
    known.set(id, Infinity);
    const value = work(id);
    known.set(id, value);
    return value;
  };
}

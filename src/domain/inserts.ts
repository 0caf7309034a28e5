/** What an insert shows and for how long: from the resource to what the engine airs. Pure. */
import type { Insert, InsertInput } from '../protocol/inserts.js';
import type { EngineInsert } from '../protocol/link.js';
import type { SourceInput } from '../protocol/resources.js';
import type { TimelineDocument } from '../protocol/timeline.js';
import type { DocumentOf, StudioState } from './documents.js';
import type { Issue } from './references.js';
import type { MediaState } from './timeline/check.js';
import { extentOf } from './timelines.js';

export function toInsert({ id, revision, createdAt, updatedAt, data }: DocumentOf<'insert'>): Insert {
  return { id, revision, createdAt, updatedAt, ...data };
}

const WITHOUT_LENGTH: Readonly<Record<SourceInput['kind'], string | null>> = {
  camera: 'A camera', image: 'An image', color: 'A colour', test: 'A test card', media: null, audio: null,
};

/** What an insert names that is not there, and a length that is missing. */
export function insertIssues(state: StudioState, { sourceId, sceneId, timelineId, durationMs }: InsertInput): Issue[] {
  if (sourceId !== undefined) {
    const source = state.sources.find(({ id }) => id === sourceId)?.data;
    if (!source) return [{ path: 'sourceId', message: `There is no source ${sourceId}.` }];
    const endless = ('loop' in source && source.loop) ? 'A source that loops' : WITHOUT_LENGTH[source.kind];
    return endless !== null && durationMs === null ? [needsLength(endless)] : [];
  }
  if (sceneId !== undefined) {
    if (!state.scenes.some(({ id }) => id === sceneId)) return [{ path: 'sceneId', message: `There is no scene ${sceneId}.` }];
    return durationMs === null ? [needsLength('A scene')] : [];
  }
  return state.timelines.some(({ id }) => id === timelineId) ? [] : [{ path: 'timelineId', message: `There is no timeline ${timelineId}.` }];
}

const needsLength = (what: string): Issue => ({ path: 'durationMs', message: `${what} has no length of its own: say how long the insert is.` });

/** The file that an insert shows or sounds, and whose length it has where it has none of its own; null: it is no single file. */
export function fileOf(state: StudioState, { sourceId }: InsertInput): Extract<SourceInput, { kind: 'media' | 'audio' | 'image' }> | null {
  const source = state.sources.find(({ id }) => id === sourceId)?.data;
  return source && (source.kind === 'media' || source.kind === 'audio' || source.kind === 'image') ? source : null;
}

/**
 * How long an insert airs, ms; less than one where it begins behind its end. Null: its file does not say how long it is.
 * @param media what its file is, of one that `fileOf` names
 */
export function lengthMs(state: StudioState, insert: InsertInput, media: MediaState | undefined): number | null {
  if (insert.durationMs !== null) return insert.durationMs;
  const timeline = state.timelines.find(({ id }) => id === insert.timelineId);
  if (timeline) return extentOf(timeline.data).durationMs - insert.inMs;
  const file = fileOf(state, insert);
  if (file?.kind === 'image') return null;
  const fileMs = media?.is === 'ok' ? media.durationMs : null;
  if (!file || (fileMs === null && file.outMs === null)) return null;
  return Math.min(fileMs ?? Infinity, file.outMs ?? Infinity) - file.inMs - insert.inMs;
}

/** What the engine is to air: one clip on a timeline of its own. Sound alone lies over the program, as what does not fill the frame does. */
export function engineInsert(state: StudioState, { id, data }: DocumentOf<'insert'>, airingId: string, durationMs: number): EngineInsert {
  const { name, sourceId, sceneId, timelineId, inMs, mode, transition, transitionOut, x, y, width, height, fit, opacity, crop, audio } = data;
  const isSound = state.sources.some((source) => source.id === sourceId && source.data.kind === 'audio');
  const what = sourceId !== undefined ? { sourceId } : sceneId !== undefined ? { sceneId } : { timelineId: timelineId! };
  const clip = { id: 'insert', ...what, startMs: 0, durationMs, inMs, x, y, width, height, fit, opacity, crop, audio, keyframes: [] };
  const document: TimelineDocument = {
    name, loop: false, durationMs, filler: null,
    tracks: [{ id: 'insert-track', kind: isSound ? 'audio' : 'video', enabled: true, gainDb: 0, clips: [clip] }],
  };
  return {
    airingId, insertId: id, document, mode,
    fills: !isSound && opacity === 1 && x <= 0 && y <= 0 && x + width >= 1 && y + height >= 1,
    ...(transition ? { transition } : {}), ...(transitionOut ? { transitionOut } : {}), began: null,
  };
}

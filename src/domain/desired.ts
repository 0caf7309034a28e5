/** Stored state → what each process is to do. Pure: files and secrets are looked up by what is passed in. */
import type { EgressActual, EgressDesired, EmergencyTarget, EngineDesired, EngineInsert, EngineSource, IngestDesired, SidecarDesired } from '../protocol/link.js';
import type { TileWish } from '../protocol/multiview.js';
import type { Recording } from '../protocol/resources.js';
import type { ProgramTarget } from '../protocol/status.js';
import { wantedInsert } from './airings.js';
import { destinationsOnAir } from './broadcast.js';
import type { DocumentOf, StudioState } from './documents.js';
import { previewOf } from './playback.js';
import { engineFolders } from './folders.js';
import { engineTimelines, filesInTimelines } from './timelines.js';

/** Where a media path leads: an absolute path (or address) for a decoder, or why it is refused. */
export type MediaLocation = { is: 'found'; path: string } | { is: 'missing'; path: string } | { is: 'refused'; message: string };
export type FindMedia = (path: string) => MediaLocation;
/** The key of a camera or destination; undefined when it has none. */
export type FindKey = (kind: 'camera' | 'destination', id: string) => string | undefined;

/** Every camera that may publish, with its key. */
export function ingestDesired(state: StudioState, key: FindKey): IngestDesired {
  const cameras = state.sources.filter((source) => source.data.kind === 'camera');
  return { cameras: cameras.flatMap(({ id, data }) => { const k = key('camera', id); return k ? [{ id, name: data.name, key: k }] : []; }) };
}

/**
 * A source whose path leaves the media folder is left out: the engine never hears of the file.
 * @param context `asked`: what is being put on program, which is desired when it was taken; a timeline is told of before, as is one that
 *   the schedule will put on program in a moment, `scheduled`. `emergency`, `black`: what it is just now asked for; `coming`: the insert it is asked
 *   for, which is desired when it has begun
 */
export function engineDesired(
  state: StudioState,
  context: {
    mediaFolder: string; findMedia: FindMedia; asked?: ProgramTarget | undefined; scheduled?: ProgramTarget | undefined;
    emergency?: EmergencyTarget | null | undefined; black?: boolean | undefined; coming?: EngineInsert | undefined; levels: boolean; tiles?: TileWish[]; listen?: EngineDesired['listen'];
  },
): EngineDesired {
  const timelines = engineTimelines(state, [context.asked, context.scheduled], context.coming);
  return {
    settings: state.settings.data,
    mediaFolder: context.mediaFolder,
    sources: state.sources.flatMap((source) => engineSource(source, context.findMedia)),
    scenes: state.scenes.map(({ id, data }) => ({ id, layers: data.layers })),
    overlays: state.overlays.map(({ id, data }) => ({ id, ...data })),
    timelines,
    folders: engineFolders(state, timelines, context.mediaFolder),
    program: state.program,
    take: state.take,
    armed: state.armed,
    preview: previewOf(state),
    inTimelines: filesInTimelines(state),
    black: context.black ?? state.black,
    emergency: context.emergency === undefined ? (state.emergency?.target ?? null) : context.emergency,
    insert: wantedInsert(state),
    levels: context.levels, tiles: context.tiles ?? [], listen: context.listen ?? [],
  };
}

function engineSource({ id, data }: DocumentOf<'source'>, findMedia: FindMedia): EngineSource[] {
  switch (data.kind) {
    case 'media':
    case 'image':
    case 'audio': {
      const location = findMedia(data.path);
      return location.is === 'refused' ? [] : [{ id, ...data, path: location.path }];
    }
    case 'camera':
    case 'color':
    case 'test':
      return [{ id, ...data }];
    default:
      return data satisfies never;
  }
}

/** Destinations to be connected, and the recording to be written. */
export function egressDesired(state: StudioState, key: FindKey): EgressDesired {
  const onAir = new Set(destinationsOnAir(state.broadcast, state.destinations));
  return {
    destinations: state.destinations.filter(({ id }) => onAir.has(id)).map(({ id, data }) => ({
      id, name: data.name, platform: data.platform, url: data.url, key: key('destination', id) ?? '',
    })),
    recording: currentRecording(state),
  };
}

/** The recording that is to be written now. */
export function currentRecording(state: StudioState): { id: string } | null {
  const recording = state.recordings.find(({ data }) => data.state === 'recording');
  return recording ? { id: recording.id } : null;
}

/**
 * Recordings that are over and not finished yet, and those whose finishing was killed too often: the next sidecar tries them
 * anew. One that egress still writes has to wait; `egress` is what it last
 * reported, undefined while it is away — then nobody knows, and no
 * finishing is begun nor ended.
 */
export function sidecarDesired(state: StudioState, egress: Pick<EgressActual, 'recording' | 'openRecordings'> | undefined): SidecarDesired {
  const written = egress?.recording.state === 'recording' ? egress.recording.id : null;
  const onAir = isOnAir(state) || written !== null;
  if (!egress) return { finish: null, watch: watched(state), onAir };
  // What is stopped may wait for its disk with half a minute that is not written yet: a file made of it before that would be all there ever is.
  const finishing = state.recordings.filter(({ id, data }) => isToBeFinished(data) && id !== written && !egress.openRecordings.includes(id));
  // One that was stopped is watched until its last part is closed.
  const last = state.recordings.find(({ id, data }) => id === written && data.state === 'finishing');
  return { finish: finishing.map(({ id }) => ({ recordingId: id })), watch: watched(state, last?.id), onAir };
}

/** Something is sent to somebody, or recorded. */
const isOnAir = (state: StudioState): boolean => currentRecording(state) !== null || destinationsOnAir(state.broadcast, state.destinations).length > 0;

function watched(state: StudioState, recordingId = currentRecording(state)?.id): SidecarDesired['watch'] {
  return recordingId !== undefined && state.settings.data.analysis.auto ? { recordingId } : null;
}

/** Whether the sidecar's word on a recording counts. */
export function isToBeFinished({ state, error }: Pick<Recording, 'state' | 'error'>): boolean {
  return state === 'finishing' || (state === 'failed' && error?.code === 'REMUX_KILLED');
}

/** What the processes report → the one status that operators see. Pure. */
import type { InsertStatus } from '../protocol/inserts.js';
import type { ActualOf } from '../protocol/link.js';
import type { TimelineStatus } from '../protocol/playback.js';
import type { BroadcastState, BroadcastStatus, CameraStatus, DestinationStatus, OperatorStatus, ScheduleStatus, SourceStatus } from '../protocol/status.js';
import type { DocumentOf, StudioState } from './documents.js';
import type { FindMedia } from './desired.js';
import { sourcesOnProgram } from './on-program.js';
import { positionMsAt, regionOf, type Moment } from './playback.js';
import { extentOf } from './timelines.js';

/** The last reports; a role that is away or has fallen silent is undefined. */
export type Reports = { [R in keyof ActualOf]?: ActualOf[R] | undefined };

export interface StatusFacts {
  state: StudioState;
  broadcast: BroadcastState;
  reports: Reports;
  processes: BroadcastStatus['processes'];
  findMedia: FindMedia;
  schedule: ScheduleStatus;
  operators: readonly OperatorStatus[];
  now: Moment;
}

/** Of the panels, so many are listed: the status goes to each of them each second. */
const LISTED_OPERATORS = 30;

export function broadcastStatus(facts: StatusFacts): Omit<BroadcastStatus, 'warnings' | 'machine'> {
  const { state, reports } = facts;
  const { startedAt } = state.broadcast;
  const program = reports.engine?.program ?? null;
  const timeline = timelineStatus(facts);
  return {
    state: facts.broadcast,
    uptimeMs: startedAt ? Math.max(0, facts.now.wallMs - Date.parse(startedAt)) : 0,
    program,
    onAir: sourcesOnProgram(state, program, standing(facts)),
    encoder: reports.engine?.encoder ?? null,
    overlays: reports.engine?.overlays ?? null,
    sources: state.sources.map((source) => sourceStatus(source, reports, facts)),
    destinations: state.destinations.map(({ id }) => destinationStatus(id, reports)),
    recording: reports.egress?.recording ?? { state: 'idle', id: null, bytes: 0, durationMs: 0, droppedFrames: 0 },
    timeline,
    schedule: facts.schedule,
    emergency: reports.engine?.emergency ?? false,
    insert: insertStatus(facts),
    processes: facts.processes,
    operators: facts.operators.slice(0, LISTED_OPERATORS),
    panels: facts.operators.length,
  };
}

/** The engine knows how far it is, the studio what it is called. */
function insertStatus({ state, reports }: StatusFacts): InsertStatus | null {
  const reported = reports.engine?.insert;
  if (!reported) return null;
  const { airingId, insertId, frame, aired, frames, missed } = reported;
  const known = state.airings.find(({ insert }) => insert.airingId === airingId);
  return { airingId, insertId, name: known?.name ?? insertId, mode: known?.insert.mode ?? 'over', frame, aired, frames, missedFrames: missed };
}

/** Where the timeline on program stands by now: what the engine reported may be a second old. */
function standing({ reports, now }: StatusFacts): { timelineId: string; positionMs: number } | null {
  const reported = reports.engine?.timeline;
  if (!reported) return null;
  const { timelineId, state, playback, positionMs } = reported;
  // One that stands still for an insert says how it will go on.
  const runs = state === 'playing' && playback.is === 'playing' && !reports.engine?.insert;
  return { timelineId, positionMs: runs ? positionMsAt(playback, now) : positionMs };
}

/** The engine knows of the one on program; of one that is overridden nothing runs, and where it would be is reckoned. */
function timelineStatus({ state, reports, now }: StatusFacts): TimelineStatus | null {
  if (!state.override) {
    const reported = reports.engine?.timeline;
    if (!reported || !('timelineId' in state.program) || state.program.timelineId !== reported.timelineId) return null;
    const { playback: _, ...status } = reported;
    return { ...status, overridden: false };
  }
  const { timelineId, instead } = state.override;
  if (instead) return null;
  const timeline = state.timelines.find(({ id }) => id === timelineId);
  const playback = state.playbacks.get(timelineId);
  if (!timeline || !playback) return null;
  const { revision, data: { loop } } = timeline;
  const { durationMs } = extentOf(timeline.data);
  const positionMs = Math.round(positionMsAt(playback, now));
  const region = regionOf(playback);
  const ended = !loop && playback.is === 'playing' && positionMs >= durationMs;
  return {
    timelineId, revision, state: ended ? 'ended' : playback.is === 'playing' ? 'playing' : 'paused', overridden: true,
    positionMs, durationMs, lap: loop && durationMs > 0 ? Math.floor(positionMs / durationMs) : 0, failedClips: 0, lateClips: 0, open: 0,
    ...(region ? { region } : {}),
  };
}

/** The engine knows what is shown; ingest knows what a camera sends; the studio knows when a file cannot be there. */
function sourceStatus(source: DocumentOf<'source'>, reports: Reports, { findMedia, now }: StatusFacts): SourceStatus {
  const { id, data } = source;
  const shown = reports.engine?.sources.find((status) => status.id === id);
  if ('path' in data && shown?.state !== 'live') {
    const location = findMedia(data.path);
    if (location.is === 'refused') {
      return { id, state: 'failed', ageMs: -1, error: { code: 'PATH_NOT_ALLOWED', message: location.message } };
    }
    if (location.is === 'missing') {
      return { ...(shown ?? { id, ageMs: -1 }), state: 'failed', error: { code: 'MEDIA_MISSING', message: `There is no file ${data.path} in the media folder.` } };
    }
  }
  const camera = reports.ingest?.cameras.find((status) => status.id === id);
  const sent = camera?.state === 'live' ? camera.video : null;
  const fromCamera = sent ? { width: sent.width, height: sent.height, fps: sent.fps } : {};
  if (shown && camera && isSoundOnly(shown, camera, now)) {
    // The size that the engine knows is that of an earlier connection's picture.
    const { width: _, height: __, fps: ___, ...rest } = shown;
    return { ...rest, state: 'live', ageMs: shown.state === 'gone' ? (camera.ageMs ?? shown.ageMs) : shown.ageMs, soundOnly: true };
  }
  if (shown) return { ...withoutUndefined(fromCamera), ...withoutUndefined(shown) };
  return { id, state: 'waiting', ageMs: camera?.ageMs ?? -1, ...withoutUndefined(fromCamera) };
}

/** A connection is as old as this before it counts that no picture came: its first tags are often sound. */
const PICTURE_COMES_MS = 2000;

function isSoundOnly(shown: SourceStatus, camera: CameraStatus, now: Moment): boolean {
  const { state, video, audio, sinceMs } = camera;
  if (state !== 'live' || video !== null || audio === null || sinceMs === null) return false;
  return (shown.state === 'gone' || shown.state === 'live') && Math.abs(now.wallMs - sinceMs) > PICTURE_COMES_MS;
}

function destinationStatus(id: string, reports: Reports): DestinationStatus {
  return reports.egress?.destinations.find((status) => status.id === id)
    ?? { id, state: 'idle', kbps: 0, ackedBytes: 0, reconnects: 0, droppedFrames: 0, queueMs: 0 };
}

function withoutUndefined<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, v]) => v !== undefined)) as T;
}

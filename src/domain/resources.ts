/** Stored documents → the public resources that REST and the websocket show. Never holds a key. Pure. */
import { platformWarnings } from '../platforms/limits.js';
import type { Destination, Overlay, Recording, Scene, Settings, Source } from '../protocol/resources.js';
import type { BroadcastState } from '../protocol/status.js';
import type { SettingsResource, StateSnapshot } from '../protocol/state.js';
import { destinationsOnAir } from './broadcast.js';
import { currentRecording } from './desired.js';
import type { Document, DocumentOf, StudioState } from './documents.js';
import { toInsert } from './inserts.js';
import { previewOf } from './playback.js';
import { timelineSummaries } from './timelines.js';

/** Recordings that the snapshot carries; the rest is a matter for REST. */
const SNAPSHOT_RECORDINGS = 100;

const meta = ({ id, revision, createdAt, updatedAt }: Document<unknown>) => ({ id, revision, createdAt, updatedAt });

/** `rtmpServer` is what a camera's operator types in as the server. */
export function toSource(document: DocumentOf<'source'>, rtmpServer: string): Source {
  const { data } = document;
  return data.kind === 'camera'
    ? { ...meta(document), ...data, ingest: { server: rtmpServer } }
    : { ...meta(document), ...data };
}

export const toScene = (document: DocumentOf<'scene'>): Scene => ({ ...meta(document), ...document.data });
export const toOverlay = (document: DocumentOf<'overlay'>): Overlay => ({ ...meta(document), ...document.data });
export const toDestination = (document: DocumentOf<'destination'>, settings: Settings): Destination =>
  ({ ...meta(document), ...document.data, warnings: platformWarnings(document.data.platform, settings) });
export const toRecording = ({ id, data: { zeros: _, pauses: __, startedWith: ___, ...data } }: DocumentOf<'recording'>): Recording => ({ id, ...data });
export const toSettings = ({ revision, data }: DocumentOf<'settings'>): SettingsResource => ({ ...data, revision });

/** What the snapshot shows that is not in the state alone. */
export interface SnapshotParts {
  /** Events with what depends on the time. */
  schedule?: StateSnapshot['schedule'];
  /** Without their files: there can be thousands. */
  folders?: StateSnapshot['folders'];
  /** How far they are, which the jobs know. */
  analyses?: StateSnapshot['analyses'];
  models?: StateSnapshot['models'];
}

/** The document that `state` sends and patches. */
export function toSnapshot(state: StudioState, broadcast: BroadcastState, rtmpServer: string, { schedule = [], folders = [], analyses = [], models = { rev: 0 } }: SnapshotParts = {}): StateSnapshot {
  return {
    sources: state.sources.map((source) => toSource(source, rtmpServer)),
    scenes: state.scenes.map(toScene),
    overlays: state.overlays.map(toOverlay),
    destinations: state.destinations.map((destination) => toDestination(destination, state.settings.data)),
    timelines: timelineSummaries(state),
    schedule,
    folders,
    inserts: state.inserts.map(toInsert),
    settings: toSettings(state.settings),
    program: state.program,
    armed: state.armed,
    preview: previewOf(state),
    black: state.black,
    override: state.override && { timelineId: state.override.timelineId, ...(state.override.instead ? { instead: state.override.instead } : {}) },
    emergency: state.emergency && { target: state.emergency.target, since: state.emergency.since },
    broadcast: {
      state: broadcast,
      startedAt: state.broadcast.startedAt,
      destinationIds: destinationsOnAir(state.broadcast, state.destinations),
      recordingId: currentRecording(state)?.id ?? null,
    },
    recordings: state.recordings.slice(-SNAPSHOT_RECORDINGS).reverse().map(toRecording),
    analyses,
    models,
  };
}

/** A stored state for tests of pure functions. */
import { OFF_AIR, type DataOf, type Document, type StoredRecording, type StudioState } from '../../../src/domain/documents.js';
import { OverlayInput, SceneInput, Settings, SourceInput } from '../../../src/protocol/resources.js';

export const document = <T>(id: string, data: T): Document<T> => ({ id, revision: 1, createdAt: '2026-01-01T00:00:00.000Z', updatedAt: '2026-01-01T00:00:00.000Z', data });
export const recording = (state: StoredRecording['state']): StoredRecording => ({ state, startedAt: '2026-01-01T00:00:00.000Z', endedAt: null, durationMs: null, bytes: null, path: null, error: null, zeros: [], pauses: [], startedWith: null });

export function studioState(change: Partial<StudioState> = {}): StudioState {
  return {
    sources: [
      document('cam', SourceInput.parse({ kind: 'camera', name: 'Camera' })),
      document('film', SourceInput.parse({ kind: 'media', name: 'Film', path: 'film.mp4', fallbackSourceId: 'card' })),
      document('card', SourceInput.parse({ kind: 'test', name: 'Card' })),
    ],
    scenes: [document('scene', SceneInput.parse({ name: 'Scene', layers: [{ sourceId: 'cam' }, { overlayId: 'clock', width: 0.2 }] }))],
    overlays: [document('clock', OverlayInput.parse({ kind: 'clock', name: 'Clock' }))],
    destinations: [
      document<DataOf['destination']>('yt', { name: 'YT', platform: 'youtube', url: 'rtmps://a/live2', enabled: true, hasKey: true }),
      document<DataOf['destination']>('off', { name: 'Off', platform: 'custom', url: 'rtmp://b/live', enabled: false, hasKey: false }),
    ],
    recordings: [],
    settings: document('channel', Settings.parse({})),
    program: { sourceId: 'card' },
    take: 0,
    broadcast: OFF_AIR,
    timelines: [],
    timelineVersions: new Map(),
    playbacks: new Map(),
    armed: null,
    preview: null,
    black: false,
    override: null,
    schedule: [],
    scheduleRuns: new Map(),
    scheduled: null,
    folders: [],
    folderFiles: new Map(),
    emergency: null,
    inserts: [],
    insertRules: new Map(),
    airings: [],
    analyses: new Map(),
    ...change,
  };
}

import { describe, expect, test } from 'vitest';
import { egressDesired, engineDesired, ingestDesired, sidecarDesired, type MediaLocation } from '../../../src/domain/desired.js';
import { OFF_AIR } from '../../../src/domain/documents.js';
import { fallbackIssues, layerIssues, usesOfOverlay, usesOfScene, usesOfSource } from '../../../src/domain/references.js';
import { toSnapshot } from '../../../src/domain/resources.js';
import { broadcastStatus } from '../../../src/domain/status.js';
import { EgressDesired, EngineDesired, IngestDesired } from '../../../src/protocol/link.js';
import { MOST_TILES } from '../../../src/protocol/tile.js';
import { MOST_LISTENED } from '../../../src/protocol/sound.js';
import { StateSnapshot } from '../../../src/protocol/state.js';
import { BroadcastStatus } from '../../../src/protocol/status.js';
import { SceneInput } from '../../../src/protocol/resources.js';
import { document, recording, studioState } from './state.js';

const key = (kind: string, id: string) => (id === 'off' ? undefined : `${kind} key of ${id}`);
const found = (path: string): MediaLocation => ({ is: 'found', path: `/media/${path}` });
const context = { mediaFolder: '/media', findMedia: found, levels: false };

describe('what is wanted of each process', () => {
  test('ingest: every camera with its key', () => {
    expect(IngestDesired.parse(ingestDesired(studioState(), key))).toEqual({ cameras: [{ id: 'cam', name: 'Camera', key: 'camera key of cam' }] });
    expect(ingestDesired(studioState(), () => undefined)).toEqual({ cameras: [] });
  });

  test('engine: all there is to show, with paths made absolute, and no key', () => {
    const desired = engineDesired(studioState(), { ...context, asked: { sceneId: 'scene' }, levels: true });
    expect(EngineDesired.parse(desired)).toEqual(desired);
    expect(desired.sources.map((source) => ['path' in source ? source.path : source.kind])).toEqual([['camera'], ['/media/film.mp4'], ['test']]);
    expect(desired).toMatchObject({ program: { sourceId: 'card' }, take: 0, levels: true, mediaFolder: '/media' });
    expect(JSON.stringify(desired)).not.toContain('key of');
  });

  test('engine: it understands all of it, however much clients ask for together', () => {
    const tiles = Array.from({ length: 5 * MOST_TILES }, (_, i) => ({ id: `src_${i}`, width: 320, fps: 10 }));
    const listen = Array.from({ length: 5 * MOST_LISTENED }, (_, mix) => ({ mix, sourceIds: tiles.map(({ id }) => id) }));
    const desired = engineDesired(studioState(), { ...context, tiles, listen });
    expect(EngineDesired.parse(desired)).toEqual(desired);
  });

  test('engine: a file that leaves the folder is not even named, one that is missing is', () => {
    const desired = (location: MediaLocation) => engineDesired(studioState(), { ...context, findMedia: () => location });
    expect(JSON.stringify(desired({ is: 'refused', message: 'no' }))).not.toContain('film');
    expect(JSON.stringify(desired({ is: 'missing', path: '/media/film.mp4' }))).toContain('/media/film.mp4');
  });

  test('egress: nothing off air; on air what is enabled, with its key', () => {
    expect(egressDesired(studioState(), key)).toEqual({ destinations: [], recording: null });
    const onAir = egressDesired(studioState({ broadcast: { ...OFF_AIR, on: true } }), key);
    expect(EgressDesired.parse(onAir).destinations).toEqual([{ id: 'yt', name: 'YT', platform: 'youtube', url: 'rtmps://a/live2', key: 'destination key of yt' }]);
    expect(egressDesired(studioState({ broadcast: { ...OFF_AIR, on: true, destinationIds: ['off'] } }), key).destinations[0]!.key).toBe('');
    expect(egressDesired(studioState({ recordings: [document('old', recording('ready')), document('now', recording('recording'))] }), key).recording).toEqual({ id: 'now' });
  });

  test('sidecar: what is over and not written any more; no decision while nobody knows', () => {
    const state = studioState({ recordings: [document('a', recording('finishing')), document('b', recording('finishing')), document('c', recording('ready'))] });
    const recordingOf = (state: 'recording' | 'stopped', openRecordings: string[]) => ({ recording: { state, id: 'b', bytes: 0, durationMs: 0, droppedFrames: 0 }, openRecordings });
    const writing = recordingOf('recording', ['b']);
    expect(sidecarDesired(state, writing)).toEqual({ finish: [{ recordingId: 'a' }], watch: { recordingId: 'b' }, onAir: true });
    expect(sidecarDesired(state, recordingOf('stopped', [])).finish).toHaveLength(2);
    // Each waits for its disk: the one behind another that is written by now, the other beside one that says nothing but that it hangs.
    expect(sidecarDesired(state, recordingOf('recording', ['b', 'a'])).finish).toEqual([]);
    expect(sidecarDesired(state, recordingOf('stopped', ['b'])).finish).toEqual([{ recordingId: 'a' }]);
    expect(sidecarDesired(state, undefined)).toEqual({ finish: null, watch: null, onAir: false });
    expect(sidecarDesired(studioState({ broadcast: { ...OFF_AIR, on: true } }), undefined).onAir).toBe(true);
    const failed = (code: string) => document(code, { ...recording('failed'), error: { code, message: 'No.' } });
    expect(sidecarDesired(studioState({ recordings: [failed('REMUX_FAILED'), failed('REMUX_KILLED')] }), writing)).toEqual({ finish: [{ recordingId: 'REMUX_KILLED' }], watch: null, onAir: true });
  });
});

describe('references', () => {
  test('every use of a thing is named', () => {
    const state = studioState();
    expect(usesOfSource(state, 'cam')).toEqual(['in scene "Scene"']);
    expect(usesOfSource(state, 'card')).toEqual(['on program', 'the fallback of "Film"']);
    expect(usesOfSource(state, 'film')).toEqual([]);
    expect(usesOfOverlay(state, 'clock')).toEqual(['in scene "Scene"']);
    expect(usesOfScene(state, 'scene')).toEqual([]);
    expect(usesOfScene({ ...state, program: { sceneId: 'scene' } }, 'scene')).toEqual(['on program']);
  });

  test('a fallback must exist and must not come back to where it began', () => {
    const state = studioState();
    expect(fallbackIssues(state, 'cam', 'film')).toEqual([]);
    expect(fallbackIssues(state, 'card', 'film')[0]?.message).toContain('stand in for itself');
    expect(fallbackIssues(state, 'cam', 'cam')).toHaveLength(1);
    expect(fallbackIssues(state, null, 'ghost')[0]?.message).toContain('no source ghost');
  });

  test('a layer must name what there is', () => {
    const { layers } = SceneInput.parse({ name: 'x', layers: [{ sourceId: 'cam' }, { sourceId: 'ghost' }, { overlayId: 'ghost' }] });
    expect(layerIssues(studioState(), layers).map(({ path }) => path)).toEqual(['layers.1.sourceId', 'layers.2.overlayId']);
  });
});

describe('what is shown', () => {
  test('a snapshot fits its schema and holds no key', () => {
    const snapshot = toSnapshot(studioState({ recordings: [document('a', recording('ready')), document('b', recording('recording'))] }), 'live', 'rtmp://h/live');
    expect(StateSnapshot.parse(snapshot)).toEqual(snapshot);
    expect(snapshot.recordings.map(({ id }) => id)).toEqual(['b', 'a']);
    expect(snapshot.broadcast).toEqual({ state: 'live', startedAt: null, destinationIds: [], recordingId: 'b' });
    expect(snapshot.sources[0]).toMatchObject({ ingest: { server: 'rtmp://h/live' } });
  });

  const schedule = { enabled: true, now: null, next: null, problem: null };
  const facts = { state: studioState(), broadcast: 'standby' as const, reports: {}, processes: [], operators: [], findMedia: found, schedule, now: { monotonicMs: 60_000, wallMs: Date.parse('2026-01-01T00:01:00Z'), bootId: 'boot' } };
  test('with nobody there, the status says so rather than repeating what was', () => {
    const status = broadcastStatus(facts);
    expect(BroadcastStatus.parse(status)).toEqual({ ...status, warnings: [], machine: null });
    expect(status).toMatchObject({ program: null, encoder: null, overlays: null, uptimeMs: 0, recording: { state: 'idle' } });
    expect(status.sources.map(({ state }) => state)).toEqual(['waiting', 'waiting', 'waiting']);
    expect(status.destinations.map(({ state }) => state)).toEqual(['idle', 'idle']);
  });

  test('size and rate come from the camera until the engine knows better', () => {
    const camera = { id: 'cam', state: 'live' as const, sinceMs: 5, ageMs: 20, remote: null, kbps: 1, bytes: 1, video: { codec: 'h264', width: 1280, height: 720, fps: 25 }, audio: null };
    const ingest = { cameras: [camera], counters: { connections: 0, accepted: 0, refused: 0, takeovers: 0, droppedToSubscribers: 0, cacheOverflows: 0 }, openConnections: 0 };
    expect(broadcastStatus({ ...facts, reports: { ingest } }).sources[0]).toEqual({ id: 'cam', state: 'waiting', ageMs: 20, width: 1280, height: 720, fps: 25 });
    const engine = { program: {}, encoder: {}, sources: [{ id: 'cam', state: 'live', ageMs: 3, width: 1920, height: 1080 }], overlays: {} } as never;
    expect(broadcastStatus({ ...facts, reports: { ingest, engine } }).sources[0]).toEqual({ id: 'cam', state: 'live', ageMs: 3, width: 1920, height: 1080, fps: 25 });
  });

  test('a camera that sends sound and no picture is live, with the age of its sound and no size; one whose picture stopped is gone', () => {
    const { wallMs } = facts.now;
    const status = (shown: object, sent: object) => {
      const camera = { id: 'cam', state: 'live', sinceMs: wallMs - 60_000, ageMs: 20, remote: null, kbps: 1, bytes: 1, video: null, audio: { codec: 'aac' }, ...sent };
      const engine = { program: {}, encoder: {}, sources: [{ id: 'cam', ageMs: 50_000, width: 1920, height: 1080, fps: 30, repeated: 4, ...shown }], overlays: {} };
      return broadcastStatus({ ...facts, reports: { ingest: { cameras: [camera] }, engine } as never }).sources[0];
    };
    const gone = { id: 'cam', state: 'gone', ageMs: 50_000, width: 1920, height: 1080, fps: 30, repeated: 4 };
    expect(status({ state: 'gone' }, {})).toEqual({ id: 'cam', state: 'live', ageMs: 20, repeated: 4, soundOnly: true });
    expect(status({ state: 'live', ageMs: 3, width: 0, height: 0 }, {})).toEqual({ id: 'cam', state: 'live', ageMs: 3, repeated: 4, soundOnly: true });
    expect(status({ state: 'gone' }, { video: { codec: 'h264' } })).toEqual(gone);
    expect(status({ state: 'gone' }, { state: 'idle' })).toEqual(gone);
    expect(status({ state: 'gone' }, { sinceMs: wallMs - 500 })).toEqual(gone);
    expect(status({ state: 'failed' }, {})).toMatchObject({ state: 'failed' });
  });

  test('a file that cannot be shown is failed, and the sentence says why', () => {
    const film = (location: MediaLocation) => broadcastStatus({ ...facts, findMedia: () => location }).sources[1];
    expect(film({ is: 'missing', path: '/media/film.mp4' })).toMatchObject({ state: 'failed', error: { code: 'MEDIA_MISSING' } });
    expect(film({ is: 'refused', message: 'It leads out.' })).toMatchObject({ state: 'failed', error: { code: 'PATH_NOT_ALLOWED', message: 'It leads out.' } });
  });

  test('uptime is counted from the stored start, and never below zero', () => {
    const since = (startedAt: string) => broadcastStatus({ ...facts, state: studioState({ broadcast: { ...OFF_AIR, on: true, startedAt } }) }).uptimeMs;
    expect(since('2026-01-01T00:00:30Z')).toBe(30_000);
    expect(since('2026-01-01T09:00:00Z')).toBe(0);
  });
});

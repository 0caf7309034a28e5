import { describe, expect, test } from 'vitest';
import { engineDesired } from '../../../src/domain/desired.js';
import type { StudioState } from '../../../src/domain/documents.js';
import { usesOfOverlay, usesOfScene, usesOfSource } from '../../../src/domain/references.js';
import { toSnapshot } from '../../../src/domain/resources.js';
import { broadcastStatus } from '../../../src/domain/status.js';
import { engineTimelines, storeIssues, usesOfTimeline } from '../../../src/domain/timelines.js';
import type { EngineActual } from '../../../src/protocol/link.js';
import { SceneInput } from '../../../src/protocol/resources.js';
import { StateSnapshot } from '../../../src/protocol/state.js';
import { BroadcastStatus } from '../../../src/protocol/status.js';
import { document, studioState } from './state.js';
import { timeline } from './timeline/support.js';

const nesting = (...ids: string[]) => timeline({ name: 'N', clips: ids.map((timelineId, i) => ({ timelineId, startMs: i * 1000, durationMs: 1000 })) });
const withTimelines = (timelines: Record<string, ReturnType<typeof timeline>>, change: Partial<StudioState> = {}): StudioState =>
  studioState({ timelines: Object.entries(timelines).map(([id, data]) => document(id, data)), ...change });
const film = timeline({ name: 'Film', clips: [{ sourceId: 'film', startMs: 0, durationMs: 4000 }] });

test('the engine is told of timelines on program, armed and overridden, of what lies in them, and of one that is being taken', () => {
  const all = { main: nesting('a', 'b'), a: nesting('leaf'), b: film, leaf: film, armed: film, over: film, idle: nesting('a') };
  const ids = (change: Partial<StudioState>, asked?: { timelineId: string }) => engineTimelines(withTimelines(all, change), [asked]).map(({ id }) => id).sort();
  expect(ids({})).toEqual([]);
  expect(ids({ program: { timelineId: 'main' } })).toEqual(['a', 'b', 'leaf', 'main']);
  expect(ids({ armed: 'armed', override: { timelineId: 'over', leftPlayback: { is: 'stopped' } } })).toEqual(['armed', 'over']);
  expect(ids({}, { timelineId: 'idle' })).toEqual(['a', 'idle', 'leaf']);
  expect(ids({ program: { timelineId: 'gone' } })).toEqual([]);
  const state = withTimelines(all, { program: { timelineId: 'b' }, playbacks: new Map([['b', { is: 'paused', positionMs: 5 }]]) });
  expect(engineTimelines(state, [])).toEqual([{ id: 'b', revision: 1, document: film, playback: { is: 'paused', positionMs: 5 } }]);
  const context = { mediaFolder: '/media', findMedia: (path: string) => ({ is: 'found' as const, path }), levels: false };
  // It is wanted once it was taken, and told of before.
  expect(engineDesired(state, { ...context, asked: { timelineId: 'leaf' } })).toMatchObject({ program: { timelineId: 'b' }, armed: null });
  expect(engineDesired(state, { ...context, asked: { sourceId: 'cam' } }).program).toEqual({ timelineId: 'b' });
});

describe('what must not be stored', () => {
  const paths = (state: StudioState, id: string | null, data: ReturnType<typeof timeline>) => storeIssues(state, id, data).map(({ path }) => path);

  test('two things of one id', () => {
    const twice = structuredClone(timeline({ clips: [{ sourceId: 'x', startMs: 0, durationMs: 1 }, { sourceId: 'x', startMs: 5, durationMs: 1 }] }));
    twice.tracks[0]!.clips[1]!.id = 'a';
    expect(paths(studioState(), null, twice)).toEqual(['tracks.0.clips.1.id']);
    twice.tracks[0]!.clips[1]!.id = 't0';
    expect(paths(studioState(), null, twice)).toEqual(['tracks.0.clips.1.id']);
  });

  test('a timeline in itself, directly or through others', () => {
    const state = withTimelines({ a: film, b: nesting('a'), c: nesting('b') });
    expect(paths(state, 'a', nesting('a'))).toEqual(['tracks.0.clips.0.timelineId']);
    expect(paths(state, 'a', nesting('unknown', 'c'))).toEqual(['tracks.0.clips.1.timelineId']);
    expect(paths(state, 'b', nesting('a', 'unknown'))).toEqual([]);
    expect(paths(state, null, nesting('c'))).toEqual([]);
  });

  test('five levels below the first, also when the new level comes in below others', () => {
    const state = withTimelines({ l4: film, l3: nesting('l4'), l2: nesting('l3'), l1: nesting('l2'), top: nesting('l1'), leaf: film });
    expect(paths(state, null, nesting('top'))).toEqual(['tracks.0.clips.0.timelineId']);
    expect(paths(state, null, nesting('l1'))).toEqual([]);
    expect(paths(state, 'l4', nesting('leaf'))).toEqual(['tracks.0.clips.0.timelineId']);
    expect(paths(state, 'l3', nesting('leaf'))).toEqual([]);
  });

  test('more layers at once than the compositor draws, in itself or in one that it lies in', () => {
    const scenes = [document('grid', SceneInput.parse({ name: 'Grid', layers: Array.from({ length: 32 }, () => ({ sourceId: 'cam' })) }))];
    const wide = (tracks: number, what: object) => timeline({ tracks: Array.from({ length: tracks }, () => ({ kind: 'video', clips: [{ ...what, startMs: 0, durationMs: 9 }] })) });
    const grids = (tracks: number) => wide(tracks, { sceneId: 'grid' });
    const state = withTimelines({ one: grids(1), four: wide(4, { timelineId: 'one' }), top: wide(2, { timelineId: 'four' }) }, { scenes });
    expect(paths(state, null, grids(8))).toEqual([]);
    expect(paths(state, null, grids(9))).toEqual(['tracks']);
    expect(paths(state, 'one', grids(2))).toEqual(['tracks']);
    expect(storeIssues(state, 'one', grids(2))[0]!.message).toBe('"x", in which it lies, would have up to 512 layers at once; 256 is the most.');
    expect(paths(state, 'one', film)).toEqual([]);
  });

  test('what is wrong but may be put right later is stored', () => {
    expect(paths(studioState(), null, timeline({ clips: [{ sourceId: 'nobody', startMs: 0, durationMs: 9 }, { sceneId: 'none', startMs: 3, durationMs: 9 }] }))).toEqual([]);
  });
});

test('a thing that a timeline shows is in use, and so is a timeline on air, armed, overridden or in another', () => {
  const show = timeline({ name: 'Show', filler: { sourceId: 'card' }, tracks: [
    { kind: 'video', clips: [{ sourceId: 'cam', startMs: 0, durationMs: 9 }, { sceneId: 'scene', startMs: 9, durationMs: 9 }] },
    { kind: 'overlay', clips: [{ overlayId: 'clock', startMs: 0, durationMs: 9 }] },
  ] });
  const state = withTimelines({ show, outer: nesting('show') }, { scenes: [document('scene', { name: 'S', layers: [] })], program: { sourceId: 'film' } });
  const used = ['in timeline "Show"'];
  expect([usesOfSource(state, 'cam'), usesOfSource(state, 'card'), usesOfScene(state, 'scene'), usesOfOverlay(state, 'clock')]).toEqual([used, [...used, 'the fallback of "Film"'], used, used]);
  expect(usesOfTimeline(state, 'outer')).toEqual([]);
  expect(usesOfTimeline({ ...state, program: { timelineId: 'show' }, armed: 'show', override: { timelineId: 'show', leftPlayback: { is: 'stopped' } } }, 'show')).toHaveLength(4);
});

test('the snapshot has timelines without their documents', () => {
  const state = withTimelines({ t: film }, { armed: 't', override: { timelineId: 't', leftPlayback: { is: 'paused', positionMs: 3 } } });
  const snapshot = toSnapshot(state, 'standby', '');
  expect(StateSnapshot.parse(snapshot)).toEqual(snapshot);
  expect(snapshot).toMatchObject({ armed: 't', override: { timelineId: 't' }, timelines: [{ id: 't', revision: 1, name: 'Film', loop: false, durationMs: 4000, clips: 1 }] });
  expect(snapshot.timelines[0]).not.toHaveProperty('tracks');
});

describe('the status of the timeline', () => {
  const reported = { timelineId: 't', revision: 1, state: 'playing' as const, positionMs: 900, durationMs: 4000, lap: 0, failedClips: 1, lateClips: 2, open: 3 };
  const asReported = { ...reported, playback: { is: 'paused' as const, positionMs: 900 } };
  const status = (state: StudioState, report: EngineActual['timeline'], monotonicMs = 10_000, insert: object | null = null) => broadcastStatus({
    state, broadcast: 'standby', reports: { engine: { timeline: report, sources: [], program: report && { timelineId: report.timelineId }, insert } as never }, processes: [], operators: [],
    findMedia: () => ({ is: 'missing', path: '' }), schedule: { enabled: true, now: null, next: null, problem: null }, now: { monotonicMs, bootId: 'boot', wallMs: 1_000_000 + monotonicMs },
  });
  const facts = (state: StudioState, report: EngineActual['timeline'], monotonicMs?: number) => status(state, report, monotonicMs).timeline;
  const playing = { is: 'playing' as const, zeroUs: 5_000_000, bootId: 'boot', zeroWallMs: 1_005_000 };
  const looping = { ...film, loop: true };
  const overridden = (data: typeof film) => withTimelines({ t: data }, { playbacks: new Map([['t', playing]]), override: { timelineId: 't', leftPlayback: { is: 'paused', positionMs: 1 } } });

  test('on program it is what the engine says; the armed one and one that is not there are not told', () => {
    expect(facts(withTimelines({ t: film }, { program: { timelineId: 't' } }), asReported)).toEqual({ ...reported, overridden: false });
    expect(facts(withTimelines({ t: film }), asReported)).toBeNull();
    expect(facts(withTimelines({ t: film }, { program: { timelineId: 't' } }), null)).toBeNull();
  });

  test('the sources on air are those of this moment, not of the last report; of one that stands still, those where it stands', () => {
    const show = timeline({ name: 'Show', clips: [{ sourceId: 'film', startMs: 0, durationMs: 4000 }, { sourceId: 'cam', startMs: 4000, durationMs: 4000 }] });
    const state = withTimelines({ t: show }, { program: { timelineId: 't' } });
    const report = { ...reported, positionMs: 3900, playback: playing };
    expect([8900, 9100].map((now) => status(state, report, now).onAir)).toEqual([['film'], ['cam']]);
    expect(status(state, { ...report, state: 'paused', playback: { is: 'paused', positionMs: 3900 } }).onAir).toEqual(['film']);
    expect(status(state, report, 9100, { airingId: 'a', insertId: 'i', frame: 1, aired: 1, missed: 0, frames: 2 }).onAir).toEqual(['film']);
  });

  test('overridden it is where it would be by now', () => {
    const status = facts(overridden(looping), null)!;
    expect(BroadcastStatus.shape.timeline.parse(status)).toEqual(status);
    expect(status).toMatchObject({ timelineId: 't', state: 'playing', overridden: true, positionMs: 5000, durationMs: 4000, lap: 1 });
    expect(facts(overridden(film), null)).toMatchObject({ state: 'ended', positionMs: 5000, lap: 0 });
    expect(facts(overridden(film), null, 6000)).toMatchObject({ state: 'playing', positionMs: 1000 });
  });
});

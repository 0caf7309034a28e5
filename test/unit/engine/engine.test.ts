import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Tried } from '../../../src/engine/codec-probe.js';
import { Engine } from '../../../src/engine/engine.js';
import type { NativeLevel, NativeMonitorSound, NativeTile } from '../../../src/engine/native.js';
import type { EngineDesired } from '../../../src/protocol/link.js';
import { silentLog } from '../../../src/runtime/log.js';
import type { FakeNativeCore } from '../../fakes/native-core.js';
import { begin, camera, children, desired, newestProgram, pass, places, settle } from './doubles.js';

let core: FakeNativeCore;
let engine: Engine;
let levels: NativeLevel[][];
let tiles: NativeTile[][];
let sound: NativeMonitorSound[][];
let changes: number;
/** Answers of the codec probe that are still awaited. */
let probes: ((tried: Tried) => void)[];

beforeEach(() => {
  core = begin();
  levels = [];
  tiles = [];
  sound = [];
  changes = 0;
  probes = [];
  engine = new Engine({
    core, places, log: silentLog,
    tryCodec: () => new Promise((resolve) => probes.push(resolve)),
    onLevels: (now) => levels.push(now), onTiles: (now) => tiles.push(now), onSound: (now) => sound.push(now),
    onChange: () => { changes += 1; },
  });
  engine.start();
});
afterEach(async () => {
  await Promise.all([engine.stop(), pass(5_000)]);
  vi.useRealTimers();
});

/** What is wanted, with x264 asked for by name: nothing has to be tried. */
function wish(over: Partial<EngineDesired> = {}, settings: { fps?: number; bitrateKbps?: number; codec?: 'auto' | 'libx264' } = {}): EngineDesired {
  const base = desired(over);
  const { fps = 30, bitrateKbps = 6000, codec = 'libx264' } = settings;
  return {
    ...base,
    settings: { ...base.settings, video: { ...base.settings.video, fps } as EngineDesired['settings']['video'], encoder: { ...base.settings.encoder, bitrateKbps, codec } },
  };
}

const take = () => engine.request('take', { target: { sourceId: 'src_1' } });

describe('Engine', () => {
  it('says before it has been told anything that it is away, and reports that nothing runs', async () => {
    await expect(take()).rejects.toMatchObject({ code: 'ENGINE_AWAY' });
    expect(engine.actual()).toMatchObject({ program: { frame: 0 }, encoder: { state: 'starting' }, sources: [] });
  });

  it('takes once the program runs, and refuses what it does not know', async () => {
    engine.apply(wish({ sources: [camera('src_1')] }));
    await settle();
    const reply = await take();
    expect(reply.frame).toBeGreaterThan(newestProgram().stats().frame);
    expect(Math.abs(reply.ptsMs - (reply.frame * 1000) / 30)).toBeLessThanOrEqual(0.5);
    await expect(engine.request('dance', {})).rejects.toMatchObject({ code: 'UNKNOWN_MESSAGE' });
    await expect(engine.request('take', { target: { sourceId: '' } })).rejects.toThrow();
  });

  it('knows a timeline that it is told of and asked to take in one breath', async () => {
    engine.apply(wish());
    await settle();
    const timeline = { id: 'tml_1', revision: 1, playback: { is: 'stopped' as const }, document: { name: 'x', loop: true, durationMs: 1000, filler: null, tracks: [] } };
    // A wish that has yet to be met.
    engine.apply(wish({ timelines: [timeline] }, { codec: 'auto' }));
    const answer = engine.request('take', { target: { timelineId: 'tml_1' }, start: { is: 'from', positionMs: 0 } });
    probes[0]!('refused');
    await pass(100);
    await expect(answer).resolves.toMatchObject({ playback: { is: 'playing', bootId: 'boot-1' } });
    await expect(engine.request('playback', { timelineId: 'tml_1', action: 'dance' })).rejects.toThrow();
    await expect(engine.request('playback', { timelineId: 'tml_1', action: 'pause' })).resolves.toMatchObject({ playback: { is: 'paused' } });
  });

  it('puts on program what was asked for last: a cut waits for nothing, and what waits gives way to it', async () => {
    engine.apply(wish());
    await settle();
    const timeline = { id: 'tml_1', revision: 1, playback: { is: 'stopped' as const }, document: { name: 'x', loop: true, durationMs: 1000, filler: null, tracks: [] } };
    engine.apply(wish({ timelines: [timeline] }, { codec: 'auto' }));
    const ask = () => engine.request('take', { target: { timelineId: 'tml_1' }, start: { is: 'from', positionMs: 0 } });
    const first = ask();
    await expect(take()).resolves.toMatchObject({ frame: expect.any(Number) as number, take: 1 });
    const insert = engine.request('insert', { airingId: 'air_1', insertId: 'ins_1', mode: 'over', fills: true, began: null, document: { name: 'x', loop: false, durationMs: 1000, filler: null, tracks: [] } });
    await take();
    probes[0]!('refused');
    for (const one of [first, insert]) await expect(one).rejects.toMatchObject({ code: 'CONFLICT' });
    await pass(500);
    expect(engine.actual()).toMatchObject({ program: { sourceId: 'src_1' }, timeline: null, insert: null, taken: { take: 2, scheduled: false } });
    // Asked for after the cut, it takes that one's place.
    await take();
    const last = ask();
    await pass(100);
    await expect(last).resolves.toMatchObject({ take: 4 });
    expect(engine.actual()).toMatchObject({ program: { timelineId: 'tml_1' }, taken: { take: 4, playback: { is: 'playing' } } });
  });

  it('tells that something has changed after each wish and each take', async () => {
    engine.apply(wish());
    await settle();
    expect(changes).toBe(1);
    await take();
    expect(changes).toBe(2);
  });

  it('meets only the newest of the wishes that came while it was busy', async () => {
    engine.apply(wish({ sources: [camera('src_first')], program: { sourceId: 'src_first' } }, { codec: 'auto' }));
    engine.apply(wish({ sources: [camera('src_second')], program: { sourceId: 'src_second' } }));
    engine.apply(wish({ sources: [camera('src_third')] }));
    await settle();
    await expect(take()).rejects.toMatchObject({ code: 'ENGINE_AWAY' });
    probes[0]!('refused');
    await pass(100);
    expect(core.programs).toHaveLength(1);
    expect(children.decodersOf('src_first')).toHaveLength(1);
    expect(children.decodersOf('src_second')).toHaveLength(0);
    expect(children.decodersOf('src_third')).toHaveLength(1);
    expect(newestProgram().stats().sources.map(({ id }) => id)).toEqual(['src_third']);
  });

  it('tries out once what codec works here', async () => {
    engine.apply(wish({}, { codec: 'auto' }));
    await settle();
    probes[0]!('works');
    await settle();
    expect(children.running('ffmpeg')[0]!.args).toContain('h264_nvenc');
    engine.apply(wish({}, { codec: 'auto', bitrateKbps: 3000 }));
    await settle();
    expect(probes).toHaveLength(1);
  });

  it('builds the program anew when the video format changes, the old one ended first, and at nothing else', async () => {
    engine.apply(wish({ sources: [camera('src_1')] }));
    await pass(1_000);
    engine.apply(wish({ sources: [camera('src_1', { name: 'Left' })], overlays: [] }, { bitrateKbps: 3000 }));
    await pass(10_000);
    expect(core.programs).toHaveLength(1);
    expect(children.decodersOf('src_1')).toHaveLength(1);
    const create = vi.spyOn(core, 'createProgram').mockImplementationOnce((options) => {
      expect(core.programs[0]!.isStopped).toBe(true);
      expect(children.all.filter((child) => !child.ended)).toEqual([]);
      return core.createProgram(options);
    });
    engine.apply(wish({ sources: [camera('src_1')] }, { fps: 50, bitrateKbps: 3000 }));
    await pass(5_000);
    expect(create).toHaveBeenCalled();
    expect(core.programs).toHaveLength(2);
    expect(newestProgram().options).toMatchObject({ fpsNum: 50, fpsDen: 1 });
    expect(children.running('vistter-decoder')).toHaveLength(1);
    expect(children.running('ffmpeg')).toHaveLength(1);
    expect(await take()).toMatchObject({ frame: expect.any(Number) as number });
  });

  it('sends levels 20 times a second while somebody looks', async () => {
    engine.apply(wish());
    await pass(1_000);
    expect(levels).toHaveLength(0);
    engine.apply(wish({ levels: true }));
    await pass(1_000);
    expect(levels.length).toBeGreaterThanOrEqual(19);
    expect(levels[5]).toMatchObject([{ id: 'program' }]);
    engine.apply(wish());
    await settle();
    const before = levels.length;
    await pass(1_000);
    expect(levels).toHaveLength(before);
  });

  it('makes mixes while somebody listens, goes on with a program that is built anew, and counts what is lost', async () => {
    const listened = { sources: [camera('src_1')], listen: [{ mix: 1, sourceIds: [] }, { mix: 2, sourceIds: ['src_1'] }] };
    engine.apply(wish(listened));
    await pass(1_000);
    const frames = (mix: number) => sound.flat().filter(({ id }) => id === mix).reduce((sum, { pcm }) => sum + pcm.length / 4, 0);
    expect(frames(1)).toBeGreaterThan(40_000);
    expect(frames(2)).toBeGreaterThan(40_000);
    expect(engine.actual().sound).toEqual({ dropped: 0 });
    engine.apply(wish(listened, { fps: 50 }));
    await pass(2_000);
    sound.length = 0;
    await pass(1_000);
    expect(frames(1)).toBeGreaterThan(40_000);
    engine.apply(wish({}, { fps: 50 }));
    await settle();
    sound.length = 0;
    await pass(1_000);
    expect(sound.flat()).toEqual([]);
  });

  it('moves a fader at once, and not before what was wanted till then is met', async () => {
    const sources = (gainDb: number) => [camera('src_1', { audio: { gainDb, muted: false, delayMs: 0, mode: 'follow' } })];
    engine.apply(wish({ sources: sources(0) }));
    await settle();
    engine.apply(wish({ sources: sources(-3) }));
    const moved = engine.move({ id: 'src_1', audio: { gainDb: -20, muted: false, delayMs: 0, mode: 'follow' } });
    await moved;
    await pass(40);
    expect(newestProgram().sound.sources).toMatchObject([{ id: 'src_1', gain: expect.closeTo(0.1, 4) as number }]);
    await expect(engine.move({ id: 'src_1', audio: { gainDb: 99 } })).rejects.toThrow();
  });

  it('makes tiles while somebody watches, and goes on with a program that is built anew', async () => {
    const watched = { sources: [camera('src_1')], tiles: [{ id: 'program', width: 320, fps: 10 }] };
    engine.apply(wish(watched));
    await pass(1_000);
    expect(tiles.flat().map(({ id, width, height }) => [id, width, height])).toContainEqual(['program', 320, 180]);
    engine.apply(wish(watched, { fps: 50 }));
    await pass(2_000);
    tiles.length = 0;
    await pass(1_000);
    expect(tiles.flat().length).toBeGreaterThan(5);
    engine.apply(wish({}, { fps: 50 }));
    await settle();
    tiles.length = 0;
    await pass(1_000);
    expect(tiles.flat()).toEqual([]);
  });

  it('stops with everything it started, also in the middle of a wish', async () => {
    engine.apply(wish({ sources: [camera('src_1')], levels: true }));
    await pass(1_000);
    await Promise.all([engine.stop(), pass(3_000)]);
    expect(newestProgram().isStopped).toBe(true);
    expect(children.all.filter((child) => !child.ended)).toEqual([]);
    expect(core.descriptors).toEqual([]);

    const other = new Engine({ core, places, log: silentLog, tryCodec: () => new Promise((resolve) => probes.push(resolve)), onLevels: () => {}, onTiles: () => {}, onSound: () => {}, onChange: () => {} });
    other.apply(wish({}, { codec: 'auto' }));
    await settle();
    const stopping = other.stop();
    expect(other.stop()).toBe(stopping);
    probes.at(-1)!('works');
    await Promise.all([stopping, pass(1_000)]);
    expect(core.programs).toHaveLength(1);
  });
});

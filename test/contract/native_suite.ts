/** What src/engine/native.ts promises, as far as it can be seen without pictures. The addon and the fake must both keep it. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NATIVE_ABI, type NativeProgram, type NativeTile } from '../../src/engine/native.js';
import { MOST_SLOTS } from '../../src/engine/ring-slots.js';
import { full, plain } from '../support/native.js';
import { cut, film, live, NativeBench, options, scene } from './native_bench.js';
import type { NativeHarness } from './native_harness.js';

const good = full('x');
const fade = { kind: 'fade', frames: 10 };
const mix = (over: object = {}) => ({ mix: { from: [good], to: [], transition: fade, step: 0, ...over } });
const nested = (depth: number): object => (depth === 0 ? good : mix({ to: [nested(depth - 1)] }));
/** A call and what its refusal names. */
const REFUSED: [string, unknown[], RegExp][] = [
  ['addSource', [], /options is missing/],
  ['addSource', [live('a', { mode: 'tape' })], /options\.mode/],
  ['addSource', [live('a', { slots: 1 })], /options\.slots/],
  ['addSource', [live('a', { slots: MOST_SLOTS + 1 })], /options\.slots/],
  ['addSource', [live('a', { slots: 8.5 })], /whole/],
  ['addSource', [live('')], /empty/],
  ['addSource', [live('a', { fallbackId: 5 })], /fallbackId/],
  ['addSource', [live('a', { delayUs: -1 })], /delayUs/],
  ['addSource', [live('a', { delayUs: 61e6 })], /delayUs/],
  ['addSource', [live('a', { soundOnly: 'yes' })], /soundOnly/],
  ['addSource', [live('a', { soundId: 5 })], /soundId/],
  ['setSound', [], /sound is missing/],
  ['setSound', [{ gain: -1, sources: [] }], /sound\.gain/],
  ['setSound', [{ gain: 1 }], /sound\.sources must be an array/],
  ['setSound', [{ gain: 1, sources: [{ id: 'a', gain: 65, delayUs: 0, always: false }] }], /sound\.sources\[0\]\.gain/],
  ['setSound', [{ gain: 1, sources: [{ id: 'a', gain: 1, delayUs: 1e6 + 1, always: false }] }], /sound\.sources\[0\]\.delayUs/],
  ['setSound', [{ gain: 1, sources: [{ id: 'a', gain: 1, delayUs: 0, always: 1 }] }], /sound\.sources\[0\]\.always/],
  ['wishMonitors', ['all'], /monitors must be an array/],
  ['wishMonitors', [new Array(9).fill({ id: 1, sources: [] })], /at most 8/],
  ['wishMonitors', [[{ id: 65536, sources: [] }]], /monitors\[0\]\.id/],
  ['wishMonitors', [[{ id: 1, sources: 'a' }]], /monitors\[0\]\.sources must be an array/],
  ['openRing', ['nobody'], /no source "nobody"/],
  ['setPlaying', ['nobody', true], /no source/],
  ['updateSource', ['nobody', {}], /no source/],
  ['setPicture', ['p', 10, 10, new Uint8Array(399), 40], /too short/],
  ['setPicture', ['p', 10, 10, new Uint8Array(400), 39], /stride/],
  ['setPicture', ['p', 0, 10, new Uint8Array(400), 40], /width/],
  ['setPicture', ['p', 10, 10, new Float32Array(400), 40], /Uint8Array/],
  ['setPicture', ['p', 10, 10, 'pixels', 40], /Uint8Array/],
  ['setSlate', [7], /pictureId must be a string/],
  ['take', [{ id: 'x', layers: 'all' }, cut], /layers must be an array/],
  ['take', [{ id: 'x', layers: [{ ...good, opacity: 2 }] }, cut], /scene\.layers\[0\]\.opacity/],
  ['take', [{ id: 'x', layers: [{ ...good, x: NaN }] }, cut], /scene\.layers\[0\]\.x/],
  ['take', [{ id: 'x', layers: [{ ...good, fit: 'stretch' }] }, cut], /fit/],
  ['take', [{ id: 'x', layers: [{ ...good, crop: null }] }, cut], /crop must be an object; it is null/],
  ['take', [{ id: 'x', layers: new Array(300).fill(good) }, cut], /at most/],
  ['take', [{ id: 'x', layers: [] }], /transition is missing/],
  ['take', [{ id: 'x', layers: [] }, { kind: 'spin', frames: 3 }], /"spin" is not known/],
  ['take', [{ id: 'x', layers: [] }, { kind: 'wipe', frames: 3 }], /-left/],
  ['take', [{ id: 'x', layers: [] }, { kind: 'fade', frames: -3 }], /frames/],
  ['take', [{ id: 'x', layers: [] }, { kind: 'dip', frames: 3, color: -1 }], /color/],
  ['take', [{ id: 'x', layers: [mix({ step: 10 })] }, cut], /scene\.layers\[0\]\.mix\.step/],
  ['take', [{ id: 'x', layers: [mix({ step: 0.5 })] }, cut], /mix\.step must be a whole/],
  ['take', [{ id: 'x', layers: [mix({ from: null })] }, cut], /mix\.from must be an array/],
  ['take', [{ id: 'x', layers: [mix({ to: [{ ...good, gain: -1 }] })] }, cut], /scene\.layers\[0\]\.mix\.to\[0\]\.gain/],
  ['take', [{ id: 'x', layers: [mix({ transition: { kind: 'push', frames: 3 } })] }, cut], /mix\.transition\.kind "push"/],
  ['take', [{ id: 'x', layers: [{ mix: 'all' }] }, cut], /scene\.layers\[0\]\.mix must be an object/],
  ['take', [{ id: 'x', layers: [nested(7)] }, cut], /too many mixes/],
  ['take', [{ id: 'x', layers: [mix({ area: 'all' })] }, cut], /mix\.area must be an object/],
  ['take', [{ id: 'x', layers: [mix({ area: { x: 0, y: 0, width: -1, height: 1 } })] }, cut], /mix\.area\.width/],
  ['take', [{ id: 'x', layers: [], frozen: 'yes' }, cut], /scene\.frozen must be true or false/],
  ['take', [{ id: 'x', layers: [] }, cut, 'film'], /films must be an array/],
  ['updateScene', [{ id: 'x', layers: [] }, [7]], /films\[0\] must be a string/],
  ['coverAt', [], /frame is missing/],
  ['coverAt', [5], /scene is missing/],
  ['coverAt', [5, 'x', true, cut], /scene must be an object/],
  ['coverAt', [5, null, 1, cut], /fills must be true or false/],
  ['coverAt', [5, null, true], /transition is missing/],
  ['coverAt', [5, { id: 'x', layers: [{ mix: 'all' }] }, true, cut], /scene\.layers\[0\]\.mix/],
  ['setOverlays', [[mix()]], /layers\[0\]\.sourceId/],
  ['takeAt', [], /frame is missing/],
  ['takeAt', [-1, { id: 'x', layers: [] }, cut], /frame must lie/],
  ['takeAt', [0.5, { id: 'x', layers: [] }, cut], /frame must be a whole/],
  ['takeAt', [5], /scene is missing/],
  ['takeAt', [5, { id: 'x', layers: [] }], /transition is missing/],
  ['plan', [7, 0, []], /sceneId must be a string/],
  ['plan', ['x', -1, []], /fromFrame/],
  ['plan', ['x', 0], /entries is missing/],
  ['plan', ['x', 0, 'all'], /entries must be an array/],
  ['plan', ['x', 0, new Array(1801).fill({})], /at most 1800/],
  ['plan', ['x', 0, [{ scene: { id: 'x', layers: [] } }]], /entries\[0\]\.frame/],
  ['plan', ['x', 0, [{ frame: 1 }]], /entries\[0\]\.scene/],
  ['plan', ['x', 0, [{ frame: 1, scene: { id: 'x', layers: [] } }, { frame: 1, scene: { id: 'x', layers: [] } }]], /entries\[1\]\.frame must be greater/],
  ['plan', ['x', 0, [{ frame: 1, scene: { id: 'x', layers: [{ ...good, opacity: 2 }] } }]], /entries\[0\]\.scene\.layers\[0\]\.opacity/],
  ['playFrom', ['nobody', 0, 0, 0], /no source "nobody"/],
  ['holdFrom', ['nobody', 0], /no source "nobody"/],
  ['updateScene', [{ id: 7, layers: [] }], /scene\.id/],
  ['setOverlays', [[{}]], /layers\[0\]\.sourceId/],
  ['openFeed', [0], /queueFrames/],
  ['openFeed', [241], /queueFrames/],
  ['closeFeed', ['1'], /id/],
];

export function nativeContract(name: string, makeHarness: () => NativeHarness): void {
  describe(`${name}: the contract of the native core`, () => {
    let bench: NativeBench;
    let native: NativeHarness;
    let program: NativeProgram;

    beforeEach(() => {
      bench = new NativeBench(makeHarness());
      ({ native, program } = bench);
    });
    afterEach(() => bench.end());

    const fill: NativeBench['fill'] = (...args) => bench.fill(...args);
    const find: NativeBench['find'] = (id) => bench.find(id);
    const until: NativeBench['until'] = (...args) => bench.until(...args);
    const untilState: NativeBench['untilState'] = (...args) => bench.untilState(...args);
    const watchUntil: NativeBench['watchUntil'] = (...args) => bench.watchUntil(...args);
    const feedOf = (id: number) => program.stats().feeds.find((feed) => feed.id === id);

    it('has the version that the TypeScript side was written for', () => {
      expect(native.core.abi).toBe(NATIVE_ABI);
    });

    it('answers every wrong argument with a TypeError that says what is wrong', () => {
      for (const [method, args, sentence] of REFUSED) {
        let thrown: unknown;
        try {
          (program as unknown as Record<string, (...args: unknown[]) => unknown>)[method]!(...args);
        } catch (error) {
          thrown = error;
        }
        expect(thrown, `${method}(${JSON.stringify(args).slice(0, 100)})`).toBeInstanceOf(TypeError);
        expect((thrown as TypeError).message).toMatch(sentence);
        expect((thrown as TypeError).message).toMatch(/\.$/);
      }
      program.addSource(film('film'));
      for (const args of [[], [-1, 0, 0], [5, -1, 0], [5, 0, 0.5], [5, 0, -1], [NaN, 0, 0]]) {
        expect(() => (program.playFrom as (...args: unknown[]) => void)('film', ...args), `playFrom(${args.join()})`).toThrow(TypeError);
      }
      for (const args of [[], [-1], [1.5]]) expect(() => (program.holdFrom as (...args: unknown[]) => void)('film', ...args)).toThrow(TypeError);
      expect(() => native.core.closeFd(1)).toThrow(TypeError);
      expect(() => native.core.createProgram({ ...options, width: 321 })).toThrow(/even/);
      expect(() => native.core.createProgram({ ...options, fpsNum: 0 })).toThrow(TypeError);
      expect(() => native.core.createProgram({ ...options, fpsNum: 1000 })).toThrow(/fps/);
    });

    it('lets a getter that throws through', () => {
      const trap = { get sourceId(): string { throw new RangeError('trap'); } };
      expect(() => program.setOverlays([trap as never])).toThrow('trap');
    });

    // ---- frames

    it('has shown nothing before its first frame', () => {
      // A busy machine may let its thread show some before it is asked.
      for (let tries = 0; ; tries++) {
        const fresh = native.core.createProgram(options);
        const stats = fresh.stats();
        fresh.stop();
        if (stats.rendered > 0 && tries < 20) continue;
        expect(stats).toMatchObject({ sceneId: '', frame: 0, rendered: 0, inTransition: false, sources: [], feeds: [] });
        return;
      }
    });

    it('numbers frames by the monotonic clock, and makes each of them', async () => {
      const due = () => (native.core.monotonicUs() * 30) / 1e6;
      expect(Math.abs(program.take(scene('x'), cut).frame - due())).toBeLessThan(4);
      await native.pass(500);
      const before = program.stats();
      expect(Math.abs(before.frame - due())).toBeLessThan(3);
      await native.pass(500);
      const after = program.stats();
      expect(after.frame - before.frame).toBe(after.rendered - before.rendered);
      expect(after.rendered - before.rendered).toBeGreaterThan(10);
      expect(after).toMatchObject({ skipped: 0 });
    });

    it('says which frame first shows a take, an edit and overlays', async () => {
      program.take(scene('before'), cut);
      await native.pass(100);
      const { frame } = program.take(scene('taken'), cut);
      const edited = program.updateScene(scene('edited'));
      const over = program.setOverlays([full('overlay:a')]);
      expect(frame).toBeGreaterThan(program.stats().frame);
      for (const later of [edited.frame, over.frame]) expect(later - frame).toBeLessThanOrEqual(1);
      await watchUntil(edited.frame + 1, (stats) => {
        if (stats.frame < frame) expect(stats.sceneId).toBe('before');
        if (stats.frame >= edited.frame) expect(stats.sceneId).toBe('edited');
      });
    });

    it('is in a transition for exactly its frames', async () => {
      program.take(scene('a'), cut);
      await native.pass(100);
      expect(program.stats().inTransition).toBe(false);
      const { frame } = program.take(scene('b'), { kind: 'fade', frames: 9 });
      await watchUntil(frame + 12, (stats) => {
        expect(stats.inTransition).toBe(stats.frame >= frame && stats.frame < frame + 9);
        if (stats.frame >= frame) expect(stats.sceneId).toBe('b');
      });
    });

    it('completes a transition that another take cuts short, and none begins from nothing', async () => {
      const first = program.take(scene('a'), { kind: 'fade', frames: 9 });
      await watchUntil(first.frame + 2, (stats) => expect(stats.inTransition).toBe(false));
      program.take(scene('b'), { kind: 'wipe-left', frames: 300 });
      await native.pass(100);
      expect(program.stats().inTransition).toBe(true);
      const { frame } = program.take(scene('c'), cut);
      await watchUntil(frame + 1, () => {});
      expect(program.stats()).toMatchObject({ inTransition: false, sceneId: 'c' });
    });

    it('says for a dip when its second half begins', async () => {
      program.take(scene('a'), cut);
      await native.pass(100);
      const { frame } = program.take(scene('b'), { kind: 'dip', frames: 11, color: 0 });
      const next = program.updateScene(scene('b')).frame;
      expect(frame - next).toBeLessThanOrEqual(6);
      expect(frame - next).toBeGreaterThanOrEqual(5);
    });

    it.each([[30, 1], [30_000, 1_001]])('makes up for half a second that the machine stood still at %d/%d, and skips and counts more than a second', async (fpsNum, fpsDen) => {
      const short = await native.standStill({ width: 64, height: 36, fpsNum, fpsDen }, 500);
      expect(short.after.frame - short.before.frame).toBe(short.after.rendered - short.before.rendered);
      expect(short.after.skipped).toBe(0);
      expect(short.after.late).toBeGreaterThan(3);
      const long = await native.standStill({ width: 64, height: 36, fpsNum, fpsDen }, 2_000);
      expect(long.after.frame - long.before.frame).toBe(long.after.rendered - long.before.rendered + long.after.skipped);
      expect(long.after.skipped).toBeGreaterThan(40);
      expect(Math.abs(long.after.frame - (long.afterUs * fpsNum) / fpsDen / 1e6)).toBeLessThan(4);
    });

    // ---- sources

    it('refuses a second source of the same id, and forgets removed ones', async () => {
      program.addSource(live('a'));
      expect(() => program.addSource(live('a'))).toThrow(/already/);
      program.updateSource('a', { fallbackId: 'b', delayUs: 1000 });
      expect(() => program.updateSource('a', { delayUs: -5 })).toThrow(/delayUs/);
      program.removeSource('a');
      program.removeSource('a');
      expect(() => program.openRing('a')).toThrow(/no source "a"/);
      program.addSource(live('a'));
      native.core.closeFd(program.openRing('a'));
      program.detachRing('a');
      program.detachRing('gone long ago');
      await until('it', 2_000, () => program.stats().sources.map(({ id }) => id).join() === 'a');
      program.removeSource('a');
      await until('none', 2_000, () => program.stats().sources.length === 0);
    });

    it('a source waits for its first picture, lives while they come, and is gone half a second after the last', async () => {
      program.addSource(live('cam'));
      native.core.closeFd(program.openRing('cam'));
      program.take(scene('cam', 'cam'), cut);
      await native.pass(500);
      expect(find('cam')).toMatchObject({ state: 'waiting', ageMs: -1, shown: 0, width: 0, height: 0 });
      const camera = fill('cam');
      await untilState('cam', 'live');
      await native.pass(700);
      // A frame may have come late just then, from a camera that shares a busy machine.
      await untilState('cam', 'live');
      expect(find('cam')).toMatchObject({ width: 320, height: 180 });
      expect(find('cam')!.ageMs).toBeLessThan(200);
      expect(find('cam')!.shown).toBeGreaterThan(5);
      camera.standStill();
      expect(await untilState('cam', 'gone', 1_000)).toBeLessThan(600);
      expect(find('cam')!.ageMs).toBeGreaterThan(300);
      expect(find('cam')!.repeated).toBeGreaterThan(5);
      expect(program.stats().repeated).toBeGreaterThan(5);
    });

    it('a source whose decoder has ended is back with the next one', async () => {
      program.addSource(live('cam'));
      const first = fill('cam');
      await untilState('cam', 'live');
      await native.pass(300);
      await first.kill();
      program.detachRing('cam');
      await untilState('cam', 'gone', 1_000);
      fill('cam');
      await untilState('cam', 'live');
      const { shown } = find('cam')!;
      await native.pass(300);
      expect(find('cam')!.shown).toBeGreaterThan(shown);
    });

    it('a film holds its first picture until it is set playing, holds again, and ends', async () => {
      program.addSource(film('film'));
      fill('film', { frames: 40 });
      await untilState('film', 'live');
      await native.pass(700);
      expect(find('film')).toMatchObject({ state: 'live', shown: 1 });
      program.setPlaying('film', true);
      await native.pass(400);
      program.setPlaying('film', false);
      await native.pass(100);
      const { shown } = find('film')!;
      expect(shown).toBeGreaterThan(8);
      expect(shown).toBeLessThan(25);
      await native.pass(300);
      expect(find('film')).toMatchObject({ state: 'live', shown });
      program.setPlaying('film', true);
      await untilState('film', 'ended', 3_000);
      expect(find('film')!.shown).toBe(40);
    });

    it('setting a live source playing does nothing', async () => {
      program.addSource(live('cam'));
      fill('cam');
      await untilState('cam', 'live');
      program.setPlaying('cam', false);
      const { shown } = find('cam')!;
      await native.pass(300);
      expect(find('cam')!.shown).toBeGreaterThan(shown);
    });

    it('a film plays while it stands in for a source that has no picture, and stands still out of sight', async () => {
      program.addSource(live('cam', { fallbackId: 'film' }));
      program.addSource(film('film', { fallbackId: 'nobody' }));
      fill('film', { frames: 400 });
      await untilState('film', 'live');
      await native.pass(300);
      expect(find('film')).toMatchObject({ shown: 1, stoodInFrame: -1 });
      const { frame } = program.take(scene('cam', 'cam'), cut);
      await watchUntil(frame + 15, (stats) => {
        const found = stats.sources.find(({ id }) => id === 'film')!;
        expect(found.stoodInFrame).toBe(stats.frame < frame ? -1 : stats.frame);
      });
      expect(find('film')!.shown).toBeGreaterThan(10);
      expect(find('cam')).toMatchObject({ stoodInFrame: -1 });
      // The camera comes.
      fill('cam');
      await untilState('cam', 'live');
      await native.pass(100);
      const { shown, stoodInFrame } = find('film')!;
      expect(stoodInFrame).toBeLessThan(program.stats().frame);
      await native.pass(300);
      expect(find('film')).toMatchObject({ state: 'live', shown, stoodInFrame });
    });

    it('a film that ended while it stood in still counts as standing in, until it is no longer looked to', async () => {
      program.addSource(live('cam', { fallbackId: 'film' }));
      program.addSource(film('film'));
      fill('film', { frames: 8 });
      await untilState('film', 'live');
      program.take(scene('cam', 'cam'), cut);
      await untilState('film', 'ended', 2_000);
      await native.pass(200);
      const stats = program.stats();
      expect(stats.sources.find(({ id }) => id === 'film')).toMatchObject({ state: 'ended', stoodInFrame: stats.frame });
      const { frame } = program.take(scene('none', 'film'), cut);
      await until('the next frame', 1_000, () => program.stats().frame > frame);
      expect(find('film')!.stoodInFrame).toBe(frame - 1);
    });

    it('meters the program and each source', async () => {
      program.addSource(live('cam'));
      program.levels();
      await native.pass(200);
      const levels = program.levels();
      expect(levels.map(({ id }) => id).sort()).toEqual(['cam', 'program']);
      for (const { peak, rms } of levels) expect([peak, rms]).toEqual([[-100, -100], [-100, -100]]);
    });

    it('takes what is set at the mixer from the next frame on, also of a source that is not there yet', async () => {
      await native.pass(100);
      const { frame } = program.setSound({ gain: 0.5, sources: [{ id: 'cam', gain: 0, delayUs: 120_000, always: true }] });
      expect(frame).toBeGreaterThan(program.stats().frame);
      program.addSource(live('cam'));
      program.addSource(live('clip', { soundId: 'cam' }));
      fill('cam');
      await untilState('cam', 'live');
      await native.pass(200);
      program.levels();
      await native.pass(200);
      // What is played in a timeline is measured as what it is.
      expect(program.levels().map(({ id }) => id).sort()).toEqual(['cam', 'program']);
      program.setSound({ gain: 1, sources: [] });
      program.removeSource('cam');
    });

    it('makes mixes for listening while they are wanted, one sample after the other, and keeps what goes on', async () => {
      expect(program.takeMonitors()).toEqual([]);
      program.wishMonitors([{ id: 1, sources: [] }, { id: 2, sources: ['cam', 'nobody'] }]);
      await native.pass(300);
      const first = program.takeMonitors();
      expect(first.map(({ id, at }) => [id, at])).toEqual([[1, 0], [2, 0]]);
      for (const { pcm } of first) expect(pcm.length / 4).toBeGreaterThan(4_800);
      program.wishMonitors([{ id: 2, sources: ['cam', 'nobody'] }, { id: 3, sources: [] }]);
      await native.pass(200);
      const next = program.takeMonitors();
      expect(next.map(({ id, at }) => [id, at])).toEqual([[2, first[1]!.pcm.length / 4], [3, 0]]);
      // Two thirds of a second are kept, and the rest is known to be lost.
      await native.pass(1_500);
      const late = program.takeMonitors().find(({ id }) => id === 3)!;
      expect(late.pcm.length / 4).toBeLessThanOrEqual(1 << 15);
      await native.pass(100);
      const after = program.takeMonitors().find(({ id }) => id === 3)!;
      expect(after.at).toBeGreaterThan(late.at + late.pcm.length / 4);
      program.wishMonitors([]);
      await native.pass(100);
      expect(program.takeMonitors()).toEqual([]);
    });

    it('makes small pictures of the program and of sources that are there, while they are wanted', async () => {
      program.addSource(live('cam'));
      fill('cam', { frames: 8 });
      await untilState('cam', 'live');
      expect(program.takeTiles()).toEqual([]);
      program.wishTiles([{ id: 'program', width: 160, height: 90, everyUs: 20_000 }, { id: 'cam', width: 64, height: 36, everyUs: 20_000 }, { id: 'nobody', width: 64, height: 36, everyUs: 20_000 }]);
      const seen = new Map<string, NativeTile>();
      await until('both', 3_000, () => {
        for (const tile of program.takeTiles()) seen.set(tile.id, tile);
        return seen.size === 2;
      });
      expect(seen.get('program')).toMatchObject({ width: 160, height: 90 });
      expect(seen.get('cam')!.width).toBeLessThanOrEqual(64);
      for (const { jpeg, frame } of seen.values()) {
        expect([...jpeg.subarray(0, 2)]).toEqual([0xff, 0xd8]);
        expect(frame).toBeGreaterThan(0);
      }
      program.wishTiles([]);
      program.takeTiles();
      await native.pass(200);
      expect(program.takeTiles()).toEqual([]);
      expect(() => program.wishTiles([{ id: 'cam', width: 4, height: 36, everyUs: 20_000 }])).toThrow(/tile\.width/);
      expect(() => program.wishTiles('all' as never)).toThrow(/tiles must be an array/);
    });

    // ---- feeds

    it('fills a feed that nobody reads to its bound, counts what it drops, and knows when the reader is gone', async () => {
      const feed = program.openFeed(5);
      expect(feed.firstFrame).toBeGreaterThan(program.stats().frame);
      expect(Math.abs(feed.firstFrame - program.updateScene(scene('x')).frame)).toBeLessThanOrEqual(1);
      await until('a full queue', 2_000, () => (feedOf(feed.id)?.dropped ?? 0) > 3);
      expect(feedOf(feed.id)).toMatchObject({ id: feed.id, queued: 5, capacity: 5, firstFrame: feed.firstFrame, broken: false });
      native.core.closeFd(feed.fd);
      await until('the feed to be broken', 2_000, () => feedOf(feed.id)!.broken);
      program.closeFeed(feed.id);
      program.closeFeed(feed.id);
      await until('the feed to be gone', 2_000, () => feedOf(feed.id) === undefined);
      program.closeFeed(12345);
    });

    it('gives a feed that is read every frame, and tells when it took the last', async () => {
      const feed = program.openFeed(10);
      bench.running.push(native.read(program, feed));
      await until('frames', 3_000, () => (feedOf(feed.id)?.written ?? 0) > 10);
      expect(feedOf(feed.id)).toMatchObject({ dropped: 0, broken: false });
      expect(native.core.monotonicUs() - feedOf(feed.id)!.progressUs).toBeLessThan(500_000);
      program.closeFeed(feed.id);
      await until('the feed to be gone', 2_000, () => feedOf(feed.id) === undefined);
    });

    it('numbers feeds anew, and its descriptors are the caller\'s to close', () => {
      program.addSource(live('a'));
      const ring = program.openRing('a');
      const [one, two] = [program.openFeed(4), program.openFeed(4)];
      expect(one.id).not.toBe(two.id);
      const all = [ring, one.fd, two.fd];
      expect(new Set(all).size).toBe(3);
      for (const fd of all) {
        expect(native.isOpen(fd)).toBe(true);
        native.core.closeFd(fd);
        expect(native.isOpen(fd)).toBe(false);
      }
    });

    // ---- the end

    it('stops with all that is open, twice, and says so afterwards', async () => {
      program.setPicture('slate', 320, 180, plain(320, 180, [9, 9, 9, 255]), 1280);
      program.setSlate('slate');
      program.addSource(live('a'));
      const feed = program.openFeed(60);
      await until('some frames', 3_000, () => (feedOf(feed.id)?.queued ?? 0) > 5);
      program.stop();
      program.stop();
      const { rendered } = program.stats();
      expect(rendered).toBeGreaterThan(0);
      for (const call of [
        () => program.take(scene('x'), cut), () => program.addSource(live('b')), () => program.openRing('a'), () => program.removeSource('a'),
        () => program.takeAt(9, scene('x'), cut), () => program.plan('x', 0, []), () => program.coverAt(9, null, true, cut),
        () => program.setSound({ gain: 1, sources: [] }), () => program.wishMonitors([]), () => program.takeMonitors(),
        () => program.openFeed(4), () => program.closeFeed(feed.id), () => program.removePicture('slate'), () => program.detachRing('a'),
      ]) expect(call).toThrow(/stopped/);
      program.levels();
      await native.pass(200);
      expect(program.stats()).toMatchObject({ rendered, feeds: [] });
      native.core.closeFd(feed.fd);
    });
  });
}

/** What src/engine/native.ts promises of what lies over the program, and of pictures that stand. The addon and the fake must both keep it. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { NativeProgram, NativeScene } from '../../src/engine/native.js';
import { cut, fade, film, live, NativeBench, NOTICE, scene } from './native_bench.js';
import type { NativeHarness } from './native_harness.js';

export function nativeCoverContract(name: string, makeHarness: () => NativeHarness): void {
  describe(`${name}: the contract of the cover`, () => {
    let bench: NativeBench;
    let program: NativeProgram;

    beforeEach(() => {
      bench = new NativeBench(makeHarness());
      ({ program } = bench);
    });
    afterEach(() => bench.end());

    it('comes and goes on the frames that were named, told ahead', async () => {
      const { frame: first } = program.take(scene('program'), cut);
      const at = bench.next() + NOTICE;
      expect(program.coverAt(at, scene('over'), true, cut)).toEqual({ frame: at });
      expect(program.coverAt(at + 7, null, true, cut)).toEqual({ frame: at + 7 });
      await bench.watchUntil(at + 9, ({ frame, coverId, coverInTransition, sceneId }) => {
        expect([coverId, coverInTransition]).toEqual([frame >= at && frame < at + 7 ? 'over' : '', false]);
        if (frame >= first) expect(sceneId).toBe('program');
      });
    });

    it('comes with the next frame when the one that was named has passed', async () => {
      await bench.native.pass(200);
      const { frame } = program.coverAt(0, scene('over'), true, cut);
      expect(frame).toBeGreaterThan(program.stats().frame - 1);
      await bench.watchUntil(frame, (stats) => expect(stats.coverId).toBe(stats.frame < frame ? '' : 'over'));
    });

    it('counts the frames in which something of it was not there, by its scene', async () => {
      program.setPicture('own', 4, 4, new Uint8Array(64), 16);
      program.addSource(live('away'));
      const at = bench.next() + NOTICE;
      program.coverAt(at, scene('none', 'away'), true, cut);
      program.coverAt(at + 6, scene('some', 'away', 'own'), true, cut);
      program.coverAt(at + 10, scene('all', 'own'), true, cut);
      program.coverAt(at + 15, null, true, cut);
      await bench.watchUntil(at + 18);
      expect(program.stats().covers).toEqual([
        { sceneId: 'none', missed: 6, blank: 6 }, { sceneId: 'some', missed: 4, blank: 0 }, { sceneId: 'all', missed: 0, blank: 0 },
      ]);
    });

    it('moves for exactly its frames, out of nothing and back', async () => {
      program.take(scene('program'), cut);
      const at = bench.next() + NOTICE;
      program.coverAt(at, scene('over'), true, fade(5));
      program.coverAt(at + 12, null, true, fade(4));
      await bench.watchUntil(at + 20, ({ frame, coverId, coverInTransition, inTransition }) => {
        expect(coverInTransition).toBe((frame >= at && frame < at + 5) || (frame >= at + 12 && frame < at + 16));
        expect(coverId).toBe(frame >= at && frame < at + 12 ? 'over' : '');
        expect(inTransition).toBe(false);
      });
    });

    it('says of a dip on which frame it begins', () => {
      const at = bench.next() + NOTICE;
      expect(program.coverAt(at, scene('over'), true, { kind: 'dip', frames: 11, color: 0 })).toEqual({ frame: at });
    });

    it('forgets what was to come from a frame on, and keeps what comes before it', async () => {
      const at = bench.next() + NOTICE;
      program.coverAt(at, scene('a'), true, cut);
      program.coverAt(at + 8, scene('b'), true, cut);
      program.coverAt(at + 4, null, true, cut);
      await bench.watchUntil(at + 10, ({ frame, coverId }) => expect(coverId).toBe(frame >= at && frame < at + 4 ? 'a' : ''));
    });

    it('leaves takes of the program alone, and they leave it', async () => {
      program.take(scene('a'), cut);
      const at = bench.next() + NOTICE;
      program.coverAt(at, scene('over'), true, cut);
      program.takeAt(at + 3, scene('b'), fade(6));
      program.coverAt(at + 6, null, true, cut);
      await bench.watchUntil(at + 12, ({ frame, coverId, sceneId, inTransition }) => {
        expect(coverId).toBe(frame >= at && frame < at + 6 ? 'over' : '');
        expect(inTransition).toBe(frame >= at + 3 && frame < at + 9);
        if (frame >= at) expect(sceneId).toBe(frame < at + 3 ? 'a' : 'b');
      });
    });

    it('becomes what is planned for its scene', async () => {
      bench.addMarked('a', 'b');
      const at = bench.next() + NOTICE;
      program.coverAt(at, scene('over', 'a'), true, cut);
      program.plan('over', 0, [{ frame: at + 5, scene: scene('over', 'b') }]);
      program.coverAt(at + 9, null, true, cut);
      await bench.watchUntil(at + 11);
      expect([bench.lastDrawn('a'), bench.lastDrawn('b')]).toEqual([at + 4, at + 8]);
    });

    it.each([true, false])('has the program go on beneath, whether it fills the frame: %s', async (fills) => {
      bench.addMarked('a', 'b', 'c');
      program.take(scene('t', 'a'), cut);
      const at = bench.next() + NOTICE;
      program.plan('t', 0, [{ frame: at + 5, scene: scene('t', 'b') }]);
      program.coverAt(at, scene('over', 'c'), fills, cut);
      program.coverAt(at + 10, null, fills, cut);
      await bench.watchUntil(at + 14);
      expect([bench.lastDrawn('a'), bench.lastDrawn('c')]).toEqual([at + 4, at + 9]);
      expect(bench.lastDrawn('b')).toBeGreaterThanOrEqual(at + 14);
    });

    it('counts a camera that repeats only where it is seen', async () => {
      program.addSource(live('cam'));
      const camera = bench.fill('cam');
      await bench.untilState('cam', 'live');
      program.take(scene('t', 'cam'), cut);
      await bench.native.pass(300);
      const { frame } = program.coverAt(0, scene('over'), true, cut);
      await bench.watchUntil(frame + 1);
      const before = program.stats().repeated;
      camera.standStill();
      await bench.untilState('cam', 'gone', 1_000);
      expect(bench.find('cam')!.repeated).toBeGreaterThan(5);
      expect(program.stats().repeated).toBe(before);
    });

    it.each(['take', 'takeAt', 'coverAt'] as const)('films begin with the first frame of %s', async (how) => {
      program.addSource(film('film'));
      bench.fill('film', { frames: 400 });
      await bench.until('the first picture', 2_000, () => bench.find('film')?.ready === true);
      const at = bench.next() + NOTICE;
      const { frame } = how === 'take' ? program.take(scene('t', 'film'), cut, ['film', 'nobody'])
        : how === 'takeAt' ? program.takeAt(at, scene('t', 'film'), cut, ['film']) : program.coverAt(at, scene('t', 'film'), true, cut, ['film']);
      await bench.watchUntil(frame + 12, (stats) => {
        const { shown, skipped } = stats.sources[0]!;
        expect(shown + skipped).toBe(Math.max(1, stats.frame - frame + 1));
      });
    });

    it('a film stands for a while and goes on, told ahead', async () => {
      program.addSource(film('film'));
      bench.fill('film', { frames: 100 });
      program.take(scene('t', 'film'), cut);
      await bench.until('the first picture', 2_000, () => bench.find('film')?.ready === true);
      const at = bench.next() + 5;
      program.playFrom('film', at, 0, 0);
      program.holdFrom('film', at + 20);
      program.playFrom('film', at + 15, 0, at + 35);
      await bench.watchUntil(at + 50, (stats) => {
        const { shown, skipped } = stats.sources[0]!;
        const passed = stats.frame - at;
        if (passed >= 0) expect(shown + skipped - 1).toBe(passed <= 20 ? passed : Math.max(20, passed - 15));
      });
      await bench.untilState('film', 'ended', 4_000);
      expect(Math.abs(program.stats().frame - (at + 115))).toBeLessThanOrEqual(3);
    });

    it('a frozen scene looks to nothing once it was drawn, until it becomes another', async () => {
      bench.addMarked('a');
      const frozen = (id: string, ...layers: string[]): NativeScene => ({ ...scene(id, ...layers), frozen: true });
      program.take(scene('t', 'a'), cut);
      const at = bench.next() + NOTICE;
      program.plan('t', 0, [{ frame: at, scene: frozen('t', 'a') }, { frame: at + 10, scene: scene('t', 'a') }]);
      await bench.watchUntil(at + 8, ({ frame, sources }) => {
        expect(sources.find(({ id }) => id === 'film:a')?.stoodInFrame ?? -1).toBeLessThanOrEqual(at);
        if (frame >= at) expect(sources.find(({ id }) => id === 'film:a')?.stoodInFrame ?? -1).toBe(at);
      });
      await bench.watchUntil(at + 12);
      expect(bench.lastDrawn('a')).toBeGreaterThanOrEqual(at + 12);
    });

    it('a scene that freezes under a cover does so on its frame', async () => {
      bench.addMarked('a');
      program.take(scene('t', 'a'), cut);
      const at = bench.next() + NOTICE;
      program.coverAt(at - 2, scene('over'), true, cut);
      program.coverAt(at + 8, null, true, cut);
      program.plan('t', 0, [{ frame: at, scene: { ...scene('t', 'a'), frozen: true } }]);
      await bench.watchUntil(at + 10);
      expect(bench.lastDrawn('a')).toBe(at);
    });

    it('keeps a film that goes on where its time says under a cover', async () => {
      program.addSource(film('film'));
      bench.fill('film', { frames: 200 });
      await bench.until('the first picture', 2_000, () => bench.find('film')?.ready === true);
      const at = bench.next() + NOTICE;
      program.takeAt(at, scene('t', 'film'), cut);
      program.playFrom('film', at, 0, 0);
      program.coverAt(at + 10, scene('over'), true, cut);
      program.coverAt(at + 30, null, true, cut);
      await bench.watchUntil(at + 40);
      const { frame, sources } = program.stats();
      expect(sources[0]!.shown + sources[0]!.skipped).toBe(frame - at + 1);
    });
  });
}

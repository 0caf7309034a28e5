/** What src/engine/native.ts promises of the T-bar, of fade to black, and of small pictures of scenes. The addon and the fake must both keep it. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { NativeProgram } from '../../src/engine/native.js';
import { cut, film, live, NativeBench, scene } from './native_bench.js';
import type { NativeHarness } from './native_harness.js';

const fade = { kind: 'fade', frames: 0 } as const;

export function nativeBusContract(name: string, makeHarness: () => NativeHarness): void {
  describe(`${name}: the contract of the T-bar and of black`, () => {
    let bench: NativeBench;
    let program: NativeProgram;

    beforeEach(() => {
      bench = new NativeBench(makeHarness());
      ({ program } = bench);
    });
    afterEach(() => bench.end());

    it('the bar stands where it is put, over the scene that stays on program', async () => {
      program.take(scene('a'), cut);
      const { frame } = program.bar(0.3, scene('b'), fade);
      await bench.watchUntil(frame + 20, (stats) => {
        if (stats.frame >= frame) expect([stats.sceneId, stats.inTransition]).toEqual(['a', true]);
      });
      const { frame: back } = program.bar(0, null, fade);
      await bench.watchUntil(back + 2, (stats) => {
        if (stats.frame >= back) expect([stats.sceneId, stats.inTransition]).toEqual(['a', false]);
      });
    });

    it('the bar at its end is a take', async () => {
      program.take(scene('a'), cut);
      await bench.watchUntil(program.bar(0.3, scene('b'), fade).frame);
      const { frame } = program.bar(1, null, fade);
      await bench.watchUntil(frame + 2, (stats) => {
        expect([stats.sceneId, stats.inTransition]).toEqual(stats.frame >= frame ? ['b', false] : ['a', true]);
      });
    });

    it('a take ends the bar', async () => {
      program.take(scene('a'), cut);
      await bench.watchUntil(program.bar(0.9, scene('b'), fade).frame);
      const { frame } = program.take(scene('c'), cut);
      await bench.watchUntil(frame);
      expect(program.stats()).toMatchObject({ sceneId: 'c', inTransition: false });
      const { frame: after } = program.bar(0.5, null, fade);
      await bench.watchUntil(after + 2);
      expect(program.stats()).toMatchObject({ sceneId: 'c', inTransition: false });
    });

    it('films begin with the bar', async () => {
      program.addSource(film('f'));
      bench.fill('f');
      await bench.until('the film', 5_000, () => bench.find('f')?.ready === true);
      program.bar(0.01, scene('b', 'f'), fade, ['f']);
      await bench.until('the film to run', 5_000, () => bench.find('f')!.shown > 3);
    });

    it('black comes in as many frames as were said, and goes', async () => {
      const { frame } = program.black(true, 4);
      await bench.watchUntil(frame + 8, (stats) => {
        expect(stats.black).toBeCloseTo(Math.max(0, Math.min(1, (stats.frame - frame + 1) / 5)), 5);
      });
      const { frame: back } = program.black(false, 0);
      await bench.watchUntil(back + 1, (stats) => expect(stats.black).toBe(stats.frame >= back ? 0 : 1));
    });

    it('counts as not aired what black hides, and not what is over it', async () => {
      program.setPicture('own', 4, 4, new Uint8Array(64), 16);
      await bench.watchUntil(program.black(true, 0).frame);
      const at = program.setOverlays([]).frame + 12;
      program.coverAt(at, scene('hidden', 'own'), true, cut);
      program.coverAt(at + 5, { ...scene('seen', 'own'), overBlack: true }, true, cut);
      program.coverAt(at + 10, null, true, cut);
      await bench.watchUntil(at + 12);
      expect(program.stats().covers).toEqual([{ sceneId: 'hidden', missed: 5, blank: 5 }, { sceneId: 'seen', missed: 0, blank: 0 }]);
    });

    it('makes small pictures of scenes by whatever name', async () => {
      program.addSource(live('cam'));
      bench.fill('cam');
      await bench.until('a picture', 5_000, () => bench.find('cam')?.ready === true);
      program.wishTiles([{ id: 'preview', width: 160, height: 90, everyUs: 20_000, scene: scene('x', 'cam'), overlays: true }, { id: 'unknown', width: 160, height: 90, everyUs: 20_000 }]);
      const seen = new Set<string>();
      await bench.until('tiles', 5_000, () => {
        for (const { id, width, height } of program.takeTiles()) {
          expect([width, height]).toEqual([160, 90]);
          seen.add(id);
        }
        return seen.size > 0;
      });
      expect([...seen]).toEqual(['preview']);
    });

    it.each([
      ['a position', () => program.bar(1.5, null, fade), /position must lie between 0 and 1/],
      ['a scene', () => program.bar(0.5, {} as never, fade), /scene\.id must be a string/],
      ['a cut', () => program.bar(0.5, scene('b'), cut), /must not be "cut"/],
      ['black', () => program.black('yes' as never, 1), /on must be true or false/],
      ['frames', () => program.black(true, -1), /frames must lie between/],
      ['the scene of a tile', () => program.wishTiles([{ id: 'p', width: 160, height: 90, everyUs: 20_000, scene: 4 as never }]), /tile\.scene must be an object/],
    ])('refuses %s that is none', (_, ask, words) => {
      expect(ask).toThrow(words);
    });
  });
}

/**
 * What src/engine/native.ts promises of frames to come: takes and scenes that are planned, films that are placed in time. The
 * addon and the fake must both keep it.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { NativeNode, NativeProgram, NativeScene } from '../../src/engine/native.js';
import { full } from '../support/native.js';
import { cut, fade, film, live, NativeBench, NOTICE, scene } from './native_bench.js';
import type { NativeHarness } from './native_harness.js';

export function nativePlanContract(name: string, makeHarness: () => NativeHarness): void {
  describe(`${name}: the contract of frames to come`, () => {
    let bench: NativeBench;
    let program: NativeProgram;

    beforeEach(() => {
      bench = new NativeBench(makeHarness());
      ({ program } = bench);
    });
    afterEach(() => bench.end());

    const becomes = (frame: number, id: string, ...layers: string[]) => ({ frame, scene: scene(id, ...layers) });

    // ---- takeAt

    it('takes on the frame that was named, and says so', async () => {
      const { frame: first } = program.take(scene('before'), cut);
      const frame = bench.next() + NOTICE;
      expect(program.takeAt(frame, scene('after'), cut)).toEqual({ frame });
      await bench.watchUntil(frame + 2, ({ frame: now, sceneId }) => {
        if (now >= first) expect(sceneId).toBe(now < frame ? 'before' : 'after');
      });
    });

    it('takes on the next frame when the one that was named has passed', async () => {
      await bench.native.pass(200);
      const { frame } = program.takeAt(program.stats().frame - 3, scene('late'), cut);
      expect(frame).toBeGreaterThan(program.stats().frame - 1);
      await bench.watchUntil(frame, () => {});
      expect(program.stats().sceneId).toBe('late');
    });

    it('begins a transition on the frame that was named', async () => {
      program.take(scene('a'), cut);
      const frame = bench.next() + NOTICE;
      program.takeAt(frame, scene('b'), fade(9));
      await bench.watchUntil(frame + 12, (stats) => expect(stats.inTransition).toBe(stats.frame >= frame && stats.frame < frame + 9));
    });

    it('says for a dip when its second half begins', () => {
      program.take(scene('a'), cut);
      const frame = bench.next() + NOTICE;
      expect(program.takeAt(frame, scene('b'), { kind: 'dip', frames: 11, color: 0 })).toEqual({ frame: frame + 6 });
    });

    it('is not overtaken by what was asked for before', async () => {
      program.take(scene('a'), cut);
      const frame = bench.next() + NOTICE;
      program.takeAt(frame, scene('old'), cut);
      program.take(scene('newest'), cut);
      await bench.watchUntil(frame + 2, (stats) => expect(stats.sceneId).not.toBe('old'));
      expect(program.stats().sceneId).toBe('newest');
    });

    it('keeps of several takes to come those that begin before the newest', async () => {
      program.take(scene('a'), cut);
      const frame = bench.next() + NOTICE;
      program.takeAt(frame + 8, scene('old'), cut);
      program.takeAt(frame, scene('first'), cut);
      program.takeAt(frame + 4, scene('second'), cut);
      await bench.watchUntil(frame + 10, (stats) => {
        if (stats.frame >= frame) expect(stats.sceneId).toBe(stats.frame < frame + 4 ? 'first' : 'second');
      });
    });

    // ---- plan

    it('changes a scene on the frames that were planned', async () => {
      bench.addMarked('a', 'b', 'c');
      program.take(scene('t', 'a'), cut);
      const at = bench.next() + NOTICE;
      expect(program.plan('t', 0, [becomes(at, 't', 'b'), becomes(at + 3, 't', 'c')]).frame).toBeLessThanOrEqual(at);
      await bench.watchUntil(at + 5);
      expect([bench.lastDrawn('a'), bench.lastDrawn('b')]).toEqual([at - 1, at + 2]);
      expect(bench.lastDrawn('c')).toBeGreaterThanOrEqual(at + 5);
    });

    it('replaces what was planned from a frame on, and keeps what lies before it', async () => {
      bench.addMarked('a', 'b', 'c', 'd');
      program.take(scene('t', 'a'), cut);
      const at = bench.next() + NOTICE;
      program.plan('t', 0, [becomes(at, 't', 'b'), becomes(at + 6, 't', 'c')]);
      program.plan('t', at + 1, [becomes(at + 8, 't', 'd')]);
      await bench.watchUntil(at + 10);
      expect([bench.lastDrawn('a'), bench.lastDrawn('b'), bench.lastDrawn('c')]).toEqual([at - 1, at + 7, -1]);
      expect(bench.lastDrawn('d')).toBeGreaterThanOrEqual(at + 10);
    });

    it('goes on from one plan to the next that was handed over while it ran', async () => {
      bench.addMarked('a', 'b', 'c', 'd');
      program.take(scene('t', 'a'), cut);
      const at = bench.next() + NOTICE;
      program.plan('t', 0, [becomes(at, 't', 'b')]);
      await bench.watchUntil(at - 6);
      program.plan('t', at + 1, [becomes(at + 12, 't', 'c'), becomes(at + 13, 't', 'd')]);
      await bench.watchUntil(at + 15);
      expect([bench.lastDrawn('a'), bench.lastDrawn('b'), bench.lastDrawn('c')]).toEqual([at - 1, at + 11, at + 12]);
    });

    it('forgets a plan', async () => {
      bench.addMarked('a', 'b');
      program.take(scene('t', 'a'), cut);
      const at = bench.next() + NOTICE;
      program.plan('t', 0, [becomes(at, 't', 'b')]);
      program.plan('t', 0, []);
      await bench.watchUntil(at + 3);
      expect(bench.lastDrawn('a')).toBeGreaterThanOrEqual(at + 3);
      expect(bench.lastDrawn('b')).toBe(-1);
    });

    it('keeps a plan until its scene is on program; of what has passed by then the last holds', async () => {
      bench.addMarked('a', 'b', 'c', 'd', 'e');
      program.take(scene('t', 'a'), cut);
      const at = bench.next() + NOTICE;
      program.plan('u', 0, [becomes(at, 'u', 'b'), becomes(at + 1, 'u', 'c'), becomes(at + 12, 'u', 'd')]);
      program.takeAt(at + 6, scene('u', 'e'), cut);
      await bench.watchUntil(at + 14);
      expect([bench.lastDrawn('a'), bench.lastDrawn('b'), bench.lastDrawn('e'), bench.lastDrawn('c')]).toEqual([at + 5, -1, -1, at + 11]);
      expect(bench.lastDrawn('d')).toBeGreaterThanOrEqual(at + 14);
    });

    it('does at once what was planned for frames that have passed, the last of it', async () => {
      bench.addMarked('a', 'b', 'c');
      program.take(scene('t', 'a'), cut);
      await bench.native.pass(300);
      const now = program.stats().frame;
      const { frame } = program.plan('t', 0, [becomes(now - 5, 't', 'b'), becomes(now - 2, 't', 'c')]);
      await bench.watchUntil(frame + 3);
      expect([bench.lastDrawn('a'), bench.lastDrawn('b')]).toEqual([frame - 1, -1]);
      expect(bench.lastDrawn('c')).toBeGreaterThanOrEqual(frame + 3);
    });

    it('follows the plans of both sides of a transition', async () => {
      bench.addMarked('a', 'b', 'c', 'd');
      program.take(scene('t', 'a'), cut);
      const at = bench.next() + NOTICE;
      program.takeAt(at, scene('u', 'b'), fade(20));
      program.plan('t', 0, [becomes(at + 5, 't', 'c')]);
      program.plan('u', 0, [becomes(at + 8, 'u', 'd')]);
      await bench.watchUntil(at + 24);
      // The side that it comes from is gone with the last step.
      expect([bench.lastDrawn('a'), bench.lastDrawn('b'), bench.lastDrawn('c')]).toEqual([at + 4, at + 7, at + 19]);
      expect(bench.lastDrawn('d')).toBeGreaterThanOrEqual(at + 24);
    });

    it('draws both sides of a mix, and of one within it', async () => {
      bench.addMarked('a', 'b', 'c', 'd');
      const mix = (from: NativeNode[], to: NativeNode[], kind: 'fade' | 'push-left' = 'fade'): NativeNode => ({ mix: { from, to, transition: { kind, frames: 10 }, step: 9 } });
      const mixed: NativeScene = { id: 't', layers: [full('a'), mix([mix([full('b')], [])], [full('c')], 'push-left')] };
      const { frame } = program.take(mixed, cut);
      program.plan('t', 0, [becomes(frame + NOTICE, 't', 'd')]);
      await bench.watchUntil(frame + NOTICE + 1);
      expect(['a', 'b', 'c'].map((id) => bench.lastDrawn(id))).toEqual(new Array(3).fill(frame + NOTICE - 1));
    });

    it('takes layers in mixes as deep as they are allowed', () => {
      const nested = (depth: number): NativeNode => (depth === 0 ? full('a') : { mix: { from: [], to: [nested(depth - 1)], transition: fade(2), step: 1 } });
      program.take({ id: 'deep', layers: [nested(6)] }, cut);
      program.take({ id: 'cut', layers: [{ mix: { from: [], to: [], transition: cut, step: 0 } }] }, cut);
      program.plan('cut', 0, Array.from({ length: 1800 }, (_, i) => becomes(i, 'cut')));
    });

    // ---- films in time

    const FRAME_US = 1e6 / 30;
    const untilReady = (id: string) => bench.until('the first picture', 2_000, () => bench.find(id)?.ready === true);
    const shown = (id: string): number => bench.find(id)!.shown + bench.find(id)!.skipped;

    it('a film is ready when its first picture is there, and stands at it until its frame', async () => {
      program.addSource(film('film'));
      const at = bench.next() + 30;
      program.playFrom('film', at, 0, 0);
      program.take(scene('t', 'film'), cut);
      await bench.native.pass(200);
      expect(bench.find('film')).toMatchObject({ ready: false, shown: 0 });
      bench.fill('film', { frames: 400 });
      await untilReady('film');
      await bench.watchUntil(at - 1, (stats) => {
        if (stats.frame < at) expect(stats.sources[0]!.shown).toBeLessThanOrEqual(1);
      });
      await bench.watchUntil(at + 15, (stats) => {
        const { shown: seen, skipped } = stats.sources[0]!;
        if (stats.frame >= at) expect(seen + skipped).toBe(stats.frame - at + 1);
      });
      expect(bench.find('film')).toMatchObject({ state: 'live', ready: true });
    });

    it('a film that is to begin later than it is due joins in where it should be by then', async () => {
      program.addSource(film('film'));
      bench.fill('film', { frames: 90 });
      program.take(scene('t', 'film'), cut);
      await untilReady('film');
      const at = bench.next() + 5;
      program.playFrom('film', at, 0, at + 20);
      await bench.watchUntil(at + 18, (stats) => {
        if (stats.frame < at + 20) expect(stats.sources[0]!.shown).toBe(1);
      });
      await bench.untilState('film', 'ended', 4_000);
      expect(Math.abs(program.stats().frame - (at + 90))).toBeLessThanOrEqual(3);
    });

    it('a film stands from the frame that was named, is not gone for it, and goes on where it stood', async () => {
      program.addSource(film('film'));
      bench.fill('film', { frames: 80 });
      program.take(scene('t', 'film'), cut);
      await untilReady('film');
      const at = bench.next() + 5;
      program.playFrom('film', at, 0, 0);
      program.holdFrom('film', at + 20);
      await bench.watchUntil(at + 40);
      expect(shown('film')).toBe(21);
      await bench.native.pass(2_200);
      expect(bench.find('film')).toMatchObject({ state: 'live', ready: true });
      expect(shown('film')).toBe(21);
      const again = bench.next() + 10;
      program.playFrom('film', again, 20 * FRAME_US, again);
      await bench.watchUntil(again + 10, (stats) => {
        const { shown: seen, skipped } = stats.sources[0]!;
        expect(seen + skipped).toBe(21 + Math.max(0, stats.frame - again));
      });
      await bench.untilState('film', 'ended', 4_000);
      expect(Math.abs(program.stats().frame - (again + 60))).toBeLessThanOrEqual(3);
    });

    it('a film whose decoder comes late, or again, joins in where it should be', async () => {
      program.addSource(film('film'));
      const at = bench.next() + 5;
      program.playFrom('film', at, 0, 0);
      program.take(scene('t', 'film'), cut);
      await bench.watchUntil(at + 10);
      const first = bench.fill('film', { frames: 120 });
      await untilReady('film');
      await bench.native.pass(300);
      await first.kill();
      program.detachRing('film');
      await bench.native.pass(100);
      bench.fill('film', { frames: 120 });
      await bench.untilState('film', 'ended', 6_000);
      expect(Math.abs(program.stats().frame - (at + 120))).toBeLessThanOrEqual(3);
    });

    it('a film that is set playing or held by word is no longer placed', async () => {
      program.addSource(film('film'));
      bench.fill('film', { frames: 400 });
      program.take(scene('t', 'film'), cut);
      await untilReady('film');
      const at = bench.next() + NOTICE;
      program.playFrom('film', at, 0, 0);
      program.setPlaying('film', false);
      await bench.watchUntil(at + 10);
      expect(bench.find('film')).toMatchObject({ state: 'live', shown: 1 });
    });

    it('live sources are neither placed nor held', async () => {
      program.addSource(live('cam'));
      bench.fill('cam');
      await bench.untilState('cam', 'live');
      program.playFrom('cam', bench.next() + 3000, 0, 0);
      program.holdFrom('cam', bench.next());
      const { shown: before } = bench.find('cam')!;
      await bench.native.pass(300);
      expect(bench.find('cam')!.shown).toBeGreaterThan(before);
    });
  });
}

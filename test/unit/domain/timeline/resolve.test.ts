import { describe, expect, test } from 'vitest';
import { playouts } from '../../../../src/domain/timeline/playouts.js';
import { compileTimeline } from '../../../../src/domain/timeline/compile.js';
import { frameAt } from '../../../../src/domain/timeline/rate.js';
import { resolve } from '../../../../src/domain/timeline/resolve.js';
import type { TimelineDocument } from '../../../../src/protocol/timeline.js';
import { layersOf, lookup, PAL, summary, timeline } from './support.js';

const compile = (document: TimelineDocument, timelines: Record<string, TimelineDocument> = {}) => compileTimeline(document, PAL, lookup(timelines));
const at = (document: TimelineDocument, position: number, timelines: Record<string, TimelineDocument> = {}) => resolve(compile(document, timelines), position);
const shown = (document: TimelineDocument, positions: number[], timelines: Record<string, TimelineDocument> = {}) =>
  positions.map((position) => summary(at(document, position, timelines)));

describe('clips', () => {
  const document = timeline({ clips: [{ sourceId: 'cam', startMs: 0, durationMs: 1000 }, { sourceId: 'late', startMs: 1000, durationMs: 1000, inMs: 500 }] });

  test('follow each other without a frame between them, and say until when they stand', () => {
    expect(shown(document, [-1, 0, 24, 25, 49, 50])).toEqual(['', 'cam', 'cam', 'late(b@0)', 'late(b@0)', '']);
    expect([-5, 0, 24, 25, 49, 50].map((p) => at(document, p).next)).toEqual([0, 25, 25, 50, 50, Infinity]);
    expect([49, 50].map((p) => at(document, p).ended)).toEqual([false, true]);
  });

  test('of a file start it at its in-point and the source\'s', () => {
    expect(layersOf(at(document, 30).nodes)[0]?.player).toEqual({ type: 'clip', key: 'b@0', sourceId: 'late', startPosition: 25, inUs: 2_500_000 });
  });

  test('too short for a frame are not shown, and nothing is lost beside them', () => {
    const short = timeline({ clips: [{ sourceId: 'cam', startMs: 0, durationMs: 1000 }, { sourceId: 'film', startMs: 1000, durationMs: 10 }, { sourceId: 'cam2', startMs: 1010, durationMs: 990 }] });
    expect(shown(short, [24, 25])).toEqual(['cam', 'cam2']);
    expect(playouts(compile(short), 0, 100)).toEqual([]);
  });

  test('of upper tracks lie over those of lower ones; a track that is off does not', () => {
    const tracks = [{ kind: 'video', clips: [{ sourceId: 'cam', startMs: 0, durationMs: 1000 }] }, { kind: 'video', enabled: false, clips: [{ sourceId: 'pic', startMs: 0, durationMs: 9000 }] },
      { kind: 'overlay', clips: [{ overlayId: 'clock', startMs: 0, durationMs: 500, x: 0.1, width: 0.5, height: 0.5 }] }];
    const document = timeline({ tracks });
    expect(shown(document, [0, 13, 25, 200])).toEqual(['cam clock', 'cam', '', '']);
    const { x, y, width, height, fit } = layersOf(at(document, 0).nodes)[1]!;
    expect({ x, y, width, height, fit }).toEqual({ x: 0.5, y: 0.05, width: 0.05, height: 0.025, fit: 'fill' });
    // It counts for the length all the same.
    expect([224, 225].map((p) => at(document, p).ended)).toEqual([false, true]);
  });

  test('a lone camera stands to the end without being asked for again', () => {
    expect(at(timeline({ clips: [{ sourceId: 'cam', startMs: 0, durationMs: 3_600_000 }] }), 7).next).toBe(90_000);
  });
});

describe('transitions', () => {
  test('come out of the clip before, which runs on behind them', () => {
    const document = timeline({ clips: [{ sourceId: 'film', startMs: 0, durationMs: 1000 }, { sourceId: 'cam', startMs: 1000, durationMs: 1000, transition: { kind: 'wipe', durationMs: 400 } }] });
    expect(shown(document, [24, 25, 34, 35])).toEqual(['film(a@0)', '[film(a@0) > cam wipe 0/10]', '[film(a@0) > cam wipe 9/10]', 'cam']);
    expect([24, 25, 35].map((p) => at(document, p).next)).toEqual([25, 26, 50]);
    expect(playouts(compile(document), 30, 31)).toEqual([{ key: 'a@0', sourceId: 'film', startPosition: 0, endPosition: 35, inUs: 0, heardOnly: false }]);
  });

  test('take in an overlap', () => {
    const document = timeline({ clips: [{ sourceId: 'pic', startMs: 0, durationMs: 1400 }, { sourceId: 'cam', startMs: 1000, durationMs: 1000, transition: { kind: 'dip', durationMs: 400, color: '#ff0000' } }] });
    expect(at(document, 27).nodes).toMatchObject([{ type: 'mix', kind: 'dip', color: '#ff0000', step: 2, frames: 10 }]);
  });

  test('out of nothing and into nothing: a fade lets through what is below, others keep their empty side', () => {
    const clip = (kind: string) => timeline({ clips: [{ sourceId: 'cam', startMs: 1000, durationMs: 1000, transition: { kind, durationMs: 160 }, transitionOut: { kind, durationMs: 160 } }] });
    expect(shown(clip('fade'), [24, 25, 28, 29, 45, 46, 49])).toEqual(['', 'cam*0.2', 'cam*0.8', 'cam', 'cam', 'cam*0.8', 'cam*0.2']);
    expect(shown(clip('slide'), [25, 29, 46])).toEqual(['[ > cam slide 0/4]', 'cam', '[cam >  slide 0/4]']);
    expect(layersOf(at(clip('fade'), 26).nodes)[0]?.gain).toBeCloseTo(Math.sin(0.4 * Math.PI / 2), 12);
    expect([24, 25, 29, 46, 49].map((p) => at(clip('fade'), p).next)).toEqual([25, 26, 46, 47, 50]);
  });

  test('out of a clip that the next one touches do not happen', () => {
    const document = timeline({ clips: [{ sourceId: 'cam2', startMs: 0, durationMs: 1000, transitionOut: { kind: 'fade', durationMs: 400 } }, { sourceId: 'cam', startMs: 1000, durationMs: 1000 }] });
    expect(shown(document, [20, 24, 25])).toEqual(['cam2', 'cam2', 'cam']);
  });

  test('are cut to their clip', () => {
    const document = timeline({ clips: [{ sourceId: 'cam2', startMs: 0, durationMs: 1000 }, { sourceId: 'cam', startMs: 1000, durationMs: 200, transition: { kind: 'fade', durationMs: 1000 } }] });
    expect(shown(document, [25, 29, 30])).toEqual(['[cam2 > cam fade 0/5]', '[cam2 > cam fade 4/5]', '']);
  });
});

describe('keyframes', () => {
  const clip = (keyframes: object[], rest = {}) => timeline({ clips: [{ sourceId: 'cam', startMs: 1000, durationMs: 10_000, ...rest, keyframes }] });
  const opacities = (document: TimelineDocument, positions: number[]) => positions.map((p) => layersOf(at(document, p).nodes)[0]?.opacity);

  test('have their value at their frame, and ease on the way', () => {
    const way = (easing: string) => opacities(clip([{ atMs: 400, opacity: 0, easing }, { atMs: 800, opacity: 1 }]), [25, 35, 40, 45, 60]);
    expect(way('linear')).toEqual([0, 0, 0.5, 1, 1]);
    expect(way('hold')).toEqual([0, 0, 0, 1, 1]);
    expect(way('ease-in')).toEqual([0, 0, 0.25, 1, 1]);
    expect(way('ease-out')).toEqual([0, 0, 0.75, 1, 1]);
    expect(opacities(clip([{ atMs: 0, opacity: 0, easing: 'ease-in-out' }, { atMs: 800, opacity: 1 }]), [30, 35, 40])).toEqual([0.125, 0.5, 0.875]);
  });

  test('name when things move and when they stand', () => {
    const document = clip([{ atMs: 400, opacity: 0 }, { atMs: 800, opacity: 1, easing: 'hold' }, { atMs: 2000, opacity: 0.5 }]);
    expect([25, 35, 44, 45, 75].map((p) => at(document, p).next)).toEqual([35, 36, 45, 75, 275]);
  });

  test('add to the gains in dB, and move only what they name', () => {
    const document = clip([{ atMs: 0, gainDb: 0 }, { atMs: 1000, gainDb: -40, x: 0.5 }], { x: 0.25, audio: { gainDb: -6 } });
    const [layer] = layersOf(at(document, 25 + 12).nodes);
    expect(20 * Math.log10(layer!.gain)).toBeCloseTo(-6 - 40 * (12 / 25), 9);
    expect(layer).toMatchObject({ x: 0.5, y: 0, width: 1, opacity: 1 });
  });
});

describe('sound', () => {
  const track = (clips: object[], rest = {}) => timeline({ tracks: [{ kind: 'audio', ...rest, clips }] });

  test('has the gains of track and clip, and is silent when muted', () => {
    const document = track([{ sourceId: 'song', startMs: 0, durationMs: 1000, audio: { gainDb: -14 } }, { sourceId: 'film', startMs: 1000, durationMs: 1000, audio: { muted: true } }], { gainDb: -6 });
    expect(at(document, 0)).toMatchObject({ nodes: [], sounds: [{ player: { key: 'a@0' }, gain: 0.1 }] });
    expect(at(document, 25).sounds).toMatchObject([{ player: { key: 'b@0' }, gain: 0 }]);
  });

  test('fades into the next one at equal power; what does not fade is cut', () => {
    const cross = (kind: string) => track([{ sourceId: 'song', startMs: 0, durationMs: 1000 }, { sourceId: 'film', startMs: 1000, durationMs: 1000, transition: { kind, durationMs: 400 } }]);
    const [a, b] = at(cross('fade'), 27).sounds;
    expect([a?.player, b?.player]).toMatchObject([{ key: 'a@0' }, { key: 'b@0' }]);
    expect(a!.gain ** 2 + b!.gain ** 2).toBeCloseTo(1, 12);
    expect(b!.gain).toBeCloseTo(Math.sin((3 / 11) * Math.PI / 2), 12);
    expect(at(cross('wipe'), 27)).toMatchObject({ sounds: [{ player: { key: 'b@0' }, gain: 1 }], next: 50 });
  });
});

describe('a loop', () => {
  const looping = (rest = {}) => timeline({ loop: true, clips: [{ sourceId: 'film', startMs: 0, durationMs: 1000, ...rest }, { sourceId: 'cam', startMs: 1000, durationMs: 1000 }] });

  test('goes on with its first frame after its last', () => {
    expect(shown(looping(), [49, 50, 75, 100])).toEqual(['cam', 'film(a@1)', 'cam', 'film(a@2)']);
    expect(at(looping(), 60).ended).toBe(false);
  });

  test('joins like anything else: what begins it comes out of what ends it, except at the very start', () => {
    const document = timeline({ loop: true, clips: [{ sourceId: 'film', startMs: 0, durationMs: 2000, transition: { kind: 'push', durationMs: 200 }, transitionOut: { kind: 'fade', durationMs: 500 } }] });
    expect(shown(document, [0, 49, 50, 54, 55])).toEqual(['[ > film(a@0) push 0/5]', 'film(a@0)', '[film(a@0) > film(a@1) push 0/5]', '[film(a@0) > film(a@1) push 4/5]', 'film(a@1)']);
    expect(playouts(compile(document), 52, 53).map(({ key, startPosition, endPosition }) => [key, startPosition, endPosition])).toEqual([['a@0', 0, 55], ['a@1', 50, 105]]);
  });

  test('of 29.97 frames is right after a million laps', () => {
    const rate = { num: 30000, den: 1001 };
    const document = timeline({ loop: true, clips: [{ sourceId: 'film', startMs: 0, durationMs: 600_007 }] });
    const compiled = compileTimeline(document, rate, lookup());
    // 10^6 · 600.007 s · 30000/1001, by hand: 17,982,227,772.2 frames; 19 years.
    const start = 17_982_227_772;
    expect(frameAt(600_007 * 10 ** 6, rate)).toBe(start);
    expect(summary(resolve(compiled, start - 1))).toBe('film(a@999999)');
    expect(layersOf(resolve(compiled, start).nodes)[0]?.player).toEqual({ type: 'clip', key: 'a@1000000', sourceId: 'film', startPosition: start, inUs: 0 });
    expect(resolve(compiled, start).next - start).toBeGreaterThan(17_980);
  });

  test('of laps shorter than a frame goes on all the same', () => {
    const document = timeline({ loop: true, clips: [{ sourceId: 'film', startMs: 0, durationMs: 1 }] });
    expect(at(document, 1000).next).toBeGreaterThan(1000);
    expect(playouts(compile(document), 1000, 1010)).toHaveLength(10);
  });

  test('of nothing is over at once', () => {
    expect(at(timeline({ loop: true, filler: { sourceId: 'pic' } }), 3)).toMatchObject({ ended: true, next: Infinity, nodes: [{ layer: { player: { sourceId: 'pic' } } }] });
  });
});

describe('things in clips', () => {
  test('a scene is laid out in its clip\'s place', () => {
    const document = timeline({ clips: [{ sceneId: 'pip', startMs: 1000, durationMs: 1000, inMs: 300, x: 0.5, width: 0.5, height: 0.5, opacity: 0.5, audio: { gainDb: -20 } }] });
    expect(layersOf(at(document, 25).nodes)).toMatchObject([
      { player: { sourceId: 'cam' }, x: 0.5, y: 0, width: 0.5, height: 0.5, opacity: 0.5, gain: 0.1 },
      { player: { key: 'a@0/film', startPosition: 25, inUs: 300_000 }, x: 0.75, y: 0.25, width: 0.25, height: 0.25, opacity: 0.25, gain: 0.1 * 0.1 },
    ]);
  });

  const inner = timeline({ loop: true, tracks: [{ kind: 'video', clips: [{ sourceId: 'cam', startMs: 0, durationMs: 400 }, { sourceId: 'film', startMs: 400, durationMs: 600, width: 0.5 }] }, { kind: 'audio', clips: [{ sourceId: 'song', startMs: 0, durationMs: 1000 }] }] });

  test('a timeline runs in its clip, from its in-point, and loops there if it does', () => {
    const document = timeline({ clips: [{ timelineId: 'inner', startMs: 2000, durationMs: 3000, inMs: 600, x: 0.5, width: 0.5, audio: { gainDb: -20 } }] });
    const timelines = { inner };
    expect(shown(document, [49, 50, 59, 60, 70, 125], timelines)).toEqual(['', 'film(a@0/b@0)', 'film(a@0/b@0)', 'cam', 'film(a@0/b@1)', '']);
    // Its film began 200 ms before it came into sight.
    expect(at(document, 50, timelines)).toMatchObject({
      nodes: [{ layer: { player: { startPosition: 50, inUs: 200_000 }, x: 0.5, width: 0.25, gain: 0.1 } }], sounds: [{ player: { key: 'a@0/c@0', inUs: 600_000 }, gain: 0.1 }], next: 60,
    });
    expect(playouts(compile(document, timelines), 50, 60)).toEqual([
      { key: 'a@0/b@0', sourceId: 'film', startPosition: 50, endPosition: 60, inUs: 200_000, heardOnly: false }, { key: 'a@0/c@0', sourceId: 'song', startPosition: 50, endPosition: 60, inUs: 600_000, heardOnly: true },
    ]);
  });

  test('the sounds of a timeline fade with the transition of its clip', () => {
    const document = timeline({ clips: [{ timelineId: 'inner', startMs: 0, durationMs: 1000 }, { sourceId: 'pic', startMs: 1000, durationMs: 1000, transition: { kind: 'wipe', durationMs: 400 } }] });
    expect(at(document, 25, { inner }).sounds[0]?.gain).toBeCloseTo(Math.cos(Math.PI / 22), 12);
  });

  test('transitions of a timeline go on in its place, when that is not the whole frame', () => {
    const wiping = timeline({ clips: [{ sourceId: 'cam', startMs: 0, durationMs: 1000 }, { sourceId: 'pic', startMs: 1000, durationMs: 1000, transition: { kind: 'wipe', durationMs: 400 } }] });
    const document = (place: object) => timeline({ clips: [{ timelineId: 'inner', startMs: 0, durationMs: 2000, ...place }] });
    const mix = (place: object) => at(document(place), 25, { inner: wiping }).nodes[0];
    expect(mix({ x: 0.5, y: 0.25, width: 0.5, height: 0.5 })).toMatchObject({ type: 'mix', area: { x: 0.5, y: 0.25, width: 0.5, height: 0.5 } });
    expect(mix({})).not.toHaveProperty('area');
    expect(at(wiping, 25).nodes[0]).not.toHaveProperty('area');
  });

  test('a timeline in itself, or more than four deep, is not shown', () => {
    const round = timeline({ clips: [{ sourceId: 'cam', startMs: 0, durationMs: 9000 }] });
    const into = (id: string) => timeline({ tracks: [...round.tracks, { kind: 'video', clips: [{ id: 'n', timelineId: id, startMs: 0, durationMs: 9000 }] }] });
    expect(summary(at(into('self'), 0, { self: into('self') }))).toBe('cam cam');
    const known = compileTimeline({ ...into('self'), id: 'self' }, PAL, lookup({ self: into('self') }));
    expect(summary(resolve(known, 0))).toBe('cam');
    const chain = { t1: into('t2'), t2: into('t3'), t3: into('t4'), t4: into('t5'), t5: into('t6'), t6: round };
    expect(summary(at(into('t1'), 0, chain))).toBe('cam cam cam cam cam');
  });

  test('when all is over, the filler stands: a file from the first frame after the end', () => {
    const document = timeline({ filler: { sceneId: 'pip' }, clips: [{ sourceId: 'cam', startMs: 0, durationMs: 1000 }] });
    expect(shown(document, [24, 25, 10 ** 9])).toEqual(['cam', 'cam film(filler/film)*0.5', 'cam film(filler/film)*0.5']);
    expect(playouts(compile(document), 24, 26)).toEqual([{ key: 'filler/film', sourceId: 'film', startPosition: 25, endPosition: Infinity, inUs: 0, heardOnly: false }]);
    expect(playouts(compile(document), 0, 25)).toEqual([]);
  });
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { playouts } from '../../../../src/domain/timeline/playouts.js';
import { compileTimeline } from '../../../../src/domain/timeline/compile.js';
import type { ClipPlayer } from '../../../../src/domain/timeline/model.js';
import { frameAt } from '../../../../src/domain/timeline/rate.js';
import { comingRegion, leftOf, movedRegion, passAt, placeAt, regionOf } from '../../../../src/domain/timeline/region.js';
import { MIN_REGION_MS } from '../../../../src/protocol/playback.js';
import { resolve } from '../../../../src/domain/timeline/resolve.js';
import { TimelineDocument } from '../../../../src/protocol/timeline.js';
import { expectEqual } from '../../equal.js';
import { anyMoment, anyRate, anyWorld, isClose, playersOf, positionOf } from './arbitraries.js';
import { exactFrame, length, Reference } from './reference.js';

const runs = (numRuns: number) => ({ numRuns, endOnFailure: true });
const anyLap = anyMoment.map(({ lap }) => lap);
const files = (picture: Parameters<typeof playersOf>[0]): ClipPlayer[] => playersOf(picture).filter((player) => player.type === 'clip');

describe('a frame', () => {
  test('is what the reference says, at any rate, in any lap', () => {
    fc.assert(fc.property(anyWorld, anyRate, fc.array(anyMoment, { minLength: 10, maxLength: 10 }), ({ document, lookup }, rate, moments) => {
      const timeline = compileTimeline(document, rate, lookup);
      const reference = new Reference(document, rate, lookup);
      for (const moment of moments) {
        const position = positionOf(moment, document, length(document), rate);
        const { nodes, sounds, ended } = resolve(timeline, position);
        const expected = reference.at(position);
        if (!isClose({ nodes, sounds, ended }, expected)) expect({ position, nodes, sounds, ended }).toEqual({ position, ...expected });
      }
    }), runs(400));
  });

  test('has the clips that the reference says in every frame of three laps and their joins', () => {
    fc.assert(fc.property(anyWorld, anyRate, anyLap, ({ document, lookup }, rate, lap) => {
      const looping = { ...document, loop: true, durationMs: Math.min(length(document), 1500) || null };
      const timeline = compileTimeline(looping, rate, lookup);
      const reference = new Reference(looping, rate, lookup);
      const from = frameAt(lap * length(looping), rate);
      for (let p = from; p < frameAt((lap + 3) * length(looping), rate); p++) expectEqual(playersOf(resolve(timeline, p)), playersOf(reference.at(p)));
    }), runs(60));
  });

  test('stays as it is until `next`', () => {
    fc.assert(fc.property(anyWorld, anyRate, anyMoment, ({ document, lookup }, rate, moment) => {
      const timeline = compileTimeline(document, rate, lookup);
      const position = positionOf(moment, document, length(document), rate);
      const { next, ...now } = resolve(timeline, position);
      expect(next).toBeGreaterThan(position);
      for (let p = position + 1; p < Math.min(next, position + 150); p++) {
        const { next: later, ...then } = resolve(timeline, p);
        expectEqual([then, later], [now, next]);
      }
    }), runs(400));
  });

  test('is the same of a timeline that went through JSON, and the schema leaves that as it is', () => {
    fc.assert(fc.property(anyWorld, anyRate, anyMoment, ({ document, lookup }, rate, moment) => {
      const { id: _, ...stored } = document;
      const again = TimelineDocument.parse(JSON.parse(JSON.stringify(stored)));
      expect(again).toEqual(JSON.parse(JSON.stringify(stored)));
      const position = positionOf(moment, document, length(document), rate);
      expect(resolve(compileTimeline({ ...again, id: 'top' }, rate, lookup), position)).toEqual(resolve(compileTimeline(document, rate, lookup), position));
    }), runs(100));
  });
});

describe('a file that has failed', () => {
  test('gives way to the filler in its place, as the reference says, and its filler is opened', () => {
    const failing = fc.integer({ min: 0, max: 3 }).map((seed) => (key: string): boolean => [...key].reduce((sum, sign) => sum + sign.charCodeAt(0), seed) % 2 === 0);
    const filled = anyWorld.map((world) => ({ ...world, document: { ...world.document, filler: world.document.filler ?? { sceneId: 'pip' } } }));
    fc.assert(fc.property(filled, anyRate, failing, fc.array(anyMoment, { minLength: 5, maxLength: 5 }), ({ document, lookup }, rate, isFailed, moments) => {
      const timeline = compileTimeline(document, rate, lookup);
      const reference = new Reference(document, rate, lookup, isFailed);
      for (const moment of moments) {
        const position = positionOf(moment, document, length(document), rate);
        const { nodes, sounds, ended } = resolve(timeline, position, isFailed);
        const expected = reference.at(position);
        if (!isClose({ nodes, sounds, ended }, expected)) expect({ position, nodes, sounds, ended }).toEqual({ position, ...expected });
        const open = playouts(timeline, position, position + 1, isFailed).map(({ key, sourceId, startPosition, inUs }) => ({ type: 'clip', key, sourceId, startPosition, inUs }));
        for (const player of files({ nodes, sounds })) expect(open).toContainEqual(player);
        for (const { key } of open) if (!files({ nodes, sounds }).some((player) => player.key === key)) expect(isFailed(key)).toBe(true);
      }
    }), runs(150));
  });
});

describe('playouts', () => {
  test('are the file players that are on in the window, from their first frame to their last', () => {
    fc.assert(fc.property(anyWorld, anyRate, anyMoment, fc.integer({ min: 1, max: 90 }), ({ document, lookup }, rate, moment, frames) => {
      const timeline = compileTimeline(document, rate, lookup);
      const from = positionOf(moment, document, length(document), rate);
      const expected = new Map<string, ClipPlayer>();
      for (let p = from; p < from + frames; p++) for (const player of files(resolve(timeline, p))) expected.set(player.key, player);
      const found = playouts(timeline, from, from + frames);

      expect(found.map(({ key, sourceId, startPosition, inUs }) => ({ type: 'clip', key, sourceId, startPosition, inUs })).sort(byKey)).toEqual([...expected.values()].sort(byKey));
      expect(found.map((playout) => playout.startPosition)).toEqual(found.map((playout) => playout.startPosition).sort((a, b) => a - b));
      for (const { key, startPosition, endPosition } of found) {
        const isOn = (p: number): boolean => files(resolve(timeline, p)).some((player) => player.key === key);
        expectEqual({ key, on: [startPosition - 1, startPosition].map(isOn) }, { key, on: [false, true] });
        if (endPosition < Infinity) expectEqual({ key, on: [endPosition - 1, endPosition].map(isOn) }, { key, on: [true, false] });
      }
    }), runs(400));
  });

  test('of a key are one', () => {
    fc.assert(fc.property(anyWorld, anyRate, ({ document, lookup }, rate) => {
      const found = playouts(compileTimeline(document, rate, lookup), 0, frameAt(6000, rate));
      expect(new Set(found.map((playout) => playout.key)).size).toBe(found.length);
    }), runs(100));
  });
});

describe('a loop region', () => {
  const worldAndRegion = fc.tuple(anyWorld, anyRate, fc.integer({ min: 0, max: 2500 }), fc.integer({ min: 1, max: 900 }))
    .map(([world, rate, fromMs, lengthMs]) => ({ ...world, rate, region: regionOf({ fromMs, toMs: fromMs + lengthMs }, rate) }));

  test('is gone round as the reference says, frame by frame, and each pass is like the one before', () => {
    fc.assert(fc.property(worldAndRegion, ({ document, lookup, rate, region }) => {
      fc.pre(region !== null);
      const { from, to } = region!;
      const timeline = compileTimeline(document, rate, lookup);
      let position = 0;
      for (const expected of new Reference(document, rate, lookup).round(from, to, 4)) {
        const { nodes, sounds, ended, next } = resolve(timeline, position, undefined, region);
        if (!isClose({ nodes, sounds, ended }, expected)) expect({ position, nodes, sounds, ended }).toEqual({ position, ...expected });
        expect(next).toBeGreaterThan(position);
        position++;
      }
      expect([passAt(region, position - 1), placeAt(region, position - 1), placeAt(region, position)]).toEqual([3, to - 1, from]);
    }), runs(150));
  });

  test('stays as it is until `next`, over the joins too', () => {
    fc.assert(fc.property(worldAndRegion, fc.integer({ min: 0, max: 300 }), ({ document, lookup, rate, region }, position) => {
      const timeline = compileTimeline(document, rate, lookup);
      const { next, ...now } = resolve(timeline, position, undefined, region);
      for (let p = position + 1; p < Math.min(next, position + 100); p++) {
        const { next: later, ...then } = resolve(timeline, p, undefined, region);
        expectEqual([then, later], [now, next]);
      }
    }), runs(200));
  });

  test('has the playouts of each pass told before, from their first frame to their last', () => {
    fc.assert(fc.property(worldAndRegion, fc.integer({ min: 0, max: 300 }), fc.integer({ min: 1, max: 90 }), ({ document, lookup, rate, region }, start, frames) => {
      const timeline = compileTimeline(document, rate, lookup);
      const expected = new Map<string, ClipPlayer>();
      for (let p = start; p < start + frames; p++) for (const player of files(resolve(timeline, p, undefined, region))) expected.set(player.key, player);
      const found = playouts(timeline, start, start + frames, undefined, region);
      expect(found.map(({ key, sourceId, startPosition, inUs }) => ({ type: 'clip', key, sourceId, startPosition, inUs })).sort(byKey)).toEqual([...expected.values()].sort(byKey));
      for (const { key, startPosition, endPosition } of found) {
        const isOn = (p: number): boolean => files(resolve(timeline, p, undefined, region)).some((player) => player.key === key);
        expectEqual({ key, on: [startPosition - 1, startPosition].map(isOn) }, { key, on: [false, true] });
        if (endPosition < Infinity) expectEqual({ key, on: [endPosition - 1, endPosition].map(isOn) }, { key, on: [true, false] });
      }
    }), runs(200));
  });

  test('of a timeline that loops is the one of this lap or of the next, else the one ahead or none', () => {
    fc.assert(fc.property(anyWorld, anyRate, fc.integer({ min: 0, max: 2000 }), fc.integer({ min: 34, max: 3000 }), fc.integer({ min: 0, max: 10_000 }), ({ document, lookup }, rate, fromMs, lengthMs, ms) => {
      const timeline = compileTimeline(document, rate, lookup);
      const durationMs = length(document);
      const place = frameAt(ms, rate);
      const span = { fromMs, toMs: fromMs + lengthMs };
      const found = comingRegion(span, place, timeline);
      if (found) expect(place).toBeLessThan(found.to);
      if (!document.loop || durationMs === 0) {
        // As much of it as comes before the end, unless that is next to nothing.
        const toMs = durationMs === 0 ? span.toMs : Math.min(span.toMs, durationMs);
        const isKept = place < frameAt(toMs, rate) && (toMs === span.toMs || toMs - fromMs >= MIN_REGION_MS);
        expect(found).toEqual(isKept ? regionOf({ fromMs, toMs }, rate) : null);
      }
      if (document.loop && durationMs > 0 && span.toMs <= durationMs) {
        const lap = Math.floor(ms / durationMs);
        expect([lap - 1, lap, lap + 1].map((n) => regionOf({ fromMs: n * durationMs + fromMs, toMs: n * durationMs + span.toMs }, rate))).toContainEqual(found);
      }
    }), runs(200));
  });
});

test('what is left of a region after an edit ends with the timeline and is never shorter than one that may be asked for', () => {
  fc.assert(fc.property(anyWorld, anyRate, fc.integer({ min: 0, max: 5000 }), fc.integer({ min: MIN_REGION_MS, max: 5000 }), fc.integer({ min: -8000, max: 8000 }), ({ document, lookup }, rate, fromMs, lengthMs, byMs) => {
    const timeline = compileTimeline(document, rate, lookup);
    const durationMs = length(document);
    const span = { fromMs, toMs: fromMs + lengthMs };
    const moved = movedRegion(span, byMs);
    if (moved) expect([moved.fromMs >= 0, moved.toMs - moved.fromMs >= MIN_REGION_MS, moved.toMs]).toEqual([true, true, span.toMs + byMs]);
    else expect(span.toMs + byMs - Math.max(0, fromMs + byMs)).toBeLessThan(MIN_REGION_MS);
    const region = regionOf(span, rate)!;
    const left = leftOf(region, timeline);
    if (document.loop || durationMs === 0 || span.toMs <= durationMs) expect(left).toEqual(region);
    else if (left) expect([left.from, left.to, left.to - left.from >= frameAt(MIN_REGION_MS, rate) - 1]).toEqual([region.from, frameAt(durationMs, rate), true]);
    else expect(durationMs - fromMs).toBeLessThan(MIN_REGION_MS + 50);
  }), runs(200));
});

const byKey = (a: { key: string }, b: { key: string }): number => (a.key < b.key ? -1 : 1);

describe('joins', () => {
  test('neighbours in ms are neighbours in frames: none between them, none twice', () => {
    const lengths = fc.array(fc.integer({ min: 50, max: 100_000 }), { minLength: 2, maxLength: 20 });
    fc.assert(fc.property(lengths, anyRate, anyLap, (durations, rate, lap) => {
      let startMs = 0;
      const clips = durations.map((durationMs, i) => ({ id: `c${i}`, sourceId: 'film', startMs: (startMs += durationMs) - durationMs, durationMs }));
      const document = TimelineDocument.parse({ name: 'x', loop: true, tracks: [{ id: 't', kind: 'video', clips }] });
      const timeline = compileTimeline(document, rate, { source: () => ({ kind: 'media' }), scene: () => undefined, overlay: () => undefined, timeline: () => undefined });
      const keyAt = (p: number): string => files(resolve(timeline, p)).map((player) => player.key).join();
      clips.forEach((clip, i) => {
        const start = exactFrame(lap * startMs + clip.startMs, rate);
        const before = i > 0 ? `c${i - 1}@${lap}` : lap > 0 ? `c${clips.length - 1}@${lap - 1}` : '';
        expect([keyAt(start - 1), keyAt(start)]).toEqual([before, `c${i}@${lap}`]);
      });
      const all = playouts(timeline, exactFrame(lap * startMs, rate), exactFrame((lap + 1) * startMs, rate));
      expect(all).toHaveLength(clips.length);
      all.slice(1).forEach((playout, i) => expect(playout.startPosition).toBe(all[i]!.endPosition));
    }), runs(100));
  });

  test('a lap begins within half a frame of its time, for ten million laps', () => {
    const days = fc.oneof(fc.integer({ min: 50, max: 100_000 }), fc.integer({ min: 100_000, max: 10 * 24 * 3_600_000 }));
    fc.assert(fc.property(days, anyRate, fc.integer({ min: 1, max: 10 ** 7 }), (durationMs, rate, lap) => {
      const document = TimelineDocument.parse({ name: 'x', loop: true, tracks: [{ id: 't', kind: 'video', clips: [{ id: 'c', sourceId: 'film', startMs: 0, durationMs }] }] });
      const timeline = compileTimeline(document, rate, { source: () => ({ kind: 'media' }), scene: () => undefined, overlay: () => undefined, timeline: () => undefined });
      const { next, nodes } = resolve(timeline, frameAt(lap * durationMs, rate) - 1);
      expect(files({ nodes, sounds: [] })[0]?.key).toBe(`c@${lap - 1}`);
      const [first] = files(resolve(timeline, next));
      expect(first).toMatchObject({ key: `c@${lap}`, startPosition: next, inUs: 0 });
      // |frame · 1000·den − ms · num| · 2 ≤ 1000·den
      const error = BigInt(next) * 1000n * BigInt(rate.den) - BigInt(lap) * BigInt(durationMs) * BigInt(rate.num);
      expect(2n * (error < 0n ? -error : error) <= 1000n * BigInt(rate.den)).toBe(true);
    }), runs(1000));
  });
});

describe('keys', () => {
  test('do not change when other tracks and other clips do', () => {
    fc.assert(fc.property(anyWorld, anyWorld, anyRate, fc.integer({ min: 0, max: 3000 }), ({ document, lookup }, other, rate, ms) => {
      const fixed = { ...document, durationMs: 2000 };
      const more = other.document.tracks.map((track) => ({ ...track, id: `more_${track.id}`, clips: track.clips.map((clip) => ({ ...clip, id: `more_${clip.id}` })) }));
      const edited = { ...fixed, name: 'edited', tracks: [...more.slice(0, 1), ...fixed.tracks, ...more.slice(1)] };
      const position = frameAt(ms, rate);
      const before = files(resolve(compileTimeline(fixed, rate, lookup), position));
      const after = files(resolve(compileTimeline(edited, rate, lookup), position));
      // A gap that another track's clip covers is none.
      for (const player of before) if (!player.key.startsWith('filler')) expect(after).toContainEqual(player);
    }), runs(100));
  });
});

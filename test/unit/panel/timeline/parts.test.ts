import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkOverlaps } from '../../../../src/domain/timeline/check-overlaps.js';
import { Report } from '../../../../src/domain/timeline/report.js';
import { onAir, placeOf, positionAfter } from '../../../../src/panel/lib/timeline/air.js';
import { copied, pasted } from '../../../../src/panel/lib/timeline/clipboard.js';
import { valueAt, withKeyframe } from '../../../../src/panel/lib/timeline/keyframes.js';
import { overlapping } from '../../../../src/panel/lib/timeline/overlap.js';
import { snapped, snapPoints } from '../../../../src/panel/lib/timeline/snap.js';
import { framesOn, placeInFile, readTime, timecode } from '../../../../src/panel/lib/timeline/time.js';
import { fitted, rulerStep, scrolled, toMs, toX, zoomed } from '../../../../src/panel/lib/timeline/viewport.js';
import { clip, timeline, track } from './support.js';

describe('overlaps', () => {
  it('are those that the studio tells of', () => {
    const any = fc.array(fc.record({ startMs: fc.nat(60), durationMs: fc.integer({ min: 1, max: 40 }), fade: fc.nat(30), kind: fc.constantFrom('fade' as const, 'wipe' as const, 'cut' as const) }), { maxLength: 7 });
    fc.assert(fc.property(any, fc.constantFrom('video' as const, 'audio' as const), (bodies, kind) => {
      const one = track('t', bodies.map(({ startMs, durationMs, fade, kind: transition }, i) => clip(`c${i}`, startMs, durationMs, { transition: { kind: transition, durationMs: fade } })), kind);
      const report = new Report();
      checkOverlaps(one.clips.map((at) => ({ clip: at, track: one, path: at.id })), report);
      expect([...overlapping(one)].sort()).toEqual(report.result().problems.map(({ path }) => path).sort());
    }), { numRuns: 500 });
  });
});

describe('snapping', () => {
  const document = timeline(track('v', [clip('a', 0, 1000), clip('b', 3000, 700)]));
  const points = snapPoints(document, new Set(['b']), [2345, null]);

  it('brings the nearer edge onto an edge, the cursor or a step', () => {
    expect(snapped([3000, 3700], -1990, points, { withinMs: 50, stepMs: 0 })).toEqual({ byMs: -2000, atMs: 1000 });
    expect(snapped([3000, 3700], -1340, points, { withinMs: 50, stepMs: 0 })).toEqual({ byMs: -1355, atMs: 2345 });
    expect(snapped([3000, 3700], 980, points, { withinMs: 50, stepMs: 1000 })).toEqual({ byMs: 1000, atMs: 4000 });
    expect(snapped([3000, 3700], 800, points, { withinMs: 50, stepMs: 0 })).toEqual({ byMs: 800, atMs: null });
  });
});

describe('moments', () => {
  it('are read as they are written', () => {
    fc.assert(fc.property(fc.nat(100_000_000), (ms) => { expect(readTime(timecode(ms))).toBe(ms); }));
    expect(readTime('12.5')).toBe(12_500);
    expect(readTime('1:00')).toBe(60_000);
    expect(readTime('soon')).toBeNull();
  });

  it('steps by frames add up no errors', () => {
    for (const fps of [30, 29.97, 25]) {
      let ms = 0;
      for (let i = 0; i < 3000; i++) ms = framesOn(ms, 1, fps);
      expect(ms).toBe(framesOn(0, 3000, fps));
      expect(framesOn(ms, -3000, fps)).toBe(0);
    }
  });
});

describe('a place in a file', () => {
  it('begins again where a film loops, and is none where one is over', () => {
    expect(placeInFile({ inMs: 500, durationMs: null, lapMs: 12_000 }, 26_000)).toBe(2_500);
    expect([11_999, 12_000].map((ms) => placeInFile({ inMs: 500, durationMs: 12_000 }, ms))).toEqual([12_499, null]);
    expect(placeInFile({ inMs: 500, durationMs: null }, 26_000)).toBe(26_500);
  });
});

describe('what is on air', () => {
  const document = { ...timeline(track('v', [clip('a', 0, 1000), clip('b', 1000, 1000), clip('c', 3000, 1000)]), { ...track('w', [clip('d', 0, 9000)]), enabled: false }), loop: true };

  it('is the clip at the place, and next the one after; at the end of a loop the first', () => {
    expect(onAir(document, 1500)).toEqual({ now: new Set(['b']), next: new Set(['c']) });
    expect(onAir(document, 2500)).toEqual({ now: new Set(), next: new Set(['c']) });
    expect(onAir({ ...document, durationMs: 4000 }, 3500)).toEqual({ now: new Set(['c']), next: new Set(['a']) });
    expect(onAir(document, null).now.size).toBe(0);
  });

  it('goes on between two reports', () => {
    const status = { state: 'playing' as const, positionMs: 3800, durationMs: 4000 };
    expect(placeOf(positionAfter(status, 500, true), { ...document, durationMs: 4000 })).toBe(300);
    expect(positionAfter(status, 500, false)).toBe(4000);
    expect(positionAfter({ ...status, state: 'paused' }, 500, true)).toBe(3800);
  });
});

describe('copies', () => {
  it('keep their distances, on their tracks', () => {
    const document = timeline(track('v', [clip('a', 100, 1000), clip('b', 1500, 1000)]), track('s', [clip('m', 600, 500)], 'audio'));
    const { document: after, made } = pasted(document, copied(document, new Set(['a', 'm']))!, 5000, 'off');
    expect(made).toHaveLength(2);
    expect(after.tracks.map(({ clips }) => clips.at(-1)!.startMs)).toEqual([5000, 5500]);
  });

  it('are made room for in ripple', () => {
    const document = timeline(track('v', [clip('a', 0, 1000), clip('b', 1000, 1000)]));
    const { document: after } = pasted(document, copied(document, new Set(['a']))!, 1000, 'track');
    expect(after.tracks[0]!.clips.map(({ startMs }) => startMs)).toEqual([0, 2000, 1000]);
  });
});

describe('keyframes', () => {
  it('are put in, changed and taken out at a moment', () => {
    let one = withKeyframe(clip('a', 0, 1000), 500, { opacity: 0.5 });
    one = withKeyframe(one, 0, { opacity: 1, gainDb: -6, easing: 'ease-in' });
    expect(one.keyframes.map(({ atMs }) => atMs)).toEqual([0, 500]);
    expect(valueAt(one.keyframes, 'opacity', 250)).toBeCloseTo(1 - 0.5 * 0.25);
    expect(valueAt(one.keyframes, 'gainDb', 900)).toBe(-6);
    expect(withKeyframe(one, 500, { opacity: undefined }).keyframes).toHaveLength(1);
  });
});

describe('the view', () => {
  const view = { fromMs: 10_000, pxPerMs: 0.1, width: 800 };

  it('zooms around the pointer', () => {
    const near = zoomed(view, 2, 200, 60_000);
    expect(toMs(near, 200)).toBeCloseTo(toMs(view, 200));
    expect(toX(near, 12_000)).toBeCloseTo(200);
  });

  it('neither scrolls nor zooms out of what is there', () => {
    expect(scrolled(view, -1e9, 60_000).fromMs).toBe(0);
    expect(scrolled(view, 1e9, 60_000).fromMs).toBe(56_000);
    expect(fitted(view, 0, 60_000).pxPerMs * 60_000).toBeLessThanOrEqual(800);
    expect(zoomed(view, 1e-9, 0, 60_000).pxPerMs).toBeGreaterThan(0.005);
  });

  it('has marks far enough from each other for their words', () => {
    for (const px of [1e-6, 0.001, 0.05, 1]) expect(rulerStep(px) * px).toBeGreaterThanOrEqual(px === 1e-6 ? 0 : 84);
  });
});

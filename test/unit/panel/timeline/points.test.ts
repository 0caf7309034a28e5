/** Points of a clip's curves: where they are met, what they may be, and that the studio takes whatever comes of moving them. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CURVE_RANGE, CURVED } from '../../../../src/protocol/clip-rules.js';
import { Clip, Keyframe } from '../../../../src/protocol/timeline.js';
import { curveValue, curveY, heightOf, inClip, LANE_HEIGHT, pointAt, RULER_HEIGHT } from '../../../../src/panel/lib/timeline/hit.js';
import { allowed, areTaken, movedKeyframe, pointsOf, withKeyframe } from '../../../../src/panel/lib/timeline/keyframes.js';
import { clip, timeline, track } from './support.js';

const VIEW = { fromMs: 0, pxPerMs: 0.1, width: 1000 };

describe('points of curves', () => {
  it.each(CURVED)('of %s may be what the schema says, and nothing beyond', (property) => {
    const [least, most] = CURVE_RANGE[property];
    for (const value of [least, most]) expect(Keyframe.safeParse({ atMs: 0, [property]: value }).success).toBe(true);
    for (const value of [least - 0.001, most + 0.001]) expect(Keyframe.safeParse({ atMs: 0, [property]: value }).success).toBe(false);
    for (const value of [least - 9, least, (least + most) / 3, most, most + 9]) expect(Keyframe.safeParse({ atMs: 0, [property]: allowed(property, value) }).success).toBe(true);
    for (const value of [least, most]) expect(curveValue(property, curveY(property, value))).toBeCloseTo(value, 6);
  });

  it('are met where they are drawn, of chosen clips alone', () => {
    const one = clip('a', 1000, 4000, { keyframes: [{ atMs: 0, opacity: 1, easing: 'linear' }, { atMs: 2000, opacity: 0.5, easing: 'linear' }] });
    const document = timeline(track('audio', [clip('s', 0, 9000, { keyframes: [{ atMs: 3000, gainDb: -6, easing: 'linear' }] })], 'audio'), track('v', [one]));
    // The video track is the upper row.
    const y = RULER_HEIGHT + 3 + curveY('opacity', 0.5);
    expect(inClip(y)).toBeCloseTo(curveY('opacity', 0.5));
    expect(pointAt(document, VIEW, new Set(['a']), 'opacity', 300, y)).toMatchObject({ atMs: 2000, property: 'opacity' });
    expect(pointAt(document, VIEW, new Set(['a']), 'opacity', 320, y)).toBeNull();
    expect(pointAt(document, VIEW, new Set(), 'opacity', 300, y)).toBeNull();
    expect(pointAt(document, VIEW, new Set(['a']), 'x', 300, y)).toBeNull();
    // Of sound it is the gain, whatever curve is drawn elsewhere.
    expect(pointAt(document, VIEW, new Set(['s']), 'opacity', 300, RULER_HEIGHT + LANE_HEIGHT + 3 + curveY('gainDb', -6))).toMatchObject({ property: 'gainDb', atMs: 3000 });
    expect(heightOf(document)).toBe(RULER_HEIGHT + 2 * LANE_HEIGHT);
  });

  it('stay between those beside them, with all that their keyframe names', () => {
    const before = clip('a', 0, 1000, { keyframes: [{ atMs: 0, opacity: 1, easing: 'linear' }, { atMs: 500, opacity: 0.5, x: 0.2, easing: 'hold' }, { atMs: 900, opacity: 0, easing: 'linear' }] });
    expect(movedKeyframe(before, 500, 2000, 'opacity', 7)).toMatchObject({ atMs: 899, clip: { keyframes: [{ atMs: 0 }, { atMs: 899, opacity: 1, x: 0.2, easing: 'hold' }, { atMs: 900 }] } });
    expect(movedKeyframe(before, 500, -50, 'opacity', -7)).toMatchObject({ atMs: 1, clip: { keyframes: [{ atMs: 0 }, { atMs: 1, opacity: 0 }, { atMs: 900 }] } });
    expect(movedKeyframe(before, 501, 3, 'opacity', 1).clip).toBe(before);
    expect(pointsOf(before, 'x')).toEqual([500]);
  });

  it('are taken by the studio whatever is done to them', () => {
    const step = fc.record({ at: fc.nat(1200), to: fc.integer({ min: -300, max: 1500 }), property: fc.constantFrom(...CURVED), value: fc.float({ min: -100, max: 100, noNaN: true }), takes: fc.boolean() });
    fc.assert(fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
      let one = clip('a', 0, 1000);
      for (const { at, to, property, value, takes } of steps) {
        one = withKeyframe(one, at, { [property]: allowed(property, value) });
        const some = one.keyframes[at % one.keyframes.length]!;
        one = takes ? withKeyframe(one, some.atMs, { [property]: undefined }) : movedKeyframe(one, some.atMs, to, property, value).clip;
        expect(areTaken(one)).toBe(true);
        expect(Clip.safeParse(one).success).toBe(true);
      }
    }));
  });

  it('would be refused beyond the clip, in another order, out of range and when they are too many', () => {
    const with_ = (...keyframes: Partial<Keyframe>[]) => areTaken({ durationMs: 1000, keyframes: keyframes as Keyframe[] });
    const at = (atMs: number, opacity = 1): Keyframe => ({ atMs, opacity, easing: 'linear' });
    expect([with_(at(0), at(1000)), with_(at(1001)), with_(at(5), at(4)), with_(at(5), at(5)), with_(at(0, 2)), with_(...Array.from({ length: 501 }, (_, i) => at(i)))])
      .toEqual([true, false, false, false, false, false]);
  });
});

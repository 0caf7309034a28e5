import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { endOf } from '../../../../src/panel/lib/timeline/document.js';
import { canJoin, inserted, joinedUp, moved, removed, split, trimmed } from '../../../../src/panel/lib/timeline/edits.js';
import { namedBy, valueAt } from '../../../../src/panel/lib/timeline/keyframes.js';
import { anyRipple, anyTimeline, clip, clipOf, hasTime, isWhole, overlaps, timeline, track, withSome } from './support.js';

const two = () => timeline(track('v', [clip('a', 0, 1000), clip('b', 1000, 1000), clip('c', 4000, 1000)]), track('w', [clip('d', 500, 2000)]));
const starts = (document: ReturnType<typeof two>) => document.tracks.map(({ clips }) => Object.fromEntries(clips.map(({ id, startMs }) => [id, startMs])));

describe('moving clips', () => {
  it('moves what is chosen, and nothing else', () => {
    expect(starts(moved(two(), new Set(['b']), 500, 0, 'off'))).toEqual([{ a: 0, b: 1500, c: 4000 }, { d: 500 }]);
  });

  it('stops at the clip beside it, or goes past it where the wish is nearer to that', () => {
    expect(clipOf(moved(two(), new Set(['b']), 2300, 0, 'off'), 'b').startMs).toBe(3000);
    expect(clipOf(moved(two(), new Set(['b']), 3800, 0, 'off'), 'b').startMs).toBe(5000);
    expect(clipOf(moved(two(), new Set(['b']), -600, 0, 'off'), 'b').startMs).toBe(1000);
  });

  it('does not begin before the timeline', () => {
    expect(clipOf(moved(two(), new Set(['a']), -50, 0, 'off'), 'a').startMs).toBe(0);
  });

  it('goes onto another track of its kind, to where there is room', () => {
    const after = moved(two(), new Set(['b']), 0, 1, 'off');
    expect(after.tracks.map(({ clips }) => clips.map(({ id }) => id))).toEqual([['a', 'c'], ['d', 'b']]);
    expect(clipOf(after, 'b').startMs).toBe(2500);
    expect(moved(two(), new Set(['b']), 0, 2, 'off')).toEqual(two());
  });

  it('lies over the clip before by as much as its transition takes', () => {
    const document = timeline(track('v', [clip('a', 0, 1000), clip('b', 1500, 1000, { transition: { kind: 'fade', durationMs: 300 } })]));
    expect(clipOf(moved(document, new Set(['b']), -700, 0, 'off'), 'b').startMs).toBe(800);
    expect(clipOf(moved(document, new Set(['b']), -1100, 0, 'off'), 'b').startMs).toBe(700);
  });

  it('takes along what begins later, on its track or on all, in ripple', () => {
    expect(starts(moved(two(), new Set(['b']), 500, 0, 'track'))).toEqual([{ a: 0, b: 1500, c: 4500 }, { d: 500 }]);
    expect(starts(moved(two(), new Set(['a']), 500, 0, 'all'))).toEqual([{ a: 500, b: 1500, c: 4500 }, { d: 1000 }]);
  });
});

describe('trimming', () => {
  it('moves the end up to the next clip', () => {
    expect(clipOf(trimmed(two(), 'b', 'end', 500, 'off', hasTime), 'b').durationMs).toBe(1500);
    expect(clipOf(trimmed(two(), 'b', 'end', 9000, 'off', hasTime), 'b').durationMs).toBe(3000);
    expect(clipOf(trimmed(two(), 'b', 'end', -9000, 'off', hasTime, 40), 'b').durationMs).toBe(40);
  });

  it('moves the start within the file, and no earlier than the file begins', () => {
    const document = timeline(track('v', [clip('a', 1000, 1000, { inMs: 300 }), clip('b', 3000, 500, { sourceId: 'cam' })]));
    expect(clipOf(trimmed(document, 'a', 'start', 200, 'off', hasTime), 'a')).toMatchObject({ startMs: 1200, durationMs: 800, inMs: 500 });
    expect(clipOf(trimmed(document, 'a', 'start', -900, 'off', hasTime), 'a')).toMatchObject({ startMs: 700, durationMs: 1300, inMs: 0 });
    expect(clipOf(trimmed(document, 'b', 'start', -2000, 'off', hasTime), 'b')).toMatchObject({ startMs: 2000, durationMs: 1500, inMs: 0 });
  });

  it('brings what lies later along, in ripple', () => {
    expect(starts(trimmed(two(), 'a', 'end', -400, 'track', hasTime))).toEqual([{ a: 0, b: 600, c: 3600 }, { d: 500 }]);
    expect(starts(trimmed(two(), 'a', 'end', 400, 'track', hasTime))).toEqual([{ a: 0, b: 1400, c: 4400 }, { d: 500 }]);
    const start = trimmed(two(), 'a', 'start', 400, 'track', hasTime);
    expect(starts(start)).toEqual([{ a: 0, b: 600, c: 3600 }, { d: 500 }]);
    expect(clipOf(start, 'a')).toMatchObject({ inMs: 400, durationMs: 600 });
  });

  it('keeps keyframes where they are in the picture', () => {
    const document = timeline(track('v', [clip('a', 1000, 1000, { inMs: 500, keyframes: [{ atMs: 0, opacity: 0, easing: 'linear' }, { atMs: 1000, opacity: 1, easing: 'linear' }] })]));
    expect(clipOf(trimmed(document, 'a', 'start', 500, 'off', hasTime), 'a').keyframes).toEqual([{ atMs: 0, opacity: 0.5, easing: 'linear' }, { atMs: 500, opacity: 1, easing: 'linear' }]);
    expect(clipOf(trimmed(document, 'a', 'start', -500, 'off', hasTime), 'a').keyframes.map(({ atMs }) => atMs)).toEqual([500, 1500]);
  });
});

describe('splitting and joining', () => {
  it('cuts what is on at the moment: the second half goes on in the file, and has the way out', () => {
    const document = timeline(track('v', [clip('a', 1000, 1000, { inMs: 50, transition: { kind: 'fade', durationMs: 100 }, transitionOut: { kind: 'dip', durationMs: 200 } })]));
    const { document: after, made } = split(document, new Set(['a']), 1400, hasTime, () => 'new');
    expect(made).toEqual(['new']);
    expect(clipOf(after, 'a')).toEqual(clip('a', 1000, 400, { inMs: 50, transition: { kind: 'fade', durationMs: 100 } }));
    expect(clipOf(after, 'new')).toEqual(clip('new', 1400, 600, { inMs: 450, transitionOut: { kind: 'dip', durationMs: 200 } }));
  });

  it('does nothing at an edge', () => {
    const document = two();
    expect(split(document, new Set(['a', 'b']), 1000, hasTime).document).toBe(document);
  });

  it('joins only what goes on in the file', () => {
    expect(canJoin(clip('a', 0, 100), clip('b', 100, 100), hasTime)).toBe(false);
    expect(canJoin(clip('a', 0, 100), clip('b', 100, 100, { inMs: 100 }), hasTime)).toBe(true);
    expect(canJoin(clip('a', 0, 100), clip('b', 110, 100, { inMs: 100 }), hasTime)).toBe(false);
    expect(canJoin(clip('a', 0, 100, { sourceId: 'cam' }), clip('b', 100, 100, { sourceId: 'cam' }), hasTime)).toBe(true);
  });
});

describe('laws of editing', () => {
  it('whatever is moved lies where it may, and stays a timeline', () => {
    fc.assert(fc.property(withSome, fc.integer({ min: -2000, max: 2000 }), fc.integer({ min: -1, max: 1 }), anyRipple, ({ document, ids }, by, tracks, ripple) => {
      const after = moved(document, ids, by, tracks, ripple);
      expect(overlaps(after)).toEqual([]);
      expect(isWhole(after)).toBe(true);
      expect(after.tracks.flatMap(({ clips }) => clips).length).toBe(document.tracks.flatMap(({ clips }) => clips).length);
      // All that is chosen moves by the same.
      const distances = [...ids].map((id) => clipOf(after, id).startMs - clipOf(document, id).startMs);
      expect(new Set(distances).size).toBe(1);
    }), { numRuns: 300 });
  });

  it('whatever is trimmed lies where it may, and begins in its file where it is', () => {
    fc.assert(fc.property(withSome, fc.constantFrom('start' as const, 'end' as const), fc.integer({ min: -1500, max: 1500 }), anyRipple, ({ document, ids }, edge, by, ripple) => {
      const [id] = [...ids] as [string];
      const after = trimmed(document, id, edge, by, ripple, hasTime);
      expect(isWhole(after)).toBe(true);
      const [old, now] = [clipOf(document, id), clipOf(after, id)];
      if (hasTime(old) && ripple === 'off') expect(now.startMs - now.inMs).toBe(old.startMs - old.inMs);
      if (ripple === 'off') expect(overlaps(after)).toEqual([]);
      for (const keyframe of now.keyframes) expect(keyframe.atMs).toBeLessThanOrEqual(now.durationMs);
    }), { numRuns: 300 });
  });

  it('ripple keeps the distances between all that lies later', () => {
    fc.assert(fc.property(withSome, fc.constantFrom('track' as const, 'all' as const), ({ document, ids }, ripple) => {
      const [id] = [...ids] as [string];
      const gone = clipOf(document, id);
      const own = document.tracks.find(({ clips }) => clips.some((one) => one.id === id))!;
      const after = removed(document, new Set([id]), ripple);
      expect(overlaps(after)).toEqual([]);
      for (const { id: trackId, clips } of document.tracks) {
        const later = clips.filter((one) => one.id !== id && one.startMs >= endOf(gone) && (ripple === 'all' || trackId === own.id));
        const by = new Set(later.map((one) => clipOf(after, one.id).startMs - one.startMs));
        expect(by.size).toBeLessThanOrEqual(1);
        for (const one of clips) if (one.id !== id && endOf(one) <= gone.startMs) expect(clipOf(after, one.id)).toBe(one);
      }
      if (ripple === 'all') {
        const all = document.tracks.flatMap(({ clips }) => clips).filter((one) => one.id !== id && one.startMs >= endOf(gone));
        expect(new Set(all.map((one) => clipOf(after, one.id).startMs - one.startMs)).size).toBeLessThanOrEqual(1);
      }
    }), { numRuns: 300 });
  });

  it('what was cut and is joined again is what it was', () => {
    fc.assert(fc.property(withSome, fc.nat(1000), ({ document, ids }, share) => {
      const [id] = [...ids] as [string];
      const before = clipOf(document, id);
      const at = before.startMs + Math.round((before.durationMs * share) / 1000);
      const { document: halves, made } = split(document, new Set([id]), at, hasTime);
      expect(isWhole(halves)).toBe(true);
      expect(overlaps(halves)).toEqual([]);
      const again = joinedUp(halves, new Set([id, ...made]), hasTime);
      expect(again.tracks.map(({ clips }) => clips.length)).toEqual(document.tracks.map(({ clips }) => clips.length));
      const { keyframes, ...rest } = clipOf(again, id);
      const { keyframes: old, ...was } = before;
      expect(rest).toEqual(was);
      // Keyframes that say nothing may come and go; the curves are the same.
      expect(namedBy(keyframes)).toEqual(namedBy(old));
      for (const property of namedBy(old)) {
        for (let ms = 0; ms <= before.durationMs; ms += 7) expect(valueAt(keyframes, property, ms)).toBeCloseTo(valueAt(old, property, ms)!, 5);
      }
    }), { numRuns: 300 });
  });

  it('what is put in finds room, and pushes nothing over anything', () => {
    fc.assert(fc.property(anyTimeline, fc.nat(3000), fc.integer({ min: 1, max: 900 }), anyRipple, (document, at, length, ripple) => {
      const after = inserted(document, 'b', [clip('new', at, length)], ripple);
      expect(overlaps(after)).toEqual([]);
      expect(isWhole(after)).toBe(true);
      expect(clipOf(after, 'new').durationMs).toBe(length);
    }), { numRuns: 300 });
  });
});

/** What an edit costs must not grow with what it leaves alone: those clips stay the very same objects, all the way. */
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { KnowingTimelineDocument, KnowingTimelineInput, knowClips } from '../../../src/domain/timeline/read.js';
import { withIds } from '../../../src/domain/timeline/with-ids.js';
import { MAX_CLIPS, MAX_OPERATIONS, TimelineDocument, TimelineInput, type TimelinePatch } from '../../../src/protocol/timeline.js';
import { jsonOf } from '../../../src/studio/json-text.js';
import { patched } from '../../../src/studio/services/timeline-patch.js';
import { parse } from '../../../src/studio/validate.js';
import { expectEqual } from '../equal.js';
import { anyWorld } from '../domain/timeline/arbitraries.js';

const noIds = (): string => { throw new Error('Nothing is missing.'); };
const clipsOf = ({ tracks }: { tracks: readonly { clips: readonly object[] }[] }): object[] => tracks.flatMap(({ clips }) => clips);
const clip = { sourceId: 'a', durationMs: 1000, keyframes: [{ atMs: 0, opacity: 0.5 }] };
const stored = (): TimelineDocument => {
  const clips = Array.from({ length: 5 }, (_, i) => ({ id: `c${i}`, startMs: i * 1000, ...clip }));
  return withIds(TimelineInput.parse({ name: 'x', tracks: [{ id: 't1', kind: 'video', clips }, { id: 't2', kind: 'video', clips: [] }] }), noIds);
};
const edit = (before: TimelineDocument, ...patch: TimelinePatch): TimelineDocument => {
  knowClips(before);
  return withIds(parse(KnowingTimelineInput, patched(before, patch)), noIds);
};

test('what a patch does not touch is not copied, and what went in is left as it is', () => {
  const before = stored();
  const text = JSON.stringify(before);
  const after = edit(before,
    { op: 'replace', path: '/tracks/0/clips/1/durationMs', value: 700 },
    { op: 'add', path: '/tracks/0/clips/2/keyframes/-', value: { atMs: 1000 } },
    { op: 'move', from: '/tracks/0/clips/4', path: '/tracks/1/clips/0' },
    { op: 'replace', path: '/tracks/1/clips/0/startMs', value: 0 },
  );
  expect(JSON.stringify(before)).toBe(text);
  const old = new Map(before.tracks[0]!.clips.map((one) => [one.id, one]));
  expect(after.tracks.map(({ clips }) => clips.map((one) => [one.id, one === old.get(one.id)]))).toEqual([
    [['c0', true], ['c1', false], ['c2', false], ['c3', true]], [['c4', false]],
  ]);
  expect([after.tracks[0]!.clips[1]!.durationMs, after.tracks[0]!.clips[2]!.keyframes.length, after.tracks[1]!.clips[0]!.startMs]).toEqual([700, 2, 0]);
  expect(old.get('c2')!.keyframes).toHaveLength(1);
});

test('a clip that was changed is read again, and what is wrong with it is told by its place', () => {
  const before = stored();
  const wrong = (...patch: TimelinePatch): unknown => {
    try {
      return edit(before, ...patch);
    } catch (error) {
      return (error as { details?: unknown }).details;
    }
  };
  expect(wrong({ op: 'replace', path: '/tracks/0/clips/3/durationMs', value: 'long' })).toMatchObject([{ path: 'tracks.0.clips.3.durationMs' }]);
  expect(wrong({ op: 'add', path: '/tracks/0/clips/3/speed', value: 2 })).toMatchObject([{ path: 'tracks.0.clips.3', message: 'Unknown field "speed".' }]);
  expect(wrong({ op: 'remove', path: '/tracks/0/clips/3/sourceId' })).toMatchObject([{ path: 'tracks.0.clips.3', message: expect.stringContaining('exactly one') }]);
  expect(wrong({ op: 'replace', path: '/tracks/1/clips', value: 'none' })).toMatchObject([{ path: 'tracks.1.clips' }]);
  expect(wrong({ op: 'replace', path: '/tracks/0/clips/3', value: null })).toMatchObject([{ path: 'tracks.0.clips.3' }]);
});

test('what is moved is not read, however much it is and however often', () => {
  const before = stored();
  let read = 0;
  Object.defineProperty(before.tracks[0]!.clips[0]!, 'name', { enumerable: true, get: () => { read++; return 'x'; } });
  const there: TimelinePatch = [{ op: 'move', from: '/tracks', path: '/x' }, { op: 'move', from: '/x', path: '/tracks' }];
  const after = patched(before, Array.from({ length: 5000 }, () => there).flat()) as TimelineDocument;
  expect([read, after.tracks === before.tracks]).toEqual([0, true]);
  expect(() => patched(before, [{ op: 'move', from: '/tracks', path: '/y/x' }])).toThrow('There is nothing at the path to add to.');
  expect(() => patched(before, [{ op: 'move', from: '/tracks/1', path: '/tracks/7' }])).toThrow('The index lies behind the end of the list.');
  expect(() => patched(before, [{ op: 'move', from: '/tracks/1', path: '/tracks/one' }])).toThrow('An index of a list is a whole number');
});

test('the longest patch of the longest timeline is made; of longer lists only so much', () => {
  const clips = Array.from({ length: MAX_CLIPS }, (_, i) => ({ id: `c${i}` }));
  const long = { tracks: [{ clips }] } as unknown as TimelineDocument;
  const move = { op: 'move', from: '/tracks/0/clips/0', path: `/tracks/0/clips/${MAX_CLIPS - 1}` } as const;
  const { tracks: [track] } = patched(long, Array.from({ length: MAX_OPERATIONS }, () => move)) as TimelineDocument;
  expect([track!.clips[0]!.id, track!.clips.length, clips[0]!.id]).toEqual([`c${MAX_OPERATIONS}`, MAX_CLIPS, 'c0']);
  const zeros: TimelinePatch = [{ op: 'add', path: '/x', value: new Array(1_000_000).fill(0) }];
  expect(() => patched(long, [...zeros, ...Array.from({ length: 1000 }, () => ({ op: 'add', path: '/x/0', value: 0 }) as const)])).toThrow(/^patch\.400: The patch puts too much/);
  expect(() => patched(long, [...zeros, ...Array.from({ length: 1000 }, () => ({ op: 'remove', path: '/x/0' }) as const)])).toThrow(/^patch\.401: The patch puts too much/);
}, 30_000);

test('reading, knowing and writing say the same as the plain schemas, known clips or not', () => {
  fc.assert(fc.property(anyWorld, fc.array(fc.nat()), ({ document: { id: _, ...world } }, changed) => {
    const plain = TimelineInput.parse(world);
    expectEqual(KnowingTimelineInput.parse(structuredClone(world)), plain);
    const before = withIds(plain, noIds);
    expect(jsonOf(before)).toBe(JSON.stringify(before));
    knowClips(before);
    const again = { ...before, tracks: before.tracks.map((track) => ({ ...track, clips: track.clips.map((one, i) => (changed.includes(i) ? { ...one, startMs: one.startMs + 1 } : one)) })) };
    const read = KnowingTimelineDocument.parse(again);
    expectEqual(read, TimelineDocument.parse(again));
    expect(jsonOf(read)).toBe(JSON.stringify(read));
    const kept = new Set(clipsOf(before));
    expect(clipsOf(read).filter((one) => kept.has(one))).toHaveLength(clipsOf(again).filter((one) => kept.has(one)).length);
  }), { numRuns: 100 });
});

test('copies of copies are refused before they are made', () => {
  let length = 0;
  const clone = structuredClone;
  const made = vi.spyOn(globalThis, 'structuredClone').mockImplementation((value) => {
    length += JSON.stringify(value).length;
    return clone(value) as never;
  });
  const doubling = Array.from({ length: 26 }, () => ({ op: 'copy', from: '/x', path: '/x/-' }) as const);
  expect(() => patched(stored(), [{ op: 'add', path: '/x', value: ['aaaaaaaaaa'] }, ...doubling])).toThrow(/^patch\.1\d: All copies together/);
  expect(length).toBeGreaterThan(0);
  expect(length).toBeLessThanOrEqual(1024 * 1024);
  made.mockRestore();
});

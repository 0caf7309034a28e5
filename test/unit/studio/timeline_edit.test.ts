/** What an edit costs must not grow with what it leaves alone: those clips stay the very same objects, all the way. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { KnowingTimelineDocument, KnowingTimelineInput, knowClips } from '../../../src/domain/timeline/read.js';
import { withIds } from '../../../src/domain/timeline/with-ids.js';
import { TimelineDocument, TimelineInput, type TimelinePatch } from '../../../src/protocol/timeline.js';
import { jsonOf } from '../../../src/studio/json-text.js';
import { patched } from '../../../src/studio/services/timeline-patch.js';
import { parse } from '../../../src/studio/validate.js';
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

test('reading, knowing and writing say the same as the plain schemas, known clips or not', () => {
  fc.assert(fc.property(anyWorld, fc.array(fc.nat()), ({ document: { id: _, ...world } }, changed) => {
    const plain = TimelineInput.parse(world);
    expect(KnowingTimelineInput.parse(structuredClone(world))).toEqual(plain);
    const before = withIds(plain, noIds);
    expect(jsonOf(before)).toBe(JSON.stringify(before));
    knowClips(before);
    const again = { ...before, tracks: before.tracks.map((track) => ({ ...track, clips: track.clips.map((one, i) => (changed.includes(i) ? { ...one, startMs: one.startMs + 1 } : one)) })) };
    const read = KnowingTimelineDocument.parse(again);
    expect(read).toEqual(TimelineDocument.parse(again));
    expect(jsonOf(read)).toBe(JSON.stringify(read));
    const kept = new Set(clipsOf(before));
    expect(clipsOf(read).filter((one) => kept.has(one))).toHaveLength(clipsOf(again).filter((one) => kept.has(one)).length);
  }), { numRuns: 100 });
});

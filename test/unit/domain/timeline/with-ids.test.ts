import fc from 'fast-check';
import { expect, test } from 'vitest';
import { withIds } from '../../../../src/domain/timeline/with-ids.js';
import { TimelineDocument, TimelineInput } from '../../../../src/protocol/timeline.js';
import { expectEqual } from '../../equal.js';
import { anyWorld } from './arbitraries.js';

const counting = () => {
  let n = 0;
  return (kind: string): string => `${kind}_${n++}`;
};

test('what has an id keeps it, the rest gets one that nothing else has', () => {
  const input = TimelineInput.parse({ name: 'x', tracks: [{ kind: 'video', clips: [{ sourceId: 'a', startMs: 0, durationMs: 1 }, { id: 'clip_1', sourceId: 'a', startMs: 1, durationMs: 1 }] }, { id: 'track_3', kind: 'audio', clips: [] }] });
  const { tracks } = withIds(input, counting());
  expect(tracks.map(({ id, clips }) => [id, ...clips.map((clip) => clip.id)])).toEqual([['track_0', 'clip_2', 'clip_1'], ['track_3']]);
});

test('the schema leaves the result as it is, with ids as without', () => {
  fc.assert(fc.property(anyWorld, fc.infiniteStream(fc.boolean()), ({ document: { id: _, ...document } }, keep) => {
    const some = <T extends { id: string }>({ id, ...rest }: T) => ({ ...rest, ...(keep.next().value ? { id } : {}) });
    const input = TimelineInput.parse({ ...document, tracks: document.tracks.map((track) => ({ ...some(track), clips: track.clips.map(some) })) });
    const result = withIds(input, counting());
    expectEqual(TimelineDocument.parse(result), result);
    expectEqual(TimelineInput.parse(result), result);
    expectEqual(withIds(result, () => { throw new Error('Nothing is missing.'); }), result);
    const ids = result.tracks.flatMap((track) => [track.id, ...track.clips.map((clip) => clip.id)]);
    expect(new Set(ids).size).toBe(ids.length);
  }), { numRuns: 100 });
});

test('a maker that only knows one id is given up', () => {
  const input = TimelineInput.parse({ name: 'x', tracks: [{ kind: 'video', clips: [] }, { kind: 'video', clips: [] }] });
  expect(() => withIds(input, () => 'same')).toThrow('No new id for a track');
});

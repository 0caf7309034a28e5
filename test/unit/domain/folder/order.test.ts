import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fileId, fileKind, orderOf } from '../../../../src/domain/folder/order.js';
import { isWhole, sightingsAfter } from '../../../../src/domain/folder/sightings.js';

const at = (path: string, modifiedMs = 0) => ({ path, modifiedMs });
const sorted = (paths: string[], order: 'name' | 'shuffle', seed = 1): string[] => paths.map((path) => at(path)).sort(orderOf({ order, seed })).map(({ path }) => path);

describe('the order of a folder', () => {
  test('by name is as a person would sort', () => {
    expect(sorted(['10.mp4', '2.mp4', 'B.mp4', 'a.mp4', 'c/1.mp4', 'b 11.mp4', 'b 9.mp4'], 'name')).toEqual(['2.mp4', '10.mp4', 'a.mp4', 'b 9.mp4', 'b 11.mp4', 'B.mp4', 'c/1.mp4']);
  });

  test('by time is the oldest first', () => {
    expect([at('a', 3), at('b', 1), at('c', 1)].sort(orderOf({ order: 'modified', seed: 1 })).map(({ path }) => path)).toEqual(['b', 'c', 'a']);
  });

  test('by the seed is another for another seed, and a new file moves no other', () => {
    const paths = Array.from({ length: 50 }, (_, i) => `${i}.mp4`);
    const first = sorted(paths, 'shuffle');
    expect(first).not.toEqual(paths);
    expect(sorted(paths, 'shuffle', 2)).not.toEqual(first);
    expect(sorted(['new.mp4', ...paths], 'shuffle').filter((path) => path !== 'new.mp4')).toEqual(first);
  });

  test('is one order: of any two one comes first, whatever lies beside them', () => {
    const path = fc.array(fc.constantFrom('1', '01', '10', 'a', 'A', 'ä', 'b', '/', ' ', '.'), { minLength: 1, maxLength: 6 }).map((parts) => parts.join(''));
    fc.assert(fc.property(fc.uniqueArray(path, { maxLength: 12 }), fc.constantFrom('name' as const, 'shuffle' as const), (paths, order) => {
      const result = sorted(paths, order);
      expect(sorted([...paths].reverse(), order)).toEqual(result);
      const compare = orderOf({ order, seed: 1 });
      for (let i = 0; i < result.length; i++) for (let j = i + 1; j < result.length; j++) expect(compare(at(result[i]!), at(result[j]!))).toBeLessThan(0);
    }));
  });
});

test('films and pictures are told by their names, hidden files are none', () => {
  expect(['a.MP4', 'b.mkv', 'c.jpg', 'd.txt', '.e.mp4', 'mp4', 'f.mp4.part'].map(fileKind)).toEqual(['media', 'media', 'image', null, null, null, null]);
});

test('an id is of a folder, a path and a content', () => {
  expect(new Set([fileId('a', 'x', '1'), fileId('b', 'x', '1'), fileId('a', 'y', '1'), fileId('a', 'x', '2')]).size).toBe(4);
  expect(fileId('a', 'x', '1')).toMatch(/^fil_[0-9a-f]{24}$/);
});

test('a file is whole when it has stayed as it is for two seconds', () => {
  const look = (before: ReturnType<typeof sightingsAfter>, version: string, now: number) => sightingsAfter(before, [{ path: 'x', version }], now);
  let seen = look(new Map(), '1', 1000);
  expect(isWhole(seen.get('x'), 1000)).toBe(false);
  seen = look(seen, '2', 2500);
  expect(isWhole(seen.get('x'), 3100)).toBe(false);
  seen = look(seen, '2', 4500);
  expect(isWhole(seen.get('x'), 4500)).toBe(true);
  expect(sightingsAfter(seen, [], 5000).size).toBe(0);
  expect(isWhole(undefined, 0)).toBe(false);
});

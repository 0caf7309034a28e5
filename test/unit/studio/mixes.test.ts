import { expect, test } from 'vitest';
import { Mixes } from '../../../src/studio/ws/mixes.js';

test('who listens to the same hears one mix, which ends with the last', () => {
  const mixes = new Mixes();
  const one = mixes.join(['b', 'a']);
  expect(mixes.join(['a', 'b', 'a'])).toBe(one);
  const program = mixes.join([]);
  expect(mixes.wanted).toEqual([{ mix: one, sourceIds: ['a', 'b'] }, { mix: program, sourceIds: [] }]);
  mixes.leave(one);
  expect(mixes.wanted).toHaveLength(2);
  mixes.leave(one);
  expect(mixes.wanted).toEqual([{ mix: program, sourceIds: [] }]);
  // A number is not given out again at once: what is on its way of the old one is not taken for the new.
  expect(mixes.join(['a'])).not.toBe(one);
});

test('there are four, one more is refused in words, and whoever wanted it keeps what was', () => {
  const mixes = new Mixes();
  const four = ['a', 'b', 'c', 'd'].map((id) => mixes.join([id]));
  mixes.join(['a']);
  expect(() => mixes.join(['e'])).toThrow(/4 different mixes/);
  expect(() => mixes.change(four[0], ['e'])).toThrow(expect.objectContaining({ code: 'TOO_MANY_MIXES' }) as Error);
  expect(mixes.wanted.map(({ mix }) => mix)).toEqual(four);
  // One that nobody else listens to makes room for the next.
  const next = mixes.change(four[3], ['e']);
  expect(mixes.wanted.map(({ mix }) => mix)).toEqual([...four.slice(0, 3), next]);
  expect(mixes.change(next, undefined)).toBeUndefined();
  expect(mixes.wanted).toHaveLength(3);
  expect(mixes.change(four[1], ['b'])).toBe(four[1]);
});

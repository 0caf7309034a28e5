import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { changed, contested } from '../../../src/panel/lib/edits.js';
import { same } from '../../../src/panel/lib/same.js';

describe('same', () => {
  it('is what JSON says, whatever the order of the keys', () => {
    expect(same({ a: 1, b: [1, { c: null }] }, { b: [1, { c: null }], a: 1 })).toBe(true);
    for (const [a, b] of [[{ a: 1 }, { a: 1, b: 2 }], [{ a: 1 }, { b: 1 }], [[1, 2], [2, 1]], [null, {}], [[], {}], [0, false]]) expect(same(a, b)).toBe(false);
    const json = fc.jsonValue({ maxDepth: 3 }).map((value): unknown => JSON.parse(JSON.stringify(value)));
    fc.assert(fc.property(json, json, (a, b) => {
      expect(same(a, structuredClone(a))).toBe(true);
      expect(same(a, b)).toBe(same(b, a));
    }));
  });
});

describe('two people who change one thing', () => {
  const base = { id: 'a', revision: 1, name: 'Camera', delayMs: 0, crop: { left: 0 } };

  it('meet where both changed a field, each to something else', () => {
    const theirs = { ...base, revision: 2, name: 'Left', delayMs: 40, crop: { left: 0.1 } };
    expect(contested(base, { name: 'Right', crop: { left: 0.1 } }, theirs)).toEqual(['name']);
    expect(contested(base, { crop: { left: 0.2 }, delayMs: 40 }, theirs)).toEqual(['crop']);
  });

  it('do not meet in different fields, nor where nobody else was', () => {
    expect(contested(base, { name: 'Right' }, { ...base, revision: 2, delayMs: 40 })).toEqual([]);
    expect(contested(base, { name: 'Right', delayMs: 1 }, { ...base })).toEqual([]);
  });

  it('have changed only what is not stored already', () => {
    expect(changed(base, { name: 'Camera', delayMs: 40, crop: { left: 0 } })).toEqual({ delayMs: 40 });
  });
});

import fc from 'fast-check';
import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { applyPatch, type Operation } from '../../../src/panel/lib/patch.js';

const { compare } = createRequire(import.meta.url)('fast-json-patch') as typeof import('fast-json-patch');

describe('applyPatch', () => {
  it('adds, replaces and removes, in objects and lists', () => {
    const document = { a: [{ id: 1, n: 'x' }, { id: 2, n: 'y' }], b: { c: 1 } };
    expect(applyPatch(document, [
      { op: 'replace', path: '/a/1/n', value: 'z' },
      { op: 'add', path: '/a/0', value: { id: 0 } },
      { op: 'add', path: '/a/-', value: { id: 3 } },
      { op: 'remove', path: '/a/1' },
      { op: 'add', path: '/b/d', value: null },
      { op: 'remove', path: '/b/c' },
    ])).toEqual({ a: [{ id: 0 }, { id: 2, n: 'z' }, { id: 3 }], b: { d: null } });
  });

  it('leaves the document it was given alone, and shares what did not change', () => {
    const document = { a: [{ n: 1 }], b: { c: 1 } };
    const next = applyPatch(document, [{ op: 'replace', path: '/b/c', value: 2 }]);
    expect(document.b.c).toBe(1);
    expect(next.a).toBe(document.a);
  });

  it('reads escaped names', () => {
    expect(applyPatch({ 'a/b': 1, 'c~d': 2 }, [{ op: 'replace', path: '/a~1b', value: 3 }, { op: 'remove', path: '/c~0d' }])).toEqual({ 'a/b': 3 });
  });

  it.each<[string, Operation]>([
    ['a missing field', { op: 'replace', path: '/x', value: 1 }],
    ['a missing parent', { op: 'add', path: '/x/y', value: 1 }],
    ['an index behind the end', { op: 'add', path: '/list/3', value: 1 }],
    ['an index that is none', { op: 'replace', path: '/list/first', value: 1 }],
    ['a leading zero', { op: 'replace', path: '/list/00', value: 1 }],
    ['an inherited name', { op: 'replace', path: '/toString', value: 1 }],
    ['no pointer', { op: 'add', path: 'x', value: 1 }],
  ])('refuses %s, so that the page asks for a snapshot', (_, operation) => {
    expect(() => applyPatch({ list: [1, 2] }, [operation])).toThrow();
  });

  it('turns any document into any other by the patch that the studio makes of them', () => {
    const json = fc.jsonValue({ maxDepth: 4 }).map((value) => ({ root: JSON.parse(JSON.stringify(value)) as unknown }));
    fc.assert(fc.property(json, json, (from, to) => {
      const patch = compare(from, to) as Operation[];
      expect(applyPatch(from, patch)).toEqual(to);
    }), { numRuns: 300 });
  });
});

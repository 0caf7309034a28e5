import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LONGEST_HIGHLIGHT_MS, SHORTEST_HIGHLIGHT_MS } from '../../../src/protocol/analysis.js';
import { areaOf, around, moved, placeOf } from '../../../src/panel/lib/highlights/bounds.js';
import { asTyped, chapterLines, chosenBy, countOf, objectionTo, read, standsFor } from '../../../src/panel/lib/highlights/metadata.js';

describe('the bounds of a highlight', () => {
  it('stay in the recording and as long as a highlight may be, wherever an end is moved', () => {
    const wishes = fc.array(fc.record({ edge: fc.constantFrom('start' as const, 'end' as const), toMs: fc.integer({ min: -10_000_000, max: 20_000_000 }) }), { maxLength: 20 });
    fc.assert(fc.property(wishes, fc.integer({ min: 60_000, max: 10_000_000 }), (moves, durationMs) => {
      let bounds = { startMs: 20_000, endMs: 40_000 };
      for (const { edge, toMs } of moves) {
        bounds = moved(bounds, edge, toMs, durationMs);
        expect(bounds.startMs).toBeGreaterThanOrEqual(0);
        expect(bounds.endMs).toBeLessThanOrEqual(durationMs);
        expect(bounds.endMs - bounds.startMs).toBeGreaterThanOrEqual(SHORTEST_HIGHLIGHT_MS);
        expect(bounds.endMs - bounds.startMs).toBeLessThanOrEqual(LONGEST_HIGHLIGHT_MS);
      }
    }));
    expect(moved({ startMs: 20_000, endMs: 40_000 }, 'start', 25_000, 60_000)).toEqual({ startMs: 25_000, endMs: 40_000 });
  });

  it('are shown with what is around them', () => {
    expect(around({ startMs: 4_000, endMs: 10_000 }, 60_000)).toEqual({ startMs: 0, endMs: 20_000 });
    expect(around({ startMs: 100_000, endMs: 160_000 }, 170_000)).toEqual({ startMs: 70_000, endMs: 170_000 });
    expect(placeOf(5_000, { startMs: 0, endMs: 20_000 })).toBe(25);
    expect(placeOf(50_000, { startMs: 0, endMs: 20_000 })).toBe(100);
  });

  it('lie over the curve of what is shown', () => {
    const curve = { stepMs: 1_000, values: [0, 1, 0.5, 0] };
    expect(areaOf(curve, { startMs: 0, endMs: 4_000 })).toBe('M125.0 100 L125.0 100.0 L375.0 0.0 L625.0 50.0 L875.0 100.0 L875.0 100 Z');
    expect(areaOf(null, { startMs: 0, endMs: 4_000 })).toBe('');
    expect(areaOf(curve, { startMs: 0, endMs: 0 })).toBe('');
  });
});

describe('metadata that is typed', () => {
  const suggested = { title: 'Evening', description: 'A film.', tags: ['chess', 'end game'], hashtags: ['#chess'] };
  const stands = standsFor({ suggested, chosen: { title: 'Mine', by: 'Anna', atMs: 0, choices: {} } });

  it('is what was suggested but for what was chosen, and reads back as it was', () => {
    expect(stands).toEqual({ ...suggested, title: 'Mine' });
    expect(read(asTyped(stands))).toEqual(stands);
    expect(chosenBy(stands, asTyped(stands))).toEqual({});
    expect(chosenBy(stands, { ...asTyped(stands), tags: ' chess ,, go, chess', hashtags: 'chess go' })).toEqual({ tags: ['chess', 'go'], hashtags: ['#chess', '#go'] });
  });

  it('is counted as YouTube counts it', () => {
    expect(countOf('title', { ...asTyped(stands), title: ' 🎬🎬 ' })).toEqual({ used: 2, most: 100 });
    expect(countOf('description', { ...asTyped(stands), description: 'ä🎬' })).toEqual({ used: 6, most: 5_000 });
    // A comma between, quotes around what has a space.
    expect(countOf('tags', asTyped(stands))).toEqual({ used: 5 + 1 + 10, most: 500 });
  });

  it('is refused in words where no video may have it', () => {
    expect(objectionTo('title', { ...asTyped(stands), title: 'x'.repeat(101) })).toContain('100 characters');
    expect(objectionTo('title', { ...asTyped(stands), title: ' ' })).toContain('empty');
    expect(objectionTo('description', { ...asTyped(stands), description: 'a <b>' })).toContain('<');
    expect(objectionTo('description', { ...asTyped(stands), description: 'lines\nand\ttabs 🎬' })).toBeNull();
    expect(objectionTo('tags', { ...asTyped(stands), tags: Array.from({ length: 60 }, (_, i) => `tag number ${i}`).join(',') })).toContain('500');
  });

  it('has chapters as a description has them', () => {
    expect(chapterLines([{ startMs: 0, title: 'Start' }, { startMs: 3_723_000, title: 'Goal' }])).toBe('0:00 Start\n1:02:03 Goal');
  });
});

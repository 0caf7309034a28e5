import { describe, expect, it } from 'vitest';
import type { StudioEvent } from '../../../src/protocol/health.js';
import { figureOf, follow, inGraph, NOTHING, partsOf, readColumns, thinned, type Columns } from '../../../src/panel/lib/health/columns.js';
import { isWanted, query, together } from '../../../src/panel/lib/health/events.js';
import { lateShare, RepeatWatch, shareInWords } from '../../../src/panel/lib/health/repeats.js';

describe('columns', () => {
  const hour = (times: number[], series: Record<string, (number | null)[]>): Columns => ({ times, series: Object.entries(series).map(([key, values]) => ({ key, unit: 'kb/s', values })) });

  it('are read only where they are what they say', () => {
    const good = { range: 'hour', stepMs: 1000, ...hour([1, 2], { 'encoder.kbps': [5, null] }) };
    expect(readColumns(good)).toEqual(hour([1, 2], { 'encoder.kbps': [5, null] }));
    for (const bad of [null, {}, { times: [1, null], series: [] }, { times: [1], series: [{ key: 'a', unit: 'b', values: [1, 2] }] }, { times: [1], series: [{ key: 'a', unit: 'b', values: ['1'] }] }]) expect(readColumns(bad)).toBeNull();
  });
  it('are followed, with what is new and what has ended, and never grow beyond their length', () => {
    const first = follow(NOTHING, hour([1, 2, 3], { a: [1, 2, 3], b: [null, 9, null] }), 4);
    const then = follow(first, hour([4, 5], { a: [4, 5], c: [7, 8] }), 4);
    expect(then).toEqual(hour([2, 3, 4, 5], { a: [2, 3, 4, 5], b: [9, null, null, null], c: [null, null, 7, 8] }));
    expect(follow(then, hour([6], { a: [6] }), 4).series.map(({ key }) => key)).toEqual(['a', 'c']);
    expect(follow(then, NOTHING, 4)).toBe(then);
  });
  it('keep least and most of a day', () => {
    const day = (at: number): Columns => ({ times: [at], series: [{ key: 'program.late', unit: 'frames', values: [1], min: [0], max: [at] }] });
    const both = follow(follow(NOTHING, day(7), 10), day(9), 10);
    expect(figureOf(both.series[0]!)).toEqual({ now: 1, min: 0, mean: 1, max: 9 });
    // A minute with one bad second is seen.
    expect(inGraph('frames', both)[0]!.values).toEqual([7, 9]);
    expect(figureOf({ key: 'a', unit: '', values: [null] })).toEqual({ now: null, min: null, mean: null, max: null });
  });
  it('are thinned by their times alone: the mean, or the worst where that counts', () => {
    const times = Array.from({ length: 3600 }, (_, i) => 1_000_000 + i * 1000);
    const column = { key: 'a', unit: '', values: times.map((_, i) => (i % 15 === 0 ? 15 : 0)) };
    const mean = thinned(times, [column], 240, false);
    expect(mean.times.length).toBeLessThanOrEqual(241);
    expect(mean.values[0]!.slice(1, -1).every((value) => value === 1)).toBe(true);
    expect(Math.max(...thinned(times, [column], 240, true).values[0]!.map(Number))).toBe(15);
    const later = thinned(times.slice(15), [{ ...column, values: column.values.slice(15) }], 240, false);
    expect(later.times.slice(5, 50).every((ms) => mean.times.includes(ms))).toBe(true);
    expect(thinned([1000, 2000], [{ ...column, values: [null, 3] }], 240, false)).toEqual({ times: [1000, 2000], values: [[null, 3]] });
    expect(thinned([], [], 240, false)).toEqual({ times: [], values: [] });
  });
  it('know what they are of', () => {
    expect(partsOf('destination.dst_1.kbps')).toEqual({ kind: 'destination', id: 'dst_1', what: 'kbps' });
    expect(partsOf('encoder.kbps')).toEqual({ kind: 'encoder', id: undefined, what: 'kbps' });
  });
});

describe('the list of events', () => {
  const event = (id: number, change: Partial<StudioEvent> = {}): StudioEvent => ({ id, at: '', lastAt: '', count: 1, level: 'info', kind: 'program', code: 'TAKE', text: `Take ${id}`, by: null, ids: [], ...change });

  it('has each once, newest first, as it was told last', () => {
    expect(together([event(3), event(2)], [event(4), event(3, { count: 37 })]).map(({ id, count }) => [id, count])).toEqual([[4, 1], [3, 37], [2, 1]]);
  });
  it('filters what comes as the studio does', () => {
    const wanted = { kind: '', level: 'warning', text: ' ANNA ' } as const;
    expect(isWanted(event(1, { level: 'error', by: 'Anna' }), wanted)).toBe(true);
    expect(isWanted(event(1, { by: 'Anna' }), wanted)).toBe(false);
    expect(isWanted(event(1), { kind: 'source', level: 'info', text: '' })).toBe(false);
    expect(query(wanted, 12)).toBe('/events?limit=50&level=warning&text=ANNA&before=12');
  });
});

describe('repeated pictures', () => {
  it('are a share of what the source sends, not of what the program shows', () => {
    expect(lateShare(0, 30, 30, 12.5)).toBe(0);
    expect(lateShare(75, 60, 30, 12.5)).toBeCloseTo(0.1);
    expect(lateShare(75, 60, 30, 60)).toBeCloseTo(75 / 1800);
    expect([0, 0.0001, 0.004, 0.123].map(shareInWords)).toEqual(['0 %', '0.1 %', '0.4 %', '12 %']);
  });
  it('are of the last half minute, and begin anew with a new engine', () => {
    const watch = new RepeatWatch();
    expect(watch.report(100, 0, 30)).toBeUndefined();
    expect(watch.report(115, 10_000, 30)).toBeCloseTo(0.05);
    expect(watch.report(115, 45_000, 30)).toBeUndefined();
    expect(watch.report(3, 46_000, 30)).toBeUndefined();
    expect(watch.report(undefined, 47_000, 30)).toBeUndefined();
  });
});

import { describe, expect, it } from 'vitest';
import { EXTRACTED_FEATURES, GrowingTable } from '../../../../src/sidecar/features/growing-table.js';
import { PICTURE_FEATURES, SOUND_FEATURES } from '../../../../src/sidecar/features/table.js';

describe('a table that grows', () => {
  it('keeps every value of every column, however many there are', () => {
    const table = new GrowingTable();
    const row = new Float32Array(EXTRACTED_FEATURES.length);
    const bins = 5_000;
    for (let bin = 0; bin < bins; bin++) {
      row.forEach((_, i) => { row[i] = bin % 7 === 0 ? Number.NaN : bin * 100 + i; });
      table.add(row);
    }
    const { columns, bins: count, durationMs } = table.finish(3);
    expect(count).toBe(bins);
    expect(durationMs).toBe(bins * 1_000);
    expect([...columns.keys()]).toEqual([...SOUND_FEATURES, ...PICTURE_FEATURES]);
    let column = 0;
    for (const values of columns.values()) {
      expect(values).toHaveLength(bins);
      const wrong = values.findIndex((value, bin) => !Object.is(value, bin % 7 === 0 ? Number.NaN : Math.fround(bin * 100 + column)));
      expect(wrong).toBe(-1);
      column += 1;
    }
  });

  it('has silences and gaps in order, whoever told of them first', () => {
    const table = new GrowingTable();
    table.gaps.push({ startMs: 5_000, endMs: 6_000, what: 'sound' }, { startMs: 1_000, endMs: 2_000, what: 'picture' });
    table.silences.push({ startMs: 900, endMs: 1_500 }, { startMs: 0, endMs: 400 });
    const made = table.finish(1, 7_500);
    expect(made).toMatchObject({ version: 1, bins: 0, durationMs: 7_500, notes: [] });
    expect(made.gaps.map(({ startMs }) => startMs)).toEqual([1_000, 5_000]);
    expect(made.silences.map(({ startMs }) => startMs)).toEqual([0, 900]);
  });
});

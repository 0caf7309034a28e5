import { describe, expect, it } from 'vitest';
import { HighlightKind } from '../../../src/protocol/highlights.js';
import { MODES, signalsOf } from '../../../src/sidecar/finding/modes.js';
import { learn } from '../../../src/sidecar/learning/learn.js';
import { found, VECTORS } from '../../../src/sidecar/steps/found.js';
import { excite, tableOf } from './finding/tables.js';

const table = tableOf(1_200, (columns) => excite(columns, 600, 620));
const taught = (startMs: number, endMs: number) => (
  { ...learn({ decisions: [], schema: VECTORS, createdAtMs: 0, parentId: null }), bounds: HighlightKind.options.map((kind) => ({ kind, trims: 10, startMs, endMs })) }
);

describe('highlights as they are kept', () => {
  it('have what the finder found beside what a lesson on bounds made of it', () => {
    const [plain] = found(table, { top: 10 }).highlights;
    const [moved] = found(table, { top: 10, model: taught(-2_000, 1_500) }).highlights;
    expect(plain!.found).toBeUndefined();
    expect(moved).toMatchObject({ id: plain!.id, startMs: plain!.startMs - 2_000, endMs: plain!.endMs + 1_500, found: { startMs: plain!.startMs, endMs: plain!.endMs } });
  });

  it('are as they were found where nothing was taught', () => {
    expect(found(table, { top: 10, model: taught(0, 0) }).highlights.map(({ startMs, endMs }) => [startMs, endMs])).toEqual(found(table, { top: 10 }).highlights.map(({ startMs, endMs }) => [startMs, endMs]));
  });

  it('have a curve beside them in which no second that stands out is passed over, however long the recording is', () => {
    const long = tableOf(6_000, (columns) => excite(columns, 3_001, 3_003));
    const { z } = signalsOf(long);
    const { stepMs, values } = found(long, { top: 10 }).curve;
    expect([stepMs, values.length]).toEqual([3_000, 2_000]);
    const most = Math.max(...MODES.flatMap((mode) => Array.from(z[mode].subarray(3_000, 3_003))));
    expect(Math.max(...MODES.map((mode) => z[mode][3_000]!))).toBeLessThan(most);
    expect(values[1_000]).toBeCloseTo(Math.min(8, most) / 8, 3);
  });
});

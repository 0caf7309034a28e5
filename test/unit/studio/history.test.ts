import { describe, expect, it } from 'vitest';
import { HistorySeries } from '../../../src/protocol/health.js';
import { History, MOST_BYTES, MOST_SERIES } from '../../../src/studio/health/history.js';
import { memory, ProcessReader } from '../../../src/studio/health/processes.js';

const figures = (value: number): Map<string, number> => new Map([['encoder.kbps', value]]);

describe('the history', () => {
  it('has each second of the last hour, and no more', () => {
    const history = new History(() => 1_000_000);
    for (let s = 0; s < 4000; s++) history.add(s * 1000, figures(s));
    const { times, series, stepMs } = history.read('hour');
    expect([times.length, times[0], times.at(-1), stepMs]).toEqual([3600, 1_400_000, 4_999_000, 1000]);
    expect(series).toMatchObject([{ key: 'encoder.kbps', unit: 'kb/s' }]);
    expect([series[0]!.values[0], series[0]!.values.at(-1)]).toEqual([400, 3999]);
    const since = history.read('hour', 4_997_000);
    expect([since.times, since.series[0]!.values]).toEqual([[4_998_000, 4_999_000], [3998, 3999]]);
    HistorySeries.parse(series[0]);
  });

  it('has least, mean and most of each minute, and gives each to be stored once', () => {
    const history = new History(() => 0);
    const stored = Array.from({ length: 181 }, (_, s) => history.add(s * 1000, figures(s % 60))).filter((minute) => minute !== undefined);
    expect(stored).toHaveLength(3);
    expect(stored[0]).toEqual({ atMs: 60_000, values: { 'encoder.kbps': [0, 29.5, 59] } });
    const again = new History(() => 0);
    again.restore(stored);
    expect(again.read('day')).toEqual(history.read('day'));
    expect(again.minuteMean('encoder.kbps', 0)).toBeCloseTo(29.5);
    expect(again.minuteMean('encoder.kbps', 3)).toBeUndefined();
  });

  it('keeps what is not known apart from nothing, and tells times by the clock as it is now', () => {
    let offsetMs = 0;
    const history = new History(() => offsetMs);
    history.add(0, figures(1));
    history.add(1000, new Map());
    history.add(2000, new Map([['encoder.kbps', NaN]]));
    offsetMs = 3600_000;
    expect(history.read('hour')).toMatchObject({ times: [3600_000, 3601_000, 3602_000], series: [{ values: [1, null, null] }] });
    expect(history.values('encoder.kbps', 10)).toEqual([1]);
  });

  it('does not take seconds of long ago for the last ones', () => {
    const history = new History(() => 0);
    for (let s = 0; s < 5; s++) history.add(s * 1000, figures(s));
    history.add(60_000, figures(9));
    expect(history.values('encoder.kbps', 10)).toEqual([9]);
  });

  it('takes as much memory as it says, however many figures there are', () => {
    const history = new History(() => 0);
    history.add(0, new Map(Array.from({ length: 500 }, (_, i) => [`source.s${i}.age`, i])));
    expect(history.read('hour').series).toHaveLength(MOST_SERIES);
    expect(history.leftOut).toBe(500 - MOST_SERIES);
    expect(MOST_BYTES).toBeLessThan(3.9e6);
  });
});

describe('processes', () => {
  it('are read with what they take', () => {
    const reader = new ProcessReader();
    const root = [{ role: 'studio', pid: process.pid }];
    const [first] = reader.read(root, 0);
    expect(first).toMatchObject({ role: 'studio', pid: process.pid, cpuPercent: null });
    expect(first!.memoryBytes).toBeGreaterThan(20e6);
    // The kernel counts hundredths of a second, and only those in which it was this process's turn.
    const before = process.cpuUsage();
    const usedMs = ({ user, system } = process.cpuUsage(before)): number => (user + system) / 1000;
    while (usedMs() < 60);
    expect(reader.read(root, 100)[0]!.cpuPercent).toBeGreaterThan(20);
    expect(reader.read([{ role: 'studio', pid: 0x3ffffff }], 200)).toEqual([]);
    const { memoryAvailableBytes, memoryBytes } = memory();
    expect(memoryBytes).toBeGreaterThan(memoryAvailableBytes);
    expect(memoryAvailableBytes).toBeGreaterThan(0);
  });
});

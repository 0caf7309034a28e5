import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Highlight } from '../../../../src/protocol/highlights.js';
import { VECTOR_SCHEMA } from '../../../../src/sidecar/finding/candidate.js';
import { findCandidates, findHighlights, LEAST_GAP_MS, PRESETS, rankHighlights } from '../../../../src/sidecar/finding/find.js';
import { add, excite, noise, tableOf, type Columns } from './tables.js';

const during = (highlights: readonly Highlight[]): [number, number][] => highlights.map(({ startMs, endMs }) => [Math.round(startMs / 1000), Math.round(endMs / 1000)]);

describe('what is found', () => {
  test.each(['sound', 'picture', 'chat'] as const)('by %s alone heeds no marks, and tells of none; all together does', (preset) => {
    const table = tableOf(1_200, (columns) => {
      excite(columns, 600, 620);
      for (const at of [300, 610]) columns.markers[at] = 1;
    });
    const moments = [300, 610].map((s) => ({ atMs: s * 1000, kind: 'marker' as const, text: 'goal' }));
    const [alone, all] = ([preset, 'auto'] as const).map((one) => findHighlights(table, { preset: one, moments }));
    expect(alone!.map(({ startMs }) => Math.round(startMs / 100_000))).toEqual([6]);
    expect(alone![0]!.kind).toBe(preset);
    expect(alone![0]!.reasons.join()).not.toContain('goal');
    expect(all!.map(({ startMs }) => Math.round(startMs / 100_000)).sort()).toEqual([3, 6]);
    expect(all!.every(({ reasons }) => reasons.includes('marker: goal'))).toBe(true);
  });

  test('a moment that is heard, seen and talked about: when it was, and why', () => {
    const [first, ...others] = findHighlights(tableOf(1_200, (columns) => excite(columns, 600, 620)));
    expect(others).toEqual([]);
    expect(first).toMatchObject({ kind: 'combined', id: expect.stringMatching(/^[0-9a-f]{16}$/) });
    expect(first!.startMs).toBeGreaterThan(594_000);
    expect(first!.startMs).toBeLessThan(601_000);
    expect(first!.endMs).toBeGreaterThan(618_000);
    expect(first!.endMs).toBeLessThan(626_000);
    expect(first!.score).toBeGreaterThan(0.8);
    expect(first!.reasons.sort()).toEqual([expect.stringMatching(/^\d\d chatters in 10 s$/), expect.stringMatching(/^chat ×\d+/), expect.stringMatching(/^movement ×/), expect.stringMatching(/^voices loud ×[34]/)]);
  });

  test.each(['sound', 'picture', 'chat'] as const)('one of %s alone', (mode) => {
    const none = { db: 0, motion: 1, messages: 0 };
    const only = { sound: { ...none, db: 14 }, picture: { ...none, motion: 8 }, chat: { ...none, messages: 6 } }[mode];
    const table = tableOf(1_200, (columns) => excite(columns, 600, 618, only));
    const found = findHighlights(table);
    expect(found.map(({ kind }) => kind)).toEqual([mode]);
    expect(Math.abs(found[0]!.startMs - 598_000)).toBeLessThan(5_000);
    expect(Math.abs(found[0]!.endMs - 619_000)).toBeLessThan(5_000);
    expect(findHighlights(table, { preset: mode })).toHaveLength(1);
    expect(findHighlights(table, { preset: mode === 'sound' ? 'picture' : 'sound' })).toEqual([]);
  });

  test('action, in a room that changes as much from second to second without it; and by that change where nothing more is known', () => {
    const action = (columns: Columns): void => { for (let i = 600; i < 618; i++) columns.motionNow[i]! *= 5; };
    expect(findHighlights(tableOf(1_200, action)).map(({ kind, startMs }) => [kind, Math.round(startMs / 10_000)])).toEqual([['picture', 60]]);
    const farApart = (columns: Columns): void => { columns.motionNow.fill(NaN); for (let i = 600; i < 618; i++) columns.motionMean[i]! *= 8; };
    expect(findHighlights(tableOf(1_200, farApart)).map(({ kind, startMs }) => [kind, Math.round(startMs / 10_000)])).toEqual([['picture', 60]]);
  });

  test('what only a picture shows from a lower score on than what only a chat tells of', () => {
    const [one] = findCandidates(tableOf(1_200, (columns) => excite(columns, 600, 620)));
    const shown = (...scores: [kind: 'chat' | 'picture', score: number][]) => rankHighlights(scores.map(([kind, score], i) => ({ ...one!, kind, score, startMs: i * 100_000, endMs: i * 100_000 + 20_000 }))).map(({ highlight: { kind, score } }) => [kind, score]);
    expect(shown(['chat', 0.43], ['picture', 0.37], ['picture', 0.35])).toEqual([['picture', 0.37]]);
    expect(shown(['chat', 0.45], ['picture', 0.37])).toEqual([['chat', 0.45], ['picture', 0.37]]);
  });

  test('what a person marked again and again: none of it is lost, whatever the pace', () => {
    const found = (marks: readonly number[], bins = 900) => findHighlights(tableOf(bins, (columns) => { for (const at of marks) columns.markers[at] = 1; }), { top: 60 })
      .sort((a, b) => a.startMs - b.startMs);
    expect(during(found([18, 36, 54, 72], 76))).toEqual([[1, 43], [56, 76]]);
    fc.assert(fc.property(fc.uniqueArray(fc.integer({ min: 20, max: 280 }), { minLength: 1, maxLength: 20 }), (marks) => {
      const all = found(marks, 300);
      for (const [i, { startMs }] of all.entries()) if (i > 0) expect(startMs - all[i - 1]!.endMs).toBeGreaterThanOrEqual(LEAST_GAP_MS);
      // In one, or so near behind one that none can be between.
      for (const at of marks) expect(all.some(({ startMs, endMs }) => at * 1_000 >= startMs && at * 1_000 <= endMs + 25_000), `the marker at ${at} s`).toBe(true);
    }), { numRuns: 40 });
  });

  test('what a person marked, with what the marker says and what was taken before it', () => {
    const table = tableOf(900, (columns) => { columns.markers[500] = 1; });
    const [found] = findHighlights(table, { moments: [{ atMs: 484_000, kind: 'take', text: 'camera 2' }, { atMs: 500_000, kind: 'marker', text: 'goal' }, { atMs: 700_000, kind: 'take', text: 'camera 3' }] });
    expect(found).toMatchObject({ kind: 'event', reasons: ['marker: goal', 'cut to camera 2'] });
    expect(found!.startMs).toBeLessThan(490_000);
    expect(found!.endMs).toBeGreaterThan(500_000);
  });

  test('a mark without a word is one all the same, and no warning is a reason', () => {
    const table = tableOf(900, (columns) => { columns.markers[500] = 1; });
    const alerts = [486, 487, 488, 489].map((s) => ({ atMs: s * 1_000, kind: 'alert' as const, text: `Slow ${s}` }));
    const [found] = findHighlights(table, { moments: [{ atMs: 485_000, kind: 'take', text: 'camera 2' }, ...alerts, { atMs: 500_000, kind: 'marker', text: '' }] });
    expect(found!.reasons).toEqual(['marked', 'cut to camera 2']);
  });

  test('bounds go to a shot, the end of a silence and of a sentence nearby', () => {
    const change = (columns: Parameters<typeof excite>[0]): void => excite(columns, 600, 620);
    const [plain] = findHighlights(tableOf(1_200, change));
    const [shot] = findHighlights(tableOf(1_200, change, { shotsMs: [100, plain!.startMs - 1_200, plain!.endMs + 900, 900_000] }));
    expect([shot!.startMs, shot!.endMs]).toEqual([plain!.startMs - 1_200, plain!.endMs + 900]);
    const [quiet] = findHighlights(tableOf(1_200, change, { silences: [{ startMs: plain!.startMs - 2_000, endMs: plain!.startMs - 500 }] }));
    expect(quiet!.startMs).toBe(plain!.startMs - 600);
    const [said] = findHighlights(tableOf(1_200, change), { sentences: [{ startMs: plain!.endMs - 3_000, endMs: plain!.endMs + 1_100 }] });
    expect(said!.endMs).toBe(plain!.endMs + 1_150);
  });
});

describe('what is not', () => {
  test.each([
    ['calm', () => {}],
    ['minutes of shouting', (columns) => add(columns.loudnessMomentary, 400, 560, 12)],
    ['music', (columns) => { add(columns.loudnessMomentary, 400, 450, 10); add(columns.beatStrength, 404, 452, 0.6); add(columns.flatness, 400, 450, -0.08); }],
    ['advertisements', (columns) => { add(columns.loudnessMomentary, 400, 430, 10); for (let i = 400; i < 430; i += 2) { columns.cut[i] = 0.8; columns.motionMean[i] = columns.motionNow[i] = 50; } }],
    ['cuts', (columns) => { for (let i = 400; i < 440; i += 2) { columns.cut[i] = 0.8; columns.motionMean[i] = columns.motionNow[i] = 60; } }],
    ['spam', (columns) => { add(columns.messages, 400, 420, 8); add(columns.chatters, 400, 430, 60); columns.repetition.fill(0.95, 400, 420); }],
    ['one who floods the chat', (columns) => { add(columns.messages, 400, 420, 8); columns.repetition.fill(1, 400, 420); }],
    ['silent and black', (columns) => { columns.loudnessMomentary.fill(-90); columns.silence.fill(1); columns.motionMean.fill(0); columns.motionNow.fill(0); columns.black.fill(1); columns.messages.fill(0); columns.chatters.fill(0); }],
    ['nothing known', (columns) => { for (const column of Object.values(columns)) column.fill(NaN); }],
  ] as [string, (columns: Parameters<typeof excite>[0]) => void][])('%s', (_, change) => {
    expect(during(findHighlights(tableOf(1_200, change)))).toEqual([]);
    // Beside a moment it does not win.
    const both = findHighlights(tableOf(1_200, (columns) => { excite(columns, 800, 818); change(columns); }));
    expect(both.length).toBeLessThanOrEqual(1);
  });

  test('a moment within minutes of shouting is found all the same', () => {
    const found = findHighlights(tableOf(1_200, (columns) => { add(columns.loudnessMomentary, 400, 600, 9); excite(columns, 480, 500); }));
    expect(found).toHaveLength(1);
    expect(Math.abs(found[0]!.startMs - 478_000)).toBeLessThan(5_000);
  });
});

describe('laws', () => {
  const recordings = fc.record({
    bins: fc.integer({ min: 1, max: 900 }), seed: fc.integer({ min: 1, max: 1_000 }), cutOffMs: fc.integer({ min: 0, max: 999 }),
    moments: fc.array(fc.record({ at: fc.nat(900), seconds: fc.integer({ min: 1, max: 80 }), db: fc.integer({ min: -30, max: 25 }), motion: fc.integer({ min: 0, max: 12 }), messages: fc.integer({ min: 0, max: 9 }) }), { maxLength: 14 }),
    unknown: fc.array(fc.constantFrom('loudnessMomentary', 'motionMean', 'motionNow', 'messages', 'centroidHz', 'cut'), { maxLength: 3 }),
    shots: fc.array(fc.nat(900_000), { maxLength: 40 }), top: fc.integer({ min: 1, max: 12 }), preset: fc.constantFrom(...PRESETS),
  });

  test('sorted, apart, within the file, at most so many, the same each time, and numbers all through', () => {
    fc.assert(fc.property(recordings, ({ bins, seed, cutOffMs, moments, unknown, shots, top, preset }) => {
      const durationMs = Math.max(1, bins * 1_000 - cutOffMs);
      const shotsMs = shots.filter((ms) => ms < durationMs).sort((a, b) => a - b);
      const make = (): ReturnType<typeof tableOf> => tableOf(bins, (columns) => {
        for (const { at, seconds, ...how } of moments) excite(columns, at, Math.min(bins, at + seconds), how);
        for (const name of unknown) columns[name].fill(NaN);
      }, { durationMs, shotsMs }, seed);
      const highlights = findHighlights(make(), { top, preset });
      expect(findHighlights(make(), { top, preset })).toEqual(highlights);
      expect(highlights.length).toBeLessThanOrEqual(top);
      for (const [i, one] of highlights.entries()) {
        expect(Highlight.parse(one)).toEqual(one);
        expect(one.startMs >= 0 && one.endMs <= durationMs && one.startMs < one.endMs && one.peakMs >= one.startMs && one.peakMs <= one.endMs).toBe(true);
        expect(one.endMs - one.startMs).toBeLessThanOrEqual(60_000);
        expect(one.reasons.length).toBeGreaterThan(0);
        if (i > 0) expect(one.score).toBeLessThanOrEqual(highlights[i - 1]!.score);
        for (const other of highlights.slice(0, i)) expect(one.startMs - other.endMs >= LEAST_GAP_MS || other.startMs - one.endMs >= LEAST_GAP_MS).toBe(true);
      }
      for (const { vector } of findCandidates(make(), { preset })) {
        expect(vector).toHaveLength(VECTOR_SCHEMA.length);
        expect(vector.every((value) => Number.isFinite(value))).toBe(true);
      }
    }), { numRuns: 60 });
  });

  test('what is louder or livelier throughout has the same highlights', () => {
    const change = (louder: number) => (columns: Parameters<typeof excite>[0]): void => {
      for (const at of [200, 500, 800]) excite(columns, at, at + 20, { motion: 1 });
      columns.loudnessMomentary.forEach((_, i) => { columns.loudnessMomentary[i]! += louder; });
    };
    const [quiet, loud] = [-8, 6].map((louder) => during(findHighlights(tableOf(1_200, change(louder)))).sort((a, b) => a[0] - b[0]));
    expect(quiet).toHaveLength(3);
    // But for what rounding does at a threshold.
    for (const [i, [from, to]] of quiet!.entries()) expect(Math.abs(from - loud![i]![0]) + Math.abs(to - loud![i]![1])).toBeLessThanOrEqual(1);
  });

  test('a ranker orders them and makes none', () => {
    const table = tableOf(1_200, (columns) => { for (const at of [200, 500, 800]) excite(columns, at, at + 20, { db: 9 + at / 200 }); });
    const plain = findHighlights(table);
    const ranked = findHighlights(table, { ranker: (candidates) => candidates.map(({ startMs }) => startMs / 1_200_000) });
    expect(plain).toHaveLength(3);
    expect(ranked.map(({ startMs }) => startMs)).toEqual(plain.map(({ startMs }) => startMs).sort((a, b) => b - a));
    expect(ranked.map(({ id }) => id).sort()).toEqual(plain.map(({ id }) => id).sort());
  });

  test('twelve hours take less than two seconds', () => {
    const table = tableOf(43_200, (columns) => {
      const next = noise(5);
      for (let at = 100; at < 43_000; at += 150) excite(columns, at, at + 15 + Math.round(10 * Math.abs(next())), { db: 8 + 5 * next(), motion: 3 + 2 * next(), messages: 2 });
    });
    const from = process.cpuUsage();
    expect(findHighlights(table)).toHaveLength(10);
    // Of processor time, and thrice what it takes: other work on the machine does not count.
    expect(process.cpuUsage(from).user / 1e6).toBeLessThan(2);
  });
});

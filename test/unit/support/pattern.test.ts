/** The measuring instrument is measured first: what it says of footage whose faults are known. */
import { describe, expect, it } from 'vitest';
import { analysePicture, analyseSync, findBeeps, percentile } from '../../support/pattern/analyse.js';
import { beepFrequencies, cellCount, decodeCells, encodeCells, isFlash, type Code } from '../../support/pattern/code.js';
import { patternFile } from '../../support/pattern/generate.js';
import { readPattern, type ReadFrame, type Reading } from '../../support/pattern/read.js';

const fps = 30;
const frameMs = 1_000 / fps;

function frame(index: number, code: Partial<Code> | null, luma = 100): ReadFrame {
  return { ptsMs: index * frameMs, codes: [code && { camera: 0, counter: 0, flash: false, ...code }], luma, change: 1 };
}

describe('the code', () => {
  it('reads back what was written, at any level', () => {
    for (const code of [{ camera: 3, counter: 0, flash: true }, { camera: 15, counter: 2 ** 24 - 1, flash: false }]) {
      const cells = encodeCells(code);
      expect(cells).toHaveLength(cellCount);
      expect(decodeCells(cells.map((bit) => 16 + bit * 219))).toEqual(code);
      expect(decodeCells(cells.map((bit) => 90 + bit * 60))).toEqual(code);
    }
  });

  it('refuses a fade between two frames, a flat picture and a wrong bit', () => {
    const a = encodeCells({ camera: 0, counter: 1_234, flash: false });
    const b = encodeCells({ camera: 1, counter: 4_321, flash: false });
    for (const share of [0.3, 0.5, 0.7]) expect(decodeCells(a.map((bit, i) => 235 * (bit * share + b[i]! * (1 - share))))).toBeNull();
    expect(decodeCells(a.map(() => 128))).toBeNull();
    expect(decodeCells(a.map((bit, i) => (i === 7 ? 1 - bit : bit) * 235))).toBeNull();
  });
});

describe('the analysis of the picture', () => {
  it('finds nothing in a clean run, over a loop too', () => {
    const frames = Array.from({ length: 100 }, (_, i) => frame(i, { counter: i % 60 }));
    expect(analysePicture(frames, { fps, loopFrames: 60 })).toMatchObject({ frames: 100, lost: 0, repeated: 0, reordered: 0, missing: 0, unreadable: 0, backwards: 0 });
  });

  it('counts each kind of fault once', () => {
    const counters = [0, 1, 1, 2, 5, 4, 6];
    const report = analysePicture(counters.map((counter, i) => frame(i, { counter })), { fps });
    expect(report).toMatchObject({ repeated: 1, lost: 3, reordered: 1 });
  });

  it('tells missing program frames from lost camera frames, and sees time go backwards', () => {
    const hole = [0, 1, 5, 6].map((i) => frame(i, { counter: i }));
    expect(analysePicture(hole, { fps })).toMatchObject({ lost: 0, missing: 3 });
    expect(analysePicture(hole, { fps }).longestGapMs).toBeCloseTo(4 * frameMs, 6);
    expect(analysePicture([frame(1, { counter: 0 }), frame(0, { counter: 1 })], { fps }).backwards).toBe(1);
  });

  it('keeps a run for each camera and counts what cannot be read or is black', () => {
    const frames = [frame(0, { counter: 9 }), frame(1, null), frame(2, null, 16), frame(3, { camera: 1, counter: 40 }), frame(4, { camera: 1, counter: 41 })];
    const report = analysePicture(frames, { fps });
    expect(report).toMatchObject({ unreadable: 2, black: 1, lost: 0 });
    expect(report.runs.map((run) => [run.camera, run.firstCounter, run.frames])).toEqual([[0, 9, 1], [1, 40, 2]]);
  });

  it('measures a freeze', () => {
    const frames = [0, 1, 1, 1, 1, 2].map((counter, i) => frame(i, { counter }));
    expect(analysePicture(frames, { fps }).longestFreezeMs).toBeCloseTo(3 * frameMs, 6);
  });
});

describe('the analysis of the sound', () => {
  const late = [0, 12, -8, 30];

  function reading(): Reading {
    const samples = new Float32Array(48_000 * 5);
    const frames = Array.from({ length: 150 }, (_, i) => frame(i, { counter: i, flash: isFlash(i, fps) }));
    late.forEach((ms, second) => {
      const first = Math.round((second + 0.5) * 48_000 + ms * 48);
      for (let n = 0; n < 48 * 60; n++) samples[first + n] = 0.4 * Math.sin((2 * Math.PI * beepFrequencies[0] * n) / 48_000);
    });
    const blocks = Array.from({ length: 234 }, (_, i) => ({ ptsMs: (i * 1_024) / 48, first: i * 1_024, count: 1_024 }));
    return { frames, samples, blocks, soundRate: 48_000, warnings: '' };
  }

  it('finds each beep within a millisecond and pairs it with its flash', () => {
    const report = analyseSync(reading());
    expect(report.offsetsMs).toHaveLength(late.length);
    report.offsetsMs.forEach((offset, i) => expect(Math.abs(offset - late[i]!)).toBeLessThan(1));
    expect(report.silent).toBe(1);
    expect(report.maxMs).toBeGreaterThan(29);
  });

  it('does not take one camera\'s beep for another\'s', () => {
    expect(findBeeps(reading(), [1, 2, 3])).toEqual([]);
  });
});

it('percentiles are by nearest rank', () => {
  expect(percentile([3, 1, 2], 50)).toBe(2);
  expect(percentile([3, 1, 2], 99)).toBe(3);
  expect(percentile([], 50)).toBeNaN();
});

describe('footage made, encoded and read back', () => {
  it.each([{ bFrames: false }, { bFrames: true }])('comes back whole, in step and without a warning %o', async (options) => {
    const file = await patternFile({ camera: 2, width: 320, height: 180, seconds: 16, bitrateKbps: 250, ...options });
    const reading = await readPattern(file.path);
    expect(reading.warnings).toBe('');
    const picture = analysePicture(reading.frames, { fps });
    expect(picture).toMatchObject({ frames: 480, lost: 0, repeated: 0, reordered: 0, unreadable: 0, missing: 0, backwards: 0 });
    expect(picture.runs).toHaveLength(1);
    expect(picture.runs[0]).toMatchObject({ camera: 2, firstCounter: 0, lastCounter: 479 });
    const sync = analyseSync(reading);
    expect(sync.offsetsMs).toHaveLength(16);
    expect(sync.maxMs).toBeLessThan(2);
  }, 60_000);
});

/** What the readings mean: frames lost, repeated and reordered, gaps, black and frozen picture, sound against picture. Pure. */
import { beepFrequencies, beepMs, counterLimit, isFlash } from './code.js';
import type { ReadFrame, Reading } from './read.js';

export interface PictureOptions {
  /** Region of the readings that is looked at. */
  region?: number;
  /** Frames a second of the program; a larger step between two frames' timestamps counts as missing frames. */
  fps: number;
  /** Counter values after which the camera's footage begins again. */
  loopFrames?: number;
  /** Only what lies between, in the file's time. */
  fromMs?: number;
  toMs?: number;
  /** Source frames that one program frame moves on: 1 unless the rates differ. */
  step?: number;
}

export interface Run {
  camera: number;
  fromMs: number;
  toMs: number;
  firstCounter: number;
  lastCounter: number;
  frames: number;
}

export interface PictureReport {
  frames: number;
  /** Camera frames that were never shown though the same camera stayed on. */
  lost: number;
  repeated: number;
  reordered: number;
  /** Frames without a readable code: fades, slates, damage. */
  unreadable: number;
  black: number;
  /** Program frames that are not there: holes in the timestamps. */
  missing: number;
  /** Timestamps that do not grow. */
  backwards: number;
  longestGapMs: number;
  /** Where the longest gap begins, in the file's time. */
  gapAtMs: number;
  /** Longest time in which the counter did not move while its camera was on. */
  longestFreezeMs: number;
  /** Who was on, in order. */
  runs: Run[];
  /** Each loss and repetition, in the file's time. */
  faults: PictureFault[];
}

export interface PictureFault {
  kind: 'lost' | 'repeated';
  atMs: number;
  frames: number;
}

const blackLuma = 20;
/** Amplitude of a beep's pitch from which it counts; the footage has 0.5. */
const audibleLevel = 0.08;

/** Looks at one region's codes frame by frame. Losses and repeats count only within an unbroken run of one camera. */
export function analysePicture(frames: readonly ReadFrame[], options: PictureOptions): PictureReport {
  const { region = 0, fps, loopFrames = counterLimit, fromMs = -Infinity, toMs = Infinity, step = 1 } = options;
  const seen = frames.filter((frame) => frame.ptsMs >= fromMs && frame.ptsMs < toMs);
  const frameMs = 1_000 / fps;
  const report: PictureReport = {
    frames: seen.length, lost: 0, repeated: 0, reordered: 0, unreadable: 0, black: 0, missing: 0, backwards: 0,
    longestGapMs: 0, gapAtMs: NaN, longestFreezeMs: 0, runs: [], faults: [],
  };
  const fault = (kind: PictureFault['kind'], frames: number, atMs: number): void => {
    report[kind] += frames;
    report.faults.push({ kind, atMs, frames });
  };
  let run: Run | undefined;
  let movedMs = 0;
  for (const [i, frame] of seen.entries()) {
    const gapMs = i > 0 ? frame.ptsMs - seen[i - 1]!.ptsMs : frameMs;
    if (i > 0) {
      if (gapMs <= 0) report.backwards++;
      if (gapMs > 1.5 * frameMs) report.missing += Math.round(gapMs / frameMs) - 1;
      if (gapMs > report.longestGapMs) Object.assign(report, { longestGapMs: gapMs, gapAtMs: seen[i - 1]!.ptsMs });
    }
    if (frame.luma < blackLuma) report.black++;
    const code = frame.codes[region] ?? null;
    if (code === null) {
      report.unreadable++;
      run = undefined;
      continue;
    }
    if (run === undefined || run.camera !== code.camera) {
      run = { camera: code.camera, fromMs: frame.ptsMs, toMs: frame.ptsMs, firstCounter: code.counter, lastCounter: code.counter, frames: 1 };
      report.runs.push(run);
      movedMs = frame.ptsMs;
      continue;
    }
    const delta = difference(code.counter, run.lastCounter, loopFrames);
    // A hole in the program's own frames is `missing`; the camera's frames that fell into it are not lost twice.
    const expected = step * Math.max(1, Math.round(gapMs / frameMs));
    if (delta < 0) report.reordered++;
    else if (delta === 0) fault('repeated', 1, frame.ptsMs);
    else if (delta > expected) fault('lost', delta - expected, frame.ptsMs);
    if (delta !== 0) movedMs = frame.ptsMs;
    report.longestFreezeMs = Math.max(report.longestFreezeMs, frame.ptsMs - movedMs);
    run.lastCounter = code.counter;
    run.toMs = frame.ptsMs;
    run.frames++;
  }
  return report;
}

/** a − b on a circle of `size`, the short way round. */
function difference(a: number, b: number, size: number): number {
  const d = (((a - b) % size) + size) % size;
  return d > size / 2 ? d - size : d;
}

export interface Beep {
  camera: number;
  onsetMs: number;
}

/** Onsets of each camera's beep, in the file's time. About a millisecond exact. */
export function findBeeps(reading: Pick<Reading, 'samples' | 'blocks' | 'soundRate'>, cameras: readonly number[]): Beep[] {
  const { samples, soundRate } = reading;
  const hop = Math.round(soundRate / 2_000);
  // 10 ms hold whole periods of every pitch, so a steady beep of another camera reads as nothing.
  const window = hop * 20;
  const beeps: Beep[] = [];
  for (const camera of cameras) {
    const frequency = beepFrequencies[camera % beepFrequencies.length]!;
    const levels = pitchLevels(samples, frequency, soundRate, hop, window);
    const quietHops = Math.round(0.2 * soundRate / hop);
    let lastLoud = -quietHops;
    for (let i = 0; i < levels.length; i++) {
      if (levels[i]! < audibleLevel) continue;
      // The edge of another camera's beep can be loud for one window, its middle never.
      if (i - lastLoud >= quietHops && (levels[i + 30] ?? 0) >= audibleLevel) {
        const sample = refineOnset(levels, i, hop, window);
        if (sample !== undefined) beeps.push({ camera, onsetMs: sampleTimeMs(reading, sample) });
      }
      lastLoud = i;
    }
  }
  return beeps.sort((a, b) => a.onsetMs - b.onsetMs);
}

/** Amplitude of one pitch in each window, by Goertzel's recurrence. */
function pitchLevels(samples: Float32Array, frequency: number, rate: number, hop: number, window: number): Float32Array {
  const count = Math.max(0, Math.floor((samples.length - window) / hop));
  const levels = new Float32Array(count);
  const coefficient = 2 * Math.cos((2 * Math.PI * frequency) / rate);
  for (let i = 0; i < count; i++) {
    let s1 = 0;
    let s2 = 0;
    for (let n = i * hop; n < i * hop + window; n++) {
      const s0 = samples[n]! + coefficient * s1 - s2;
      s2 = s1;
      s1 = s0;
    }
    levels[i] = (2 * Math.sqrt(Math.max(0, s1 * s1 + s2 * s2 - coefficient * s1 * s2))) / window;
  }
  return levels;
}

/** The level rises linearly while the window slides into the burst; where it passes half of the plateau, the burst has half the window. */
function refineOnset(levels: Float32Array, start: number, hop: number, window: number): number | undefined {
  const ahead = Math.min(levels.length, start + Math.round((beepMs / 1_000) * 48_000 / hop));
  let plateau = 0;
  for (let i = start; i < ahead; i++) plateau = Math.max(plateau, levels[i]!);
  for (let i = Math.max(1, start - 20); i < ahead; i++) {
    if (levels[i]! < plateau / 2) continue;
    const before = levels[i - 1]!;
    const part = before < plateau / 2 ? (plateau / 2 - before) / (levels[i]! - before) : 1;
    return (i - 1 + part) * hop + window / 2;
  }
  return undefined;
}

/** The time of a sample, by the block it lies in. */
export function sampleTimeMs({ blocks, soundRate }: Pick<Reading, 'blocks' | 'soundRate'>, sample: number): number {
  let low = 0;
  let high = blocks.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (blocks[middle]!.first <= sample) low = middle;
    else high = middle - 1;
  }
  const block = blocks[low];
  return block ? block.ptsMs + ((sample - block.first) * 1_000) / soundRate : NaN;
}

/** Whether sound blocks follow each other: holes and overlaps of more than 2 ms, and the longest hole. */
export function analyseSoundTimes({ blocks, soundRate }: Pick<Reading, 'blocks' | 'soundRate'>): { holes: number; overlaps: number; longestHoleMs: number } {
  const report = { holes: 0, overlaps: 0, longestHoleMs: 0 };
  for (let i = 1; i < blocks.length; i++) {
    const before = blocks[i - 1]!;
    const errorMs = blocks[i]!.ptsMs - (before.ptsMs + (before.count * 1_000) / soundRate);
    if (errorMs > 2) report.holes++;
    if (errorMs < -2) report.overlaps++;
    report.longestHoleMs = Math.max(report.longestHoleMs, errorMs);
  }
  return report;
}

export interface SyncReport {
  /** Sound minus picture of each flash, ms: positive when the sound comes late. */
  offsetsMs: number[];
  /** Of the offsets' absolute values. */
  p50Ms: number;
  p99Ms: number;
  maxMs: number;
  /** Flashes on screen that no beep belongs to. */
  silent: number;
}

/**
 * Pairs each camera's flashes with its beeps. `withinMs` is how far apart a pair may be; `sourceFps` the cameras' rate: where
 * the program leaves frames out, the flash itself may be one of them, and its moment follows from the counters around it.
 */
export function analyseSync(reading: Reading, options: { region?: number; withinMs?: number; fromMs?: number; toMs?: number; sourceFps?: number } = {}): SyncReport {
  const { region = 0, withinMs = 400, fromMs = -Infinity, toMs = Infinity, sourceFps = 30 } = options;
  const flashes: Beep[] = [];
  let before: ReadFrame['codes'][number] = null;
  for (const frame of reading.frames) {
    const code = frame.codes[region] ?? null;
    // The first frame after a cut may be a flash whose beep began on another program: only what was passed while on counts.
    if (code && before?.camera === code.camera && frame.ptsMs >= fromMs && frame.ptsMs < toMs && code.counter - before.counter <= sourceFps) {
      for (let counter = before.counter + 1; counter <= code.counter; counter++) {
        if (isFlash(counter, sourceFps)) flashes.push({ camera: code.camera, onsetMs: frame.ptsMs - ((code.counter - counter) * 1_000) / sourceFps });
      }
    }
    before = code;
  }
  const beeps = findBeeps(reading, [...new Set(flashes.map((flash) => flash.camera))]);
  const offsetsMs: number[] = [];
  let silent = 0;
  for (const flash of flashes) {
    const offsets = beeps.filter((beep) => beep.camera === flash.camera).map((beep) => beep.onsetMs - flash.onsetMs);
    const nearest = offsets.reduce((best, offset) => (Math.abs(offset) < Math.abs(best) ? offset : best), Infinity);
    if (Math.abs(nearest) <= withinMs) offsetsMs.push(nearest);
    else silent++;
  }
  const sizes = offsetsMs.map(Math.abs);
  return { offsetsMs, p50Ms: percentile(sizes, 50), p99Ms: percentile(sizes, 99), maxMs: percentile(sizes, 100), silent };
}

/** Nearest-rank percentile; NaN of nothing. */
export function percentile(values: readonly number[], p: number): number {
  if (values.length === 0) return NaN;
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil((p / 100) * sorted.length) - 1))]!;
}

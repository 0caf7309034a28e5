/**
 * Reads the code back from whatever the far end recorded: one FFmpeg decodes the file, shrinks the strip to a few hundred
 * bytes a frame and gives the sound as mono floats, both with the timestamps that the file has.
 */
import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { cellCount, columns, decodeCells, rows, stripHeight, type Code } from './code.js';

/** A place of a camera in the picture, 0..1 of the frame. */
export interface Region {
  x: number;
  y: number;
  width: number;
  height: number;
}

export const fullFrame: Region = { x: 0, y: 0, width: 1, height: 1 };

export interface ReadFrame {
  ptsMs: number;
  /** What each region asked for shows; null where no valid code is: a fade, a slate, other footage. */
  codes: (Code | null)[];
  /** Mean luma of the whole picture, 0..255. */
  luma: number;
  /** Mean absolute difference of the small picture to the frame before; 0 for the first and for a frozen picture. */
  change: number;
}

export interface SoundBlock {
  ptsMs: number;
  /** Index of its first sample in `samples`. */
  first: number;
  count: number;
}

export interface Reading {
  frames: ReadFrame[];
  soundRate: number;
  /** Mono, all blocks one after another, gaps left out: `blocks` says when each was due. */
  samples: Float32Array;
  blocks: SoundBlock[];
  /** What FFmpeg said of the file: a clean one gives nothing. */
  warnings: string;
}

export interface ReadOptions {
  regions?: Region[];
  sound?: boolean;
  /** Put before `-i`, for a format that has to be named. */
  inputArguments?: string[];
  timeoutMs?: number;
}

const sampleWidth = 4;
const stripPixelsWide = columns * sampleWidth;
const stripPixelsHigh = rows * sampleWidth;
const thumbHigh = 54;
const soundRate = 48_000;

/** Decodes all of `path`. Fails only when FFmpeg cannot be run or the file has no picture at all. */
export async function readPattern(path: string, options: ReadOptions = {}): Promise<Reading> {
  const regions = options.regions ?? [fullFrame];
  const frameBytes = stripPixelsWide * (stripPixelsHigh * regions.length + thumbHigh);
  const sound = options.sound ?? true;
  const child = spawn('nice', ['-n', '5', 'ffmpeg', ...readArguments(path, regions, sound, options.inputArguments ?? [])], {
    stdio: ['ignore', 'pipe', 'pipe', 'pipe', 'pipe', 'pipe'],
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), options.timeoutMs ?? 120_000);
  const streams = child.stdio as unknown as Readable[];
  const codes = new FrameCodes(regions.length, frameBytes);
  const sounds: Buffer[] = [];
  const texts = { stderr: '', video: '', sound: '' };
  streams[1]!.on('data', (chunk: Buffer) => codes.push(chunk));
  streams[2]!.on('data', (chunk: Buffer) => { texts.stderr = (texts.stderr + chunk.toString()).slice(0, 64 * 1024); });
  streams[3]!.on('data', (chunk: Buffer) => { texts.video += chunk.toString(); });
  streams[4]!.on('data', (chunk: Buffer) => sounds.push(chunk));
  streams[5]!.on('data', (chunk: Buffer) => { texts.sound += chunk.toString(); });
  const code = await new Promise<number | null>((done, fail) => {
    child.once('error', fail);
    child.once('close', done);
  }).finally(() => clearTimeout(timer));
  const videoTimes = parseFrameTimes(texts.video);
  if (code === null || (codes.frames.length === 0 && code !== 0)) throw new Error(`ffmpeg could not read ${path} (${code}): ${texts.stderr.slice(-1_000)}`);
  const frames = codes.frames.slice(0, videoTimes.length).map((frame, i) => ({ ...frame, ptsMs: videoTimes[i]!.ptsMs }));
  return { frames, soundRate, ...joinSound(sounds, parseFrameTimes(texts.sound)), warnings: texts.stderr };
}

/**
 * Leaves out the last moment of what was cut off in the middle: with B-frames a picture comes before those it is shown
 * after, so the cut leaves a hole that no viewer ever sees.
 */
export function withoutTail(reading: Reading, tailMs = 250): Reading {
  const endMs = (reading.frames.at(-1)?.ptsMs ?? 0) - tailMs;
  return { ...reading, frames: reading.frames.filter((frame) => frame.ptsMs < endMs) };
}

function readArguments(path: string, regions: readonly Region[], sound: boolean, input: readonly string[]): string[] {
  const outputs = [...regions.map((_, i) => `[r${i}]`), '[t0]'].join('');
  const strips = regions.map((r, i) =>
    `[r${i}]crop=iw*${r.width}:ih*${r.height * stripHeight}:iw*${r.x}:ih*${r.y}:exact=1,scale=${stripPixelsWide}:${stripPixelsHigh}:flags=area[s${i}]`);
  const stack = `${regions.map((_, i) => `[s${i}]`).join('')}[t1]vstack=inputs=${regions.length + 1},settb=1/90000,split[v][w]`;
  const video = [`[0:v:0]format=gray,split=${regions.length + 1}${outputs}`, ...strips,
    `[t0]scale=${stripPixelsWide}:${thumbHigh}:flags=area[t1]`, stack];
  const audio = sound ? ['[0:a:0]aformat=sample_fmts=flt:sample_rates=48000:channel_layouts=mono,asplit[a][b]'] : [];
  // `-copyts` keeps what the file says; `passthrough` neither doubles nor drops; the fine time base rounds nothing.
  const raw = ['-fps_mode', 'passthrough', '-enc_time_base', '1:90000'];
  return [
    '-hide_banner', '-loglevel', 'warning', '-nostdin', '-threads', '2', '-copyts', ...input, '-i', path,
    '-filter_complex', [...video, ...audio].join(';'),
    '-map', '[v]', ...raw, '-f', 'rawvideo', 'pipe:1',
    '-map', '[w]', ...raw, '-c:v', 'rawvideo', '-f', 'framecrc', 'pipe:3',
    ...(sound ? ['-map', '[a]', '-c:a', 'pcm_f32le', '-f', 'f32le', 'pipe:4', '-map', '[b]', '-c:a', 'pcm_f32le', '-f', 'framecrc', 'pipe:5'] : []),
  ];
}

/** Lines of FFmpeg's framecrc: `stream, dts, pts, duration, size, crc`, after a header with the time base. */
function parseFrameTimes(text: string): { ptsMs: number; bytes: number }[] {
  const base = /^#tb 0: (\d+)\/(\d+)/m.exec(text);
  const unitMs = base ? (1_000 * Number(base[1])) / Number(base[2]) : 1;
  return text.split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split(',').map((part) => part.trim()))
    .map((parts) => ({ ptsMs: Number(parts[2]) * unitMs, bytes: Number(parts[4]) }));
}

function joinSound(chunks: Buffer[], times: { ptsMs: number; bytes: number }[]): { samples: Float32Array; blocks: SoundBlock[] } {
  const bytes = Buffer.concat(chunks);
  const samples = new Float32Array(Math.floor(bytes.length / 4));
  for (let i = 0; i < samples.length; i++) samples[i] = bytes.readFloatLE(i * 4);
  let first = 0;
  const blocks = times.map(({ ptsMs, bytes: size }) => {
    const block = { ptsMs, first, count: size / 4 };
    first += block.count;
    return block;
  });
  return { samples, blocks };
}

/** Takes the decoder's bytes as they come, so that a long file is never held whole. */
class FrameCodes {
  readonly frames: Omit<ReadFrame, 'ptsMs'>[] = [];
  private readonly pending: Buffer;
  private filled = 0;
  private before: Buffer | undefined;

  constructor(private readonly regionCount: number, frameBytes: number) {
    this.pending = Buffer.alloc(frameBytes);
  }

  push(chunk: Buffer): void {
    for (let at = 0; at < chunk.length;) {
      const take = Math.min(chunk.length - at, this.pending.length - this.filled);
      chunk.copy(this.pending, this.filled, at, at + take);
      this.filled += take;
      at += take;
      if (this.filled === this.pending.length) {
        this.frames.push(this.readFrame(this.pending));
        this.filled = 0;
      }
    }
  }

  private readFrame(picture: Buffer): Omit<ReadFrame, 'ptsMs'> {
    const stripBytes = stripPixelsWide * stripPixelsHigh;
    const codes = Array.from({ length: this.regionCount }, (_, i) => decodeCells(cellLuma(picture.subarray(i * stripBytes, (i + 1) * stripBytes))));
    const thumb = Buffer.from(picture.subarray(this.regionCount * stripBytes));
    let sum = 0;
    let change = 0;
    for (let i = 0; i < thumb.length; i++) {
      sum += thumb[i]!;
      if (this.before) change += Math.abs(thumb[i]! - this.before[i]!);
    }
    this.before = thumb;
    return { codes, luma: sum / thumb.length, change: change / thumb.length };
  }
}

/** Mean of the four middle samples of each cell: its edges are where scaling and the encoder blur. */
function cellLuma(strip: Buffer): number[] {
  const luma: number[] = [];
  for (let cell = 0; cell < cellCount; cell++) {
    const x = (cell % columns) * sampleWidth;
    const y = Math.floor(cell / columns) * sampleWidth;
    const at = (dx: number, dy: number): number => strip[(y + dy) * stripPixelsWide + x + dx]!;
    luma.push((at(1, 1) + at(2, 1) + at(1, 2) + at(2, 2)) / 4);
  }
  return luma;
}

/**
 * Camera footage with the code of code.ts, encoded once and kept in a cache, because encoding 1080p for every test would
 * cost more than what is tested.
 *
 * Every file is 64 s by default: a whole number of frames at 25, 30 and 60 fps and of AAC frames (1024/48000 s × 3000),
 * so the pusher can play it round and round with neither a gap nor an overlap.
 */
import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import { startProcess } from '../process.js';
import { beepFrequencies, beepMs, columns, encodeCells, isFlash, rows, type Code } from './code.js';

/** Bumped when the files' content changes, so that old caches are not used. */
const version = 4;

export interface PatternOptions {
  camera: number;
  width?: number;
  height?: number;
  fps?: number;
  /** A multiple of 16 s keeps frames and AAC frames whole. */
  seconds?: number;
  bFrames?: boolean;
  /** Between keyframes; all groups of pictures are closed. */
  gopSeconds?: number;
  /** `none`: a file without a sound stream. */
  sound?: 'stereo48' | 'mono44' | 'none';
  bitrateKbps?: number;
  /** `mandelbrot` and `testsrc2` are what the benchmark's cameras show; `plain` is cheap to make, to decode and to encode. */
  background?: 'plain' | 'testsrc2' | 'mandelbrot';
  codec?: 'h264' | 'hevc';
}

export interface PatternFile {
  path: string;
  camera: number;
  fps: number;
  frames: number;
  seconds: number;
  width: number;
  height: number;
}

export function cacheFolder(): string {
  const folder = join(tmpdir(), `vistter-fixtures-${version}`);
  mkdirSync(folder, { recursive: true });
  return folder;
}

/** Path of the footage, made now if the cache has none. FLV for H.264, Matroska for HEVC (FFmpeg 5.1 writes none in FLV). */
export async function patternFile(options: PatternOptions): Promise<PatternFile> {
  const o = {
    width: 640, height: 360, fps: 30, seconds: 64, bFrames: false, gopSeconds: 1, sound: 'stereo48' as const,
    bitrateKbps: 0, background: 'plain' as const, codec: 'h264' as const, ...options,
  };
  const kbps = o.bitrateKbps || (o.height > 720 ? 6_000 : 1_500);
  const extension = o.codec === 'hevc' ? 'mkv' : 'flv';
  const name = `cam${o.camera}-${o.width}x${o.height}-${o.fps}-${o.seconds}s-${o.background}-${o.sound}-${kbps}kg${o.gopSeconds}${o.bFrames ? '-b' : ''}-${o.codec}.${extension}`;
  const path = join(cacheFolder(), name);
  const frames = o.fps * o.seconds;
  const answer = { path, camera: o.camera, fps: o.fps, frames, seconds: o.seconds, width: o.width, height: o.height };
  if (existsSync(path)) return answer;
  // Written beside and renamed, so that two test files that want it at once never see half of it.
  const partial = `${path}.${process.pid}.${extension}`;
  const running = startProcess('nice', ['-n', '5', 'ffmpeg', ...encoderArguments(o, kbps), '-y', partial], {});
  await feedCells(running.child.stdin!, frames, (counter) => ({ camera: o.camera, counter, flash: isFlash(counter, o.fps) }));
  const exit = await running.exited;
  if (exit.code !== 0) throw new Error(`ffmpeg could not make ${name}: ${running.stderr().slice(-2_000)}`);
  renameSync(partial, path);
  return answer;
}

type Complete = Required<PatternOptions>;

/** Node gives only the cells, one byte each and a third row for the flash; FFmpeg draws them large over a moving background. */
function encoderArguments(o: Complete, kbps: number): string[] {
  const size = `${o.width}x${o.height}`;
  const backgrounds = {
    plain: `color=c=0x204060:s=${size}:r=${o.fps}:d=${o.seconds}`,
    testsrc2: `testsrc2=s=${size}:r=${o.fps}:d=${o.seconds}`,
    mandelbrot: `mandelbrot=s=${size}:r=${o.fps}:end_scale=0.05:maxiter=400`,
  };
  // The strip's rows are a ninth of the height together; the flash is as tall again and sits below it.
  const strip = `[0:v]scale=${o.width}:${Math.round(o.height / 18) * 3}:flags=neighbor,format=yuv420p[s]`;
  const video = `${strip};[1:v]format=yuv420p[b];[b][s]overlay=0:0:shortest=1,trim=end_frame=${o.fps * o.seconds}[v]`;
  const interval = Math.round(o.fps * o.gopSeconds);
  const gop = ['-g', String(interval), '-keyint_min', String(interval), '-sc_threshold', '0', '-bf', o.bFrames ? '2' : '0'];
  const encoder = o.codec === 'hevc'
    ? ['-c:v', 'libx265', '-preset', 'ultrafast', '-x265-params', `keyint=${interval}:min-keyint=${interval}:open-gop=0:bframes=${o.bFrames ? 2 : 0}:log-level=error`]
    : ['-c:v', 'libx264', '-preset', o.bFrames ? 'veryfast' : 'superfast', '-x264-params', 'open-gop=0', ...gop];
  const beep = beepExpression(o.camera, o.fps);
  const sound = o.sound === 'none' ? [] : ['-map', '2:a', '-c:a', 'aac', '-b:a', '128k'];
  const rate = o.sound === 'mono44' ? 44_100 : 48_000;
  const source = o.sound === 'mono44' ? beep : `${beep}|${beep}`;
  return [
    '-hide_banner', '-loglevel', 'error',
    '-f', 'rawvideo', '-pix_fmt', 'gray', '-s', `${columns}x${rows + 1}`, '-r', String(o.fps), '-i', 'pipe:0',
    '-f', 'lavfi', '-i', backgrounds[o.background],
    '-f', 'lavfi', '-i', `aevalsrc=exprs='${source}':s=${rate}:d=${o.seconds}`,
    '-filter_complex', video, '-map', '[v]', ...sound,
    ...encoder, '-b:v', `${kbps}k`, '-maxrate', `${kbps}k`, '-bufsize', `${kbps}k`,
    '-color_primaries', 'bt709', '-color_trc', 'bt709', '-colorspace', 'bt709', '-color_range', 'tv',
  ];
}

/** A burst that begins sample-exactly with each flash frame, over a floor far below hearing that keeps encoders honest. */
function beepExpression(camera: number, fps: number): string {
  const frequency = beepFrequencies[camera % beepFrequencies.length]!;
  const onset = Math.floor(fps / 2) / fps;
  return `if(lt(mod(t+1-${onset}\\,1)\\,${beepMs / 1000})\\,0.5*sin(2*PI*${frequency}*mod(t+1-${onset}\\,1))\\,0)`;
}

/** Writes `frames` pictures of one byte a cell, with a third row for the flash, and ends the stream. */
export async function feedCells(stdin: NodeJS.WritableStream, frames: number, codeOf: (frame: number) => Code): Promise<void> {
  stdin.on('error', () => undefined);
  for (let i = 0; i < frames; i++) {
    const code = codeOf(i);
    const cells = encodeCells(code).map((bit) => (bit ? 255 : 0));
    const picture = Buffer.from([...cells, ...new Array<number>(columns).fill(code.flash ? 255 : 40)]);
    if (!stdin.write(picture)) await once(stdin, 'drain');
  }
  stdin.end();
}

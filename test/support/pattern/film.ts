/**
 * Films with the code of code.ts: short files of any codec, rate, size and sound, made once and kept beside the cameras'
 * footage. Frame k of a film carries the counter `firstCounter + k`, so that a reading tells which film's which frame it is.
 *
 * Once a second, half a second in, a frame is lit and a beep of the camera's pitch begins with it, to the sample; between
 * the beeps there is digital silence, so that a click has nothing to hide behind.
 */
import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startProcess } from '../process.js';
import { beepFrequencies, beepMs, columns, rows } from './code.js';
import { cacheFolder, feedCells } from './generate.js';

/** Bumped when the files' content changes. */
const version = 2;
const soundRate = 48_000;
/** FFmpeg 5.1 writes Opus into WebM early by what the codec needs to begin, 6.5 ms: its sound is given that much later. */
const opusEarly = 312;

/** Frames a second as a fraction: 29.97 is 30000/1001. */
export type FilmRate = readonly [num: number, den: number];
export type FilmCodec = 'h264' | 'hevc' | 'vp9' | 'av1' | 'mpeg4';
export type FilmSound = 'stereo' | 'mono' | '5.1' | 'none';

export interface FilmOptions {
  /** 0..15: the pitch of its beeps. */
  camera: number;
  /** Of its first frame; below 2^24. */
  firstCounter?: number;
  codec?: FilmCodec;
  rate?: FilmRate;
  width?: number;
  height?: number;
  /** Rounded to whole frames. */
  seconds?: number;
  sound?: FilmSound;
  bFrames?: boolean;
  /** Frames between keyframes: longer than most clips, so that they begin in the middle of a group. */
  gopFrames?: number;
}

export interface Film extends Required<FilmOptions> {
  path: string;
  frames: number;
}

/** What a codec is put into, and how it is asked for. */
const codecs: Record<FilmCodec, { extension: string; encoder: (film: Omit<Film, 'path'>) => string[]; sound: string }> = {
  h264: {
    extension: 'mp4', sound: 'aac',
    encoder: ({ bFrames, gopFrames }) => ['-c:v', 'libx264', '-preset', bFrames ? 'veryfast' : 'superfast', '-crf', '26', '-bf', bFrames ? '3' : '0', ...gop(gopFrames)],
  },
  hevc: {
    extension: 'mp4', sound: 'aac',
    encoder: ({ bFrames, gopFrames }) => ['-c:v', 'libx265', '-preset', 'ultrafast', '-crf', '28', '-x265-params', `keyint=${gopFrames}:min-keyint=${gopFrames}:scenecut=0:bframes=${bFrames ? 3 : 0}:log-level=error`],
  },
  vp9: {
    extension: 'webm', sound: 'libopus',
    encoder: ({ gopFrames }) => ['-c:v', 'libvpx-vp9', '-deadline', 'realtime', '-cpu-used', '8', '-row-mt', '1', '-b:v', '1M', '-g', String(gopFrames)],
  },
  av1: {
    extension: 'mkv', sound: 'aac',
    encoder: ({ gopFrames }) => ['-c:v', 'libsvtav1', '-preset', '12', '-crf', '40', '-g', String(gopFrames)],
  },
  mpeg4: {
    extension: 'mkv', sound: 'ac3',
    encoder: ({ bFrames, gopFrames }) => ['-c:v', 'mpeg4', '-q:v', '3', '-bf', bFrames ? '2' : '0', '-g', String(gopFrames)],
  },
};

function gop(frames: number): string[] {
  return ['-g', String(frames), '-keyint_min', String(frames), '-sc_threshold', '0'];
}

/** The film's frame `k` is due so many ms after its start. */
export function filmTimeMs({ rate: [num, den] }: Pick<Film, 'rate'>, k: number): number {
  return (k * den * 1_000) / num;
}

/** The frames that are lit: one a second. */
export function litFrames({ rate: [num, den], frames }: Pick<Film, 'rate' | 'frames'>): number[] {
  const lit: number[] = [];
  for (let second = 0; ; second++) {
    const k = Math.round(((second + 0.5) * num) / den);
    if (k >= frames) return lit;
    lit.push(k);
  }
}

/** The film, made now if the cache has none. */
export async function film(options: FilmOptions): Promise<Film> {
  const wanted = {
    firstCounter: 0, codec: 'h264' as const, rate: [30, 1] as const, width: 640, height: 360, seconds: 8, sound: 'stereo' as const,
    bFrames: false, gopFrames: 60, ...options,
  };
  const whole = { ...wanted, frames: Math.round((wanted.seconds * wanted.rate[0]) / wanted.rate[1]) };
  const { extension, encoder, sound } = codecs[whole.codec];
  const { camera, firstCounter, codec, rate, width, height, frames, bFrames, gopFrames } = whole;
  const name = `film${version}-${camera}-${firstCounter}-${codec}-${width}x${height}-${rate.join('_')}-${frames}f-${whole.sound}-g${gopFrames}${bFrames ? '-b' : ''}.${extension}`;
  const path = join(cacheFolder(), name);
  if (existsSync(path)) return { ...whole, path };
  const partial = `${path}.${process.pid}.${extension}`;
  const samples = `${partial}.f32`;
  if (whole.sound !== 'none') writeFileSync(samples, Buffer.concat([Buffer.alloc(sound === 'libopus' ? opusEarly * 4 : 0), beeps(whole)]));
  const size = `${width}x${height}`;
  const fps = rate.join('/');
  const soundInput = whole.sound === 'none' ? [] : ['-f', 'f32le', '-ar', String(soundRate), '-ac', '1', '-i', samples];
  const running = startProcess('nice', [
    '-n', '5', 'ffmpeg', '-hide_banner', '-loglevel', 'error',
    '-f', 'rawvideo', '-pix_fmt', 'gray', '-s', `${columns}x${rows + 1}`, '-r', fps, '-i', 'pipe:0',
    '-f', 'lavfi', '-i', `color=c=0x204060:s=${size}:r=${fps}`, ...soundInput,
    // The strip's rows are a ninth of the height together; the flash is as tall again and sits below it.
    '-filter_complex', `[0:v]scale=${width}:${Math.round(height / 18) * 3}:flags=neighbor,format=yuv420p[s];[1:v]format=yuv420p[b];[b][s]overlay=0:0:shortest=1,trim=end_frame=${frames}[v]`,
    '-map', '[v]', ...encoder(whole), '-pix_fmt', 'yuv420p', '-color_primaries', 'bt709', '-color_trc', 'bt709', '-colorspace', 'bt709', '-color_range', 'tv',
    ...(whole.sound === 'none' ? [] : ['-map', '2:a', '-c:a', sound, '-b:a', '128k', ...channels(whole.sound)]),
    '-y', partial,
  ], {});
  const lit = new Set(litFrames(whole));
  await feedCells(running.child.stdin!, frames, (k) => ({ camera, counter: firstCounter + k, flash: lit.has(k) }));
  const exit = await running.exited;
  rmSync(samples, { force: true });
  if (exit.code !== 0) throw new Error(`ffmpeg could not make ${name}: ${running.stderr().slice(-2_000)}`);
  renameSync(partial, path);
  return { ...whole, path };
}

/** One channel is put on all that are asked for; what a mix-down makes of them is as loud again. */
function channels(sound: Exclude<FilmSound, 'none'>): string[] {
  switch (sound) {
    case 'mono': return ['-ac', '1'];
    case 'stereo': return ['-af', 'pan=stereo|c0=c0|c1=c0'];
    case '5.1': return ['-af', 'pan=5.1|FL=c0|FR=c0|FC=0*c0|LFE=0*c0|BL=0*c0|BR=0*c0'];
    default: return sound satisfies never;
  }
}

/** As long as the pictures, mono. */
function beeps(film: Omit<Film, 'path'>): Buffer {
  const count = Math.round((filmTimeMs(film, film.frames) * soundRate) / 1_000);
  const samples = new Float32Array(count);
  const step = (2 * Math.PI * beepFrequencies[film.camera % beepFrequencies.length]!) / soundRate;
  for (const k of litFrames(film)) {
    const first = Math.round((filmTimeMs(film, k) * soundRate) / 1_000);
    for (let i = 0; i < (beepMs * soundRate) / 1_000 && first + i < count; i++) samples[first + i] = 0.5 * Math.sin(step * i);
  }
  return Buffer.from(samples.buffer);
}

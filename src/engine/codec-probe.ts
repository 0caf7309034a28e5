/** Finds out which codec works on this machine, by encoding one picture with it. */
import { execFile } from 'node:child_process';
import type { Settings } from '../protocol/resources.js';
import type { Problem } from '../protocol/status.js';
import { probeArgs, type Codec } from './encoder-args.js';

const PROBE_LIMIT_MS = 5000;

/** Whether the codec really encodes a picture here. */
export function tryCodec(codec: Codec): Promise<boolean> {
  return new Promise((resolve) => {
    execFile('ffmpeg', probeArgs(codec), { timeout: PROBE_LIMIT_MS, killSignal: 'SIGKILL' }, (error) => resolve(error === null));
  });
}

export interface CodecChoice {
  codec: Codec;
  /** Why it is not the one that was asked for. */
  problem?: Problem;
}

/**
 * The codec to use: `auto` is h264_nvenc when it works here, else libx264. One that was asked for by name and does not work
 * is replaced by libx264 and reported, because a program with another codec is better than none.
 */
export async function chooseCodec(wanted: Settings['encoder']['codec'], works: (codec: Codec) => Promise<boolean>): Promise<CodecChoice> {
  if (wanted === 'libx264') return { codec: 'libx264' };
  if (await works('h264_nvenc')) return { codec: 'h264_nvenc' };
  if (wanted === 'auto') return { codec: 'libx264' };
  return {
    codec: 'libx264',
    problem: {
      code: 'CODEC_UNAVAILABLE',
      message: 'This machine cannot encode with h264_nvenc (no NVIDIA card, or no driver), so libx264 is used.',
    },
  };
}

/** Finds out which codec works on this machine, by encoding one picture with it. */
import { execFile } from 'node:child_process';
import type { Settings } from '../protocol/resources.js';
import { probeArgs, type Codec } from './encoder-args.js';

const PROBE_LIMIT_MS = 5000;

/** Whether the codec really encodes a picture here. */
export function tryCodec(codec: Codec): Promise<boolean> {
  return new Promise((resolve) => {
    execFile('ffmpeg', probeArgs(codec), { timeout: PROBE_LIMIT_MS, killSignal: 'SIGKILL' }, (error) => resolve(error === null));
  });
}

/** The codec to use: `auto` is h264_nvenc when it works here, else libx264. */
export async function chooseCodec(wanted: Settings['encoder']['codec'], works: (codec: Codec) => Promise<boolean>): Promise<Codec> {
  if (wanted !== 'auto') return wanted;
  return (await works('h264_nvenc')) ? 'h264_nvenc' : 'libx264';
}

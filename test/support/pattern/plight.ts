/** Footage of a camera with which something is wrong though it goes on sending: coded anew all the time, as OBS codes what has frozen. */
import { existsSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../process.js';
import { cacheFolder, type PatternFile } from './generate.js';

export const plights = ['still', 'black', 'silent'] as const;
export type Plight = (typeof plights)[number];

/** A whole number of frames and of AAC frames, as the pusher needs it. */
const seconds = 16;
const fps = 30;

export async function plightFile(plight: Plight): Promise<PatternFile> {
  const path = join(cacheFolder(), `plight-1-${plight}.flv`);
  const answer = { path, camera: 0, fps, frames: seconds * fps, seconds, width: 640, height: 360 };
  if (existsSync(path)) return answer;
  const partial = `${path}.${process.pid}.flv`;
  const moving = `testsrc2=s=640x360:r=${fps}:d=${seconds}`;
  const picture = { still: `${moving},loop=loop=-1:size=1,setpts=N/(${fps}*TB)`, black: `color=c=black:s=640x360:r=${fps}:d=${seconds},noise=alls=4:allf=t`, silent: moving }[plight];
  const sound = plight === 'silent' ? 'anullsrc=r=48000:cl=stereo' : 'sine=f=440:r=48000';
  await run('nice', [
    'ffmpeg', '-v', 'error', '-nostdin', '-y', '-f', 'lavfi', '-i', picture, '-f', 'lavfi', '-i', sound, '-t', String(seconds), '-ac', '2', '-c:a', 'aac', '-b:a', '128k',
    '-c:v', 'libx264', '-preset', 'superfast', '-pix_fmt', 'yuv420p', '-g', String(2 * fps), '-keyint_min', String(2 * fps), '-sc_threshold', '0', '-bf', '0',
    '-b:v', '1500k', '-maxrate', '1500k', '-bufsize', '1500k', partial,
  ]);
  renameSync(partial, path);
  return answer;
}

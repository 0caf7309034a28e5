/** FFmpeg's arguments for thumbnails. Pure. */
import { input, quiet, seconds, type MediaFile } from '../../offline/args.js';

const THUMBNAIL = { width: 1280, height: 720 } as const;
/** Of the pictures that are judged. */
export const LOOK_WIDTH = 192;
/** Shapes between these are cut to 16:9; of narrower and wider ones too much would be lost. */
const CUT_ASPECT = { from: 1.5, to: 2.2 };
/** A stamp that was rounded is still found. */
const HAIR_SECONDS = 0.001;

export interface LooksJob {
  file: MediaFile;
  fromSeconds: number;
  seconds: number;
  rollSeconds: number;
  /** From look to look, at least. */
  everySeconds: number;
  /** Keyframes alone, which cost little however long it is. */
  keyframesOnly: boolean;
  height: number;
  threads: number;
}

/** Small pictures on descriptor 1, their times on 4. */
export function looksArgs({ file, fromSeconds, seconds: length, rollSeconds, everySeconds, keyframesOnly, height, threads }: LooksJob): string[] {
  const end = fromSeconds + length;
  const stamps = ['-fps_mode', 'passthrough', '-enc_time_base', '1:90000'];
  return [
    ...quiet(), '-copyts', ...input(file, { threads, fromSeconds: fromSeconds - rollSeconds, withBefore: true, more: ['-an', '-sn', '-dn', '-skip_frame', keyframesOnly ? 'nokey' : 'noref'] }),
    '-filter_complex', `[0:V:0]trim=start=${seconds(fromSeconds)}:end=${seconds(end)},select=isnan(prev_selected_t)+gte(t-prev_selected_t\\,${everySeconds.toFixed(3)}),scale=${LOOK_WIDTH}:${height}:flags=area,format=rgb24,split[a][b]`,
    '-map', '[a]', ...stamps, '-f', 'rawvideo', 'pipe:1', '-map', '[b]', ...stamps, '-c:v', 'rawvideo', '-f', 'framecrc', 'pipe:4',
  ];
}

export interface StillJob { atSeconds: number; output: string }

/** @param quality FFmpeg's for JPEG: 2 is the best */
export function stillsArgs(file: MediaFile, stills: readonly StillJob[], { aspect, rollSeconds, quality, threads }: { aspect: number; rollSeconds: number; quality: number; threads: number }): string[] {
  const args = [...quiet(), '-copyts'];
  const outputs: string[] = [];
  stills.forEach(({ atSeconds, output }, i) => {
    args.push(...input(file, { threads, fromSeconds: atSeconds - rollSeconds - HAIR_SECONDS, more: ['-an', '-sn', '-dn'] }),
      '-filter_complex', `[${i}:V:0]trim=start=${seconds(atSeconds - HAIR_SECONDS)},trim=end_frame=1,${framed(aspect)},format=yuvj420p[o${i}]`);
    outputs.push('-map', `[o${i}]`, '-frames:v', '1', '-q:v', String(quality), '-c:v', 'mjpeg', '-f', 'mjpeg', `file:${output}`);
  });
  return [...args, ...outputs];
}

/** Cut to fill, or whole over itself enlarged and out of focus. */
function framed(aspect: number): string {
  const { width, height } = THUMBNAIL;
  const fill = `scale=${width}:${height}:force_original_aspect_ratio=increase:flags=bicubic,crop=${width}:${height}`;
  if (aspect >= CUT_ASPECT.from && aspect <= CUT_ASPECT.to) return `${fill},setsar=1`;
  return `split[w][f];[f]${fill},boxblur=24:2,eq=brightness=-0.12[g];[w]scale=${width}:${height}:force_original_aspect_ratio=decrease:flags=bicubic[h];[g][h]overlay=(W-w)/2:(H-h)/2,setsar=1`;
}

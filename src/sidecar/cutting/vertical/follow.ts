/** A window of 9:16 that follows what happens in a clip: looked at a few times a second on small pictures, before it is cut. */
import { input, quiet, seconds, type MediaFile } from '../../offline/args.js';
import { runOffline } from '../../offline/run.js';
import type { Source } from '../source.js';
import { interest } from './interest.js';
import { choosePath, pathExpression } from './path.js';

const LOOKS_PER_SECOND = 5;
export const LOOK_WIDTH = 160;
const ASPECT = 9 / 16;

export interface FollowJob {
  source: Source;
  firstSeconds: number;
  seconds: number;
  threads: number;
  signal?: AbortSignal | undefined;
}

export interface Followed {
  /** Of the window's left edge, pixels, by `t`, seconds since the clip's first frame: an expression of numbers for FFmpeg's crop. */
  x: string;
  windowWidth: number;
  notes: string[];
}

export async function followWindow({ source, firstSeconds, seconds: length, threads, signal }: FollowJob): Promise<Followed> {
  const { width, height } = source.picture;
  const windowWidth = Math.min(width, Math.floor((height * ASPECT) / 2) * 2);
  const lookHeight = Math.max(2, Math.round((LOOK_WIDTH * height) / width / 2) * 2);
  const { outputs } = await runOffline({ program: 'ffmpeg', args: followArgs({ file: source, fromSeconds: firstSeconds, seconds: length, height: lookHeight, threads }), signal });
  const raw = outputs[0]!;
  const bytes = LOOK_WIDTH * lookHeight;
  const pictures = Array.from({ length: Math.floor(raw.length / bytes) }, (_, i) => raw.subarray(i * bytes, (i + 1) * bytes));
  const seen = interest(pictures, LOOK_WIDTH, lookHeight);
  const path = choosePath(seen, { columns: LOOK_WIDTH, window: (windowWidth * LOOK_WIDTH) / width, looksPerSecond: LOOKS_PER_SECOND });
  const scale = width / LOOK_WIDTH;
  return { x: pathExpression(path.map(({ atSeconds, x }) => ({ atSeconds, x: Math.min(width - windowWidth, Math.max(0, x * scale)) }))), windowWidth, notes: pictures.length === 0 ? ['its window stands in the middle: nothing could be looked at'] : [] };
}

/** Pure. Frames that no other needs are not even decoded: half the work, and a fifth of a second is coarse anyway. */
export function followArgs({ file, fromSeconds, seconds: length, height, threads }: { file: MediaFile; fromSeconds: number; seconds: number; height: number; threads: number }): string[] {
  return [
    ...quiet(), '-copyts', ...input(file, { threads, fromSeconds, withBefore: true, more: ['-an', '-sn', '-dn', '-skip_frame', 'noref'] }),
    '-filter_complex', `[0:V:0]fps=fps=${LOOKS_PER_SECOND}:start_time=${seconds(fromSeconds)},trim=end_frame=${Math.ceil(length * LOOKS_PER_SECOND)},scale=${LOOK_WIDTH}:${height}:flags=fast_bilinear,format=gray[o]`,
    '-map', '[o]', '-f', 'rawvideo', 'pipe:1',
  ];
}

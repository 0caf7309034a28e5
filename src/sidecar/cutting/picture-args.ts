/** FFmpeg's arguments for the pictures of a clip: looked at, its ends encoded anew, or all of it. Pure: numbers and our own file names only. */
import { input, ours, quiet, seconds, type MediaFile } from '../offline/args.js';
import { meter } from './loudness.js';
import type { Stretch } from './plan.js';
import type { PictureFacts, Rate } from './source.js';

/** Of the small pictures that are compared. */
const SMALL = { width: 64, height: 36 } as const;
export const SMALL_BYTES = SMALL.width * SMALL.height;
/** Time base of what is encoded anew: every usual rate is whole in it, or nearly. */
const TIMESCALE = 90_000;
/** Read beyond what is wanted: B-frames stand behind what is shown after them. */
const READ_ON_SECONDS = 0.5;

/** A picture, and those beside it, as they are found by time alone. */
export interface Look {
  /** Of the clip. */
  place: 'first' | 'middle' | 'last';
  atSeconds: number;
  stepSeconds: number;
  /** How many frames before it and after it are seen as well. Before a keyframe none is: all between it and the one before would have to be decoded. */
  before: number;
  after: number;
  /** Decoded so much earlier, where the index is not to be trusted with keyframes. */
  rollSeconds: number;
}

const lookFrom = ({ atSeconds, stepSeconds, before }: Look): number => atSeconds - (before + 0.5) * stepSeconds;
const lookTo = ({ atSeconds, stepSeconds, after }: Look): number => atSeconds + (after + 0.5) * stepSeconds;
/** Of a keyframe its own moment, because a hair earlier the keyframe before it would be found, and all between decoded. */
const seekOf = (look: Look): number => (look.before === 0 ? look.atSeconds : lookFrom(look)) - look.rollSeconds;
/** In a clip of ours, parts of a frame: that of a keyframe is found from a moment after it, wherever stamps are rounded to. */
const SEEK_ON = 0.4;
const trim = (from: number, to: number): string => `trim=start=${seconds(from)}:end=${seconds(to)}`;
const smallOf = (look: Look): string => `${trim(lookFrom(look), lookTo(look))},scale=${SMALL.width}:${SMALL.height}:flags=area,format=gray`;

/** Small pictures with their times: raw on one descriptor, a line each with its time on another. */
const smallOutput = (label: string, fd: number): string[] => {
  const stamps = ['-fps_mode', 'passthrough', '-enc_time_base', `1:${TIMESCALE}`];
  return ['-map', `[${label}]`, ...stamps, '-f', 'rawvideo', `pipe:${fd}`, '-map', `[${label}t]`, ...stamps, '-c:v', 'rawvideo', '-f', 'framecrc', `pipe:${fd + 1}`];
};

/** Descriptors of the looks of a job: two each, from 4 on. */
const FIRST_FD = 4;
export const lookOutputs = (looks: number): number => looks * 2;

/** How the ends are to be encoded so that they go with the frames between them. */
export interface EndsLike {
  profile: 'baseline' | 'main' | 'high';
  /** As in the SPS: 40 is level 4. */
  level: number;
  /** Number of its parameter sets. */
  setId: number;
  bFrames: number;
  facts: PictureFacts;
}

export interface EndJob {
  stretch: Stretch;
  stepSeconds: number;
  output: string;
}

/** Looks at the source, and encodes what of the ends is to be encoded, decoding each place once. */
export function endsArgs(file: MediaFile, looks: readonly Look[], ends: readonly (EndJob | null)[], like: EndsLike | null, threads: number): string[] {
  const args = [...quiet(), '-copyts'];
  const outputs: string[] = [];
  looks.forEach((look, i) => {
    const end = ends[i] ?? null;
    const shownAt = end?.stretch.shownAt ?? [];
    const from = Math.min(seekOf(look), ...shownAt.slice(0, 1).map((at) => at - look.stepSeconds / 2));
    const to = Math.max(lookTo(look), ...shownAt.slice(-1).map((at) => at + look.stepSeconds));
    args.push(...input(file, { threads, fromSeconds: from, forSeconds: to - from + READ_ON_SECONDS, more: ['-an', '-sn', '-dn'] }));
    const parts = end ? `[${i}:V:0]split[l${i}][e${i}];[l${i}]` : `[${i}:V:0]`;
    const encoded = end ? `;[e${i}]${trim(shownAt[0]! - end.stepSeconds / 2, shownAt.at(-1)! + end.stepSeconds / 2)}[o${i}]` : '';
    args.push('-filter_complex', `${parts}${smallOf(look)},split[s${i}][s${i}t]${encoded}`);
    outputs.push(...smallOutput(`s${i}`, FIRST_FD + i * 2));
    if (end && like) outputs.push('-map', `[o${i}]`, ...likeSource(like, threads), '-f', 'mp4', `file:${end.output}`);
  });
  return [...args, ...outputs];
}

/** x264 says a profile only when something of it is used, and its fastest preset uses little. */
const OF_PROFILE: Readonly<Record<EndsLike['profile'], string>> = { baseline: '', main: ':cabac=1', high: ':8x8dct=1' };

function likeSource({ profile, level, setId, bFrames, facts }: EndsLike, threads: number): string[] {
  return [
    '-fps_mode', 'passthrough', '-enc_time_base', `1:${TIMESCALE}`, '-c:v', 'libx264', '-preset', 'ultrafast', '-crf', '18', '-threads', String(threads),
    '-profile:v', profile, '-level:v', (level / 10).toFixed(1), '-pix_fmt', facts.pixelFormat, '-bf', String(bFrames), '-g', '9999', '-sc_threshold', '0',
    '-x264-params', `sps-id=${setId}:open-gop=0${OF_PROFILE[profile]}`, ...colours(facts), '-map_metadata', '-1', '-video_track_timescale', String(TIMESCALE),
  ];
}

function colours({ range, space, primaries, transfer }: PictureFacts): string[] {
  const given = (name: string, value: string | null): string[] => (value === null ? [] : [name, value]);
  return [...given('-color_range', range), ...given('-colorspace', space), ...given('-color_primaries', primaries), ...given('-color_trc', transfer)];
}

/** Looks at a clip that is made: some of its pictures, what frames it has, and its sound. @param sound `metered`: how loud it is is said on descriptor 2 */
export function checkArgs(path: string, looks: readonly Look[], compareRate: number, sound: 'none' | 'compared' | 'metered', threads: number): string[] {
  const args = [...quiet(sound === 'metered' ? 'info' : 'warning'), '-copyts'];
  const outputs: string[] = [];
  looks.forEach((look, i) => {
    args.push(...input(ours(path), { threads, fromSeconds: look.atSeconds + SEEK_ON * look.stepSeconds, withBefore: true, more: ['-an'] }), '-filter_complex', `[${i}:V:0]${smallOf(look)},split[s${i}][s${i}t]`);
    outputs.push(...smallOutput(`s${i}`, FIRST_FD + i * 2));
  });
  const whole = looks.length;
  const framesFd = FIRST_FD + looks.length * 2;
  args.push(...input(ours(path)));
  outputs.push('-map', `${whole}:V:0`, '-c', 'copy', '-f', 'framecrc', `pipe:${framesFd}`);
  if (sound !== 'none') {
    const small = `aresample=${compareRate}:async=1:first_pts=0`;
    args.push('-filter_complex', sound === 'metered' ? `[${whole}:a:0]asplit[m][c];[m]${meter('true')}[l];[c]${small}[d]` : `[${whole}:a:0]${small}[d]`);
    outputs.push('-map', '[d]', '-ac', '1', '-c:a', 'pcm_s16le', '-f', 's16le', 'pipe:1');
    if (sound === 'metered') outputs.push('-map', '[l]', '-f', 'null', '-');
  }
  return [...args, ...outputs];
}

export interface WholeJob {
  file: MediaFile;
  output: string;
  fromSeconds: number;
  /** Decoded so much earlier, as in a look. */
  rollSeconds: number;
  frames: number;
  rate: Rate;
  facts: PictureFacts;
  threads: number;
  /** What is done with each picture after it has its place in time, such as a crop: a chain of filters made of numbers. */
  shape: string | null;
  /** Small pictures of these frames, counted from 0, as they go into the shape. */
  tapped: readonly number[];
  preset: 'veryfast' | 'superfast';
}

/** All of the pictures encoded anew, at a steady rate. */
export function wholeArgs({ file, output, fromSeconds, rollSeconds, frames, rate, facts, threads, shape, tapped, preset }: WholeJob): string[] {
  const [num, den] = rate;
  // A picture that stands since before the start is shown from the start; at a steady rate each keeps its own place.
  const steady = [...(facts.isInterlaced ? ['bwdif=mode=send_frame:deint=interlaced'] : []), `fps=fps=${num}/${den}:start_time=${seconds(fromSeconds)}:round=near`, `trim=end_frame=${frames}`, 'setpts=N/FRAME_RATE/TB'];
  const toUsual = [...(facts.isHdr ? [TONE_MAPPED] : []), ...(shape === null ? ['scale=trunc(iw/2)*2:trunc(ih/2)*2'] : []), 'format=yuv420p'];
  const tap = `split[t][v];[t]select=${tapped.map((n) => `eq(n\\,${n})`).join('+')},scale=${SMALL.width}:${SMALL.height}:flags=area,format=gray[s];[v]`;
  return [
    ...quiet(), '-copyts', ...input(file, { threads, fromSeconds: fromSeconds - rollSeconds, withBefore: true, more: ['-an', '-sn', '-dn'] }),
    '-filter_complex', `[0:V:0]${steady.join(',')}${tapped.length > 0 ? `,${tap}` : ','}${[...(shape === null ? [] : [shape]), ...toUsual].join(',')}[o]`,
    '-map', '[o]', '-frames:v', String(frames), '-c:v', 'libx264', '-preset', preset, '-crf', '20', '-profile:v', 'high', '-bf', '2',
    '-g', String(Math.round((2 * num) / den)), '-sc_threshold', '0', '-threads', String(threads), '-x264-params', 'open-gop=0',
    ...(facts.isHdr ? SDR : colours(facts)), '-map_metadata', '-1', '-f', 'mp4', `file:${output}`,
    ...(tapped.length > 0 ? ['-map', '[s]', '-fps_mode', 'passthrough', '-f', 'rawvideo', 'pipe:1'] : []),
  ];
}

/** From BT.2020 with its wide range of light to what every screen shows. */
const TONE_MAPPED = 'zscale=t=linear:npl=100,format=gbrpf32le,zscale=p=bt709,tonemap=tonemap=hable:desat=0,zscale=t=bt709:m=bt709:r=tv';
const SDR = ['-color_range', 'tv', '-colorspace', 'bt709', '-color_primaries', 'bt709', '-color_trc', 'bt709'];

/** Frames as `framecrc` lists them: stream, dts, pts, duration, size, checksum. Times in seconds, in the order they came. */
export function listedFrames(text: string): { atSeconds: number; bytes: number }[] {
  const base = /^#tb 0: (\d+)\/(\d+)/m.exec(text);
  if (!base) return [];
  const unit = Number(base[1]) / Number(base[2]);
  return text.split('\n').filter((line) => line.startsWith('0,')).map((line) => {
    const fields = line.split(',');
    return { atSeconds: Number(fields[2]) * unit, bytes: Number(fields[4]) };
  });
}

export const frameTimes = (text: string): number[] => listedFrames(text).map(({ atSeconds }) => atSeconds);

/** What a file is, as far as cutting needs it: asked of ffprobe once, and of its own index where it has one. */
import { open } from 'node:fs/promises';
import { z } from 'zod';
import { ServerError } from '../../runtime/errors.js';
import { isScarcity } from '../../runtime/scarcity.js';
import { runOffline } from '../offline/run.js';
import { IndexError, readTracks, type Track } from './mp4/read.js';

const PICTURE_RATES: readonly (readonly [number, number])[] = [[24_000, 1_001], [24, 1], [25, 1], [30_000, 1_001], [30, 1], [48, 1], [50, 1], [60_000, 1_001], [60, 1]];
const MOST_RATE = 60;
/** FFmpeg's names. */
const STREAM_FORMATS = ['mpegts', 'mpeg', 'h264', 'hevc', 'mpegvideo'];
/** A rate is one of the usual ones where it is this near to it, in parts of it. */
const RATE_TOLERANCE = 0.004;
/** A file's own rate that is so many times the average, as where stamps are finer than frames, is no rate of its frames. */
const MOST_OVER_AVERAGE = 2.1;

/** Frames a second. */
export type Rate = readonly [num: number, den: number];

export interface PictureFacts {
  codec: string;
  /** As it is shown: turned if it is to be turned. */
  width: number;
  height: number;
  pixelFormat: string;
  isInterlaced: boolean;
  isHdr: boolean;
  /** At most 60, one of the usual ones where it is near one. */
  rate: Rate;
  /** FFmpeg's names for `-colorspace` and the others; null where the file does not say. */
  range: string | null;
  space: string | null;
  primaries: string | null;
  transfer: string | null;
}

export interface Source {
  path: string;
  /** The file's own time at which it begins: 0 of the recording. Seconds. */
  startSeconds: number;
  /** 0 where it does not say. */
  durationMs: number;
  picture: PictureFacts;
  hasSound: boolean;
  /** A seek in it finds keyframes; in a stream as it came from the air it finds a place, and keyframes are where they are. */
  findsKeyframes: boolean;
  /** Its index, or why it cannot be used. */
  index: Track | string;
}

const Word = z.string().optional().transform((word) => (word === undefined || word === 'unknown' || word === 'reserved' ? null : word));
const Stream = z.object({
  codec_type: z.string().optional(), codec_name: z.string().default('unknown'), width: z.number().default(0), height: z.number().default(0),
  pix_fmt: z.string().default('unknown'), field_order: z.string().default('progressive'), r_frame_rate: z.string().default('0/0'), avg_frame_rate: z.string().default('0/0'),
  color_range: Word, color_space: Word, color_primaries: Word, color_transfer: Word, sample_rate: z.string().optional(), channels: z.number().default(0),
  side_data_list: z.array(z.object({ rotation: z.number().optional() })).default([]),
  disposition: z.object({ attached_pic: z.number().default(0) }).default({ attached_pic: 0 }),
});
const Answer = z.object({
  format: z.object({ format_name: z.string().default(''), start_time: z.string().optional(), duration: z.string().optional() }).default({ format_name: '' }),
  streams: z.array(Stream).default([]),
});

/** Pure: ffprobe's arguments. */
export function probeArgs(path: string): string[] {
  return ['-v', 'error', '-protocol_whitelist', 'file,pipe', '-show_format', '-show_streams', '-of', 'json', `file:${path}`];
}

/** @throws ServerError MEDIA_MISSING, MEDIA_UNREADABLE; OfflineError for what is the machine's. */
export async function readSource(path: string, signal?: AbortSignal): Promise<Source> {
  const file = await open(path, 'r').catch((cause: NodeJS.ErrnoException) => {
    // What the machine has too little of says nothing about the file.
    if (isScarcity(cause)) throw cause;
    throw cause.code === 'ENOENT' ? new ServerError('MEDIA_MISSING', 'The recording to cut is not there any more.', { cause }) : new ServerError('MEDIA_UNREADABLE', `The recording to cut cannot be opened (${cause.code}).`, { cause });
  });
  try {
    const { outputs } = await runOffline({ program: 'ffprobe', args: probeArgs(path), signal });
    const facts = readFacts(JSON.parse(outputs[0]!.toString('utf8')) as unknown);
    if (!facts) throw new ServerError('MEDIA_UNREADABLE', 'There are no pictures in it that could be cut.');
    const index = await readTracks(file).then(
      (tracks) => tracks.find(({ kind }) => kind === 'video') ?? 'it has no pictures in its index',
      (error: unknown) => {
        if (error instanceof IndexError) return error.message;
        throw error;
      },
    );
    return { path, ...facts, index };
  } finally {
    await file.close();
  }
}

/** Pure. Null where there are no pictures. */
export function readFacts(answer: unknown): Omit<Source, 'path' | 'index'> | null {
  const parsed = Answer.safeParse(answer);
  if (!parsed.success) return null;
  const { format, streams } = parsed.data;
  const stream = streams.find(({ codec_type, disposition }) => codec_type === 'video' && disposition.attached_pic === 0);
  if (!stream || stream.width === 0 || stream.height === 0) return null;
  const isTurned = stream.side_data_list.some(({ rotation }) => rotation !== undefined && Math.abs(rotation) % 180 === 90);
  const number = (text: string | undefined): number => (Number.isFinite(Number(text)) ? Number(text) : 0);
  return {
    startSeconds: number(format.start_time), durationMs: Math.round(number(format.duration) * 1000),
    picture: {
      codec: stream.codec_name, width: isTurned ? stream.height : stream.width, height: isTurned ? stream.width : stream.height,
      pixelFormat: stream.pix_fmt, isInterlaced: !['progressive', 'unknown'].includes(stream.field_order),
      isHdr: ['smpte2084', 'arib-std-b67'].includes(stream.color_transfer ?? ''), rate: usualRate(stream.avg_frame_rate, stream.r_frame_rate),
      range: stream.color_range, space: stream.color_space, primaries: stream.color_primaries, transfer: stream.color_transfer,
    },
    findsKeyframes: !STREAM_FORMATS.includes(format.format_name),
    hasSound: streams.some(({ codec_type, channels }) => codec_type === 'audio' && channels > 0),
  };
}

function usualRate(average: string, real: string): Rate {
  const value = (text: string): number => {
    const [num, den] = text.split('/').map(Number);
    return num! > 0 && den! > 0 ? num! / den! : NaN;
  };
  // Of 29.97 and 30 the nearer one.
  const usual = (rate: number): Rate | undefined => {
    const off = ([num, den]: Rate): number => Math.abs(num / den / rate - 1);
    const [nearest] = PICTURE_RATES.toSorted((one, other) => off(one) - off(other));
    return nearest && off(nearest) < RATE_TOLERANCE ? nearest : undefined;
  };
  const wanted = [value(average), value(real)].find((rate) => Number.isFinite(rate)) ?? 30;
  // Where the rate varies, the average is nobody's rate; the one its stamps are made for is.
  const found = usual(wanted) ?? (value(real) < wanted * MOST_OVER_AVERAGE ? usual(value(real)) : undefined);
  if (found) return found;
  return wanted > MOST_RATE ? [MOST_RATE, 1] : [Math.max(1, Math.round(wanted * 1000)), 1000];
}

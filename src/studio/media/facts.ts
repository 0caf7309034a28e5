/** What a file is by its name, and what it says of itself: ffprobe's arguments and answer. Pure. */
import { fileKind } from '../../domain/folder/order.js';
import type { MediaState } from '../../domain/timeline/check.js';
import type { MediaFacts, MediaKind } from '../../protocol/media.js';

/** What the decoder opens, and no more: a playlist could name any file. */
const FORMATS =
  'mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,flv,mpegts,mpeg,mpegvideo,avi,asf,mxf,nut,ivf,dv,ogg,mp3,aac,wav,w64,flac,aiff,caf,ac3,eac3,opus,gif,apng';
const IMAGE_FORMATS = 'png_pipe,jpeg_pipe,webp_pipe,gif,bmp_pipe,tiff_pipe,qoi_pipe,jpegxl_pipe,mov';

export type FileKind = 'media' | 'image' | 'audio';

/**
 * Options of FFmpeg and ffprobe, before their input: nothing but a file is read, and nothing that names other files.
 * @param format a picture's, by ./image-format.ts; null: it is found out
 */
export const fileOnly = (kind: FileKind, format: string | null = null): string[] => [
  '-protocol_whitelist', 'file', '-format_whitelist', kind === 'image' ? IMAGE_FORMATS : FORMATS, ...(format === null ? [] : ['-f', format]),
];

/** Exit codes of `nice` and vistter-launch: they could not run the program, or there is none. */
export const CANNOT_RUN: readonly number[] = [125, 126, 127];

const SOUNDS = /\.(mp3|wav|w64|flac|aac|m4a|ogg|oga|opus|aiff?|caf|ac3|eac3)$/i;
const MORE_FILMS = /\.(gif|apng|3gp|3g2|nut|ivf|dv|asf)$/i;

export function mediaKind(path: string): MediaKind {
  const name = path.split('/').at(-1)!;
  const kind = fileKind(name);
  if (kind) return kind === 'image' ? 'image' : 'video';
  return SOUNDS.test(name) ? 'audio' : MORE_FILMS.test(name) ? 'video' : 'other';
}

/** As what a file of this kind is opened. */
export const openedAs = (kind: Exclude<MediaKind, 'other'>): FileKind => (kind === 'video' ? 'media' : kind);

/** @param real absolute, links followed */
export function factsArgs(real: string, kind: FileKind, format: string | null = null): string[] {
  return [
    '-v', 'error', ...fileOnly(kind, format), '-show_entries',
    'format=duration:stream=codec_type,codec_name,duration,width,height,avg_frame_rate,channels,sample_rate:stream_disposition=attached_pic:stream_side_data=rotation',
    '-of', 'json', `file:${real}`,
  ];
}

interface Stream {
  codec_type?: string;
  codec_name?: string;
  duration?: string;
  width?: number;
  height?: number;
  avg_frame_rate?: string;
  channels?: number;
  sample_rate?: string;
  disposition?: { attached_pic?: number };
  side_data_list?: { rotation?: number }[];
}

/** What came of looking at a file. */
export type Looked =
  | {
    readonly is: 'found'; readonly facts: MediaFacts;
    /** Of the pictures alone, where the file tells. */
    readonly pictureMs?: number;
  }
  | Exclude<MediaState, { is: 'ok' }>;

const unreadable = (message: string): Looked => ({ is: 'unreadable', message });
/** Nothing that the file is to blame for. */
export const passing = (message: string): Looked => ({ is: 'unreadable', message, isPassing: true });

/** As far as a timeline is concerned. */
export function mediaStateOf(looked: Looked): MediaState {
  if (looked.is !== 'found') return looked;
  const { facts: { durationMs }, pictureMs } = looked;
  return { is: 'ok', durationMs, ...(pictureMs === undefined ? {} : { pictureMs }) };
}

/** @param stdout what ffprobe said */
export function factsOf(stdout: string, kind: FileKind): Looked {
  let probed: { format?: { duration?: string }; streams?: Stream[] };
  try {
    probed = JSON.parse(stdout) as typeof probed;
  } catch {
    return unreadable('ffprobe gave no answer that could be read.');
  }
  const streams = probed.streams ?? [];
  const video = streams.find(({ codec_type, disposition }) => codec_type === 'video' && disposition?.attached_pic !== 1);
  const audio = streams.find(({ codec_type }) => codec_type === 'audio');
  if (kind === 'image' && !video) return unreadable('There is no picture in it.');
  if (kind === 'audio' && !audio) return unreadable('There is no sound in it.');
  if (!video && !audio) return unreadable('There is neither picture nor sound in it.');
  const seconds = Number(probed.format?.duration);
  const pictureSeconds = kind === 'media' ? Number(video?.duration) : NaN;
  const picture = kind === 'audio' ? undefined : video;
  // A phone's upright film lies on its side in the file.
  const isTurned = (picture?.side_data_list ?? []).some(({ rotation }) => rotation !== undefined && Math.abs(rotation) % 180 === 90);
  const [width, height] = isTurned ? [picture?.height, picture?.width] : [picture?.width, picture?.height];
  return {
    is: 'found',
    facts: {
      durationMs: kind !== 'image' && seconds > 0 ? Math.round(seconds * 1000) : null,
      width: whole(width), height: whole(height), fps: kind === 'media' ? rate(picture?.avg_frame_rate) : null,
      videoCodec: picture?.codec_name ?? null, audioCodec: audio?.codec_name ?? null,
      channels: whole(audio?.channels), sampleRate: whole(Number(audio?.sample_rate)),
    },
    ...(pictureSeconds > 0 && pictureSeconds <= seconds ? { pictureMs: Math.round(pictureSeconds * 1000) } : {}),
  };
}

const whole = (value: number | undefined): number | null => (value !== undefined && Number.isInteger(value) && value > 0 ? value : null);

/** `30000/1001` → 29.97 */
function rate(text: string | undefined): number | null {
  const [num, den] = (text ?? '').split('/').map(Number);
  const fps = num! / den!;
  return fps > 0 && fps < 1000 ? Math.round(fps * 1000) / 1000 : null;
}

/** What a file is by its name, and what it says of itself: ffprobe's arguments and answer. Pure. */
import { fileKind } from '../../domain/folder/order.js';
import type { MediaFacts, MediaKind } from '../../protocol/media.js';
import type { Problem } from '../../protocol/status.js';
import { fileOnly, type FileKind } from '../media-probe.js';

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

export const NOT_PLAYABLE: Problem = { code: 'MEDIA_INVALID', message: 'It is not of a kind that can be played.' };

/** @param real absolute, links followed */
export function factsArgs(real: string, kind: FileKind): string[] {
  return [
    '-v', 'error', ...fileOnly(kind), '-show_entries',
    'format=duration:stream=codec_type,codec_name,width,height,avg_frame_rate,channels,sample_rate:stream_disposition=attached_pic:stream_side_data=rotation',
    '-of', 'json', `file:${real}`,
  ];
}

interface Stream {
  codec_type?: string;
  codec_name?: string;
  width?: number;
  height?: number;
  avg_frame_rate?: string;
  channels?: number;
  sample_rate?: string;
  disposition?: { attached_pic?: number };
  side_data_list?: { rotation?: number }[];
}

export type Looked = { facts: MediaFacts; problem: null } | { facts: null; problem: Problem };

export const unreadable = (message: string): Looked => ({ facts: null, problem: { code: 'MEDIA_UNREADABLE', message } });

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
  const picture = kind === 'audio' ? undefined : video;
  // A phone's upright film lies on its side in the file.
  const isTurned = (picture?.side_data_list ?? []).some(({ rotation }) => rotation !== undefined && Math.abs(rotation) % 180 === 90);
  const [width, height] = isTurned ? [picture?.height, picture?.width] : [picture?.width, picture?.height];
  return {
    facts: {
      durationMs: kind !== 'image' && seconds > 0 ? Math.round(seconds * 1000) : null,
      width: whole(width), height: whole(height), fps: kind === 'media' ? rate(picture?.avg_frame_rate) : null,
      videoCodec: picture?.codec_name ?? null, audioCodec: audio?.codec_name ?? null,
      channels: whole(audio?.channels), sampleRate: whole(Number(audio?.sample_rate)),
    },
    problem: null,
  };
}

const whole = (value: number | undefined): number | null => (value !== undefined && Number.isInteger(value) && value > 0 ? value : null);

/** `30000/1001` → 29.97 */
function rate(text: string | undefined): number | null {
  const [num, den] = (text ?? '').split('/').map(Number);
  const fps = num! / den!;
  return fps > 0 && fps < 1000 ? Math.round(fps * 1000) / 1000 : null;
}

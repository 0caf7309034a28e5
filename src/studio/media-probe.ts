/** What media files are, by ffprobe: how long, and whether they can be played at all. Remembered until a file changes. */
import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import type { MediaState } from '../domain/timeline/check.js';
import type { Owner } from '../runtime/lifecycle.js';
import { followed } from './media-paths.js';

/** Two beside the program are not felt on it. */
const AT_ONCE = 2;
const ONE_TIMEOUT_MS = 5000;
const MAX_REMEMBERED = 5000;
export const NICENESS = '10';

/** What the decoder opens, and no more: a playlist could name any file. */
const FORMATS =
  'mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,flv,mpegts,mpeg,mpegvideo,avi,asf,mxf,nut,ivf,dv,ogg,mp3,aac,wav,w64,flac,aiff,caf,ac3,eac3,opus,gif,apng';
const IMAGE_FORMATS = 'png_pipe,jpeg_pipe,webp_pipe,gif,bmp_pipe,tiff_pipe,qoi_pipe,jpegxl_pipe,mov';

/** Options of FFmpeg and ffprobe, before their input: nothing but a file is read, and nothing that names other files. */
export const fileOnly = (kind: FileKind): string[] => ['-protocol_whitelist', 'file', '-format_whitelist', kind === 'image' ? IMAGE_FORMATS : FORMATS];

export type FileKind = 'media' | 'image' | 'audio';

export interface FileToProbe {
  /** Absolute, and checked to lie in the media folder; */
  path: string;
  kind: FileKind;
  /** and, when the folder is given, checked again when its turn comes: by then a link may stand in its place. */
  mediaFolder?: string;
}

export interface MediaProbeOptions {
  /** The whole of one question, ms. */
  limitMs?: number;
  /** In place of ffprobe. */
  command?: string;
}

export class MediaProbe implements Owner {
  readonly #known = new Map<string, { version: string; state: MediaState }>();
  readonly #waiting: (() => void)[] = [];
  readonly #end = new AbortController();
  #running = 0;
  #stopped: Promise<void> | undefined;

  constructor(private readonly options: MediaProbeOptions = {}) {}

  start(): void {}

  stop(): Promise<void> {
    return (this.#stopped ??= Promise.resolve(this.#end.abort()));
  }

  /** Looks at files, the same one once. Those that were not come to in time are unreadable, and say so. */
  async look<K>(files: ReadonlyMap<K, FileToProbe>): Promise<Map<K, MediaState>> {
    const states = new Map<K, MediaState>();
    const limit = AbortSignal.any([this.#end.signal, AbortSignal.timeout(this.options.limitMs ?? 60_000)]);
    await Promise.all([...files].map(async ([key, file]) => { states.set(key, await this.#one(file, limit)); }));
    return states;
  }

  /** Runs something else that opens a file when its turn has come: among all who ask, so many at a time. */
  async inTurn<T>(work: () => Promise<T>): Promise<T> {
    await this.#turn();
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running -= 1;
    }
  }

  #one(file: FileToProbe, limit: AbortSignal): Promise<MediaState> {
    return this.inTurn(() => this.#look(file, limit));
  }

  async #look({ path, kind, mediaFolder }: FileToProbe, limit: AbortSignal): Promise<MediaState> {
    try {
      if (limit.aborted) return NO_TIME;
      if (mediaFolder !== undefined && !(await within(isStillIn(mediaFolder, path), limit))) return { is: 'missing' };
      const version = await within(versionOf(path), limit);
      if (version === undefined) return { is: 'missing' };
      if (version === 'no file') return { is: 'unreadable', message: 'It is not a file.' };
      const key = `${kind} ${path}`;
      const known = this.#known.get(key);
      if (known?.version === version) return known.state;
      const state = await this.#probe(path, kind, limit);
      if (limit.aborted) return state;
      this.#known.delete(key);
      this.#known.set(key, { version, state });
      if (this.#known.size > MAX_REMEMBERED) this.#known.delete(this.#known.keys().next().value!);
      return state;
    } catch {
      return NO_TIME;
    }
  }

  /** Whoever is done hands its turn on. */
  #turn(): Promise<void> {
    if (this.#running >= AT_ONCE) return new Promise((resolve) => { this.#waiting.push(resolve); });
    this.#running += 1;
    return Promise.resolve();
  }

  #probe(path: string, kind: FileKind, signal: AbortSignal): Promise<MediaState> {
    const args = [
      '-n', NICENESS, this.options.command ?? 'ffprobe', '-v', 'error', ...fileOnly(kind),
      '-show_entries', 'format=duration:stream=codec_type,duration:stream_disposition=attached_pic', '-of', 'json', `file:${path}`,
    ];
    return new Promise((resolve) => {
      execFile('nice', args, { timeout: ONE_TIMEOUT_MS, killSignal: 'SIGKILL', maxBuffer: 1024 * 1024, signal }, (error, stdout) => {
        if (!error) resolve(stateOf(stdout, kind));
        else if (signal.aborted) resolve(NO_TIME);
        else if (error.killed) resolve({ is: 'unreadable', message: `It could not be opened within ${ONE_TIMEOUT_MS / 1000} s.` });
        else if (error.code === 'ENOENT' || error.code === 127) resolve({ is: 'unreadable', message: 'There is no ffprobe on this machine to look at it.' });
        else resolve({ is: 'unreadable', message: 'It is damaged, or not of a kind that can be played (playlists are not).' });
      });
    });
  }
}

/** Not found out: by this one object it is told from what is wrong with a file. */
export const NO_TIME: MediaState = { is: 'unreadable', message: 'There was no time left to look at it. Check again.' };

/** Another file, or another content, has another one; undefined: there is nothing there; a folder or a pipe is no file, and nobody waits for it. */
async function versionOf(path: string): Promise<string | 'no file' | undefined> {
  try {
    const found = await stat(path);
    const { mtimeMs, size, ino } = found;
    return !found.isFile() ? 'no file' : `${mtimeMs} ${size} ${ino}`;
  } catch {
    return undefined;
  }
}

/** Whether a path whose links were followed has none in it now, and lies in the folder. */
async function isStillIn(mediaFolder: string, path: string): Promise<boolean> {
  try {
    const { real, isInside } = await followed(mediaFolder, path);
    return isInside && real === path;
  } catch {
    return false;
  }
}

/** A folder on a network that hangs answers never. */
function within<T>(work: Promise<T>, limit: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = AbortSignal.any([limit, AbortSignal.timeout(ONE_TIMEOUT_MS)]);
    timer.addEventListener('abort', () => reject(new Error('no answer')), { once: true });
    work.then(resolve, reject);
  });
}

interface Probed {
  format?: { duration?: string };
  streams?: { codec_type?: string; duration?: string; disposition?: { attached_pic?: number } }[];
}

function stateOf(stdout: string, kind: FileKind): MediaState {
  let probed: Probed;
  try {
    probed = JSON.parse(stdout) as Probed;
  } catch {
    return { is: 'unreadable', message: 'ffprobe gave no answer that could be read.' };
  }
  const { format, streams } = probed;
  const has = (type: string): boolean => (streams ?? []).some(({ codec_type, disposition }) => codec_type === type && disposition?.attached_pic !== 1);
  if (kind === 'audio' && !has('audio')) return { is: 'unreadable', message: 'There is no sound in it.' };
  if (kind === 'image' && !has('video')) return { is: 'unreadable', message: 'There is no picture in it.' };
  if (kind === 'media' && !has('video') && !has('audio')) return { is: 'unreadable', message: 'There is neither picture nor sound in it.' };
  const seconds = Number(format?.duration);
  if (kind === 'image' || !(seconds > 0)) return { is: 'ok', durationMs: null };
  const pictures = Number((streams ?? []).find(({ codec_type, disposition }) => codec_type === 'video' && disposition?.attached_pic !== 1)?.duration);
  return { is: 'ok', durationMs: Math.round(seconds * 1000), ...(pictures > 0 && pictures <= seconds ? { pictureMs: Math.round(pictures * 1000) } : {}) };
}

/**
 * Small pictures and waveforms of files, made when they are asked for and kept.
 *
 * FFmpeg makes them as a child of the studio, not of the sidecar: a browser waits for the answer, the studio has the path checked
 * and the access too, and the link carries wishes, not questions; and a sidecar that is just making a film of a long recording
 * would let it wait. The child has the lowest priority there is, one thread, one file, a limit in time, and dies with the studio;
 * no more than one of each kind runs. The studio itself sees no frame: it passes on a finished JPEG.
 */
import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import type { MediaFacts, Waveform } from '../../protocol/media.js';
import type { Clock } from '../../runtime/clock.js';
import { ServerError } from '../../runtime/errors.js';
import type { Owner } from '../../runtime/lifecycle.js';
import { nativeProgram } from '../../runtime/paths.js';
import type { FactBook } from './fact-book.js';
import { CANNOT_RUN, mediaKind, openedAs } from './facts.js';
import type { FileCache } from './file-cache.js';
import { findFile, type FileAt } from './files.js';
import { imageFormat } from './image-format.js';
import { JobLane } from './lane.js';
import { PassingFailures } from './passing-failures.js';
import { bucketFor, type Nearest, PeakReader, STEP_MS, thumbnailArgs, waveformArgs, widthFor } from './picture-args.js';
import { within } from './within.js';

const LOWEST = ['--nice', '19', '--'];
const THUMBNAIL_LIMIT_MS = 20_000;
const WAVEFORM_LIMIT_MS = 180_000;
const MOST_JPEG_BYTES = 4 * 1024 * 1024;
/** Files of which nothing could be made are not tried again and again. */
const MOST_FAILED = 1000;
/** Without a moment: a little into the film, because many begin black. */
const INTO_SHARE = 0.1;
const INTO_MAX_MS = 60_000;

export interface MadeOf {
  content: Buffer;
  /** Another content has another one. */
  tag: string;
}

export interface MediaPicturesOptions {
  mediaFolder: string;
  facts: FactBook;
  cache: FileCache;
  clock: Clock;
}

export class MediaPictures implements Owner {
  readonly #thumbnails: JobLane;
  readonly #waveforms: JobLane;
  readonly #failed = new Map<string, ServerError>();
  readonly #passing: PassingFailures<ServerError>;
  readonly #end = new AbortController();

  constructor(private readonly options: MediaPicturesOptions) {
    this.#thumbnails = new JobLane(options.clock);
    this.#waveforms = new JobLane(options.clock);
    this.#passing = new PassingFailures(options.clock, MOST_FAILED);
  }

  start(): void {}

  stop(): Promise<void> {
    this.#thumbnails.stop();
    this.#waveforms.stop();
    this.#end.abort();
    return Promise.resolve();
  }

  /** Since the start. */
  get counts(): { made: number; dropped: number } {
    return { made: this.#thumbnails.done + this.#waveforms.done, dropped: this.#thumbnails.dropped + this.#waveforms.dropped };
  }

  /**
   * A JPEG of a moment of a film (of the keyframe at or before it; without one, of a little into it), of an image, or of the cover of a
   * piece of music.
   * @throws ServerError NOT_FOUND, PATH_NOT_ALLOWED, MEDIA_UNREADABLE, NOT_READY
   */
  async thumbnail({ path, atMs, width }: { path: string; atMs?: number | undefined; width: number }, signal?: AbortSignal): Promise<MadeOf> {
    const file = await findFile(this.options.mediaFolder, path);
    const kind = openedAs(playable(file));
    const wide = widthFor(width);
    const step = (ms: number): number => Math.floor(ms / STEP_MS) * STEP_MS;
    const asked = kind === 'media' && atMs !== undefined ? step(atMs) : null;
    // Without a moment it is one picture of the film.
    return this.#made(this.#thumbnails, `${nameOf('thumbnail', file, asked ?? -1, wide)}.jpg`, signal, async () => {
      const format = kind === 'image' ? await within(imageFormat(file.real), THUMBNAIL_LIMIT_MS, this.#end.signal).catch(() => { throw this.#tooLong(); }) : null;
      const at = asked ?? (kind === 'media' ? step(await this.#into(file)) : 0);
      // There may be no keyframe after it, or none that says it is one; exactly is the most work.
      const ways: readonly Nearest[] = kind !== 'media' ? ['exact'] : asked === null ? ['after', 'before', 'exact'] : ['before', 'exact'];
      for (const nearest of ways) {
        const jpeg = await this.#jpeg(thumbnailArgs({ real: file.real, kind, format, atMs: at, width: wide, nearest }));
        if (jpeg.length > 0) return jpeg;
      }
      throw unreadable();
    });
  }

  /** As JSON. @throws ServerError NOT_FOUND, PATH_NOT_ALLOWED, MEDIA_UNREADABLE, NOT_READY */
  async waveform(path: string, signal?: AbortSignal): Promise<MadeOf> {
    const file = await findFile(this.options.mediaFolder, path);
    const kind = playable(file);
    if (kind === 'image') throw new ServerError('MEDIA_UNREADABLE', 'A picture has no sound.');
    return this.#made(this.#waveforms, `${nameOf('waveform', file)}.json`, signal, async () => {
      const facts = await this.#facts(file);
      if (facts.audioCodec === null) throw new ServerError('MEDIA_UNREADABLE', 'There is no sound in it.');
      const bucketMs = bucketFor(facts.durationMs);
      return Buffer.from(JSON.stringify(await this.#peaks(waveformArgs({ real: file.real, kind: openedAs(kind), bucketMs }), bucketMs)));
    });
  }

  async #into(file: FileAt): Promise<number> {
    const { durationMs } = await this.#facts(file);
    return Math.min(INTO_MAX_MS, (durationMs ?? 0) * INTO_SHARE);
  }

  /** @throws ServerError MEDIA_UNREADABLE */
  async #facts(file: FileAt): Promise<MediaFacts> {
    const known = await this.options.facts.look(file);
    if (known.facts) return known.facts;
    const { message } = known.problem;
    throw known.isPassing ? new PassingError(message) : new ServerError('MEDIA_UNREADABLE', message);
  }

  async #made(lane: JobLane, name: string, signal: AbortSignal | undefined, make: () => Promise<Buffer>): Promise<MadeOf> {
    const { cache } = this.options;
    const tag = name.slice(0, 32);
    const kept = await cache.read(name);
    if (kept) return { content: kept, tag };
    const failed = this.#failed.get(name) ?? this.#passing.of(name);
    if (failed) throw failed;
    const content = await lane.run(name, async () => {
      try {
        const made = await make();
        await cache.write(name, made);
        this.#passing.worked(name);
        return made;
      } catch (error) {
        if (error instanceof ServerError && error.code === 'MEDIA_UNREADABLE') this.#remember(name, error);
        throw error;
      }
    }, signal);
    return { content, tag };
  }

  #remember(name: string, error: ServerError): void {
    if (error instanceof PassingError) {
      this.#passing.failed(name, error);
      return;
    }
    this.#failed.set(name, error);
    if (this.#failed.size > MOST_FAILED) this.#failed.delete(this.#failed.keys().next().value!);
  }

  /** Empty when there is no picture. */
  #jpeg(args: readonly string[]): Promise<Buffer> {
    const limits = { timeout: THUMBNAIL_LIMIT_MS, killSignal: 'SIGKILL' as const, maxBuffer: MOST_JPEG_BYTES, signal: this.#end.signal, encoding: 'buffer' as const };
    return new Promise((resolve, reject) => {
      execFile(...ffmpeg(args), limits, (error, stdout) => {
        if (error && (error.killed || this.#end.signal.aborted)) reject(this.#tooLong());
        else if (error && isOfMachine(error.code)) reject(notMade());
        // Of a damaged film there may be a picture all the same.
        else resolve(stdout);
      });
    });
  }

  #peaks(args: readonly string[], bucketMs: number): Promise<Waveform> {
    return new Promise((resolve, reject) => {
      const child = spawn(...ffmpeg(args), { stdio: ['ignore', 'pipe', 'ignore'] });
      const peaks = new PeakReader();
      let isLate = false;
      const end = (): void => { child.kill('SIGKILL'); };
      const cancel = this.options.clock.after(WAVEFORM_LIMIT_MS, () => { isLate = true; end(); });
      this.#end.signal.addEventListener('abort', end, { once: true });
      child.stdout!.setEncoding('utf8').on('data', (text: string) => peaks.add(text));
      const settle = (code: number | string | null): void => {
        cancel();
        this.#end.signal.removeEventListener('abort', end);
        if (isLate || this.#end.signal.aborted) reject(this.#tooLong());
        else if (code === 0) resolve(peaks.result(bucketMs));
        else reject(isOfMachine(code) ? notMade() : unreadable());
      };
      child.once('error', () => settle('not begun'));
      child.once('close', settle);
    });
  }

  #tooLong(): ServerError {
    // Of a studio that is stopping nothing is to be remembered.
    return this.#end.signal.aborted ? new ServerError('NOT_READY', 'The studio is stopping.') : new PassingError('It takes too long to open it.');
  }
}

/** Nothing of the file's own: it is tried again, and not at once. */
class PassingError extends ServerError {
  constructor(message: string) {
    super('MEDIA_UNREADABLE', message);
  }
}

/** Whether it is not FFmpeg's own word on the file: it was not begun, or somebody else ended it. */
const isOfMachine = (code: number | string | null | undefined): boolean => typeof code !== 'number' || CANNOT_RUN.includes(code);
const notMade = (): ServerError => new PassingError('FFmpeg could not be run on this machine to make it.');

/** Ends with the studio, however that ends. */
const ffmpeg = (args: readonly string[]): [string, string[]] => [nativeProgram('vistter-launch'), [...LOWEST, 'ffmpeg', ...args]];

function playable(file: FileAt): Exclude<ReturnType<typeof mediaKind>, 'other'> {
  const kind = mediaKind(file.path);
  if (kind === 'other') throw new ServerError('MEDIA_UNREADABLE', 'It is not of a kind that can be played.');
  return kind;
}

function nameOf(what: string, { path, version }: FileAt, ...more: number[]): string {
  return createHash('sha256').update([what, path, version, ...more].join('\0')).digest('hex').slice(0, 32);
}

function unreadable(): ServerError {
  return new ServerError('MEDIA_UNREADABLE', 'It is damaged, or there is nothing in it that could be shown.');
}

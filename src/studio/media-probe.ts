/** What media files are, by ffprobe: for timelines and folders, which need to know how long, and for the library. Remembered until a file changes. */
import { execFile, type ExecFileException } from 'node:child_process';
import { stat } from 'node:fs/promises';
import type { MediaState } from '../domain/timeline/check.js';
import { systemClock, type Clock } from '../runtime/clock.js';
import type { Owner } from '../runtime/lifecycle.js';
import { CANNOT_RUN, factsArgs, factsOf, mediaStateOf, passing, type FileKind, type Looked } from './media/facts.js';
import { imageFormat } from './media/image-format.js';
import { PassingFailures } from './media/passing-failures.js';
import { within } from './media/within.js';
import { followed } from './media-paths.js';

/** Two beside the program are not felt on it. */
const AT_ONCE = 2;
/** A folder on a network that hangs. */
const FOLDER_TIMEOUT_MS = 5000;
/** Of ffprobe, which needs a tenth of a second of a processor: at its niceness a machine with much else to do gives it that in seconds. */
const PROBE_TIMEOUT_MS = 20_000;
const MAX_REMEMBERED = 5000;
const NICENESS = '10';

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
  clock?: Clock;
}

export class MediaProbe implements Owner {
  readonly #known = new Map<string, { version: string; looked: Looked }>();
  /** What could not be opened in time is not opened again at once, whoever asks. */
  readonly #passing: PassingFailures<Looked>;
  readonly #waiting: (() => void)[] = [];
  readonly #end = new AbortController();
  #running = 0;
  #stopped: Promise<void> | undefined;

  constructor(private readonly options: MediaProbeOptions = {}) {
    this.#passing = new PassingFailures(options.clock ?? systemClock, MAX_REMEMBERED);
  }

  start(): void {}

  stop(): Promise<void> {
    return (this.#stopped ??= Promise.resolve(this.#end.abort()));
  }

  /** Looks at files, the same one once. Those that were not come to in time are unreadable for now, and say so. */
  async look<K>(files: ReadonlyMap<K, FileToProbe>): Promise<Map<K, MediaState>> {
    const states = new Map<K, MediaState>();
    const limit = AbortSignal.any([this.#end.signal, AbortSignal.timeout(this.options.limitMs ?? 60_000)]);
    await Promise.all([...files].map(async ([key, file]) => { states.set(key, mediaStateOf(await this.#inTurn(file, limit))); }));
    return states;
  }

  /** All that one file says of itself. */
  facts(file: FileToProbe): Promise<Looked> {
    return this.#inTurn(file, this.#end.signal);
  }

  /** Among all who ask, so many at a time. */
  async #inTurn(file: FileToProbe, limit: AbortSignal): Promise<Looked> {
    await this.#turn();
    try {
      return await this.#look(file, limit);
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running -= 1;
    }
  }

  async #look({ path, kind, mediaFolder }: FileToProbe, limit: AbortSignal): Promise<Looked> {
    try {
      if (limit.aborted) return NO_TIME;
      if (mediaFolder !== undefined && !(await within(isStillIn(mediaFolder, path), FOLDER_TIMEOUT_MS, limit))) return { is: 'missing' };
      const version = await within(versionOf(path), FOLDER_TIMEOUT_MS, limit);
      if (version === undefined) return { is: 'missing' };
      if (version === 'no file') return { is: 'unreadable', message: 'It is not a file.' };
      const key = `${kind} ${path}`;
      const known = this.#known.get(key);
      if (known?.version === version) return known.looked;
      const failed = this.#passing.of(`${key} ${version}`);
      if (failed) return failed;
      const looked = await this.#probe(path, kind, limit);
      if (!limit.aborted) this.#remember(key, version, looked);
      return looked;
    } catch {
      return NO_TIME;
    }
  }

  #remember(key: string, version: string, looked: Looked): void {
    if (looked.is === 'unreadable' && looked.isPassing) {
      this.#passing.failed(`${key} ${version}`, looked);
      return;
    }
    this.#passing.worked(`${key} ${version}`);
    this.#known.delete(key);
    this.#known.set(key, { version, looked });
    if (this.#known.size > MAX_REMEMBERED) this.#known.delete(this.#known.keys().next().value!);
  }

  /** Whoever is done hands its turn on. */
  #turn(): Promise<void> {
    if (this.#running >= AT_ONCE) return new Promise((resolve) => { this.#waiting.push(resolve); });
    this.#running += 1;
    return Promise.resolve();
  }

  async #probe(path: string, kind: FileKind, signal: AbortSignal): Promise<Looked> {
    const format = kind === 'image' ? await within(imageFormat(path), FOLDER_TIMEOUT_MS, signal) : null;
    const args = ['-n', NICENESS, this.options.command ?? 'ffprobe', ...factsArgs(path, kind, format)];
    return new Promise((resolve) => {
      execFile('nice', args, { timeout: PROBE_TIMEOUT_MS, killSignal: 'SIGKILL', maxBuffer: 1024 * 1024, signal }, (error, stdout) => {
        if (!error) resolve(factsOf(stdout, kind));
        else if (signal.aborted) resolve(NO_TIME);
        else resolve(failureOf(error));
      });
    });
  }
}

/** Its own exit is ffprobe's word on the file; all else is the machine's. */
function failureOf({ code, killed }: ExecFileException): Looked {
  if (code === 'ENOENT' || CANNOT_RUN.includes(Number(code))) return passing('There is no ffprobe on this machine to look at it.');
  if (code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER' || (typeof code === 'number' && !killed)) {
    return { is: 'unreadable', message: 'It is damaged, or not of a kind that can be played (playlists are not).' };
  }
  return passing(killed ? `It could not be opened within ${PROBE_TIMEOUT_MS / 1000} s.` : 'ffprobe was ended before it had looked at it.');
}

/** Its turn did not come in time, or the studio is stopping. */
const NO_TIME = passing('There was no time left to look at it.');
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

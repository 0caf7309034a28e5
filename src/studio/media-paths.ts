/**
 * Where media paths lead when links are followed: only inside the media folder. Looked up beside the event loop and kept,
 * because a folder on a network that hangs must not hold up a switch.
 */
import { realpath } from 'node:fs/promises';
import { join, sep } from 'node:path';
import type { MediaLocation } from '../domain/desired.js';
import { ServerError } from '../runtime/errors.js';
import type { Owner } from '../runtime/lifecycle.js';
import { sameJson } from '../runtime/same-json.js';

const REFRESH_MS = 5000;

/** Whether a place lies below a folder; both absolute, with their links followed. */
export const liesIn = (folder: string, real: string): boolean => real.startsWith(folder + sep);

/**
 * Where a folder and a path lead when their links are followed.
 * @param path absolute
 * @throws when one of them is not there
 */
export async function followed(folder: string, path: string): Promise<{ folder: string; real: string; isInside: boolean }> {
  // One after the other: a disk that hangs is to take one of the threads that look at files, not two.
  const root = await realpath(folder);
  const real = await realpath(path);
  return { folder: root, real, isInside: liesIn(root, real) };
}

export interface MediaPathsOptions {
  folder: string;
  allowHttp: boolean;
  /** Paths in use now. */
  inUse(): string[];
  /** A path leads somewhere else than before. */
  onChange(): void;
}

export class MediaPaths implements Owner {
  readonly #known = new Map<string, MediaLocation>();
  #timer: NodeJS.Timeout | undefined;
  #refreshing: Promise<void> | undefined;
  #stopped: Promise<void> | undefined;

  constructor(private readonly options: MediaPathsOptions) {}

  async start(): Promise<void> {
    await this.#refresh();
    this.#timer = setInterval(() => { this.#refreshing ??= this.#refresh().finally(() => { this.#refreshing = undefined; }); }, REFRESH_MS);
  }

  stop(): Promise<void> {
    return (this.#stopped ??= Promise.resolve().then(() => clearInterval(this.#timer)));
  }

  /** What was last seen; a path never asked for is taken as missing until the next look. */
  find(path: string): MediaLocation {
    return this.#known.get(path) ?? { is: 'missing', path: join(this.options.folder, path) };
  }

  /**
   * Looks a path up now. A file that is not there yet may come later; one that is outside never will do.
   * @throws ServerError PATH_NOT_ALLOWED
   */
  async check(path: string): Promise<void> {
    const location = await this.#look(path);
    if (location.is === 'refused') throw new ServerError('PATH_NOT_ALLOWED', location.message);
    this.#known.set(path, location);
  }

  async #refresh(): Promise<void> {
    const paths = new Set(this.options.inUse());
    let changed = false;
    for (const path of paths) {
      const location = await this.#look(path);
      changed ||= !sameJson(this.#known.get(path), location);
      this.#known.set(path, location);
    }
    for (const path of this.#known.keys()) if (!paths.has(path)) this.#known.delete(path);
    if (changed) this.options.onChange();
  }

  async #look(path: string): Promise<MediaLocation> {
    if (/^[a-z][a-z0-9+.-]*:\/\//i.test(path)) {
      if (this.options.allowHttp && /^https?:\/\//i.test(path)) return { is: 'found', path };
      return { is: 'refused', message: 'A path is a file in the media folder. Addresses are only read when VISTTER_ALLOW_HTTP_MEDIA=1, and then only http and https.' };
    }
    const wanted = join(this.options.folder, path);
    try {
      const { real, isInside } = await followed(this.options.folder, wanted);
      if (isInside) return { is: 'found', path: real };
      return { is: 'refused', message: `${path} leads out of the media folder.` };
    } catch {
      return { is: 'missing', path: (await this.#vanished(path)) ?? wanted };
    }
  }

  /**
   * Where it was when it was last found, if nothing is there now: a decoder that has it open plays on, and told of another
   * place, as when the media folder is a link to a disk that went away, it would close it.
   */
  async #vanished(path: string): Promise<string | undefined> {
    const before = this.#known.get(path);
    if (!before || before.is === 'refused') return undefined;
    return realpath(before.path).then(() => undefined, () => before.path);
  }
}

/** The media library: what lies in the media folder, what is known of it, what uses it; and deleting what nothing uses. */
import { realpath, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { StudioState } from '../../domain/documents.js';
import { holdersOf, mediaUses, type MediaUses } from '../../domain/media-uses.js';
import type { MediaFile } from '../../protocol/media.js';
import type { Clock } from '../../runtime/clock.js';
import { ServerError } from '../../runtime/errors.js';
import { checkUnused } from '../services/patch.js';
import type { FactBook } from './fact-book.js';
import { mediaKind } from './facts.js';
import { findEntry, findFile, listFiles, type FileAt } from './files.js';

/** What was seen counts for this long; */
const FRESH_MS = 1000;
/** and whoever asks waits no longer than this for a disk that is slow, when there is an older look to answer with. */
const PATIENCE_MS = 700;
const LIMIT_MS = 10_000;

export interface MediaLibraryOptions {
  mediaFolder: string;
  facts: FactBook;
  /** With what was taken since. */
  state(): StudioState;
  clock: Clock;
}

export class MediaLibrary {
  #seen: { files: FileAt[]; atMs: number } | undefined;
  #looking: Promise<FileAt[]> | undefined;
  /** A look that began before a change tells what was before it. */
  #changes = 0;

  constructor(private readonly options: MediaLibraryOptions) {}

  /** By path. @throws ServerError TIMEOUT while the disk does not answer and was never seen, DISK_ERROR when the folder cannot be read */
  async list(): Promise<MediaFile[]> {
    const files = await this.#files();
    const uses = mediaUses(this.options.state());
    return files.map((file) => this.#shown(file, uses));
  }

  /** @throws ServerError NOT_FOUND, PATH_NOT_ALLOWED */
  async get(path: string): Promise<MediaFile> {
    return this.#shown(await findFile(this.options.mediaFolder, path), mediaUses(this.options.state()));
  }

  /** @throws ServerError NOT_FOUND, PATH_NOT_ALLOWED, IN_USE naming where */
  async remove(wanted: string): Promise<void> {
    const { path, entry, isLink } = await findEntry(this.options.mediaFolder, wanted);
    const uses = mediaUses(this.options.state());
    checkUnused(path, holdersOf(uses.get(path) ?? []));
    // A source may name the same file by another path, over a link.
    if (!isLink) for (const [other, of] of uses) if (other !== path && (await this.#leadsTo(other, entry))) checkUnused(path, holdersOf(of));
    await unlink(entry).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw new ServerError('DISK_ERROR', `${path} could not be deleted: ${error.message}`, { cause: error });
    });
    this.changed();
  }

  /** Something was put into the folder or taken out: what was seen does not count any more. */
  changed(): void {
    this.#changes += 1;
    this.#seen = undefined;
    this.#looking = undefined;
  }

  async #leadsTo(path: string, entry: string): Promise<boolean> {
    return (await realpath(join(this.options.mediaFolder, path)).catch(() => null)) === entry;
  }

  #shown(file: FileAt, uses: MediaUses): MediaFile {
    const { path, bytes, modifiedMs } = file;
    const { facts, problem } = this.options.facts.of(file) ?? { facts: null, problem: null };
    return { path, bytes, modifiedAt: new Date(modifiedMs).toISOString(), kind: mediaKind(path), facts, problem, uses: [...(uses.get(path) ?? [])] };
  }

  async #files(): Promise<FileAt[]> {
    const { clock } = this.options;
    const before = this.#seen;
    if (before && clock.monotonicMs() - before.atMs < FRESH_MS) return before.files;
    const looking = (this.#looking ??= this.#look());
    const late = Symbol('late');
    let cancel = (): void => undefined;
    const limit = new Promise<typeof late>((resolve) => { cancel = clock.after(before ? PATIENCE_MS : LIMIT_MS, () => resolve(late)); });
    const files = await Promise.race([looking, limit]).finally(() => cancel());
    if (files !== late) return files;
    if (before) return before.files;
    throw new ServerError('TIMEOUT', 'The disk with the media folder does not answer.');
  }

  async #look(): Promise<FileAt[]> {
    const changes = this.#changes;
    try {
      const files = await listFiles(this.options.mediaFolder);
      this.options.facts.follow(files);
      if (changes === this.#changes) this.#seen = { files, atMs: this.options.clock.monotonicMs() };
      return files;
    } catch (cause) {
      // What was seen before is there no more, as far as anybody can say.
      if (changes === this.#changes) this.#seen = undefined;
      throw new ServerError('DISK_ERROR', `The media folder cannot be read: ${(cause as Error).message}. Look whether its disk is there, and whether the server may read it.`, { cause });
    } finally {
      if (changes === this.#changes) this.#looking = undefined;
    }
  }
}

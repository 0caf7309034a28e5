/**
 * Uploads as they lie on the disk. What an upload is stands in `uploads/<id>.json` below the home; what has come of it lies as a
 * hidden file in the folder where the whole is to be, so that putting it in its place is one step on any disk.
 */
import { createHash, type Hash } from 'node:crypto';
import { link, lstat, mkdir, open, readdir, readFile, realpath, rename, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { READ_ONLY_ADVICE } from '../../protocol/disk-advice.js';
import { Id } from '../../protocol/ids.js';
import { ServerError } from '../../runtime/errors.js';
import { isDiskFull, isReadOnly } from '../../runtime/scarcity.js';
import { liesIn } from '../media-paths.js';
import { roomOn } from './disk-room.js';

export const UploadRecord = z.strictObject({
  id: Id, path: z.string(), bytes: z.number().int(), sha256: z.string().optional(), replace: z.boolean(), fingerprint: z.string(), createdAt: z.string(),
  /** Since 1970, ms, when it was put in its place; null before. */
  doneAtMs: z.number().nullable(),
  /** Of one that replaces a file: all of it has come, and from here on it may be in its place. */
  isPlacing: z.literal(true).optional(),
});
export type UploadRecord = z.infer<typeof UploadRecord>;

const READ_BYTES = 256 * 1024;

/** SHA-256 of the beginning of a part, carried on with each piece; what was not carried on is read again when it is wanted. */
export class RunningDigest {
  readonly #hash: Hash = createHash('sha256');
  at = 0;

  /** Pieces that do not follow are left for `catchUp`. */
  add(offset: number, bytes: Buffer): void {
    if (offset !== this.at) return;
    this.#hash.update(bytes);
    this.at += bytes.length;
  }

  async catchUp(file: string, until: number): Promise<void> {
    if (this.at >= until) return;
    const handle = await open(file, 'r');
    try {
      const buffer = Buffer.alloc(READ_BYTES);
      while (this.at < until) {
        const { bytesRead } = await handle.read(buffer, 0, Math.min(buffer.length, until - this.at), this.at);
        if (bytesRead === 0) throw new ServerError('DISK_ERROR', 'What was uploaded cannot be read back from the disk.');
        this.add(this.at, buffer.subarray(0, bytesRead));
      }
    } finally {
      await handle.close();
    }
  }

  hex(): string {
    return this.#hash.copy().digest('hex');
  }
}

export class UploadDisk {
  /** @param records folder of the records @param mediaFolder where the files go */
  constructor(private readonly records: string, private readonly mediaFolder: string, readonly room: (folder: string) => Promise<number> = roomOn) {}

  /** Records that cannot be read are removed, where the disk lets them go: their parts too are found by nobody else. */
  async load(): Promise<UploadRecord[]> {
    const found: UploadRecord[] = [];
    for (const name of await readdir(this.records)) {
      const file = join(this.records, name);
      const parsed = UploadRecord.safeParse(await readFile(file, 'utf8').then(JSON.parse).catch(() => null));
      if (parsed.success && name === `${parsed.data.id}.json`) found.push(parsed.data);
      else await rm(file, { force: true, recursive: true }).catch(() => undefined);
    }
    return found.sort((a, b) => (a.createdAt < b.createdAt ? -1 : 1));
  }

  async keep(record: UploadRecord): Promise<void> {
    const file = join(this.records, `${record.id}.json`);
    await telling(async () => {
      await writeFile(`${file}.new`, JSON.stringify(record), { mode: 0o640, flush: true });
      await rename(`${file}.new`, file);
    });
  }

  /** With what has come of it. @throws ServerError DISK_ERROR */
  async forget(record: UploadRecord): Promise<void> {
    await telling(async () => {
      if (record.doneAtMs === null) await this.part(record).then((part) => rm(part, { force: true }), () => undefined);
      await rm(join(this.records, `${record.id}.json`), { force: true });
    });
  }

  /**
   * The folder that a path lies in, links followed.
   * @param make it, and those above it
   * @throws ServerError PATH_NOT_ALLOWED when a link leads it out of the media folder, NOT_FOUND
   */
  async folder(path: string, make = false): Promise<string> {
    const root = await realpath(this.mediaFolder).catch(() => { throw new ServerError('NOT_FOUND', 'The media folder is not there now.'); });
    let at = root;
    for (const name of path.split('/').slice(0, -1)) {
      const next = join(at, name);
      if (make) {
        await telling(() => mkdir(next, { mode: 0o750 }).catch((error: NodeJS.ErrnoException) => {
          if (error.code !== 'EEXIST') throw error;
        }));
      }
      at = await realpath(next).catch(() => { throw new ServerError('NOT_FOUND', 'The folder for it is not there any more.'); });
      if (!liesIn(root, at)) throw new ServerError('PATH_NOT_ALLOWED', `${path} leads out of the media folder.`);
      if (!(await stat(at)).isDirectory()) throw new ServerError('CONFLICT', `"${name}" is a file: nothing can be put into it. Choose another folder.`);
    }
    return at;
  }

  async part(record: UploadRecord): Promise<string> {
    return join(await this.folder(record.path), `.upload-${record.id}`);
  }

  /** What lies at a path: nothing, a file (or a link to one), or a folder. */
  async there(path: string, folder: string): Promise<'nothing' | 'file' | 'folder'> {
    const info = await lstat(join(folder, path.split('/').at(-1)!)).catch(() => null);
    return info === null ? 'nothing' : info.isDirectory() ? 'folder' : 'file';
  }

  async sizeOf(part: string): Promise<number> {
    return stat(part).then(({ size }) => size, () => 0);
  }

  /** When something was written last: since 1970, ms. */
  async touchedMs(part: string): Promise<number> {
    return stat(part).then(({ mtimeMs }) => mtimeMs, () => 0);
  }

  /**
   * Puts bytes at the end. They have reached the disk when it resolves, so that the size is true after a power cut as well.
   * What could not be written as a whole is taken back.
   * @throws ServerError DISK_FULL, DISK_ERROR
   */
  async append(part: string, offset: number, bytes: Buffer): Promise<void> {
    await telling(async () => {
      const file = await open(part, 'a', 0o640);
      try {
        let done = 0;
        while (done < bytes.length) {
          const { bytesWritten } = await file.write(bytes, done, bytes.length - done);
          if (bytesWritten === 0) throw Object.assign(new Error('No space left.'), { code: 'ENOSPC' });
          done += bytesWritten;
        }
        await file.datasync();
      } catch (error) {
        await file.truncate(offset).catch(() => undefined);
        throw error;
      } finally {
        await file.close();
      }
    });
  }

  /** All that has come is worth nothing. */
  empty(part: string): Promise<void> {
    return telling(() => truncate(part, 0));
  }

  /**
   * Puts the whole in its place, for good.
   * @returns false when something else is there, and `replace` is not asked for
   */
  async place(record: UploadRecord, part: string): Promise<boolean> {
    const folder = await this.folder(record.path);
    const target = join(folder, record.path.split('/').at(-1)!);
    return telling(async () => {
      const file = await open(part, 'r');
      await file.sync().finally(() => file.close());
      if (record.replace) await rename(part, target);
      else if (!(await this.#placeNew(part, target))) return false;
      const handle = await open(folder, 'r');
      await handle.sync().catch(() => undefined).finally(() => handle.close());
      return true;
    });
  }

  /** Whether a part was put in its place already, by a studio that was killed before it could say so. */
  async isPlaced(record: UploadRecord, part: string): Promise<boolean> {
    const target = await stat(join(await this.folder(record.path), record.path.split('/').at(-1)!)).catch(() => null);
    if (!target || target.size !== record.bytes) return false;
    const left = await stat(part).catch(() => null);
    // The file that was to be replaced may be as long.
    if (left === null) return !record.replace || record.isPlacing === true;
    if (left.ino !== target.ino || left.dev !== target.dev) return false;
    await rm(part, { force: true });
    return true;
  }

  /** A second name for the same bytes never takes the place of another file; a rename would. */
  async #placeNew(part: string, target: string): Promise<boolean> {
    try {
      await link(part, target);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EEXIST') return false;
      // A disk without second names, such as exFAT.
      if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'].includes(code ?? '')) throw error;
      if (await lstat(target).then(() => true, () => false)) return false;
      await rename(part, target);
      return true;
    }
    await rm(part, { force: true });
    return true;
  }
}

/** What the disk says, as a sentence. */
async function telling<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof ServerError) throw cause;
    if (isDiskFull(cause)) throw diskFull(cause);
    if (isReadOnly(cause)) throw new ServerError('DISK_READ_ONLY', `The disk with the media folder is read-only. ${READ_ONLY_ADVICE} The upload then goes on where it stopped.`, { cause });
    throw new ServerError('DISK_ERROR', `The disk with the media folder cannot be written: ${(cause as Error).message}`, { cause });
  }
}

export function diskFull(cause?: unknown): ServerError {
  return new ServerError('DISK_FULL', 'The disk with the media folder is full. Delete files or recordings that are not needed; the upload then goes on where it stopped.', { cause });
}

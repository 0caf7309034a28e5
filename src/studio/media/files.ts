/** What lies in the media folder: every visible file below it, and where one path leads. Links are followed as far as they stay inside. */
import { lstat, readdir, realpath, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { plainPath } from '../../domain/media-uses.js';
import { MAX_MEDIA_FILES } from '../../protocol/media.js';
import { ServerError } from '../../runtime/errors.js';
import { followed, liesIn } from '../media-paths.js';

/** Folders within folders. */
const MAX_DEPTH = 12;

export interface FileAt {
  /** Below the media folder. */
  readonly path: string;
  /** Absolute, links followed. */
  readonly real: string;
  readonly bytes: number;
  readonly modifiedMs: number;
  /** Another content has another one. */
  readonly version: string;
}

const fileAt = (path: string, real: string, { size, mtimeMs }: { size: number; mtimeMs: number }): FileAt =>
  ({ path, real, bytes: size, modifiedMs: mtimeMs, version: `${size} ${mtimeMs}` });

/** One look at a time: a disk on a network that hangs must not take all the threads that look at files. @throws when the folder cannot be read */
export async function listFiles(mediaFolder: string): Promise<FileAt[]> {
  const root = await realpath(mediaFolder);
  const files: FileAt[] = [];
  const visited = new Set<string>();
  const walk = async (folder: string, below: string, depth: number): Promise<void> => {
    // Links may lead back to where they are.
    if (visited.has(folder)) return;
    visited.add(folder);
    const entries = await readdir(folder, { withFileTypes: true });
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      if (entry.name.startsWith('.') || files.length >= MAX_MEDIA_FILES) continue;
      const path = below === '' ? entry.name : `${below}/${entry.name}`;
      // What vanishes between two looks is not there.
      await look(entry.isSymbolicLink(), join(folder, entry.name), path, depth).catch(() => undefined);
    }
  };
  const look = async (isLink: boolean, at: string, path: string, depth: number): Promise<void> => {
    const real = isLink ? await realpath(at) : at;
    if (isLink && !liesIn(root, real)) return;
    const found = await stat(real);
    if (found.isDirectory()) {
      if (depth < MAX_DEPTH) await walk(real, path, depth + 1);
    } else if (found.isFile()) files.push(fileAt(path, real, found));
  };
  await walk(root, '', 0);
  return files;
}

/** @throws ServerError PATH_NOT_ALLOWED, NOT_FOUND */
export async function findFile(mediaFolder: string, wanted: string): Promise<FileAt> {
  const path = allowedPath(wanted);
  const found = await followed(mediaFolder, join(mediaFolder, path)).catch(() => { throw notThere(path); });
  if (!found.isInside) throw new ServerError('PATH_NOT_ALLOWED', `${path} leads out of the media folder.`);
  const info = await stat(found.real).catch(() => { throw notThere(path); });
  if (!info.isFile()) throw notThere(path);
  return fileAt(path, found.real, info);
}

/**
 * What is deleted with a path: the file, or the link in its place.
 * @throws ServerError PATH_NOT_ALLOWED, NOT_FOUND
 */
export async function findEntry(mediaFolder: string, wanted: string): Promise<{ path: string; entry: string; isLink: boolean }> {
  const path = allowedPath(wanted);
  const folder = await followed(mediaFolder, dirname(join(mediaFolder, path))).catch(() => { throw notThere(path); });
  if (!folder.isInside && folder.real !== folder.folder) throw new ServerError('PATH_NOT_ALLOWED', `${path} leads out of the media folder.`);
  const entry = join(folder.real, path.split('/').at(-1)!);
  const info = await lstat(entry).catch(() => { throw notThere(path); });
  if (info.isDirectory()) throw new ServerError('PATH_NOT_ALLOWED', `${path} is a folder; only files are deleted.`);
  return { path, entry, isLink: info.isSymbolicLink() };
}

/** @throws ServerError PATH_NOT_ALLOWED */
function allowedPath(wanted: string): string {
  const path = wanted.includes('\0') ? '' : plainPath(wanted);
  if (path === '' || path === '.' || path.split('/').some((part) => part.startsWith('.')) || path.startsWith('/')) {
    throw new ServerError('PATH_NOT_ALLOWED', 'A path is a visible file in the media folder, named from there.');
  }
  return path;
}

const notThere = (path: string): ServerError => new ServerError('NOT_FOUND', `There is no file "${path}" in the media folder.`);

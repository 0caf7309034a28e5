/** What is in a folder of media: films and pictures, as they are on the disk. Links are followed as far as they stay in the media folder. */
import { readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileKind } from '../../domain/folder/order.js';
import { MAX_FOLDER_FILES, type StoredFolderFile } from '../../protocol/folder.js';
import { followed, liesIn } from '../media-paths.js';

/** Folders within folders. */
const MAX_DEPTH = 12;
/** Files and folders that are looked at, whatever they are. */
const MAX_LOOKS = 50_000;

export interface FoundFile {
  /** Below the media folder. */
  readonly path: string;
  /** Absolute, with the links followed that lay on the way then. */
  readonly real: string;
  readonly kind: StoredFolderFile['kind'];
  /** Another size or time is another content. */
  readonly version: string;
  readonly modifiedMs: number;
}

export type Scan =
  | { readonly is: 'found'; readonly files: readonly FoundFile[]; readonly refused: readonly { readonly path: string; readonly message: string }[] }
  | { readonly is: 'missing'; readonly message: string }
  /** The folder itself leads out of the media folder. */
  | { readonly is: 'outside'; readonly message: string };

export interface ScanOptions {
  mediaFolder: string;
  /** Below it; empty: itself. */
  path: string;
  recursive: boolean;
}

/** One look at a time: a disk on a network that hangs must not take all the threads that look at files. */
export async function scanFolder({ mediaFolder, path, recursive }: ScanOptions): Promise<Scan> {
  let root: string;
  let top: string;
  try {
    ({ folder: root, real: top } = await followed(mediaFolder, join(mediaFolder, path)));
  } catch {
    return { is: 'missing', message: `There is no folder "${path}" in the media folder.` };
  }
  const isInside = (real: string): boolean => real === root || liesIn(root, real);
  if (!isInside(top)) return { is: 'outside', message: `"${path}" leads out of the media folder: nothing in it is played.` };

  const files: FoundFile[] = [];
  const refused: { path: string; message: string }[] = [];
  const visited = new Set<string>();
  let looks = 0;
  const look = async (name: string, at: string, below: string, depth: number, isLink: boolean): Promise<void> => {
    const real = isLink ? await realpath(at) : at;
    if (!isInside(real)) {
      refused.push({ path: below, message: 'It leads out of the media folder.' });
      return;
    }
    const found = await stat(real);
    if (found.isDirectory()) {
      if (recursive && depth < MAX_DEPTH) await walk(real, below, depth + 1);
      return;
    }
    const kind = fileKind(name);
    if (kind && found.isFile()) files.push({ path: below, real, kind, version: `${found.size} ${found.mtimeMs}`, modifiedMs: found.mtimeMs });
  };
  const walk = async (real: string, below: string, depth: number): Promise<void> => {
    // Links may lead back to where they are.
    if (visited.has(real)) return;
    visited.add(real);
    const entries = await readdir(real, { withFileTypes: true });
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      if (entry.name.startsWith('.') || files.length >= MAX_FOLDER_FILES || looks >= MAX_LOOKS) continue;
      if (!(entry.isSymbolicLink() || (entry.isDirectory() && recursive) || fileKind(entry.name))) continue;
      looks += 1;
      // What vanishes between two looks is not there.
      await look(entry.name, join(real, entry.name), below === '' ? entry.name : `${below}/${entry.name}`, depth, entry.isSymbolicLink()).catch(() => undefined);
    }
  };
  try {
    await walk(top, path, 0);
  } catch {
    return { is: 'missing', message: `"${path}" is not a folder that can be read.` };
  }
  return { is: 'found', files, refused };
}

/** Ids of files that lead out of the media folder now, by a link in their place or above them. What is not there leads nowhere. */
export function leadingOut(scan: Scan, files: readonly StoredFolderFile[]): ReadonlySet<string> {
  if (scan.is === 'missing') return new Set();
  if (scan.is === 'outside') return new Set(files.map(({ id }) => id));
  const refused = new Set(scan.refused.map(({ path }) => path));
  const isOut = (path: string): boolean => path.split('/').some((_, i, parts) => refused.has(parts.slice(0, i + 1).join('/')));
  return new Set(refused.size === 0 ? [] : files.filter(({ path }) => isOut(path)).map(({ id }) => id));
}

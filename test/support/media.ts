/** Where the real footage lies that tests play: beside the repository, and not part of it. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** The repository's root, from both `test/support` (vitest) and `dist/test/support` (the benchmark). */
export const repositoryRoot = findRoot(import.meta.dirname);

function findRoot(from: string): string {
  let folder = from;
  while (!existsSync(join(folder, 'package.json'))) {
    const parent = resolve(folder, '..');
    if (parent === folder) throw new Error(`No package.json above ${from}`);
    folder = parent;
  }
  return folder;
}

/** Absolute path of a file of the shared footage, or null where this machine has none (a test then skips and says so). */
export function sharedMedia(relative: string): string | null {
  const path = resolve(repositoryRoot, '../shared/media', relative);
  return existsSync(path) ? path : null;
}

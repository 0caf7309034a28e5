/** Sample footage: real films and captured streams that tests play. Not part of the repository; VISTTER_TEST_MEDIA names its folder. */
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

/** Without the setting, a folder beside the repository is tried. */
const folder = resolve(repositoryRoot, process.env.VISTTER_TEST_MEDIA ?? '../shared/media');

/** Absolute path of a file or folder of the sample footage, or null where it is not there (a test then skips and says so). */
export function sharedMedia(relative: string): string | null {
  const path = join(folder, relative);
  return existsSync(path) ? path : null;
}

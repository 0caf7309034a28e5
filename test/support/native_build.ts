/** What of the native folder tests need and set-up does not build: made on demand; nothing to do when it is there. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { repositoryRoot } from './media.js';

const folder = join(repositoryRoot, 'native');

/** @param target of native/Makefile, such as `build/slow-line` @returns its path, where the target is a file */
export function makeNative(target: string, ...more: string[]): string {
  execFileSync('make', ['-C', folder, '-s', target, ...more], { stdio: 'pipe' });
  return join(folder, target);
}

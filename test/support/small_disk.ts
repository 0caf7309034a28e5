/** A small file system of a test's own, that can be filled to the last byte. Mounting one needs root. */
import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as means from './means.js';

/** Whether a test may mount anything here. */
export const canMount = means.canMount();
if (!canMount) console.log('disks of their own: skipped, nothing can be mounted here');

export class SmallDisk {
  readonly folder: string;
  readonly isMounted: boolean;
  readonly #isOwn: boolean;

  /**
   * @param at where it is mounted: a folder, made where there is none; left out: one of its own
   * @param files folders and files that it has room for, its own folder included; left out: many
   */
  constructor(megabytes: number, { at, files = 0 }: { at?: string; files?: number } = {}) {
    this.#isOwn = at === undefined;
    this.folder = at ?? mkdtempSync(join(tmpdir(), 'v-full-'));
    mkdirSync(this.folder, { recursive: true });
    this.isMounted = this.#mount(`size=${megabytes}m,nr_inodes=${files}`);
    if (!this.isMounted) console.log('a full disk: skipped, a small tmpfs cannot be mounted here');
  }

  /** Writes on until there is no byte left, again and again. */
  hog(): { stop(): void } {
    const path = join(this.folder, 'hog');
    const file = openSync(path, 'a');
    const fill = (): void => {
      for (const size of [1024 * 1024, 4096, 1]) {
        try {
          for (;;) writeSync(file, Buffer.alloc(size, 1));
        } catch {
          // Full.
        }
      }
    };
    fill();
    const timer = setInterval(fill, 5);
    return {
      stop() {
        clearInterval(timer);
        closeSync(file);
        rmSync(path);
      },
    };
  }

  remove(): void {
    if (this.isMounted) execFileSync('umount', ['-l', this.folder]);
    if (this.#isOwn) rmSync(this.folder, { recursive: true, force: true });
  }

  #mount(options: string): boolean {
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', this.folder], { stdio: 'ignore' });
      return true;
    } catch {
      return false;
    }
  }
}

/** A disk that does not answer, for a process that is started with `env`: native/test/hung_disk.c. */
import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from './media.js';
import { tempFolder } from './temp.js';

export class HungDisk {
  readonly #place = tempFolder();
  readonly #flag = join(this.#place, 'hangs');
  readonly env: Record<string, string>;

  /** @param folder what lies on it */
  constructor(folder: string) {
    const native = join(repositoryRoot, 'native');
    // A test's tool, so not among what set-up builds; nothing to do when it is there.
    execFileSync('make', ['-C', native, '-s', 'build/hung-disk.so'], { stdio: 'pipe' });
    this.env = { LD_PRELOAD: join(native, 'build/hung-disk.so'), HUNG_FOLDER: folder, HUNG_WHILE: this.#flag };
  }

  hang(): void {
    writeFileSync(this.#flag, '');
  }

  answer(): void {
    rmSync(this.#flag, { force: true });
  }

  remove(): void {
    rmSync(this.#place, { recursive: true, force: true });
  }
}

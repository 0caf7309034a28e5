/** A disk that does not answer, for a process that is started with `env`: native/test/hung_disk.c. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeNative } from './native_build.js';
import { tempFolder } from './temp.js';

export class HungDisk {
  readonly #place = tempFolder();
  readonly #flag = join(this.#place, 'hangs');
  readonly env: Record<string, string>;

  /** @param folder what lies on it */
  constructor(folder: string) {
    this.env = { LD_PRELOAD: makeNative('build/hung-disk.so'), HUNG_FOLDER: folder, HUNG_WHILE: this.#flag };
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

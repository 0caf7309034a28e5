/** Where things lie under VISTTER_HOME. The one place file and socket names are made. */
import { createHash } from 'node:crypto';
import { chmodSync, lstatSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { READ_ONLY_ADVICE } from '../protocol/disk-advice.js';
import { ServerError } from './errors.js';
import { isReadOnly } from './scarcity.js';

/** sun_path has 108 bytes; the longest name below and a margin must fit behind the folder. */
const LONGEST_RUN_FOLDER = 50;

export class Paths {
  readonly run: string;

  constructor(readonly home: string) {
    const run = join(home, 'run');
    // A deep home would make socket names too long for the kernel: then they live in a private folder named by its hash.
    this.run = Buffer.byteLength(run) <= LONGEST_RUN_FOLDER
      ? run
      : join(tmpdir(), `vistter-${createHash('sha256').update(home).digest('hex').slice(0, 16)}`);
  }

  get media(): string { return join(this.home, 'media'); }
  get recordings(): string { return join(this.home, 'recordings'); }
  /** What uploads under way are; what has come of each lies hidden where the file is to be. */
  get uploads(): string { return join(this.home, 'uploads'); }
  /** May be deleted at any time. */
  get cache(): string { return join(this.home, 'cache'); }
  /** What the sidecar has learnt from what people decided. */
  get models(): string { return join(this.home, 'models'); }
  get secrets(): string { return join(this.home, 'secrets'); }
  get database(): string { return join(this.home, 'studio.db'); }
  get studioSocket(): string { return join(this.run, 'studio.sock'); }
  get programSocket(): string { return join(this.run, 'program.sock'); }
  get tilesSocket(): string { return join(this.run, 'tiles.sock'); }
  get listenSocket(): string { return join(this.run, 'listen.sock'); }
  get previewSocket(): string { return join(this.run, 'preview.sock'); }
  /** `role` is one of the five processes. */
  aliveSocket(role: string): string { return join(this.run, `alive-${role}.sock`); }
  failedStarts(role: string): string { return join(this.run, `failed-starts-${role}`); }
  cameraSocket(id: string): string { return join(this.run, `camera-${id}.sock`); }
  recording(id: string): string { return join(this.recordings, id); }

  /**
   * Makes the folders; those with secrets or sockets are for this user alone.
   * @throws ServerError HOME_UNUSABLE when the home cannot be written.
   */
  create(): void {
    try {
      for (const folder of [this.home, this.media, this.recordings, this.uploads, this.cache]) mkdirSync(folder, { recursive: true, mode: 0o750 });
      for (const folder of [this.run, this.secrets]) {
        mkdirSync(folder, { recursive: true, mode: 0o700 });
        if (folder === this.run && !this.run.startsWith(this.home)) checkIsOurs(folder);
        chmodSync(folder, 0o700);
      }
    } catch (cause) {
      if (cause instanceof ServerError) throw cause;
      throw new ServerError('HOME_UNUSABLE', `VISTTER_HOME (${this.home}) cannot be written: ${isReadOnly(cause) ? `its disk is read-only. ${READ_ONLY_ADVICE}` : (cause as Error).message}`, { cause });
    }
  }
}

/** In a folder that everybody writes to, somebody else may have made ours before us, or put a link in its place. */
function checkIsOurs(folder: string): void {
  const found = lstatSync(folder);
  if (found.isDirectory() && found.uid === process.getuid?.()) return;
  throw new ServerError('HOME_UNUSABLE', `${folder}, where the sockets of a home with so long a path go, belongs to somebody else. Remove it, or set VISTTER_HOME to a shorter path.`);
}

/** The installed tree's root, from dist/src/… and src/… alike. */
export const INSTALL_ROOT = fileURLToPath(new URL('../../', import.meta.url)).replace(/\/dist\/$/, '/');

/** A program built from native/. */
export const nativeProgram = (name: 'vistter-decoder' | 'vistter-features' | 'vistter-launch'): string => join(INSTALL_ROOT, 'native/build', name);

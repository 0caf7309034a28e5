/** The recorder's disk in memory, to be filled, broken and slowed. It passes the same contract suite as the real one. */
import { dirname } from 'node:path';
import type { Disk, PartFile } from '../../src/egress/disk.js';

export interface MemoryFile {
  bytes: Buffer;
  /** How many of them a power cut would leave. */
  synced: number;
  closed: boolean;
}

export class MemoryDisk implements Disk {
  readonly files = new Map<string, MemoryFile>();
  readonly #folders = new Set<string>();
  freeBytes = 1e12;
  totalBytes = 1e12;
  /** Error code with which every write fails. */
  failWrites: string | null = null;
  /** Writes that never come back. */
  hang = false;
  /** What a sync does before it has done its work. */
  syncs: (() => Promise<void>) | null = null;

  makeFolder(path: string): Promise<void> {
    for (let folder = path; !this.#folders.has(folder) && folder !== dirname(folder); folder = dirname(folder)) this.#folders.add(folder);
    return Promise.resolve();
  }

  names(path: string): Promise<string[]> {
    const folder = `${path}/`;
    return Promise.resolve([...this.files.keys()].filter((file) => file.startsWith(folder)).map((file) => file.slice(folder.length)));
  }

  async create(path: string): Promise<PartFile> {
    if (!this.#folders.has(dirname(path))) throw failure('ENOENT');
    if (this.files.has(path)) throw failure('EEXIST');
    const file: MemoryFile = { bytes: Buffer.alloc(0), synced: 0, closed: false };
    this.files.set(path, file);
    return Promise.resolve({
      write: async (pieces) => {
        if (this.hang) await new Promise(() => undefined);
        if (this.failWrites) throw failure(this.failWrites);
        file.bytes = Buffer.concat([file.bytes, ...pieces]);
      },
      sync: async () => {
        await this.syncs?.();
        file.synced = file.bytes.length;
      },
      stillThere: async () => this.files.get(path) === file,
      close: async () => { file.closed = true; },
    });
  }

  async head(path: string, bytes: number): Promise<Buffer> {
    return Buffer.from(this.#file(path).bytes.subarray(0, bytes));
  }

  async sizeBytes(path: string): Promise<number> {
    return this.#file(path).bytes.length;
  }

  space(): Promise<{ freeBytes: number; totalBytes: number }> {
    return Promise.resolve({ freeBytes: this.freeBytes, totalBytes: this.totalBytes });
  }

  /** Takes a file away under whoever writes it. */
  remove(path: string): void {
    this.files.delete(path);
  }

  #file(path: string): MemoryFile {
    const file = this.files.get(path);
    if (!file) throw failure('ENOENT');
    return file;
  }
}

const failure = (code: string): Error => Object.assign(new Error(code), { code });

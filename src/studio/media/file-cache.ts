/** Small files that can be made again, on disk up to a bound: what was not used for longest goes first. Losing one costs nothing but time. */
import { readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Owner } from '../../runtime/lifecycle.js';
import { makeFolder } from '../../runtime/make-folder.js';
import { roomOn } from './disk-room.js';

/** What the disk has no room for is kept here, so that whoever asks again is answered. */
const MOST_UNSTORED = 16;

export interface FileCacheOptions {
  folder: string;
  maxBytes: number;
  /** In place of asking the disk. */
  room?(folder: string): Promise<number>;
}

export class FileCache implements Owner {
  /** In the order in which they were used. */
  readonly #files = new Map<string, number>();
  readonly #unstored = new Map<string, Buffer>();
  #bytes = 0;
  #reading: Promise<void> = Promise.resolve();

  constructor(private readonly options: FileCacheOptions) {}

  /** What is there from before is found in the background: nobody waits for it. */
  start(): void {
    this.#reading = this.#find().catch(() => undefined);
  }

  async stop(): Promise<void> {
    await this.#reading;
  }

  get bytes(): number {
    return this.#bytes;
  }

  async read(name: string): Promise<Buffer | undefined> {
    await this.#reading;
    const unstored = this.#unstored.get(name);
    if (unstored) return unstored;
    const bytes = this.#files.get(name);
    if (bytes === undefined) return undefined;
    this.#files.delete(name);
    this.#files.set(name, bytes);
    const content = await readFile(join(this.options.folder, name)).catch(() => undefined);
    // Somebody else took it away, and nobody has put another in its place meanwhile.
    if (!content && this.#files.get(name) === bytes) {
      this.#files.delete(name);
      this.#bytes -= bytes;
    }
    return content;
  }

  async write(name: string, content: Buffer): Promise<void> {
    await this.#reading;
    const { folder, maxBytes, room = roomOn } = this.options;
    const file = join(folder, name);
    try {
      await makeFolder(folder, 0o750);
      if ((await room(folder)) < content.length) throw new Error('full');
      await writeFile(`${file}.new`, content, { mode: 0o640 });
      await rename(`${file}.new`, file);
    } catch {
      await rm(`${file}.new`, { force: true }).catch(() => undefined);
      this.#unstored.set(name, content);
      if (this.#unstored.size > MOST_UNSTORED) this.#unstored.delete(this.#unstored.keys().next().value!);
      return;
    }
    this.#unstored.delete(name);
    this.#bytes += content.length - (this.#files.get(name) ?? 0);
    this.#files.delete(name);
    this.#files.set(name, content.length);
    while (this.#bytes > maxBytes) await this.#forgetOldest();
  }

  async #forgetOldest(): Promise<void> {
    const [name, bytes] = this.#files.entries().next().value!;
    this.#files.delete(name);
    this.#bytes -= bytes;
    await rm(join(this.options.folder, name), { force: true }).catch(() => undefined);
  }

  async #find(): Promise<void> {
    const { folder, maxBytes } = this.options;
    const found: { name: string; bytes: number; atMs: number }[] = [];
    for (const name of await readdir(folder)) {
      const info = await stat(join(folder, name)).catch(() => undefined);
      if (!info?.isFile()) continue;
      // Of a studio that was killed while it wrote.
      if (name.endsWith('.new')) await rm(join(folder, name), { force: true });
      else found.push({ name, bytes: info.size, atMs: info.mtimeMs });
    }
    for (const { name, bytes } of found.sort((a, b) => a.atMs - b.atMs)) {
      this.#files.set(name, bytes);
      this.#bytes += bytes;
    }
    while (this.#bytes > maxBytes) await this.#forgetOldest();
  }
}

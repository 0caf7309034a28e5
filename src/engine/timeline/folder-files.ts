/** The files of the folders that the engine was told of, as sources for playouts; read when a folder has changed. */
import { z } from 'zod';
import { EngineSource, type EngineFolder } from '../../protocol/link.js';
import type { Log } from '../../runtime/log.js';

const Files = z.array(z.unknown());

export class FolderFiles {
  readonly #known = new Map<string, { revision: number; files: EngineSource[] }>();

  constructor(private readonly log: Log) {}

  /** Takes over what is wanted; gives all files of all folders. */
  apply(folders: readonly EngineFolder[]): EngineSource[] {
    const ids = new Set(folders.map(({ id }) => id));
    for (const id of this.#known.keys()) if (!ids.has(id)) this.#known.delete(id);
    for (const { id, revision, files } of folders) {
      if (this.#known.get(id)?.revision === revision) continue;
      const list = Files.safeParse(files);
      if (list.success) this.#known.set(id, { revision, files: this.#read(id, list.data) });
      else this.log.error({ folder: id, problem: list.error.issues[0]?.message }, 'the files of a folder could not be read; what was known of them stays');
    }
    return [...this.#known.values()].flatMap(({ files }) => files);
  }

  /** Those that can be read: one that cannot must not take the others with it. */
  #read(folder: string, files: readonly unknown[]): EngineSource[] {
    let problem: string | undefined;
    const read = files.flatMap((file): EngineSource[] => {
      const parsed = EngineSource.safeParse(file);
      if (!parsed.success) problem ??= parsed.error.issues[0]?.message;
      return parsed.success ? [parsed.data] : [];
    });
    if (read.length < files.length) this.log.warn({ folder, leftOut: files.length - read.length, problem }, 'files of a folder that could not be read are left out');
    return read;
  }
}

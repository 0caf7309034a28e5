/** All folders: each is followed for as long as there is one. */
import type { FolderView } from '../../domain/folders.js';
import type { FolderFile } from '../../protocol/folder.js';
import type { Owner } from '../../runtime/lifecycle.js';
import { FolderWatch, type FolderWatchOptions } from './folder-watch.js';

const NOT_WATCHED: FolderView = { state: 'watching', counts: { ready: 0, waiting: 0, refused: 0 } };

export class FolderWatcher implements Owner {
  /** With what its clips hang on beside the files: its rules, and whether its timeline loops. */
  readonly #watches = new Map<string, { watch: FolderWatch; revision: number; loop: boolean | undefined }>();
  readonly #ending = new Set<Promise<void>>();
  #forget: (() => void) | undefined;
  #stopped: Promise<void> | undefined;

  constructor(private readonly options: Omit<FolderWatchOptions, 'id'>) {}

  start(): void {
    this.#forget = this.options.model.onChange(() => this.#follow());
    this.#follow();
  }

  stop(): Promise<void> {
    return (this.#stopped ??= (async () => {
      this.#forget?.();
      for (const id of [...this.#watches.keys()]) this.#end(id);
      await Promise.all(this.#ending);
    })());
  }

  view(id: string): FolderView {
    return this.#watches.get(id)?.watch.view ?? NOT_WATCHED;
  }

  files(id: string): readonly FolderFile[] {
    return this.#watches.get(id)?.watch.files ?? [];
  }

  /** Begins with new ones, ends with deleted ones, has changed ones looked at. */
  #follow(): void {
    const { folders } = this.options.model.state;
    const ids = new Set(folders.map(({ id }) => id));
    for (const id of [...this.#watches.keys()]) if (!ids.has(id)) this.#end(id);
    for (const { id, revision, data } of folders) {
      const known = this.#watches.get(id);
      const loop = this.options.model.find('timeline', data.timelineId)?.data.loop;
      if (known?.revision === revision && known.loop === loop) continue;
      const watch = known?.watch ?? new FolderWatch({ ...this.options, id });
      this.#watches.set(id, { watch, revision, loop });
      if (known) watch.wake(0);
      else watch.start();
    }
  }

  #end(id: string): void {
    const ended = this.#watches.get(id)!.watch.stop().finally(() => this.#ending.delete(ended));
    this.#watches.delete(id);
    this.#ending.add(ended);
  }
}

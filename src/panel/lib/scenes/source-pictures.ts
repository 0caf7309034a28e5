/** The last picture of each source that somebody looks at, unpacked once, for canvases that put several together. */
import type { TileWish } from '../../../protocol/multiview.js';
import type { Tile } from '../../../protocol/tile.js';
import type { TileBoard } from '../tiles.js';

interface Watched {
  picture: ImageBitmap | undefined;
  next: Tile | undefined;
  busy: boolean;
  watchers: Set<() => void>;
}

export class SourcePictures {
  readonly #watched = new Map<string, Watched>();

  constructor(private readonly board: Pick<TileBoard, 'show'>) {}

  /** The last picture; undefined while there is none. */
  of(id: string): ImageBitmap | undefined {
    return this.#watched.get(id)?.picture;
  }

  /** Calls `onPicture` whenever there is a new one. @returns stops it */
  watch(wish: TileWish, onPicture: () => void): () => void {
    const entry: Watched = this.#watched.get(wish.id) ?? { picture: undefined, next: undefined, busy: false, watchers: new Set() };
    this.#watched.set(wish.id, entry);
    const watcher = () => onPicture();
    entry.watchers.add(watcher);
    const stop = this.board.show(wish, (tile) => {
      // All watchers of a source are given each tile of it; the first has it unpacked for all.
      if (entry.next === tile || watcher !== entry.watchers.values().next().value) return;
      entry.next = tile;
      if (!entry.busy) void this.#unpack(entry);
    });
    return () => {
      stop();
      entry.watchers.delete(watcher);
      if (entry.watchers.size > 0) return;
      entry.picture?.close();
      entry.picture = undefined;
      if (this.#watched.get(wish.id) === entry) this.#watched.delete(wish.id);
    };
  }

  /** One after the other; one that comes meanwhile takes the place of those before it. */
  async #unpack(entry: Watched): Promise<void> {
    entry.busy = true;
    while (entry.next && entry.watchers.size > 0) {
      const { jpeg } = entry.next;
      entry.next = undefined;
      try {
        const picture = await createImageBitmap(new Blob([jpeg], { type: 'image/jpeg' }));
        if (entry.watchers.size === 0) picture.close();
        else {
          entry.picture?.close();
          entry.picture = picture;
          for (const watcher of entry.watchers) watcher();
        }
      } catch {
        // A picture that cannot be unpacked: the next one comes soon.
      }
    }
    entry.busy = false;
  }
}

/** Pictures of sources as they come: who shows which, and what is to be asked for. Draws nothing while nobody looks. */
import type { Tile, TileWish } from '../../protocol/multiview.js';
import { MOST_TILES } from '../../protocol/multiview.js';

export type Show = (tile: Tile) => void;

export class TileBoard {
  readonly #shown = new Map<string, { wish: TileWish; shows: Set<Show> }>();
  #isVisible = true;
  #asked = false;

  /** @param ask asks the studio for these; called once however much changed meanwhile */
  constructor(private readonly ask: (wishes: TileWish[]) => void) {}

  /** Shows the tile of a source from now on. @returns stops it */
  show(wish: TileWish, show: Show): () => void {
    const entry = this.#shown.get(wish.id) ?? { wish, shows: new Set<Show>() };
    entry.shows.add(show);
    this.#shown.set(wish.id, entry);
    this.#askSoon();
    return () => {
      entry.shows.delete(show);
      if (entry.shows.size === 0 && this.#shown.get(wish.id) === entry) this.#shown.delete(wish.id);
      this.#askSoon();
    };
  }

  /** Whether the page can be seen at all. */
  setVisible(visible: boolean): void {
    this.#isVisible = visible;
    this.#askSoon();
  }

  wishes(): TileWish[] {
    return this.#isVisible ? [...this.#shown.values()].slice(0, MOST_TILES).map(({ wish }) => wish) : [];
  }

  take(tile: Tile): void {
    for (const show of this.#shown.get(tile.id)?.shows ?? []) show(tile);
  }

  #askSoon(): void {
    if (this.#asked) return;
    this.#asked = true;
    queueMicrotask(() => {
      this.#asked = false;
      this.ask(this.wishes());
    });
  }
}

/** Pictures of sources as they come: who shows which, and what is to be asked for. Draws nothing while nobody looks. */
import type { TileWish } from '../../protocol/multiview.js';
import { MOST_TILES, type Tile } from '../../protocol/tile.js';

/** What the studio makes at least. */
const LEAST_WIDTH = 64;

export type Show = (tile: Tile) => void;

/** Of widths apart by so much the heights are whole too. */
const STEP = 32;

/** How wide a picture is asked for: as it is shown, in steps, so that a window that grows does not ask at each pixel. */
export function pixelsAcross(shown: number, most: number): number {
  return shown > 0 ? Math.min(most, Math.max(LEAST_WIDTH, Math.ceil(shown / STEP) * STEP)) : most;
}

export class TileBoard {
  readonly #shown = new Map<string, Set<{ wish: TileWish; show: Show }>>();
  #isVisible = true;
  #asked = false;

  /** @param ask asks the studio for these; called once however much changed meanwhile */
  constructor(private readonly ask: (wishes: TileWish[]) => void) {}

  /** Shows the tile of a source from now on. @returns stops it */
  show(wish: TileWish, show: Show): () => void {
    const all = this.#shown.get(wish.id) ?? new Set();
    const one = { wish, show };
    all.add(one);
    this.#shown.set(wish.id, all);
    this.#askSoon();
    return () => {
      all.delete(one);
      if (all.size === 0 && this.#shown.get(wish.id) === all) this.#shown.delete(wish.id);
      this.#askSoon();
    };
  }

  /** Whether the page can be seen at all. */
  setVisible(visible: boolean): void {
    this.#isVisible = visible;
    this.#askSoon();
  }

  wishes(): TileWish[] {
    // Several show one: what suits the largest and the fastest suits all.
    const most = (id: string, all: Set<{ wish: TileWish }>): TileWish => ({
      id, width: Math.max(...[...all].map(({ wish }) => wish.width)), fps: Math.max(...[...all].map(({ wish }) => wish.fps)),
    });
    return this.#isVisible ? [...this.#shown].slice(0, MOST_TILES).map(([id, all]) => most(id, all)) : [];
  }

  take(tile: Tile): void {
    for (const { show } of this.#shown.get(tile.id) ?? []) show(tile);
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

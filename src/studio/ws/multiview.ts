/** Who wants which tiles: what the engine is asked for, and what of it each client gets, at its own pace. Pure. */
import type { TileWish } from '../../protocol/multiview.js';
import { MOST_TILES, PREVIEW_TILE, PROGRAM_TILE } from '../../protocol/tile.js';

/** Of a client's tile, a little early is in time: else ten a second of a clock that ticks as often would be five. */
const EARLY = 0.6;

/** What one client wants. */
export class Watching {
  readonly #due = new Map<string, { everyMs: number; nextMs: number; isOwed: boolean }>();

  constructor(readonly wishes: readonly TileWish[]) {
    for (const { id, fps } of wishes) {
      const everyMs = 1000 / fps;
      // The same id twice: the faster.
      if ((this.#due.get(id)?.everyMs ?? Infinity) > everyMs) this.#due.set(id, { everyMs, nextMs: 0, isOwed: false });
    }
  }

  /** Whether a tile that is here now is to be sent; the next one is due after its time. One that is not is owed. */
  takes(id: string, nowMs: number): boolean {
    const due = this.#due.get(id);
    if (!due) return false;
    due.isOwed = nowMs < due.nextMs;
    if (due.isOwed) return false;
    due.nextMs = nowMs + due.everyMs * EARLY;
    return true;
  }

  /** It could not be sent now. */
  owe(id: string): void {
    const due = this.#due.get(id);
    if (due) due.isOwed = true;
  }

  owes(id: string): boolean {
    return this.#due.get(id)?.isOwed === true;
  }

  /** Those whose newest tile was not sent: a picture that does not change any more comes only once. */
  owed(): string[] {
    return [...this.#due].flatMap(([id, { isOwed }]) => (isOwed ? [id] : []));
  }
}

/**
 * What serves all of them: of each id the largest and the fastest that anybody wants. What all clients ask for together has the bound
 * of what one of them may: the program and preview come before the others, and those before what was asked for by who came later.
 */
export function tilesWanted(all: Iterable<Watching>): { tiles: TileWish[]; leftOut: number } {
  const wanted = new Map<string, TileWish>();
  for (const { wishes } of all) {
    for (const wish of wishes) {
      const before = wanted.get(wish.id);
      wanted.set(wish.id, before ? { id: wish.id, width: Math.max(before.width, wish.width), fps: Math.max(before.fps, wish.fps) } : wish);
    }
  }
  const ofBuses = [PROGRAM_TILE, PREVIEW_TILE].flatMap((id) => wanted.get(id) ?? []);
  const tiles = [...new Set([...ofBuses, ...wanted.values()])].slice(0, MOST_TILES);
  return { tiles: tiles.sort((a, b) => (a.id < b.id ? -1 : 1)), leftOut: wanted.size - tiles.length };
}

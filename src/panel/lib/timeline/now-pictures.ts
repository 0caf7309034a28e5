/**
 * What cameras and scenes on a timeline show now, small and slowly: of those that were painted last, and of no others, a picture each few
 * seconds. A picture that comes has nothing painted at once: all that came within a beat are painted together.
 */
import type { TileWish } from '../../../protocol/multiview.js';

/** Of a tile: hardly larger than it is drawn, and as seldom as a person may look again. */
const WIDTH = 96;
const PER_SECOND = 0.2;
/** How often what is in view is looked at. */
const BEAT_MS = 400;
/** What is out of view for so many beats is not asked for any more: a scroll there and back asks nothing anew. */
const BEATS_KEPT = 12;
/** Asked for at once; the rest stays without a picture. */
const MOST = 24;

/** Where pictures come from. */
export interface Pictures<T> {
  /** The last one. */
  of(id: string): T | undefined;
  /** @returns stops it */
  watch(wish: TileWish, onPicture: () => void): () => void;
}

export class NowPictures<T> {
  readonly #asked = new Map<string, { stop(): void; beatsUnseen: number }>();
  #seen = new Set<string>();
  #hasCome = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param onCome pictures have come: they can be painted */
  constructor(private readonly pictures: Pictures<T>, private readonly onCome: () => void) {}

  /** A new painting begins: what is asked for by it is in view, and nothing else. */
  begin(): void {
    this.#seen = new Set();
  }

  /** @returns undefined while there is none; then it comes */
  of(id: string): T | undefined {
    this.#seen.add(id);
    this.#timer ??= setTimeout(() => this.#beat(), BEAT_MS);
    return this.pictures.of(id);
  }

  close(): void {
    clearTimeout(this.#timer);
    for (const { stop } of this.#asked.values()) stop();
    this.#asked.clear();
  }

  #beat(): void {
    this.#timer = undefined;
    for (const [id, one] of this.#asked) {
      one.beatsUnseen = this.#seen.has(id) ? 0 : one.beatsUnseen + 1;
      if (one.beatsUnseen <= BEATS_KEPT) continue;
      one.stop();
      this.#asked.delete(id);
    }
    for (const id of this.#seen) {
      if (this.#asked.has(id) || this.#asked.size >= MOST) continue;
      const wish: TileWish = { id, width: WIDTH, fps: PER_SECOND };
      this.#asked.set(id, { stop: this.pictures.watch(wish, () => { this.#hasCome = true; }), beatsUnseen: 0 });
    }
    if (this.#asked.size > 0) this.#timer = setTimeout(() => this.#beat(), BEAT_MS);
    if (!this.#hasCome) return;
    this.#hasCome = false;
    this.onCome();
  }
}

/**
 * Tags whose stamp is broken, found by those around them: one that leads far from what came before in its track is held back until the next one
 * shows which of the two is right. Taken for true, a picture that claims to lie an hour ahead would move all that follows.
 */
import { TAG_SCRIPT, type FlvTag, type FlvTagType } from '../rtmp/flv.js';

/** A tag, and its stamp as one that goes on growing, ms. */
export interface Stamped { tag: FlvTag; stampMs: number }

/** Frames of a program lie closer together. */
const FAR_MS = 500;
/** Sound and picture may begin apart. */
const FAR_APART_MS = 10_000;

interface Track {
  lastMs: number | null;
  held: Stamped | null;
}

export class StrayStamps {
  readonly #tracks = new Map<FlvTagType, Track>();
  #lastMs: number | null = null;

  /** @param onTag in the order of each track @param onStray with a broken stamp */
  constructor(private readonly onTag: (one: Stamped) => void, private readonly onStray: (one: Stamped) => void) {}

  push(one: Stamped): void {
    // Descriptions belong to no track, and nothing depends on their stamps.
    if (one.tag.type === TAG_SCRIPT) {
      if (!this.#isFar(one, null)) this.onTag(one);
      return;
    }
    const track = this.#of(one.tag.type);
    const { held } = track;
    if (held) {
      track.held = null;
      const isStray = Math.abs(one.stampMs - (track.lastMs ?? this.#lastMs)!) < Math.abs(one.stampMs - held.stampMs);
      if (isStray) this.onStray(held);
      else this.#take(held, track);
    }
    if (this.#isFar(one, track)) track.held = one;
    else this.#take(one, track);
  }

  /** Nothing follows: what nothing has confirmed is believed when it is possible, as a last picture after a moment without any. */
  end(): void {
    for (const track of this.#tracks.values()) {
      const { held } = track;
      track.held = null;
      if (held && this.#isFar(held, null)) this.onStray(held);
      else if (held) this.#take(held, track);
    }
  }

  #of(type: FlvTagType): Track {
    const track = this.#tracks.get(type) ?? { lastMs: null, held: null };
    this.#tracks.set(type, track);
    return track;
  }

  /** @param track null: whichever came last */
  #isFar({ stampMs }: Stamped, track: Track | null): boolean {
    if (track && track.lastMs !== null) return Math.abs(stampMs - track.lastMs) > FAR_MS;
    return this.#lastMs !== null && Math.abs(stampMs - this.#lastMs) > FAR_APART_MS;
  }

  #take(one: Stamped, track: Track): void {
    track.lastMs = one.stampMs;
    this.#lastMs = one.stampMs;
    this.onTag(one);
  }
}

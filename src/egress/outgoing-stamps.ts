/**
 * The time stamps of one stream out of egress: a destination's connection, a preview, a recording over all its parts.
 *
 * The law: a stamp is program time counted from the stream's zero, nothing else. Those of picture grow, those of sound grow,
 * each for itself: what would step back, repeat, or lie before zero is left out, and a picture that is left out takes those
 * with it that cannot be decoded without it. The two kinds bear no order to each other: after an encoder stood still, sound
 * may come well before the picture that belongs to it. RTMP and FLV have it so; holding one kind's stamps back to the other's
 * would show a second of pictures at one moment.
 */
import type { MediaTag } from './program-tag.js';

export class OutgoingStamps {
  #zeroMs: number | null;
  readonly #last = { video: -1, audio: -1 };
  /** A picture was left out: no other until a keyframe. */
  #awaitKeyframe = false;

  /** @param zeroMs program time of stamp 0; null: that of the first tag */
  constructor(zeroMs: number | null = null) {
    this.#zeroMs = zeroMs;
  }

  /** The latest stamp of either kind; -1 before the first. */
  get latestMs(): number {
    return Math.max(this.#last.video, this.#last.audio);
  }

  /** The stamp that a tag would get now; null: it is to be left out. Codec headers always get one. */
  stampOf(tag: MediaTag): number | null {
    const stampMs = tag.timeMs - (this.#zeroMs ?? tag.timeMs);
    if (tag.packet === 'header') return Math.max(stampMs, this.#last[tag.kind], 0);
    if (stampMs <= this.#last[tag.kind]) return null;
    return tag.kind === 'video' && this.#awaitKeyframe && !tag.keyframe ? null : stampMs;
  }

  /** Like {@link stampOf}, and the tag goes out with it, or is left out. */
  take(tag: MediaTag): number | null {
    const stampMs = this.stampOf(tag);
    if (tag.packet === 'header') return stampMs;
    if (tag.kind === 'video') this.#awaitKeyframe = stampMs === null;
    if (stampMs === null) return null;
    this.#zeroMs ??= tag.timeMs;
    this.#last[tag.kind] = stampMs;
    return stampMs;
  }
}

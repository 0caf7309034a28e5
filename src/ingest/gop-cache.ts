import type { FeedTag } from './feed.js';

/** What a late reader needs to begin at once: every tag since the last keyframe, bounded in bytes and time. */
export class GopCache {
  #tags: FeedTag[] = [];
  #bytes = 0;
  /** A GOP that grew beyond a bound is given up whole: without its keyframe the rest is of no use. */
  overflows = 0;

  constructor(
    private readonly maxBytes: number,
    private readonly maxMs: number,
  ) {}

  get tags(): readonly FeedTag[] {
    return this.#tags;
  }

  get bytes(): number {
    return this.#bytes;
  }

  add(tag: FeedTag): void {
    if (tag.kind === 'keyframe') this.clear();
    else if (this.#tags.length === 0) return;
    const first = this.#tags[0] ?? tag;
    if (this.#bytes + tag.bytes.length > this.maxBytes || tag.timeMs - first.timeMs > this.maxMs) {
      this.overflows += 1;
      this.clear();
      return;
    }
    this.#tags.push(tag);
    this.#bytes += tag.bytes.length;
  }

  clear(): void {
    this.#tags = [];
    this.#bytes = 0;
  }
}

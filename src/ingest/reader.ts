import type { FeedTag } from './feed.js';

/** What a reader writes to; a socket, or a stand-in for tests. */
export interface ReaderSink {
  readonly writableLength: number;
  write(bytes: Buffer): boolean;
}

/** What a reader asks of its feed when it must begin anew. */
export interface ReaderSource {
  readonly headers: readonly FeedTag[];
  readonly hasVideo: boolean;
}

type State = 'live' | 'awaiting-keyframe' | 'dropping';

/**
 * One reader of a camera's feed, with a queue of its own.
 * When that is full, everything up to the next keyframe that finds it half empty is dropped and counted: a decoder then
 * misses whole GOP tails and never half a frame.
 */
export class FeedReader {
  #state: State = 'awaiting-keyframe';
  /** Bytes of the GOP cache it was given at the start: they are shared with the cache and do not count. */
  #credit = 0;
  dropped = 0;

  constructor(
    private readonly sink: ReaderSink,
    private readonly source: ReaderSource,
    private readonly maxBytes: number,
    private readonly onDrop: () => void = () => {},
  ) {}

  /** First bytes: the FLV header, then what the feed has. */
  begin(header: Buffer, cached: readonly FeedTag[]): void {
    this.sink.write(header);
    for (const tag of this.source.headers) this.sink.write(tag.bytes);
    if (cached.length > 0) this.#state = 'live';
    for (const tag of cached) this.sink.write(tag.bytes);
    this.#credit = this.sink.writableLength;
  }

  /** A new publisher: frames make sense again from its first keyframe on. */
  renew(): void {
    if (this.#state === 'live') this.#state = 'awaiting-keyframe';
  }

  /** The queue ran empty. */
  drained(): void {
    this.#credit = 0;
  }

  offer(tag: FeedTag): void {
    const queued = this.sink.writableLength - this.#credit;
    if (this.#state === 'dropping') {
      const restart = tag.kind === 'keyframe' || (tag.kind === 'audio' && !this.source.hasVideo);
      if (!restart || queued > this.maxBytes / 2) return this.#drop();
      this.#state = 'live';
      for (const header of this.source.headers) this.sink.write(header.bytes);
    }
    if (queued + tag.bytes.length > this.maxBytes) {
      this.#state = 'dropping';
      return this.#drop();
    }
    if (this.#state === 'awaiting-keyframe' && tag.kind === 'keyframe') this.#state = 'live';
    // Not counted: these frames were never meant for this reader.
    if (this.#state === 'awaiting-keyframe' && tag.kind === 'frame') return;
    this.sink.write(tag.bytes);
  }

  #drop(): void {
    this.dropped += 1;
    this.onDrop();
  }
}

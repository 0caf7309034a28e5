/** One camera's feed: FLV tags from whoever publishes it now, on one timeline, for any number of readers. */
import {
  describeAudio, describeVideo, encodeFlvTag, FLV_HEADER, TAG_AUDIO, TAG_SCRIPT, TAG_VIDEO, type FlvTagType,
} from '../rtmp/flv.js';
import type { Clock } from '../runtime/clock.js';
import { GopCache } from './gop-cache.js';
import type { FeedLimits } from './limits.js';
import { FeedReader, type ReaderSink, type ReaderSource } from './reader.js';
import { StreamFacts } from './stream-facts.js';

export type TagKind = 'script' | 'video-header' | 'audio-header' | 'keyframe' | 'frame' | 'audio';

/** A whole FLV tag. `timeMs` is on the feed's timeline. */
export interface FeedTag {
  kind: TagKind;
  timeMs: number;
  bytes: Buffer;
}

/** Who publishes, from the acceptance on. */
export interface Publication {
  remote: string;
  /** Unix time in ms. */
  sinceMs: number;
  facts: StreamFacts;
}

/**
 * The feed's timeline begins with its first publisher and follows the monotonic clock over gaps, so that a publisher
 * who comes back, whose own timestamps begin anew, continues it. Within one publication the publisher's steps are kept.
 */
export class CameraFeed implements ReaderSource {
  #publication: Publication | null = null;
  #offsetMs: number | null = null;
  #epochMs: number | null = null;
  #lastMs = -1;
  readonly #current = new Map<'script' | 'video-header' | 'audio-header', FeedTag>();
  readonly #cache: GopCache;
  readonly #readers = new Set<FeedReader>();
  hasVideo = false;
  /** Tags that readers missed because they were slow. */
  dropped = 0;

  constructor(
    readonly id: string,
    private readonly clock: Clock,
    private readonly limits: Readonly<FeedLimits>,
  ) {
    this.#cache = new GopCache(limits.cacheBytes, limits.cacheMs);
  }

  get publication(): Publication | null {
    return this.#publication;
  }

  get headers(): readonly FeedTag[] {
    const order = ['script', 'video-header', 'audio-header'] as const;
    return order.flatMap((kind) => this.#current.get(kind) ?? []);
  }

  /** GOPs too long to be kept. */
  get cacheOverflows(): number {
    return this.#cache.overflows;
  }

  /** A publisher was accepted; one that was there before is forgotten. The value names it in `media` and `end`. */
  begin(remote: string): Publication {
    this.#forget();
    this.#publication = { remote, sinceMs: this.clock.wallMs(), facts: new StreamFacts(this.clock) };
    for (const reader of this.#readers) reader.renew();
    return this.#publication;
  }

  /** Nobody publishes any more; readers stay and wait. Ignored when another has taken over. */
  end(publication: Publication): void {
    if (this.#publication !== publication) return;
    this.#publication = null;
    this.#forget();
  }

  /**
   * A checked message. Ignored unless it comes from the present publisher.
   * @param timestampMs 64-bit, on the publisher's timeline
   * @param payload copied
   */
  media(publication: Publication, type: number, timestampMs: number, payload: Buffer): void {
    if (this.#publication !== publication) return;
    const kind = this.#kind(type, payload);
    if (kind === null) return;
    publication.facts.note(kind, timestampMs, payload);
    // FFmpeg's reader takes metadata at any other time than 0 for a subtitle.
    const timeMs = kind === 'script' ? 0 : this.#place(timestampMs);
    const tag: FeedTag = { kind, timeMs, bytes: encodeFlvTag(type as FlvTagType, timeMs, payload) };
    if (kind === 'script' || kind === 'video-header' || kind === 'audio-header') this.#current.set(kind, tag);
    if (kind === 'video-header' || kind === 'keyframe') this.hasVideo = true;
    // Headers change what the cached frames mean, so a cache from before them is of no use.
    if (kind === 'video-header') this.#cache.clear();
    else if (kind !== 'script') this.#cache.add(tag);
    for (const reader of this.#readers) reader.offer(tag);
  }

  /** @returns the reader, to be told of drains, or null when there are too many */
  addReader(sink: ReaderSink): FeedReader | null {
    if (this.#readers.size >= this.limits.maxReaders) return null;
    const reader = new FeedReader(sink, this, this.limits.queueBytes, () => (this.dropped += 1));
    this.#readers.add(reader);
    reader.begin(FLV_HEADER, this.#cache.tags);
    return reader;
  }

  removeReader(reader: FeedReader): void {
    this.#readers.delete(reader);
  }

  #kind(type: number, payload: Buffer): TagKind | null {
    if (type === TAG_SCRIPT) return 'script';
    if (type === TAG_AUDIO) return describeAudio(payload).packet === 'header' ? 'audio-header' : 'audio';
    if (type !== TAG_VIDEO) return null;
    const { packet, keyframe } = describeVideo(payload);
    return packet === 'header' ? 'video-header' : keyframe ? 'keyframe' : 'frame';
  }

  #place(timestampMs: number): number {
    if (this.#offsetMs === null) {
      const nowMs = this.clock.monotonicMs();
      this.#epochMs ??= nowMs;
      const at = Math.max(Math.round(nowMs - this.#epochMs), this.#lastMs + 1);
      this.#offsetMs = at - timestampMs;
    }
    if (timestampMs + this.#offsetMs < 0) this.#offsetMs = this.#lastMs + 1 - timestampMs;
    const timeMs = timestampMs + this.#offsetMs;
    this.#lastMs = Math.max(this.#lastMs, timeMs);
    return timeMs;
  }

  #forget(): void {
    this.#offsetMs = null;
    this.#current.clear();
    this.#cache.clear();
    this.hasVideo = false;
  }
}

/** The program in egress: remembers what a newcomer needs to begin at once, and hands every tag to all who take it. */
import { RateMeter } from '../runtime/rate-meter.js';
import { sameMetadata, type MediaTag, type ProgramMetadata, type ProgramSink } from './program-tag.js';

/** Longer than the longest keyframe interval a person can set, at the highest rate; a newcomer then waits for a keyframe. */
const MAX_CACHE_BYTES = 64 * 1024 * 1024;
const MAX_CACHE_MS = 12_000;
/** A cached picture older than this is no beginning: the encoder is away. */
const STALE_MS = 5000;

/** What a connection begins with: description, codec headers, then the tags since the last keyframe (may be empty). */
export interface ProgramStart {
  metadata: ProgramMetadata | null;
  headers: MediaTag[];
  tags: MediaTag[];
}

export class ProgramHub implements ProgramSink {
  readonly #sinks = new Set<ProgramSink>();
  #metadata: ProgramMetadata | null = null;
  #videoHeader: MediaTag | null = null;
  #audioHeader: MediaTag | null = null;
  #gop: MediaTag[] = [];
  #gopBytes = 0;
  #lastTagMs: number | null = null;
  readonly #rate = new RateMeter();
  /** GOPs given up because they grew beyond the bounds; who connects meanwhile waits for the next keyframe. */
  cacheOverflows = 0;

  constructor(private readonly nowMs: () => number) {}

  metadata(metadata: ProgramMetadata): void {
    if (sameMetadata(metadata, this.#metadata)) return;
    this.#metadata = metadata;
    for (const sink of this.#sinks) sink.metadata(metadata);
  }

  tag(tag: MediaTag): void {
    const nowMs = this.nowMs();
    this.#lastTagMs = nowMs;
    this.#rate.add(nowMs, tag.payload.length);
    if (tag.packet === 'header') {
      if (tag.kind === 'video') this.#videoHeader = tag;
      else this.#audioHeader = tag;
      // What is cached belongs to the headers before; the keyframe that begins the new ones comes next.
      this.#gop = [];
      this.#gopBytes = 0;
    } else this.#cache(tag);
    for (const sink of this.#sinks) sink.tag(tag);
  }

  /** Takes part from the next tag on; begin with {@link begin} in the same turn and nothing is missed or doubled. */
  attach(sink: ProgramSink): void {
    this.#sinks.add(sink);
  }

  detach(sink: ProgramSink): void {
    this.#sinks.delete(sink);
  }

  /** What a newcomer starts with. */
  begin(): ProgramStart {
    const fresh = this.ageMs !== null && this.ageMs <= STALE_MS;
    const tags = fresh ? this.#gop.slice() : [];
    const headers = [this.#videoHeader, this.#audioHeader].filter((header) => header !== null);
    return { metadata: this.#metadata, headers, tags };
  }

  /** Since the last tag came; null before the first. */
  get ageMs(): number | null {
    return this.#lastTagMs === null ? null : Math.max(0, Math.round(this.nowMs() - this.#lastTagMs));
  }

  /** Of the program, over the last seconds. */
  get kbps(): number {
    return this.#rate.kbps(this.nowMs());
  }

  get size(): { width: number; height: number } {
    return { width: this.#metadata?.width ?? 0, height: this.#metadata?.height ?? 0 };
  }

  #cache(tag: MediaTag): void {
    if (tag.kind === 'video' && tag.keyframe) {
      this.#gop = [];
      this.#gopBytes = 0;
    } else if (this.#gop.length === 0) return;
    this.#gop.push(tag);
    this.#gopBytes += tag.payload.length;
    if (this.#gopBytes > MAX_CACHE_BYTES || tag.timeMs - this.#gop[0]!.timeMs > MAX_CACHE_MS) {
      this.cacheOverflows += 1;
      this.#gop = [];
      this.#gopBytes = 0;
    }
  }
}

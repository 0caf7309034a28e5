/** Program tags → the bytes of a recording's parts, stamped by the recording's own time, which goes on from part to part. */
import { flvTagHeader, flvTagTrailer, TAG_AUDIO, TAG_VIDEO } from '../rtmp/flv.js';
import type { Clock } from '../runtime/clock.js';
import { OutgoingStamps } from './outgoing-stamps.js';
import { NO_METADATA, type MediaTag, type ProgramMetadata } from './program-tag.js';
import { partHead, type RecordingOrigin } from './recording-parts.js';
import type { TagQueue } from './tag-queue.js';

export interface Batch {
  pieces: Buffer[];
  bytes: number;
  /** The part is long enough: what is left belongs in the next. */
  roll: boolean;
}

export class RecordingStream {
  metadata: ProgramMetadata | null = null;
  readonly #headers: { video: MediaTag | null; audio: MediaTag | null } = { video: null, audio: null };
  #origin: RecordingOrigin | null = null;
  #stamps = new OutgoingStamps();
  #partStartMs: number | null = null;

  /** @param bootId of this boot of the machine; program time does not outlive it @param partMs longest part; rolled over at a keyframe */
  constructor(private readonly clock: Clock, private readonly bootId: string, private readonly partMs: number) {}

  get durationMs(): number {
    return Math.max(0, this.#stamps.latestMs);
  }

  /** Program time of stamp 0; null before the first frame. */
  get zeroMs(): number | null {
    return this.#origin?.programMs ?? null;
  }

  /** What follows goes into a new part. @param origin of parts that are there already */
  beginPart(origin: RecordingOrigin | null): void {
    if (this.#origin === null && origin !== null) this.#beginAt(this.#continueFrom(origin));
    this.#partStartMs = null;
  }

  header(tag: MediaTag): void {
    this.#headers[tag.kind] = tag;
  }

  /** Whether it comes after all that was taken. */
  isNext(tag: MediaTag): boolean {
    return this.#stamps.stampOf(tag) !== null;
  }

  /** Takes from the queue what is to be written next, up to about `maxBytes`. */
  take(queue: TagQueue, maxBytes: number): Batch {
    const pieces: Buffer[] = [];
    let bytes = 0;
    const put = (...buffers: Buffer[]): void => {
      for (const buffer of buffers) {
        pieces.push(buffer);
        bytes += buffer.length;
      }
    };
    const putTag = (tag: MediaTag, stampMs: number): void => {
      const { payload } = tag;
      put(flvTagHeader(tag.kind === 'video' ? TAG_VIDEO : TAG_AUDIO, stampMs, payload.length), payload, flvTagTrailer(payload.length));
    };
    for (let tag = queue.peek(); tag !== undefined && bytes < maxBytes; tag = queue.peek()) {
      if (tag.packet === 'header') {
        this.header(tag);
        if (this.#partStartMs !== null) putTag(tag, this.#stamps.stampOf(tag) ?? 0);
        queue.shift();
        continue;
      }
      const origin = this.#origin ?? this.#beginAt(this.#originAt(tag));
      const stampMs = this.#stamps.stampOf(tag);
      if (stampMs === null) {
        this.#stamps.take(tag);
        queue.shift();
        continue;
      }
      if (this.#partStartMs === null) {
        this.#partStartMs = stampMs;
        put(partHead(this.metadata ?? NO_METADATA, origin, stampMs));
        for (const header of [this.#headers.video, this.#headers.audio]) if (header) putTag(header, stampMs);
      } else if (tag.keyframe && stampMs - this.#partStartMs >= this.partMs) {
        return { pieces, bytes, roll: true };
      }
      queue.shift();
      this.#stamps.take(tag);
      putTag(tag, stampMs);
    }
    return { pieces, bytes, roll: false };
  }

  /** After a crash of ours the recording goes on with its clock; after a reboot, by the wall clock. */
  #continueFrom(origin: RecordingOrigin): RecordingOrigin {
    if (origin.bootId === this.bootId) return origin;
    const sinceMs = Math.max(0, this.clock.wallMs() - origin.wallMs);
    return { programMs: Math.round(this.clock.monotonicMs() - sinceMs), wallMs: origin.wallMs, bootId: this.bootId };
  }

  #originAt(tag: MediaTag): RecordingOrigin {
    return { programMs: tag.timeMs, wallMs: this.clock.wallMs() - (this.clock.monotonicMs() - tag.timeMs), bootId: this.bootId };
  }

  #beginAt(origin: RecordingOrigin): RecordingOrigin {
    this.#origin = origin;
    this.#stamps = new OutgoingStamps(origin.programMs);
    return origin;
  }
}

/**
 * Tags on their way to something that may be slow. Bounded in bytes and in time.
 *
 * The law: sound and codec headers are never dropped. Over the bound, picture goes by whole GOP tails, oldest first: from the
 * first queued frame of a GOP up to the next keyframe, and when that keyframe has not come yet, everything until it comes.
 * So what is taken out can always be decoded, and is as recent as can be. Order is never changed. Where `maxAllMs` is given and
 * sound waits for longer, all that waits goes but for the headers.
 */
import type { MediaTag } from './program-tag.js';

export interface TagQueueBounds {
  maxBytes: number;
  maxMs: number;
  /** Of everything, sound as well; left out: whoever has the queue sees to it. */
  maxAllMs?: number;
}

export const isPicture = (tag: MediaTag): boolean => tag.kind === 'video' && tag.packet !== 'header';

export class TagQueue {
  #tags: MediaTag[] = [];
  #head = 0;
  #bytes = 0;
  #pictures = 0;
  #awaitKeyframe = false;
  /** Picture frames dropped so far. */
  droppedFrames = 0;

  constructor(private readonly bounds: TagQueueBounds) {}

  get length(): number {
    return this.#tags.length - this.#head;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** From the oldest to the newest tag, in program time. */
  get spanMs(): number {
    const first = this.#tags[this.#head];
    return first === undefined ? 0 : Math.max(0, this.#tags[this.#tags.length - 1]!.timeMs - first.timeMs);
  }

  /** From the oldest picture frame to the newest tag; 0 without picture. */
  get pictureSpanMs(): number {
    if (this.#pictures === 0) return 0;
    let at = this.#head;
    while (!isPicture(this.#tags[at]!)) at += 1;
    return this.#tags[this.#tags.length - 1]!.timeMs - this.#tags[at]!.timeMs;
  }

  push(tag: MediaTag): void {
    if (isPicture(tag)) {
      if (tag.keyframe) this.#awaitKeyframe = false;
      else if (this.#awaitKeyframe) {
        this.droppedFrames += 1;
        return;
      }
      this.#pictures += 1;
    }
    this.#tags.push(tag);
    this.#bytes += tag.payload.length;
    while (this.#pictures > 0 && this.#isOver()) this.dropOldestTail();
    const { maxAllMs = Infinity } = this.bounds;
    if (this.spanMs > maxAllMs && tag.timeMs - this.#oldestMs() > maxAllMs) this.#dropAll();
  }

  peek(): MediaTag | undefined {
    return this.#tags[this.#head];
  }

  shift(): MediaTag | undefined {
    const tag = this.#tags[this.#head];
    if (tag === undefined) return undefined;
    this.#head += 1;
    this.#bytes -= tag.payload.length;
    if (isPicture(tag)) this.#pictures -= 1;
    if (this.#head > 256 && this.#head * 2 > this.#tags.length) {
      this.#tags = this.#tags.slice(this.#head);
      this.#head = 0;
    }
    return tag;
  }

  clear(): void {
    this.#tags = [];
    this.#head = 0;
    this.#bytes = 0;
    this.#pictures = 0;
    this.#awaitKeyframe = false;
  }

  /** Sound that waits does not count as length: dropping picture would not make it shorter. */
  #isOver(): boolean {
    if (this.#bytes > this.bounds.maxBytes) return true;
    return this.spanMs > this.bounds.maxMs && this.pictureSpanMs > this.bounds.maxMs;
  }

  /** Of what is no header, in program time. There is one: what was pushed last. */
  #oldestMs(): number {
    let at = this.#head;
    while (this.#tags[at]!.packet === 'header' && at < this.#tags.length - 1) at += 1;
    return this.#tags[at]!.timeMs;
  }

  #dropAll(): void {
    this.droppedFrames += this.#pictures;
    this.#pictures = 0;
    this.#tags = this.#tags.slice(this.#head).filter(({ packet }) => packet === 'header');
    this.#head = 0;
    this.#bytes = this.#tags.reduce((sum, { payload }) => sum + payload.length, 0);
    this.#awaitKeyframe = true;
  }

  /** Takes out the oldest picture that waits, and what needs it. */
  dropOldestTail(): void {
    const keep: MediaTag[] = [];
    let met: 'nothing' | 'tail' | 'next' = 'nothing';
    for (let at = this.#head; at < this.#tags.length; at += 1) {
      const tag = this.#tags[at]!;
      if (isPicture(tag) && met !== 'next') {
        if (met === 'tail' && tag.keyframe) met = 'next';
        else {
          met = 'tail';
          this.#bytes -= tag.payload.length;
          this.#pictures -= 1;
          this.droppedFrames += 1;
          continue;
        }
      }
      keep.push(tag);
    }
    if (met === 'tail') this.#awaitKeyframe = true;
    this.#tags = keep;
    this.#head = 0;
  }
}

/** One connection of a destination, from "publishing has begun" to its end: queue, time stamps, and whether it delivers. */
import type { PublishError } from '../rtmp/publish-errors.js';
import { Delivery, type DeliveryReading } from './delivery.js';
import { RateMeter } from '../runtime/rate-meter.js';
import { LineGauge } from './line-gauge.js';
import { OutgoingStamps } from './outgoing-stamps.js';
import type { ProgramHub } from './program-hub.js';
import { metadataPayload, type MediaTag, type ProgramMetadata, type ProgramSink } from './program-tag.js';
import { isPicture, TagQueue } from './tag-queue.js';
import type { Endpoint, TcpQueues } from './tcp-queues.js';

/** Picture that waits longer than this is dropped by GOP tails; with the kernel's share the far end stays within 5 s. */
const QUEUE_MS = 2200;
/** The same while it begins: it has a whole GOP to send, and does not know yet how fast it may. */
const BEGIN_QUEUE_MS = 3500;
const QUEUE_BYTES = 24 * 1024 * 1024;
const MAX_BEGIN_MS = 2100;
/** Sound alone piles up so long only where not even sound gets through. */
const MAX_SOUND_MS = 10_000;
/** Where so much waits and the line is full, a picture that would be there later than this is not sent: the sound behind it would be as late. */
const BEHIND_MS = 1000;
const LATE_MS = 3500;
/** FLV and RTMP stamps of many readers are signed: the connection is renewed an hour before 2³¹ ms. */
const ROTATE_AT_MS = 2 ** 31 - 3_600_000;
const KEEP_ALIVE_MS = 5000;
const TCP_EVERY_MS = 900;
/** The same while it begins, and is held for want of knowing more. */
const TCP_BEGIN_MS = 50;
/** It has begun when so little waits, or after so long. */
const BEGUN = { queueMs: 200, afterMs: 5000 };

/** What is used of PublishClient. */
export interface Publisher {
  open(): Promise<void>;
  stop(): Promise<void>;
  sendMedia(kind: 'audio' | 'video', timestampMs: number, payload: Buffer): void;
  sendMetadata(timestampMs: number, payload: Buffer): void;
  keepAlive(): void;
  readonly wantsMore: boolean;
  readonly bytesWritten: number;
  readonly bytesWaiting: number;
  readonly bytesAcked: number | null;
  readonly acks: number;
  readonly endpoint: Endpoint | null;
}

export type ConnectionEnd =
  | { kind: 'error'; error: PublishError }
  | { kind: 'stalled'; message: string }
  | { kind: 'rotate' };

export interface DestinationConnectionOptions {
  publisher: Publisher;
  hub: ProgramHub;
  tcpQueues: TcpQueues;
  nowMs(): number;
  host: string;
  /** Once; not after `stop()`. */
  onEnd(end: ConnectionEnd): void;
}

export class DestinationConnection implements ProgramSink {
  readonly #bounds = { maxBytes: QUEUE_BYTES, maxMs: BEGIN_QUEUE_MS };
  readonly #queue = new TagQueue(this.#bounds);
  readonly #delivery = new Delivery();
  readonly #rate = new RateMeter(4000);
  readonly #line = new LineGauge();
  #state: 'new' | 'running' | 'over' = 'new';
  readonly #stamps = new OutgoingStamps();
  #pendingMetadata: ProgramMetadata | null = null;
  /** Go out with the first tag, whenever that comes. */
  #headers: MediaTag[] = [];
  #tcpAcked: number | null = null;
  /** Of what the far end has heard: counted in the rate. */
  #ratedBytes = 0;
  #tcpAskedMs = -Infinity;
  /** When its first media was sent; Infinity: none was yet. */
  #beganMs = Infinity;
  #asking = false;
  /** There was something to send, but too much is under way. */
  #held = false;
  #lastSentMs = 0;
  /** No picture until a keyframe comes; sound may go. */
  #needKeyframe = false;

  constructor(private readonly options: DestinationConnectionOptions) {}

  /** Begins with description, headers and the cached GOP, so that a viewer starts at once. */
  start(): void {
    const { hub, nowMs } = this.options;
    this.#state = 'running';
    this.#lastSentMs = nowMs();
    const begin = hub.begin();
    hub.attach(this);
    this.#pendingMetadata = begin.metadata;
    const firstMs = begin.tags[0]?.timeMs;
    this.#headers = begin.headers;
    const spanMs = (begin.tags.at(-1)?.timeMs ?? 0) - (firstMs ?? 0);
    // A beginning longer than the queue takes would only be dropped again: then the next keyframe is the beginning.
    if (firstMs !== undefined && spanMs <= MAX_BEGIN_MS) begin.tags.forEach((tag) => this.#queue.push(tag));
    else this.#needKeyframe = true;
    this.pump();
  }

  stop(): Promise<void> {
    this.#finish();
    return this.options.publisher.stop();
  }

  /** The publisher says that the connection is over. */
  closed(error: PublishError | null): void {
    if (error) this.#end({ kind: 'error', error });
  }

  get confirmed(): boolean {
    return this.#delivery.confirmed;
  }

  get ackedBytes(): number {
    return this.#delivery.ackedBytes;
  }

  /** Acknowledged by either witness: a server may acknowledge only every few megabytes. */
  get heardBytes(): number {
    return Math.max(this.#delivery.ackedBytes, this.#tcpAcked ?? 0);
  }

  get droppedFrames(): number {
    return this.#queue.droppedFrames;
  }

  get queueMs(): number {
    return Math.round(this.#queue.spanMs);
  }

  /** Acknowledged, over the last seconds. */
  get kbps(): number {
    return this.#rate.kbps(this.options.nowMs());
  }

  metadata(metadata: ProgramMetadata): void {
    this.#pendingMetadata = metadata;
  }

  tag(tag: MediaTag): void {
    if (this.#needKeyframe && isPicture(tag)) {
      if (!tag.keyframe) return;
      this.#needKeyframe = false;
    }
    this.#queue.push(tag);
    this.pump();
  }

  /** Hands over what there is room for. */
  pump(): void {
    const { publisher } = this.options;
    this.#held = false;
    while (this.#state === 'running' && publisher.wantsMore) {
      const inFlightBytes = this.#inFlightBytes;
      if (inFlightBytes > this.#line.mostBytes) {
        this.#held = true;
        if (this.#isBeginning && this.options.nowMs() - this.#tcpAskedMs >= TCP_BEGIN_MS) void this.#askTcp();
        return;
      }
      const tag = this.#queue.peek();
      if (tag === undefined) return;
      if (isPicture(tag) && this.#wouldBeLate(tag, inFlightBytes)) {
        this.#queue.dropOldestTail();
        continue;
      }
      if ((this.#stamps.stampOf(tag) ?? 0) >= ROTATE_AT_MS && tag.kind === 'video' && tag.keyframe) {
        this.#end({ kind: 'rotate' });
        return;
      }
      this.#queue.shift();
      const stampMs = this.#stamps.take(tag);
      if (stampMs !== null) this.#send(tag, stampMs);
    }
  }

  tick(): void {
    if (this.#state !== 'running') return;
    const { nowMs, host, publisher } = this.options;
    const sinceMs = nowMs() - this.#beganMs;
    if (sinceMs > BEGUN.afterMs || (sinceMs > 0 && this.#queue.spanMs < BEGUN.queueMs)) this.#bounds.maxMs = QUEUE_MS;
    void this.#askTcp();
    const reading = this.#reading();
    const ackedBefore = this.#delivery.ackedBytes;
    this.#delivery.observe(reading);
    this.#rate.add(reading.nowMs, Math.max(0, this.heardBytes - this.#ratedBytes));
    this.#ratedBytes = this.heardBytes;
    if (this.#delivery.rtmpSuffices && this.#delivery.ackedBytes > ackedBefore) this.#gauge(reading.nowMs);
    this.pump();
    if (this.#delivery.stalled) {
      this.#end({ kind: 'stalled', message: `${host} has not acknowledged anything for ${Math.round(this.#delivery.stalledMs / 1000)} s; the connection is made again.` });
    } else if (this.#queue.spanMs > MAX_SOUND_MS) {
      this.#end({ kind: 'stalled', message: `The way to ${host} is too slow even for sound alone; the connection is made again.` });
    } else if (nowMs() - this.#lastSentMs > KEEP_ALIVE_MS) {
      this.#lastSentMs = nowMs();
      publisher.keepAlive();
    }
  }

  /** What waited when it began has not been sent yet. */
  get #isBeginning(): boolean {
    return this.#bounds.maxMs === BEGIN_QUEUE_MS;
  }

  get #isBehind(): boolean {
    return this.#queue.spanMs > BEHIND_MS;
  }

  /** What a full line carries is known: so is when the next tag would be there. */
  #wouldBeLate({ payload }: MediaTag, inFlightBytes: number): boolean {
    return this.#isBehind && this.#line.isFull && this.#queue.spanMs + (inFlightBytes + payload.length) / this.#bytesPerMs > LATE_MS;
  }

  /** What gets through. */
  get #bytesPerMs(): number {
    return this.kbps / 8;
  }

  /** @param atMs the moment of what is known */
  #gauge(atMs: number): void {
    this.#line.acked(atMs, this.heardBytes, this.#bytesPerMs, this.options.hub.kbps / 8);
  }

  /** As far as anybody tells. */
  get #inFlightBytes(): number {
    const { publisher } = this.options;
    // TCP is not asked all the time where the server tells enough.
    const tcpAcked = this.#delivery.rtmpSuffices && !this.#isBehind ? null : this.#tcpAcked;
    return this.#delivery.inFlightBytes(publisher.bytesWritten, publisher.bytesAcked, tcpAcked) ?? 0;
  }

  #send(tag: MediaTag, stampMs: number): void {
    const { publisher, nowMs } = this.options;
    if (this.#beganMs === Infinity) {
      this.#beganMs = nowMs();
      // It has answered all that was said so far. What follows is on its way until the kernel says otherwise.
      if (publisher.endpoint !== null) this.#tcpAcked = publisher.bytesWritten;
      this.#ratedBytes = publisher.bytesWritten;
      this.#delivery.beginMedia(this.#reading());
    }
    if (this.#pendingMetadata) {
      publisher.sendMetadata(stampMs, metadataPayload(this.#pendingMetadata));
      this.#pendingMetadata = null;
    }
    for (const header of this.#headers) publisher.sendMedia(header.kind, stampMs, header.payload);
    this.#headers = [];
    publisher.sendMedia(tag.kind, stampMs, tag.payload);
    this.#lastSentMs = nowMs();
    this.#line.sent(this.#lastSentMs, publisher.bytesWritten);
  }

  /** Once a second where RTMP does not tell enough, or all is late, and at every tick while too much is under way. */
  async #askTcp(): Promise<void> {
    const { publisher, tcpQueues, nowMs } = this.options;
    const { endpoint } = publisher;
    if (endpoint === null || this.#asking || (this.#delivery.rtmpSuffices && !this.#isBehind)) return;
    if (!this.#held && nowMs() - this.#tcpAskedMs < TCP_EVERY_MS) return;
    this.#asking = true;
    const askedMs = nowMs();
    this.#tcpAskedMs = askedMs;
    // Counted before the kernel is asked: what is written meanwhile can only make the answer smaller, never too large.
    const givenBytes = publisher.bytesWritten - publisher.bytesWaiting;
    const waitingBytes = await tcpQueues.waiting(endpoint);
    this.#asking = false;
    if (this.#state !== 'running') return;
    this.#tcpAcked = waitingBytes === null ? null : Math.max(this.#tcpAcked ?? 0, givenBytes - waitingBytes);
    // What was sent while the kernel was asked has not been late.
    if (this.#tcpAcked !== null) this.#gauge(askedMs);
    this.pump();
  }

  #reading(): DeliveryReading {
    const { publisher, nowMs } = this.options;
    return {
      nowMs: nowMs(), sentBytes: publisher.bytesWritten, rtmpAckedBytes: publisher.bytesAcked, rtmpAcks: publisher.acks, tcpAckedBytes: this.#delivery.rtmpSuffices ? null : this.#tcpAcked,
    };
  }

  #end(end: ConnectionEnd): void {
    if (this.#state === 'over') return;
    this.#finish();
    void this.options.publisher.stop();
    this.options.onEnd(end);
  }

  #finish(): void {
    this.#state = 'over';
    this.options.hub.detach(this);
  }
}

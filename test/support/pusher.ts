/**
 * A camera for tests: plays a pattern file by RTMP in real time, round and round without a join, for a few percent of what
 * FFmpeg takes, and with faults on demand.
 */
import { readFileSync } from 'node:fs';
import { openRtmp, type RtmpClient } from './rtmp/client.js';
import { isKeyframe, isSequenceHeader, readTags, type Tag } from './rtmp/flv.js';
import type { PatternFile } from './pattern/generate.js';
import { delay, monotonicMs } from './wait.js';

export interface PusherOptions {
  url: string;
  file: Pick<PatternFile, 'path' | 'seconds' | 'fps' | 'frames'>;
  /** Added to every timestamp, ms: to begin near 2^24, 2^31 or 2^32. */
  startTimestampMs?: number;
  /** The camera's clock against ours, parts per million. */
  driftPpm?: number;
  /** Send again after the connection ends, as OBS does; ms to wait before it. Undefined: never. */
  reconnectMs?: number;
  sound?: boolean;
  /** Begin this far into the file; rounded to its next keyframe. */
  fromMs?: number;
}

interface Prepared {
  headers: Tag[];
  tags: Tag[];
}

/** Headers apart, and exactly as many frames as the loop is long: an encoder's extra sound frames would shift each round. */
function prepare({ path, seconds }: PusherOptions['file'], sound: boolean): Prepared {
  const all = readTags(readFileSync(path)).filter((tag) => sound || tag.type !== 8);
  const firstPicture = all.find((tag) => tag.type === 9 && !isSequenceHeader(tag))?.timestampMs ?? 0;
  const headers = all.filter((tag) => tag.type === 18 || isSequenceHeader(tag)).map((tag) => ({ ...tag, timestampMs: 0 }));
  const tags = all
    .filter((tag) => tag.type !== 18 && !isSequenceHeader(tag) && tag.body.length > 5)
    .map((tag) => ({ ...tag, timestampMs: tag.timestampMs - firstPicture }))
    .filter((tag) => tag.timestampMs >= (tag.type === 8 ? -10 : 0) && tag.timestampMs < seconds * 1_000 - (tag.type === 8 ? 10 : 0));
  return { headers, tags };
}

/** A camera that sends within this of its times is steady. */
const STEADY_MS = 15;

const cache = new Map<string, Prepared>();

function load(file: PusherOptions['file'], sound: boolean): Prepared {
  const key = `${file.path} ${sound}`;
  const media = cache.get(key) ?? prepare(file, sound);
  cache.set(key, media);
  return media;
}

export class Pusher {
  /** When frame 0 of the file's first round was or would have been due: CLOCK_MONOTONIC, ms. */
  startMs = NaN;
  connects = 0;
  sentTags = 0;
  /** When media last began to flow: at the start, after a freeze, after a reconnect. CLOCK_MONOTONIC, ms. */
  resumedMs = NaN;
  /** When `change` took effect. */
  changedMs = NaN;
  lastError = '';
  /** How late the tag that was sent latest went out, ms: a busy machine makes a jittery camera. */
  latestMs = 0;
  /** Each time that it held back for more than `STEADY_MS` what it should have sent: when it went on, and how late. */
  stalls: { atMs: number; lateMs: number }[] = [];
  private media: Prepared;
  private next: PusherOptions['file'] | undefined;
  private client: RtmpClient | undefined;
  private stopping = false;
  private frozen = false;
  private jumpMs = 0;
  private running: Promise<void> | undefined;
  private wake: (() => void) | undefined;

  constructor(private readonly options: PusherOptions) {
    this.media = load(options.file, options.sound ?? true);
  }

  /** Resolves when the server has accepted the stream; rejects when it refused the first time. */
  async start(): Promise<this> {
    await this.connect();
    this.running = this.play();
    return this;
  }

  /** The moment counter `counter` of the first round was given out. A camera's light is this minus its encoder. */
  sentAtMs(counter: number): number {
    return this.startMs + (counter * 1_000) / this.options.file.fps / this.speed;
  }

  /** Stops or goes on sending; the connection stays. What was due in between is never sent. */
  setFrozen(frozen: boolean): void {
    this.frozen = frozen;
    this.wake?.();
  }

  /** From now on timestamps are this much further on. */
  jump(byMs: number): void {
    this.jumpMs += byMs;
  }

  /** Goes on with other footage over the same connection, as a camera whose settings were changed: from its beginning, at once. */
  change(file: PusherOptions['file']): void {
    this.next = file;
  }

  /** Ends the connection without a word and, with `reconnectMs`, comes again. */
  dropConnection(): void {
    this.client?.socket.destroy();
  }

  get connected(): boolean {
    return this.client !== undefined && !this.client.socket.destroyed;
  }

  async stop(): Promise<void> {
    this.stopping = true;
    this.client?.close();
    this.wake?.();
    await this.running;
  }

  private get speed(): number {
    return 1 + (this.options.driftPpm ?? 0) / 1e6;
  }

  private async connect(): Promise<void> {
    this.client = await openRtmp({ url: this.options.url, mode: 'publish' });
    this.connects++;
    for (const header of this.media.headers) this.client.send(this.stamp(header, 0));
  }

  private stamp(tag: Tag, mediaMs: number): Tag {
    return { ...tag, timestampMs: Math.max(0, Math.round(mediaMs + (this.options.startTimestampMs ?? 0) + this.jumpMs)) };
  }

  /** Sends each tag when it is due; after a pause or a reconnect it goes on at the next keyframe that is not past. */
  private async play(): Promise<void> {
    let loopMs = this.options.file.seconds * 1_000;
    let { tags } = this.media;
    const from = tags.findIndex((tag) => isKeyframe(tag) && tag.timestampMs >= (this.options.fromMs ?? 0));
    let index = Math.max(0, from);
    let round = 0;
    this.startMs = monotonicMs() - tags[index]!.timestampMs / this.speed;
    let skipping = false;
    while (!this.stopping) {
      if (this.next) {
        // Timestamps go on from here though the footage begins anew.
        const nowMs = (monotonicMs() - this.startMs) * this.speed;
        loopMs = this.next.seconds * 1_000;
        this.media = load(this.next, this.options.sound ?? true);
        this.next = undefined;
        tags = this.media.tags.map((tag) => ({ ...tag, timestampMs: tag.timestampMs + nowMs }));
        index = 0;
        round = 0;
        this.changedMs = monotonicMs();
        if (this.connected) for (const header of this.media.headers) this.client!.send(this.stamp(header, nowMs));
      }
      if (index === tags.length) {
        index = 0;
        round++;
      }
      const tag = tags[index]!;
      const mediaMs = tag.timestampMs + round * loopMs;
      const aheadMs = this.startMs + mediaMs / this.speed - monotonicMs();
      if (aheadMs > 1) {
        await this.sleep(aheadMs);
        continue;
      }
      index++;
      if (this.frozen) {
        skipping = true;
        continue;
      }
      if (!this.connected) {
        if (this.options.reconnectMs === undefined) return;
        await this.sleep(this.options.reconnectMs);
        if (this.stopping) return;
        await this.connect().catch((error: unknown) => { this.lastError = String(error); });
        skipping = true;
        continue;
      }
      if (skipping && (aheadMs < -100 || !isKeyframe(tag))) continue;
      if (skipping || this.sentTags === 0) this.resumedMs = monotonicMs();
      else this.noteLate(-aheadMs);
      skipping = false;
      this.client!.send(this.stamp(tag, mediaMs));
      this.sentTags++;
    }
  }

  private noteLate(lateMs: number): void {
    this.latestMs = Math.max(this.latestMs, lateMs);
    const atMs = monotonicMs();
    // What piled up meanwhile goes out with it, less and less late.
    if (lateMs > STEADY_MS && atMs - (this.stalls.at(-1)?.atMs ?? -Infinity) > lateMs) this.stalls.push({ atMs, lateMs });
  }

  private async sleep(ms: number): Promise<void> {
    const aborted = new Promise<void>((done) => { this.wake = done; });
    await Promise.race([delay(ms), aborted]);
  }
}

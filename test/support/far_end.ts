/** A destination in the test's own process whose picture can be read at any moment, without ending the broadcast. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { analysePicture, type PictureReport } from './pattern/analyse.js';
import { readPattern, withoutTail, type ReadOptions, type Reading } from './pattern/read.js';
import { isKeyframe, isSequenceHeader, pictureTimeMs } from './rtmp/flv.js';
import { RtmpSink, type Publication, type RtmpSinkOptions } from './rtmp/server.js';
import { removeFolder, tempFolder } from './temp.js';
import { monotonicMs, waitFor } from './wait.js';

/** Pictures that are further apart than this have a break between them. */
const BREAK_MS = 200;

export class FarEnd {
  readonly sink: RtmpSink;
  private readonly folder = tempFolder('v-far-');
  private files = 0;

  constructor(options: RtmpSinkOptions = {}) {
    this.sink = new RtmpSink(options);
  }

  async start(): Promise<this> {
    await this.sink.start();
    return this;
  }

  get url(): string {
    return this.sink.url;
  }

  /** The newest accepted publication of a key. */
  publication(key: string): Publication {
    const found = this.sink.publications.findLast((one) => one.key === key && one.acceptedMs !== null);
    if (!found) throw new Error(`nobody has published ${key}`);
    return found;
  }

  /** How often a key has been accepted. */
  accepted(key: string): number {
    return this.sink.publications.filter((one) => one.key === key && one.acceptedMs !== null).length;
  }

  /** Frames that came from `sinceMs` (CLOCK_MONOTONIC) on; the recording begins at the keyframe before, so mind `windowStart`. */
  async read(key: string, sinceMs = -Infinity, options: ReadOptions = {}): Promise<Reading> {
    const path = join(this.folder, `${this.files++}.flv`);
    writeFileSync(path, RtmpSink.flv(this.publication(key), sinceMs));
    try {
      return withoutTail(await readPattern(path, options));
    } finally {
      rmSync(path);
    }
  }

  async picture(key: string, sinceMs: number, fps = 30): Promise<PictureReport> {
    return analysePicture((await this.read(key, sinceMs, { sound: false })).frames, { fps, fromMs: this.mediaTimeMs(key, sinceMs) });
  }

  /** The stream's own time of what arrived first after a moment. */
  mediaTimeMs(key: string, atMs: number): number {
    const tag = this.publication(key).tags.find((one) => one.type === 9 && !isSequenceHeader(one) && one.arrivedMs >= atMs);
    return tag ? pictureTimeMs(tag) : Infinity;
  }

  /** When the frame with this time in the stream was here. */
  arrivalMs(key: string, mediaMs: number): number {
    const tag = this.publication(key).tags.find((one) => one.type === 9 && !isSequenceHeader(one) && Math.abs(pictureTimeMs(one) - mediaMs) < 2);
    return tag?.arrivedMs ?? NaN;
  }

  /** Every picture with its time in the stream and when it was here. */
  pictureArrivals(key: string): { mediaMs: number; arrivedMs: number }[] {
    return this.publication(key).tags
      .filter((tag) => tag.type === 9 && !isSequenceHeader(tag))
      .map((tag) => ({ mediaMs: pictureTimeMs(tag), arrivedMs: tag.arrivedMs }));
  }

  /** The longest silence of the line since a moment, as time of arrival and as a hole in the stream's time, and what ended it. */
  longestGap(key: string, sinceMs: number): { arrivalMs: number; mediaMs: number; endedByKeyframe: boolean } {
    const tags = this.publication(key).tags.filter((tag) => tag.type === 9 && !isSequenceHeader(tag) && tag.arrivedMs >= sinceMs);
    const gap = { arrivalMs: 0, mediaMs: 0, endedByKeyframe: false };
    for (let i = 1; i < tags.length; i++) {
      gap.arrivalMs = Math.max(gap.arrivalMs, tags[i]!.arrivedMs - tags[i - 1]!.arrivedMs);
      const mediaMs = tags[i]!.timestampMs - tags[i - 1]!.timestampMs;
      if (mediaMs > gap.mediaMs) Object.assign(gap, { mediaMs, endedByKeyframe: isKeyframe(tags[i]!) });
    }
    return gap;
  }

  /** Whether pictures have come for as long as this until now with hardly a break, all of it after `sinceMs`. */
  isSteady(key: string, forMs: number, sinceMs = -Infinity): boolean {
    const nowMs = monotonicMs();
    if (nowMs - forMs < sinceMs) return false;
    const arrivals = this.sink.current(key)?.tags.filter((tag) => tag.type === 9 && tag.arrivedMs > nowMs - forMs).map((tag) => tag.arrivedMs) ?? [];
    return [...arrivals, nowMs].every((ms, i) => ms - (arrivals[i - 1] ?? nowMs - forMs) < BREAK_MS);
  }

  /** Waits until a picture arrives that was sent after now. Answers how long it took, ms. */
  async nextPicture(key: string, timeoutMs = 15_000): Promise<number> {
    const fromMs = monotonicMs();
    await waitFor(`a picture at ${key}`, () => this.sink.current(key)?.tags.some((tag) => tag.type === 9 && tag.arrivedMs > fromMs), { timeoutMs });
    return monotonicMs() - fromMs;
  }

  /** Writes all of a publication to a file that stays when VISTTER_KEEP_TEMP is set, to be looked at; answers its path. */
  keep(key: string): string {
    const path = join(this.folder, `${key}.flv`);
    writeFileSync(path, RtmpSink.flv(this.publication(key), -Infinity));
    return path;
  }

  async stop(): Promise<void> {
    await this.sink.stop();
    removeFolder(this.folder);
  }
}

/**
 * Joins a recording's parts to one FLV stream: one head, time that only grows for picture and for sound, cut ends left out. What is damaged in
 * the middle of a part is left out as well, and what follows it is used.
 *
 * A hole of seconds, as a crash leaves it, stays: the time in the file is the program's. A longer one is a pause, as when the
 * product was stopped and started again or the disk was full for an hour; nobody wants to sit through it, and it is left out.
 * `pauses` says where, so that what was noted by the recording's time is found in the file.
 */
import { createReadStream } from 'node:fs';
import { MAX_PAUSES, type Pause } from '../protocol/link.js';
import { FLV_HEADER, FlvTimestampUnwrapper, TAG_AUDIO, TAG_SCRIPT, describeAudio, describeVideo, encodeFlvTag, shownLaterMs, type FlvTag } from '../rtmp/flv.js';
import { parameterSets, withParameterSets } from './avc-parameter-sets.js';
import { FlvSalvage } from './flv-salvage.js';
import { StrayStamps } from './stray-stamps.js';

const READ_BYTES = 1024 * 1024;
/** A hole that is longer is a pause. */
const LONGEST_HOLE_MS = 10_000;
/** Places of damage that are remembered; what is broken more often is broken all over. */
const MOST_PLACES = 1_000;
/** A step between two frames that is longer says nothing about their rate. */
const LONGEST_STEP_MS = 120;
/** A picture that is to be shown later than this behind its stamp has a broken one. */
const LONGEST_REORDERING_MS = 1_000;

/** One kind of frames: where it is, and how far apart its frames are. */
class Track {
  #lastMs: number | null = null;
  /** A picture whose neighbours were to be shown before it, and never came as the encoder died, is shown later than any stamp says. */
  #shownMs = 0;

  constructor(private stepMs: number) {}

  reach(atMs: number, shownMs = atMs): void {
    const stepMs = this.#lastMs === null ? 0 : atMs - this.#lastMs;
    if (stepMs > 0 && stepMs <= LONGEST_STEP_MS) this.stepMs = stepMs;
    this.#lastMs = Math.max(this.#lastMs ?? 0, atMs);
    this.#shownMs = Math.max(this.#shownMs, shownMs);
  }

  /** Whether a frame then would not come after those before. */
  isBehind(atMs: number): boolean {
    return this.#lastMs !== null && atMs <= this.#lastMs;
  }

  /** When the frame after the last is due, and after the last that is shown; 0 when there is none. */
  get nextMs(): number {
    return this.#lastMs === null ? 0 : Math.max(this.#lastMs, this.#shownMs) + this.stepMs;
  }
}

export class PartJoiner {
  #videoHeader: Buffer | null = null;
  #audioHeader: Buffer | null = null;
  #sets: Buffer | null = null;
  #describedOnce = false;
  #firstMs: number | null = null;
  #lastMs = 0;
  /** All parts count from the recording's beginning. */
  readonly #unwrapper = new FlvTimestampUnwrapper();
  readonly #video = new Track(40);
  readonly #audio = new Track(21);
  /** Added to the parts' stamps: later parts count on as the one that was moved. */
  #shiftMs = 0;
  /** Parts whose end was cut, or with damage in them. */
  damaged = 0;
  /** Behind which the same part goes on: where in the joined stream, ms from its beginning, and how many bytes were left out. */
  readonly damage: { atMs: number; bytes: number }[] = [];
  /** What was left out, by the parts' stamps; one that a clock that was set back makes is none. */
  readonly pauses: Pause[] = [];

  /** From the first to the last stamp seen so far, ms. */
  get durationMs(): number {
    return this.#firstMs === null ? 0 : this.#lastMs - this.#firstMs;
  }

  /** The joined stream, in pieces of about a megabyte. Reading errors throw; bad bytes are left out. */
  join(paths: readonly string[]): AsyncGenerator<Buffer, void, void> {
    return this.joinParts(paths.map((path) => createReadStream(path, { highWaterMark: READ_BYTES })));
  }

  /** The same of parts that are read elsewhere. A piece of theirs is not kept. */
  async *joinParts(parts: Iterable<AsyncIterable<Buffer>> | AsyncIterable<AsyncIterable<Buffer>>): AsyncGenerator<Buffer, void, void> {
    yield FLV_HEADER;
    for await (const part of parts) yield* this.#part(part);
  }

  async *#part(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, void> {
    let isFirst = true;
    let out: Buffer[] = [];
    const stamps = new StrayStamps(({ tag, stampMs }) => {
      const piece = this.#tag(tag, this.#place(stampMs, isFirst));
      isFirst = false;
      if (piece) out.push(piece);
    }, ({ tag }) => this.#noteDamage(tag.payload.length));
    const reader = new FlvSalvage((tag) => stamps.push({ tag, stampMs: this.#unwrapper.unwrap(tag.timestampMs) }), (bytes) => this.#noteDamage(bytes));
    for await (const chunk of chunks) {
      reader.push(chunk);
      yield Buffer.concat(out);
      out = [];
    }
    reader.end();
    stamps.end();
    if (reader.isDamaged) this.damaged += 1;
    yield Buffer.concat(out);
  }

  #noteDamage(bytes: number): void {
    if (this.damage.length < MOST_PLACES) this.damage.push({ atMs: this.durationMs, bytes });
  }

  /** Where a stamp of a part lies in the joined stream. */
  #place(stampMs: number, isFirstOfPart: boolean): number {
    const atMs = stampMs + this.#shiftMs;
    if (this.#firstMs === null) return atMs;
    // A part begins with a picture. Only a clock that was set back makes it lie before the last one; sound may be ahead of it.
    const isBehind = isFirstOfPart ? this.#video.isBehind(atMs) : this.#lastMs - atMs > LONGEST_HOLE_MS;
    if (!isBehind && atMs - this.#lastMs <= LONGEST_HOLE_MS) return atMs;
    const nextMs = Math.max(this.#video.nextMs, this.#audio.nextMs);
    this.#leaveOut(nextMs - this.#shiftMs, atMs - nextMs);
    this.#shiftMs += nextMs - atMs;
    return nextMs;
  }

  #leaveOut(atMs: number, lengthMs: number): void {
    if (lengthMs > 0 && this.pauses.length < MAX_PAUSES) this.pauses.push({ atMs, lengthMs });
  }

  #tag(tag: FlvTag, atMs: number): Buffer | null {
    const { type, payload } = tag;
    // Only a broken stamp lies before the beginning.
    if (atMs < 0) return null;
    if (type === TAG_SCRIPT) {
      if (this.#describedOnce) return null;
      this.#describedOnce = true;
      return encodeFlvTag(type, 0, payload);
    }
    if (type === TAG_AUDIO) {
      if (describeAudio(payload).packet === 'header') {
        if (this.#audioHeader !== null) return null;
        this.#audioHeader = payload;
      } else {
        if (this.#audio.isBehind(atMs)) return null;
        this.#reach(this.#audio, atMs);
      }
      return encodeFlvTag(type, atMs, payload);
    }
    const kind = describeVideo(payload);
    if (kind.packet === 'header') {
      if (this.#videoHeader === null) {
        this.#videoHeader = payload;
        return encodeFlvTag(type, atMs, payload);
      }
      this.#sets = kind.codec === 'avc' && !this.#videoHeader.equals(payload) ? parameterSets(payload) : this.#sets && parameterSets(payload);
      return null;
    }
    if (kind.packet === 'end') return null;
    const laterMs = shownLaterMs(payload);
    this.#reach(this.#video, atMs, laterMs <= LONGEST_REORDERING_MS ? atMs + laterMs : atMs);
    return encodeFlvTag(type, atMs, kind.keyframe && this.#sets ? withParameterSets(payload, this.#sets) : payload);
  }

  #reach(track: Track, atMs: number, shownMs = atMs): void {
    track.reach(atMs, shownMs);
    if (this.#firstMs === null) {
      this.#firstMs = atMs;
      // The file begins with it.
      this.#leaveOut(0, atMs);
    }
    this.#lastMs = Math.max(this.#lastMs, atMs);
  }
}

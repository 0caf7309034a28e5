/** Joins a recording's parts to one FLV stream: one head, time that only grows, cut ends left out. */
import { createReadStream } from 'node:fs';
import { FLV_HEADER, FlvError, FlvParser, FlvTimestampUnwrapper, TAG_AUDIO, TAG_SCRIPT, describeAudio, describeVideo, encodeFlvTag, type FlvTag } from '../rtmp/flv.js';
import { parameterSets, withParameterSets } from './avc-parameter-sets.js';

const READ_BYTES = 1024 * 1024;
/** What a part that seems to begin in the past is put behind the one before. */
const JOIN_GAP_MS = 20;

export class PartJoiner {
  #videoHeader: Buffer | null = null;
  #audioHeader: Buffer | null = null;
  #sets: Buffer | null = null;
  #describedOnce = false;
  #firstMs: number | null = null;
  #lastMs = 0;
  /** Parts whose end was cut or damaged; what came before it is used. */
  damaged = 0;

  /** From the first to the last stamp seen so far, ms. */
  get durationMs(): number {
    return this.#firstMs === null ? 0 : this.#lastMs - this.#firstMs;
  }

  /** The joined stream, in pieces of about a megabyte. Reading errors throw; bad bytes end their part only. */
  async *join(paths: readonly string[]): AsyncGenerator<Buffer, void, void> {
    yield FLV_HEADER;
    for (const path of paths) yield* this.#part(path);
  }

  async *#part(path: string): AsyncGenerator<Buffer, void, void> {
    const unwrapper = new FlvTimestampUnwrapper();
    let shiftMs: number | null = null;
    let out: Buffer[] = [];
    const parser = new FlvParser((tag) => {
      const stampMs = unwrapper.unwrap(tag.timestampMs);
      // Only a clock that was set back makes a part begin before the end of the last one.
      shiftMs ??= this.#firstMs !== null && stampMs <= this.#lastMs ? this.#lastMs + JOIN_GAP_MS - stampMs : 0;
      const piece = this.#tag(tag, stampMs + shiftMs);
      if (piece) out.push(piece);
    });
    for await (const chunk of createReadStream(path, { highWaterMark: READ_BYTES })) {
      try {
        parser.push(chunk as Buffer);
      } catch (error) {
        if (!(error instanceof FlvError)) throw error;
        this.damaged += 1;
        yield Buffer.concat(out);
        return;
      }
      yield Buffer.concat(out);
      out = [];
    }
    if (!parser.atBoundary) this.damaged += 1;
  }

  #tag(tag: FlvTag, atMs: number): Buffer | null {
    const { type, payload } = tag;
    if (type === TAG_SCRIPT) {
      if (this.#describedOnce) return null;
      this.#describedOnce = true;
      return encodeFlvTag(type, 0, payload);
    }
    if (type === TAG_AUDIO) {
      if (describeAudio(payload).packet === 'header') {
        if (this.#audioHeader !== null) return null;
        this.#audioHeader = payload;
      } else this.#reach(atMs);
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
    this.#reach(atMs);
    return encodeFlvTag(type, atMs, kind.keyframe && this.#sets ? withParameterSets(payload, this.#sets) : payload);
  }

  #reach(atMs: number): void {
    this.#firstMs ??= atMs;
    this.#lastMs = Math.max(this.#lastMs, atMs);
  }
}

/**
 * FLV tags: reading them from a byte stream and writing them.
 *
 * This is the form in which media travels between our processes (unix sockets), in recordings and to the browser.
 * Layout after Adobe's "Video File Format Specification 10.1", annex E, and the enhanced RTMP v2 text for the
 * extended video and audio headers.
 */

/** Tag types of FLV, the same numbers as RTMP's message types for media. */
export const TAG_AUDIO = 8;
export const TAG_VIDEO = 9;
export const TAG_SCRIPT = 18;
export type FlvTagType = typeof TAG_AUDIO | typeof TAG_VIDEO | typeof TAG_SCRIPT;

/** File header (sound and picture flagged) and the zero PreviousTagSize that follows it: 13 bytes. */
export const FLV_HEADER: Buffer = Buffer.from([0x46, 0x4c, 0x56, 1, 5, 0, 0, 0, 9, 0, 0, 0, 0]);
/** Bytes around each payload: the 11 of the tag header. */
export const FLV_TAG_HEADER_BYTES = 11;
/** A 4K keyframe at 100 Mb/s stays far below this; whatever is above it is garbage. */
const FLV_MAX_TAG_BYTES = 16 * 1024 * 1024 - 1;

/** One FLV tag. `timestampMs` is the raw unsigned 32-bit value of the file; unwrap it with {@link FlvTimestampUnwrapper}. */
export interface FlvTag {
  type: FlvTagType;
  timestampMs: number;
  payload: Buffer;
}

/** The bytes are not FLV, or exceed a limit. The stream cannot be read any further. */
export class FlvError extends Error {
  override name = 'FlvError';
}

/**
 * Reads FLV from chunks of any size and calls `onTag` for each whole tag. Payloads are copies of their own, so that a
 * small sound tag kept in a cache never holds a whole socket buffer.
 */
export class FlvParser {
  readonly #onTag: (tag: FlvTag) => void;
  readonly #maxTagBytes: number;
  #mode: 'fileHeader' | 'skip' | 'tagHeader' | 'payload' | 'tagSize' = 'fileHeader';
  /** Bytes of a header that straddles chunks. */
  readonly #head = Buffer.alloc(FLV_TAG_HEADER_BYTES);
  #headFill = 0;
  #skipLeft = 0;
  #type: FlvTagType = TAG_SCRIPT;
  #timestampMs = 0;
  #payload: Buffer = Buffer.alloc(0);
  #payloadFill = 0;

  constructor(onTag: (tag: FlvTag) => void, options: { maxTagBytes?: number } = {}) {
    this.#onTag = onTag;
    this.#maxTagBytes = options.maxTagBytes ?? FLV_MAX_TAG_BYTES;
  }

  /** True between two tags: what was pushed so far ends on a tag's border. */
  get atBoundary(): boolean {
    return this.#mode === 'tagHeader' && this.#headFill === 0;
  }

  /** Takes the next bytes. Throws {@link FlvError} on anything that is not FLV; do not push again after that. */
  push(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) {
      switch (this.#mode) {
        case 'fileHeader':
          at = this.#fill(chunk, at, 9);
          if (this.#headFill === 9) this.#readFileHeader();
          break;
        case 'skip': {
          const step = Math.min(this.#skipLeft, chunk.length - at);
          at += step;
          this.#skipLeft -= step;
          if (this.#skipLeft === 0) this.#expect('tagHeader');
          break;
        }
        case 'tagHeader':
          at = this.#fill(chunk, at, FLV_TAG_HEADER_BYTES);
          if (this.#headFill === FLV_TAG_HEADER_BYTES) this.#readTagHeader();
          break;
        case 'payload': {
          const step = Math.min(this.#payload.length - this.#payloadFill, chunk.length - at);
          chunk.copy(this.#payload, this.#payloadFill, at, at + step);
          at += step;
          this.#payloadFill += step;
          if (this.#payloadFill === this.#payload.length) this.#expect('tagSize');
          break;
        }
        case 'tagSize':
          at = this.#fill(chunk, at, 4);
          if (this.#headFill === 4) this.#finishTag();
          break;
      }
    }
  }

  #expect(mode: 'skip' | 'tagHeader' | 'payload' | 'tagSize'): void {
    this.#mode = mode;
    this.#headFill = 0;
  }

  #fill(chunk: Buffer, at: number, want: number): number {
    const step = Math.min(want - this.#headFill, chunk.length - at);
    chunk.copy(this.#head, this.#headFill, at, at + step);
    this.#headFill += step;
    return at + step;
  }

  #readFileHeader(): void {
    const head = this.#head;
    if (head[0] !== 0x46 || head[1] !== 0x4c || head[2] !== 0x56) throw new FlvError('Not FLV: the signature is missing.');
    const headerBytes = head.readUInt32BE(5);
    if (headerBytes < 9 || headerBytes > 1024) throw new FlvError(`Not FLV: a header of ${headerBytes} bytes.`);
    this.#skipLeft = headerBytes - 9 + 4;
    this.#expect('skip');
  }

  #readTagHeader(): void {
    const head = this.#head;
    const type = head.readUInt8(0);
    if (type !== TAG_AUDIO && type !== TAG_VIDEO && type !== TAG_SCRIPT) throw new FlvError(`Unknown FLV tag type ${type}.`);
    const bytes = head.readUIntBE(1, 3);
    if (bytes > this.#maxTagBytes) throw new FlvError(`An FLV tag of ${bytes} bytes; at most ${this.#maxTagBytes} are taken.`);
    this.#type = type;
    this.#timestampMs = head.readUIntBE(4, 3) + head.readUInt8(7) * 0x1000000;
    this.#payload = Buffer.allocUnsafe(bytes);
    this.#payloadFill = 0;
    this.#expect(bytes === 0 ? 'tagSize' : 'payload');
  }

  #finishTag(): void {
    const bytes = this.#head.readUInt32BE(0);
    const expected = this.#payload.length + FLV_TAG_HEADER_BYTES;
    if (bytes !== expected) throw new FlvError(`FLV is out of step: a tag of ${expected} bytes says ${bytes}.`);
    const tag: FlvTag = { type: this.#type, timestampMs: this.#timestampMs, payload: this.#payload };
    this.#payload = Buffer.alloc(0);
    this.#expect('tagHeader');
    this.#onTag(tag);
  }
}

/** Writes the 11-byte header of a tag. `timestampMs` is taken modulo 2³². */
export function flvTagHeader(type: FlvTagType, timestampMs: number, payloadBytes: number): Buffer {
  const head = Buffer.allocUnsafe(FLV_TAG_HEADER_BYTES);
  const stamp = timestampMs % 0x100000000;
  head.writeUInt8(type, 0);
  head.writeUIntBE(payloadBytes, 1, 3);
  head.writeUIntBE(stamp % 0x1000000, 4, 3);
  head.writeUInt8(Math.floor(stamp / 0x1000000), 7);
  head.writeUIntBE(0, 8, 3);
  return head;
}

/** The PreviousTagSize that follows a payload of that many bytes. */
export function flvTagTrailer(payloadBytes: number): Buffer {
  const trailer = Buffer.allocUnsafe(4);
  trailer.writeUInt32BE(payloadBytes + FLV_TAG_HEADER_BYTES, 0);
  return trailer;
}

/** A whole tag in one buffer (one copy of the payload). Use header, payload and trailer apart where writev is at hand. */
export function encodeFlvTag(type: FlvTagType, timestampMs: number, payload: Buffer): Buffer {
  return Buffer.concat([flvTagHeader(type, timestampMs, payload.length), payload, flvTagTrailer(payload.length)]);
}

/**
 * Makes 64-bit time of wrapping stamps. FFmpeg's muxer masks the top bit, so its stamps wrap at 2³¹ ms and not at 2³²;
 * counting modulo 2³¹ reads both kinds right as long as no step exceeds 2³⁰ ms (12 days).
 */
export class FlvTimestampUnwrapper {
  #last: number | undefined;

  /** Returns the stamp as a number that goes on growing after a wrap. Small steps back stay small steps back. */
  unwrap(timestampMs: number): number {
    if (this.#last === undefined) {
      this.#last = timestampMs;
      return timestampMs;
    }
    const modulus = 0x80000000;
    let step = (timestampMs - this.#last) % modulus;
    if (step >= modulus / 2) step -= modulus;
    else if (step < -modulus / 2) step += modulus;
    this.#last += step;
    return this.#last;
  }
}

/** What a media payload is, as far as passing it on needs to know. */
export interface PayloadKind {
  /** `header`: codec configuration; `frames`: coded media; `end`: end of sequence; `other`: metadata, commands, unknown. */
  packet: 'header' | 'frames' | 'end' | 'other';
  /** Lower-case codec name: avc, hevc, av1, vp9, aac, mp3, opus … or `unknown`. */
  codec: string;
  /** For video: a frame that decoding can start at. Always false for sound. */
  keyframe: boolean;
}

const VIDEO_FOURCC: Record<string, string> = { avc1: 'avc', hvc1: 'hevc', av01: 'av1', vp09: 'vp9', vp08: 'vp8', vvc1: 'vvc' };
const AUDIO_FOURCC: Record<string, string> = { mp4a: 'aac', 'Opus': 'opus', fLaC: 'flac', '.mp3': 'mp3', 'ac-3': 'ac3', 'ec-3': 'eac3' };
const UNKNOWN: PayloadKind = { packet: 'other', codec: 'unknown', keyframe: false };

/** Reads the first bytes of a video tag's payload, legacy or enhanced. Never throws: what is unknown is `other`. */
export function describeVideo(payload: Buffer): PayloadKind {
  const first = payload[0];
  if (first === undefined) return UNKNOWN;
  if (first & 0x80) {
    if (payload.length < 5) return UNKNOWN;
    const codec = VIDEO_FOURCC[payload.toString('latin1', 1, 5)] ?? 'unknown';
    const packetType = first & 0x0f;
    const frameType = (first >> 4) & 0x07;
    if (packetType === 0) return { packet: 'header', codec, keyframe: false };
    if (packetType === 1 || packetType === 3) return { packet: frameType === 5 ? 'other' : 'frames', codec, keyframe: frameType === 1 };
    return { packet: packetType === 2 ? 'end' : 'other', codec, keyframe: false };
  }
  const codecId = first & 0x0f;
  const frameType = first >> 4;
  if (codecId !== 7 && codecId !== 12) {
    // Codecs without a sequence header (Sorenson, VP6): each payload is a frame.
    if (codecId < 2 || codecId > 6) return UNKNOWN;
    return { packet: frameType === 5 ? 'other' : 'frames', codec: 'unknown', keyframe: frameType === 1 };
  }
  const codec = codecId === 7 ? 'avc' : 'hevc';
  switch (payload[1]) {
    case 0:
      return { packet: 'header', codec, keyframe: false };
    case 1:
      return { packet: frameType === 5 ? 'other' : 'frames', codec, keyframe: frameType === 1 };
    case 2:
      return { packet: 'end', codec, keyframe: false };
    default:
      return { packet: 'other', codec, keyframe: false };
  }
}

/** How much later than its stamp says a picture is shown, ms, as pictures are that others of before and after were made of; 0 where nothing says so. */
export function shownLaterMs(payload: Buffer): number {
  const { packet, codec } = describeVideo(payload);
  if (packet !== 'frames' || (codec !== 'avc' && codec !== 'hevc')) return 0;
  const isEnhanced = (payload[0]! & 0x80) !== 0;
  // Enhanced ones may leave it out.
  if (isEnhanced && (payload[0]! & 0x0f) !== 1) return 0;
  const at = isEnhanced ? 5 : 2;
  return payload.length < at + 3 ? 0 : payload.readIntBE(at, 3);
}

/** Reads the first bytes of a sound tag's payload, legacy or enhanced. Never throws: what is unknown is `other`. */
export function describeAudio(payload: Buffer): PayloadKind {
  const first = payload[0];
  if (first === undefined) return UNKNOWN;
  const format = first >> 4;
  if (format === 9) {
    if (payload.length < 5) return UNKNOWN;
    const codec = AUDIO_FOURCC[payload.toString('latin1', 1, 5)] ?? 'unknown';
    const packetType = first & 0x0f;
    if (packetType === 0) return { packet: 'header', codec, keyframe: false };
    if (packetType === 1) return { packet: 'frames', codec, keyframe: false };
    return { packet: packetType === 2 ? 'end' : 'other', codec, keyframe: false };
  }
  if (format === 10) return { packet: payload[1] === 0 ? 'header' : payload[1] === 1 ? 'frames' : 'other', codec: 'aac', keyframe: false };
  return { packet: 'frames', codec: format === 2 || format === 14 ? 'mp3' : 'unknown', keyframe: false };
}

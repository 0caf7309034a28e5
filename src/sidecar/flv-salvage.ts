/**
 * Reads FLV that may be damaged: what is broken is passed over, up to the next tag that is whole. A tag is one when its head is possible and its
 * size stands once more behind it; what it carries is not looked at.
 */
import { FLV_TAG_HEADER_BYTES, TAG_AUDIO, TAG_SCRIPT, TAG_VIDEO, type FlvTag, type FlvTagType } from '../rtmp/flv.js';

const FILE_HEADER_BYTES = 9;
const SIZE_BYTES = 4;
const LONGEST_FILE_HEADER = 1024;
const TYPES: readonly number[] = [TAG_AUDIO, TAG_VIDEO, TAG_SCRIPT];

export class FlvSalvage {
  /** Read and not understood yet: at most the largest tag that there can be, 16 MB, and what came last. */
  #held = Buffer.alloc(0);
  #from = 0;
  #to = 0;
  #isBegun = false;
  /** Bytes passed over since the last whole tag. */
  #passed = 0;
  /** What did not go on to its end, or holds what is no tag. */
  isDamaged = false;

  /** @param onTag of each whole one; its payload is a copy. @param onDamage before a tag that comes behind so many bytes that were passed over */
  constructor(private readonly onTag: (tag: FlvTag) => void, private readonly onDamage: (bytes: number) => void) {}

  /** What follows. It is not kept. */
  push(chunk: Buffer): void {
    this.#hold(chunk);
    this.#read(false);
  }

  /** Nothing follows. */
  end(): void {
    this.#read(true);
    if (this.#to > this.#from) this.isDamaged = true;
  }

  #hold(chunk: Buffer): void {
    const left = this.#to - this.#from;
    if (this.#to + chunk.length > this.#held.length) {
      const room = left + chunk.length > this.#held.length ? Buffer.allocUnsafe(2 * (left + chunk.length)) : this.#held;
      this.#held.copy(room, 0, this.#from, this.#to);
      this.#held = room;
      this.#from = 0;
      this.#to = left;
    }
    chunk.copy(this.#held, this.#to);
    this.#to += chunk.length;
  }

  #read(isLast: boolean): void {
    if (!this.#isBegun && !this.#begin(isLast)) return;
    while (this.#to - this.#from >= FLV_TAG_HEADER_BYTES) {
      const bytes = this.#isHead(this.#from) ? FLV_TAG_HEADER_BYTES + this.#held.readUIntBE(this.#from + 1, 3) : null;
      const isHere = bytes !== null && this.#to - this.#from >= bytes + SIZE_BYTES;
      if (bytes !== null && !isHere && !isLast) return;
      if (isHere && this.#held.readUInt32BE(this.#from + bytes) === bytes) this.#take(bytes);
      else this.#pass();
    }
  }

  /** False: there is not enough of it yet. */
  #begin(isLast: boolean): boolean {
    const here = this.#to - this.#from;
    if (here < FILE_HEADER_BYTES + SIZE_BYTES && !isLast) return false;
    const isFlv = here >= FILE_HEADER_BYTES && this.#held.toString('latin1', this.#from, this.#from + 3) === 'FLV';
    const bytes = isFlv ? this.#held.readUInt32BE(this.#from + 5) : 0;
    const isPossible = bytes >= FILE_HEADER_BYTES && bytes <= LONGEST_FILE_HEADER;
    if (isPossible && here < bytes + SIZE_BYTES && !isLast) return false;
    if (isPossible) this.#from = Math.min(this.#to, this.#from + bytes + SIZE_BYTES);
    this.#isBegun = true;
    return true;
  }

  #isHead(at: number): boolean {
    const head = this.#held;
    return TYPES.includes(head[at]!) && head[at + 8] === 0 && head[at + 9] === 0 && head[at + 10] === 0;
  }

  #take(bytes: number): void {
    const [head, at] = [this.#held, this.#from];
    if (this.#passed > 0) this.onDamage(this.#passed);
    this.#passed = 0;
    this.#from += bytes + SIZE_BYTES;
    this.onTag({
      type: head.readUInt8(at) as FlvTagType, timestampMs: head.readUIntBE(at + 4, 3) + head.readUInt8(at + 7) * 0x1000000,
      payload: Buffer.from(head.subarray(at + FLV_TAG_HEADER_BYTES, at + bytes)),
    });
  }

  /** On to the next place where a tag may begin, or to where it is not known yet. */
  #pass(): void {
    const from = this.#from;
    this.isDamaged = true;
    this.#from += 1;
    while (this.#to - this.#from >= FLV_TAG_HEADER_BYTES && !this.#isHead(this.#from)) this.#from += 1;
    this.#passed += this.#from - from;
  }
}

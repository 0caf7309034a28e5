/**
 * What of the program has gone out, and holds its contract whatever an encoder sends: program time of picture frames strictly
 * grows, that of sound never steps back; each new encoder's picture begins with a keyframe; codec headers come before the first
 * frame that needs them, and again only when they differ.
 */
import { sameMetadata, type MediaTag, type ProgramMetadata, type ProgramSink } from './program-tag.js';

export class ProgramOutput {
  /** Program time of the last picture and of the last sound; -∞: there was none. */
  videoMs = -Infinity;
  audioMs = -Infinity;
  /** Tags that would have stepped back in time, or could not be decoded. */
  dropped = 0;
  #awaitKeyframe = true;
  #metadata: ProgramMetadata | null = null;
  #videoHeader: Buffer | null = null;
  #audioHeader: Buffer | null = null;

  constructor(private readonly sink: ProgramSink) {}

  /** What follows is another encoder's. */
  begin(): void {
    this.#awaitKeyframe = true;
  }

  metadata(metadata: ProgramMetadata): void {
    if (sameMetadata(metadata, this.#metadata)) return;
    this.#metadata = metadata;
    this.sink.metadata(metadata);
  }

  tag(tag: MediaTag): void {
    if (tag.packet === 'header') {
      const known = tag.kind === 'video' ? this.#videoHeader : this.#audioHeader;
      if (known?.equals(tag.payload)) return;
      if (tag.kind === 'video') this.#videoHeader = tag.payload;
      else this.#audioHeader = tag.payload;
      this.sink.tag(tag);
      return;
    }
    if (tag.kind === 'audio') {
      if (tag.timeMs < this.audioMs) {
        this.dropped += 1;
        return;
      }
      this.audioMs = tag.timeMs;
      this.sink.tag(tag);
      return;
    }
    // A frame that steps back is garbage; without it the frames up to the next keyframe cannot be decoded.
    if (tag.timeMs <= this.videoMs) this.#awaitKeyframe = true;
    if (tag.keyframe && tag.timeMs > this.videoMs) this.#awaitKeyframe = false;
    if (this.#awaitKeyframe) {
      this.dropped += 1;
      return;
    }
    this.videoMs = tag.timeMs;
    this.sink.tag(tag);
  }
}

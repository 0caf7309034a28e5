/** One browser that watches: what it does not read in time is skipped up to a keyframe, and one that never reads goes. */
import { FLV_HEADER, TAG_AUDIO, TAG_SCRIPT, TAG_VIDEO, encodeFlvTag } from '../rtmp/flv.js';
import { OutgoingStamps } from './outgoing-stamps.js';
import type { ProgramStart } from './program-hub.js';
import { metadataPayload, type MediaTag, type ProgramMetadata, type ProgramSink } from './program-tag.js';

/** Unread beyond this: no more picture until it has caught up. About 2 s at 6 Mb/s. */
const SKIP_BYTES = 1536 * 1024;
/** Caught up: the next keyframe is sent again. */
const RESUME_BYTES = 256 * 1024;
/** Behind for so long, or by so much (sound is never skipped): closed. */
const EVICT_MS = 15_000;
const EVICT_BYTES = 4 * 1024 * 1024;
/** Stamps of FLV are signed in some readers. */
const MAX_STAMP_MS = 2 ** 31 - 3_600_000;

/** What is used of a websocket. */
export interface ViewerSocket {
  readonly bufferedAmount: number;
  send(data: Buffer): void;
  terminate(): void;
}

export class PreviewViewer implements ProgramSink {
  readonly #stamps = new OutgoingStamps();
  #metadata: ProgramMetadata | null = null;
  #headers: MediaTag[] = [];
  #begun = false;
  #awaitKeyframe = true;
  #behindSinceMs: number | null = null;
  droppedFrames = 0;

  constructor(
    private readonly socket: ViewerSocket,
    private readonly nowMs: () => number,
  ) {}

  begin(start: ProgramStart): void {
    this.#metadata = start.metadata;
    this.#headers = start.headers;
    for (const tag of start.tags) this.tag(tag);
  }

  metadata(metadata: ProgramMetadata): void {
    this.#metadata = metadata;
    if (this.#begun) this.socket.send(encodeFlvTag(TAG_SCRIPT, this.#stamps.latestMs, metadataPayload(metadata)));
  }

  tag(tag: MediaTag): void {
    if (tag.packet === 'header' && !this.#begun) {
      this.#headers = [...this.#headers.filter((header) => header.kind !== tag.kind), tag];
      return;
    }
    if (tag.kind === 'video' && tag.packet !== 'header' && !this.#takesPicture(tag)) {
      if (this.#begun) this.droppedFrames += 1;
      return;
    }
    if (!this.#begun) {
      // A player begins with a picture: sound before it would only have to be thrown away.
      if (!tag.keyframe) return;
      this.#sendHead();
    }
    this.#send(tag);
  }

  tick(): void {
    const { bufferedAmount } = this.socket;
    if (bufferedAmount <= SKIP_BYTES) this.#behindSinceMs = null;
    else this.#behindSinceMs ??= this.nowMs();
    const behindMs = this.#behindSinceMs === null ? 0 : this.nowMs() - this.#behindSinceMs;
    if (behindMs >= EVICT_MS || bufferedAmount > EVICT_BYTES || this.#stamps.latestMs > MAX_STAMP_MS) this.socket.terminate();
  }

  #takesPicture(tag: MediaTag): boolean {
    const { bufferedAmount } = this.socket;
    if (!this.#awaitKeyframe && bufferedAmount > SKIP_BYTES) this.#awaitKeyframe = true;
    if (this.#awaitKeyframe && tag.keyframe && (bufferedAmount <= RESUME_BYTES || !this.#begun)) this.#awaitKeyframe = false;
    return !this.#awaitKeyframe;
  }

  #sendHead(): void {
    this.#begun = true;
    this.socket.send(FLV_HEADER);
    if (this.#metadata) this.socket.send(encodeFlvTag(TAG_SCRIPT, 0, metadataPayload(this.#metadata)));
    for (const header of this.#headers) this.socket.send(encodeFlvTag(header.kind === 'video' ? TAG_VIDEO : TAG_AUDIO, 0, header.payload));
    this.#headers = [];
  }

  #send(tag: MediaTag): void {
    const stampMs = this.#stamps.take(tag);
    if (stampMs !== null) this.socket.send(encodeFlvTag(tag.kind === 'video' ? TAG_VIDEO : TAG_AUDIO, stampMs, tag.payload));
  }
}

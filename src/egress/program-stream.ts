/** One encoder life: FLV bytes of one connection in, media in program time out. */
import {
  FlvError, FlvParser, FlvTimestampUnwrapper, TAG_AUDIO, TAG_SCRIPT, describeAudio, describeVideo, type FlvTag,
} from '../rtmp/flv.js';
import { parseMetadata, type MediaTag, type ProgramMetadata } from './program-tag.js';

/** Beyond these the encoder's idea of program time cannot be right: it counts on the same clock as we do. */
const MAX_BEHIND_MS = 60_000;
const MAX_AHEAD_MS = 10_000;

export type ProgramItem =
  /** `programMs`: when its first frame is due, if it said so believably. */
  | { kind: 'metadata'; metadata: ProgramMetadata; programMs: number | null }
  | { kind: 'media'; tag: MediaTag };

export class ProgramStream {
  readonly #parser = new FlvParser((tag) => this.#take(tag));
  readonly #unwrapper = new FlvTimestampUnwrapper();
  /** Program time of timestamp 0. */
  #baseMs: number | null = null;
  #said: number | null = null;
  /** The encoder gave no program time, or an unbelievable one; time of arrival was taken instead. */
  guessedTime = false;

  constructor(
    private readonly nowMs: () => number,
    private readonly onItem: (item: ProgramItem) => void,
  ) {}

  /** @throws FlvError or RtmpError when the bytes are not the encoder's FLV; the connection is then of no use. */
  push(chunk: Buffer): void {
    this.#parser.push(chunk);
  }

  #take(tag: FlvTag): void {
    if (tag.type === TAG_SCRIPT) {
      const parsed = parseMetadata(tag.payload);
      if (parsed === null) return;
      if (this.#baseMs === null) this.#said = parsed.programMs;
      this.onItem({ kind: 'metadata', metadata: parsed.metadata, programMs: this.#believable(this.#said) });
      return;
    }
    const kind = tag.type === TAG_AUDIO ? 'audio' : 'video';
    const { packet, keyframe } = kind === 'audio' ? describeAudio(tag.payload) : describeVideo(tag.payload);
    // An encoder that closes says "end of sequence", but the program goes on with the next encoder.
    if (packet === 'end' || tag.payload.length === 0) return;
    const streamMs = this.#unwrapper.unwrap(tag.timestampMs);
    if (this.#baseMs === null) this.#baseMs = this.#findBase(streamMs);
    const timeMs = this.#baseMs + streamMs;
    if (timeMs > this.nowMs() + MAX_AHEAD_MS) throw new FlvError('The encoder\'s time runs ahead of the program clock.');
    this.onItem({ kind: 'media', tag: { kind, timeMs, payload: tag.payload, packet, keyframe } });
  }

  #believable(programMs: number | null): number | null {
    if (programMs === null) return null;
    const nowMs = this.nowMs();
    return programMs > nowMs - MAX_BEHIND_MS && programMs < nowMs + MAX_AHEAD_MS ? programMs : null;
  }

  #findBase(streamMs: number): number {
    const said = this.#said;
    if (said !== null && this.#believable(said + streamMs) !== null) return said;
    this.guessedTime = true;
    return Math.round(this.nowMs()) - streamMs;
  }
}

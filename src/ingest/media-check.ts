import { describeAudio, describeVideo, TAG_AUDIO } from '../rtmp/flv.js';

/** Bytes that a decodable payload has at least, by its form. */
const MIN_BYTES = { avc: 6, enhanced: 6, enhancedHevc: 9, aac: 3, sound: 2 } as const;
/** Codecs whose frames are of no use before their sequence header. */
const NEEDS_HEADER = new Set(['avc', 'hevc', 'av1', 'aac']);

/**
 * Decides message by message whether a publisher's media may go on: empty and cut ones, commands, unknown codecs,
 * end marks and frames whose codec was not announced yet are dropped and counted.
 */
export class MediaCheck {
  dropped = 0;
  readonly #announced = { video: '', audio: '' };

  /** @param type 8 or 9 */
  passes(type: number, payload: Buffer): boolean {
    const good = type === TAG_AUDIO ? this.#audio(payload) : this.#video(payload);
    if (!good) this.dropped += 1;
    return good;
  }

  #video(payload: Buffer): boolean {
    const { packet, codec } = describeVideo(payload);
    if (codec === 'unknown' || (packet !== 'header' && packet !== 'frames')) return false;
    const first = payload[0] ?? 0;
    const composed = codec === 'hevc' && (first & 0x8f) === 0x81;
    const least = first < 0x80 ? MIN_BYTES.avc : composed ? MIN_BYTES.enhancedHevc : MIN_BYTES.enhanced;
    return payload.length >= least && this.#inOrder('video', packet, codec);
  }

  #audio(payload: Buffer): boolean {
    const { packet, codec } = describeAudio(payload);
    if (packet !== 'header' && packet !== 'frames') return false;
    return payload.length >= (codec === 'aac' ? MIN_BYTES.aac : MIN_BYTES.sound) && this.#inOrder('audio', packet, codec);
  }

  #inOrder(track: 'video' | 'audio', packet: string, codec: string): boolean {
    if (packet === 'header') this.#announced[track] = codec;
    return !NEEDS_HEADER.has(codec) || this.#announced[track] === codec;
  }
}

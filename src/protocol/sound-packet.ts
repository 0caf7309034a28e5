/** A piece of what a client listens to: one binary message. */

export const SOUND_RATE = 48_000;
const SOUND_CHANNELS = 2;

/** A piece of a mix. */
export interface SoundPacket {
  /** Which mix it is of. */
  mix: number;
  /** Number of its first sample frame since the mix began; where it is more than expected, some were lost. */
  at: number;
  /** 48 kHz stereo, interleaved. */
  samples: Int16Array<ArrayBuffer>;
}

/** Tells it from a tile, whose first byte is 1. */
const KIND = 2;
const SOUND_HEADER_BYTES = 12;

/** A packet as one binary message: kind (1 byte, 2), channels (1 byte), mix (uint16), `at` (float64), big-endian; then the samples, 16 bits, little-endian. */
export function writeSound({ mix, at, pcm }: { mix: number; at: number; pcm: Uint8Array }): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(SOUND_HEADER_BYTES + pcm.length);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, KIND);
  view.setUint8(1, SOUND_CHANNELS);
  view.setUint16(2, mix);
  view.setFloat64(4, at);
  bytes.set(pcm, SOUND_HEADER_BYTES);
  return bytes;
}

/** The mix a packet is of; null for what is no packet. */
export function mixOf(bytes: Uint8Array): number | null {
  if (bytes.length < SOUND_HEADER_BYTES || bytes[0] !== KIND || bytes[1] !== SOUND_CHANNELS) return null;
  return bytes[2]! * 256 + bytes[3]!;
}

/** The same read back; null for what is none. */
export function readSound(bytes: Uint8Array<ArrayBuffer>): SoundPacket | null {
  const mix = mixOf(bytes);
  if (mix === null) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = Math.floor((bytes.length - SOUND_HEADER_BYTES) / 2);
  const samples = new Int16Array(count);
  for (let i = 0; i < count; i++) samples[i] = view.getInt16(SOUND_HEADER_BYTES + 2 * i, true);
  return { mix, at: view.getFloat64(4), samples };
}

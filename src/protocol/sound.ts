/** The sound mixer: what is set of each source and of the program, how a fader is moved, and how a mix is listened to. */
import { z } from 'zod';
import { Id } from './ids.js';

/** The program, among the ids of meters and faders; all others are sources. */
export const PROGRAM_SOUND = 'program';

export const LEAST_GAIN_DB = -60;
export const MOST_GAIN_DB = 12;
export const MOST_SOUND_DELAY_MS = 1000;

const gainDb = z.number().min(LEAST_GAIN_DB).max(MOST_GAIN_DB);
const delayMs = z.number().min(0).max(MOST_SOUND_DELAY_MS);

/** Of a source, wherever it is heard: multiplied with what its layers and clips say. */
export const SourceAudio = z.strictObject({
  gainDb: gainDb.default(0),
  muted: z.boolean().default(false),
  /** Its sound later by this much than its picture. */
  delayMs: delayMs.default(0),
  /** `follow`: heard with its picture, or as its layer says. `always`: whatever is on program, but not beneath what fills the frame over it: an emergency, or such an insert. */
  mode: z.enum(['follow', 'always']).default('follow'),
});
export type SourceAudio = z.infer<typeof SourceAudio>;
export const PLAIN_AUDIO: SourceAudio = { gainDb: 0, muted: false, delayMs: 0, mode: 'follow' };

/** Of the program, before its limiter. */
export const ProgramAudio = { gainDb: gainDb.default(0), muted: z.boolean().default(false) };

export const AudioControl = z.strictObject({
  /** A source's, or `program`. */
  id: z.union([z.literal(PROGRAM_SOUND), Id]),
  gainDb: gainDb.optional(),
  muted: z.boolean().optional(),
  /** Of a source. */
  delayMs: delayMs.optional(),
});
export type AudioControl = z.infer<typeof AudioControl>;

export const MOST_LISTENED = 32;
/** What a client listens to: these sources as they come in, before their faders; of none, the program as it goes out. null: to nothing. */
export const Listen = z.strictObject({ sourceIds: z.array(Id).max(MOST_LISTENED) }).nullable();
export type Listen = z.infer<typeof Listen>;

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

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

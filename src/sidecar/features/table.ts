/**
 * What is known of a recording second by second: one column a feature, one value a bin of one second. NaN where nothing is known:
 * no sound, no picture decoded in or before that second, a damaged part.
 */

export const BIN_MS = 1_000;
export const MFCCS = 13;

/** From 16 kHz mono; samples are -1 to 1, frames 512 samples with a hop of 256. */
export const SOUND_FEATURES = [
  /** Of the frames' RMS, 0 to 1. */
  'rmsMean', 'rmsStd',
  /** EBU R128, LUFS: mean of momentary (400 ms) and the short-term (3 s) at the bin's end; variance of momentary in the bin. */
  'loudnessMomentary', 'loudnessShortTerm', 'loudnessVariance',
  /** Sign changes per sample, 0 to 1. */
  'zeroCrossings',
  /** Hz. */
  'centroidHz', 'rolloffHz',
  /** 0 (a tone) to 1 (noise). */
  'flatness',
  /** Mean rise of the normalised spectrum from frame to frame. */
  'flux',
  'mfcc0', 'mfcc1', 'mfcc2', 'mfcc3', 'mfcc4', 'mfcc5', 'mfcc6', 'mfcc7', 'mfcc8', 'mfcc9', 'mfcc10', 'mfcc11', 'mfcc12',
  /** Sum of squared magnitudes above 4 kHz, of samples as int16, as the published formula has it. */
  'hfEnergy',
  /** Over the last 8 s. Strength 0 to 1: how periodic the onsets are. */
  'tempoBpm', 'beatStrength',
  /** Count. */
  'onsets',
  /** Share of the bin, 0 to 1: below -50 dBFS; and speech-like (band energy, modulation, harmonicity). */
  'silence', 'voice',
] as const;

/** From keyframes at 160×90, 8 bit; a bin without one has what the picture before it had, but for `cut` and `motion…`, which are shared out. */
export const PICTURE_FEATURES = [
  /** Mean and deviation of the absolute difference of luma to the picture before, 0 to 255. */
  'motionMean', 'motionStd',
  /** Of the gradient's magnitude, as a share of its largest, 0 to 1. */
  'edgeMean', 'edgeStd',
  /** Of R, G and B, summed. */
  'colorVariance',
  /** Mean luma, 0 to 255. */
  'brightness',
  /** Distance of the colour histogram to the picture before, 0 to 1. */
  'cut',
  /** 0 (sharp) to 1: from the variance of the Laplacian. */
  'blur',
  /** 0 or 1: nearly all luma is below 32; nothing moves (against the picture before). */
  'black', 'freeze',
  /** As `motionMean`, but from such a picture to one about a tenth of a second after it; holds until that is known of the next. */
  'motionNow',
] as const;

export const CHAT_FEATURES = [
  /**
   * Messages in the bin; different people in the 10 s that end with it; share of the bin's messages that are emotes; and share that is spam:
   * one text by many (a share of all that was said in those 10 s, so that many who cry out alike are none), or many by one user.
   */
  'messages', 'chatters', 'emoteShare', 'repetition',
] as const;

/** Counts in the bin. */
export const EVENT_FEATURES = ['takes', 'overrides', 'markers', 'alerts', 'inserts'] as const;

export type SoundFeature = (typeof SOUND_FEATURES)[number];
export type PictureFeature = (typeof PICTURE_FEATURES)[number];
export type ChatFeature = (typeof CHAT_FEATURES)[number];
export type EventFeature = (typeof EVENT_FEATURES)[number];
export type FeatureName = SoundFeature | PictureFeature | ChatFeature | EventFeature;

/** A part that could not be used; the rest was. */
export interface Gap { startMs: number; endMs: number; what: 'sound' | 'picture' | 'both' }

export interface FeatureTable {
  /** Of how the columns are computed: tables of different versions are not compared. */
  version: number;
  bins: number;
  durationMs: number;
  columns: ReadonlyMap<FeatureName, Float32Array>;
  /** Where the picture changes at once, as exactly as is known: to a keyframe, or to a frame where it was looked for. */
  shotsMs: readonly number[];
  /** At least 300 ms below -50 dBFS, to 16 ms. */
  silences: readonly { startMs: number; endMs: number }[];
  gaps: readonly Gap[];
  /** For people: long keyframe intervals, damaged parts. */
  notes: readonly string[];
}

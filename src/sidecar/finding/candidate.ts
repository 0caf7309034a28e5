/** A moment that may become a highlight, and what is known of it as numbers. */
import type { HighlightKind } from '../../protocol/highlights.js';
import { EVENT_FEATURES, MFCCS, type ChatFeature, type EventFeature, type FeatureName, type PictureFeature, type SoundFeature } from '../features/table.js';

export interface Candidate {
  startMs: number;
  endMs: number;
  /** Where it is strongest, within its bounds. */
  peakMs: number;
  kind: HighlightKind;
  /** The heuristic's, 0 to 1; comparable within one recording. */
  score: number;
  /** In plain words, the strongest first. */
  reasons: string[];
  /** One finite number for each name of VECTOR_SCHEMA. */
  vector: number[];
}

const SOUND: readonly SoundFeature[] = [
  'loudnessMomentary', 'rmsStd', 'loudnessVariance', 'zeroCrossings', 'centroidHz', 'rolloffHz', 'flatness', 'flux', 'hfEnergy', 'tempoBpm', 'beatStrength', 'onsets', 'silence', 'voice',
];
const PICTURE: readonly PictureFeature[] = ['motionMean', 'motionStd', 'edgeMean', 'edgeStd', 'colorVariance', 'brightness', 'cut', 'blur', 'black', 'freeze'];
const CHAT: readonly ChatFeature[] = ['messages', 'chatters', 'emoteShare', 'repetition'];

/** Told by three numbers each. */
export const MEASURED_FEATURES: readonly Exclude<FeatureName, EventFeature>[] = [...SOUND, ...PICTURE, ...CHAT];
/** Told by their mean alone. */
export const TIMBRE_FEATURES = Array.from({ length: MFCCS }, (_, i) => `mfcc${i}` as SoundFeature);
export const COUNTED_FEATURES: readonly EventFeature[] = EVENT_FEATURES;

/**
 * What stands where in a candidate's vector.
 * `X.mean`, `X.peak`: the column over the candidate (chat: over the seconds in which people answer to it), as a distance to the recording's median in
 * its deviations (1.4826 MAD); the peak is the value that lies furthest up. `X.contrast`: its mean less that of the 30 s before, in the same
 * deviations. Each -8 to 8; 0 where nothing is known. `X.count`: events from 5 s before to the end, at most 8. `score.X`: of the modes and the
 * heuristic, 0 to 1. `seconds`: its length in units of 30 s.
 */
export const VECTOR_SCHEMA: readonly string[] = [
  ...MEASURED_FEATURES.flatMap((name) => [`${name}.mean`, `${name}.peak`, `${name}.contrast`]),
  ...TIMBRE_FEATURES.map((name) => `${name}.mean`),
  ...COUNTED_FEATURES.map((name) => `${name}.count`),
  'score.sound', 'score.picture', 'score.chat', 'score.event', 'score.all',
  'seconds',
];

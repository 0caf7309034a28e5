/**
 * The published scores, for comparison: no baseline, no decoys, chunks of 30 s that overlap by half.
 *
 * sound = rms_mean·2 + rms_std·1.5 + zcr_mean + centroid/1000 + loudness_variance·0.5 + hf_energy/1e9
 * picture = motion_mean·2 + motion_std·1.5 + edge_mean·100 + edge_std·50 + colour_variance/1000
 *
 * The units are the table's: RMS 0 to 1, sign changes per sample, Hz, LUFS², squared magnitudes of int16; motion 0 to 255, edges 0 to 1, variance
 * of R, G and B summed. Each is the mean of the chunk's bins in which it is known; a score of which nothing is known is 0.
 */
import type { FeatureName, FeatureTable } from '../features/table.js';
import type { Found } from './candidates.js';
import { meanIn } from './series.js';

const CHUNK_BINS = 30;
const HOP_BINS = 15;

const SOUND: Readonly<Partial<Record<FeatureName, number>>> = { rmsMean: 2, rmsStd: 1.5, zeroCrossings: 1, centroidHz: 1 / 1000, loudnessVariance: 0.5, hfEnergy: 1 / 1e9 };
const PICTURE: Readonly<Partial<Record<FeatureName, number>>> = { motionMean: 2, motionStd: 1.5, edgeMean: 100, edgeStd: 50, colorVariance: 1 / 1000 };

export interface ClassicChunk { start: number; end: number; sound: number; picture: number }

/** In order of time; the last chunk may be shorter. */
export function classicChunks(table: FeatureTable): ClassicChunk[] {
  const weighed = (weights: Readonly<Partial<Record<FeatureName, number>>>, start: number, end: number): number => Object.entries(weights).reduce((sum, [name, weight]) => {
    const mean = meanIn(table.columns.get(name as FeatureName), start, end);
    return sum + (Number.isNaN(mean) ? 0 : weight * mean);
  }, 0);
  const chunks: ClassicChunk[] = [];
  for (let start = 0; start < table.bins; start += HOP_BINS) {
    const end = Math.min(table.bins, start + CHUNK_BINS);
    chunks.push({ start, end, sound: weighed(SOUND, start, end), picture: weighed(PICTURE, start, end) });
    if (end === table.bins) break;
  }
  return chunks;
}

/** Each chunk as a moment, the best first; the score is its share of the best. */
export function classicFound(table: FeatureTable): Found[] {
  const chunks = classicChunks(table);
  const best = Math.max(Number.MIN_VALUE, ...chunks.map(({ sound, picture }) => sound + picture));
  return chunks.map(({ start, end, sound, picture }): Found => ({
    start, end, peak: start + ((end - start) >> 1), kind: sound > 2 * picture ? 'sound' : picture > 2 * sound ? 'picture' : 'combined', score: Math.max(0, (sound + picture) / best),
    modes: { sound: Math.max(0, sound / best), picture: picture / best, chat: 0, event: 0 },
  })).sort((a, b) => b.score - a.score || a.start - b.start);
}

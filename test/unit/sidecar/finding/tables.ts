/** Feature tables made by hand: a calm recording in which things are put. */
import { BIN_MS, SOUND_FEATURES, PICTURE_FEATURES, CHAT_FEATURES, EVENT_FEATURES, type FeatureName, type FeatureTable } from '../../../../src/sidecar/features/table.js';

const CALM: Readonly<Partial<Record<FeatureName, readonly [value: number, unrest: number]>>> = {
  rmsMean: [0.05, 0.01], rmsStd: [0.02, 0.005], loudnessMomentary: [-26, 1.5], loudnessShortTerm: [-26, 1], loudnessVariance: [4, 2], zeroCrossings: [0.08, 0.02], centroidHz: [1_200, 150], rolloffHz: [2_500, 300],
  flatness: [0.1, 0.03], flux: [0.1, 0.02], hfEnergy: [1e9, 1e8], tempoBpm: [100, 30], beatStrength: [0.15, 0.05], onsets: [3, 1], voice: [0.6, 0.1],
  motionMean: [4, 1], motionStd: [6, 1], motionNow: [1, 0.25], edgeMean: [0.1, 0.01], edgeStd: [0.1, 0.01], colorVariance: [3_000, 100], brightness: [110, 3], cut: [0.03, 0.02], blur: [0.3, 0.05], messages: [0.5, 0.5], chatters: [4, 2],
};

export function noise(seed: number): () => number {
  let state = seed * 7_919 + 13;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return (state / 2_147_483_647) * 2 - 1;
  };
}

export type Columns = Record<FeatureName, Float32Array>;

/** `change` may do with the columns what it likes. */
export function tableOf(bins: number, change: (columns: Columns) => void = () => {}, rest: Partial<FeatureTable> = {}, seed = 1): FeatureTable {
  const next = noise(seed);
  const columns = new Map<FeatureName, Float32Array>([...SOUND_FEATURES, ...PICTURE_FEATURES, ...CHAT_FEATURES, ...EVENT_FEATURES].map((name) => {
    const [value, unrest] = CALM[name] ?? [0, 0];
    return [name, new Float32Array(bins).map(() => Math.max(name === 'loudnessMomentary' ? -90 : 0, name === 'messages' ? Math.round(value + unrest * next()) : value + unrest * next()))];
  }));
  change(Object.fromEntries(columns) as Columns);
  return { version: 1, bins, durationMs: bins * BIN_MS, columns, shotsMs: [], silences: [], gaps: [], notes: [], ...rest };
}

export function add(column: Float32Array, from: number, to: number, value: number): void {
  for (let i = from; i < Math.min(to, column.length); i++) column[i]! += value;
}

/** All modes at once; the chat six seconds later. */
export function excite(columns: Columns, from: number, to: number, { db = 12, motion = 5, messages = 4 } = {}): void {
  add(columns.loudnessMomentary, from, to, db);
  for (const column of [columns.motionMean, columns.motionNow]) for (let i = from; i < to; i++) column[i]! *= motion;
  add(columns.messages, from + 6, to + 6, messages);
  add(columns.chatters, from + 8, to + 12, messages * 8);
}

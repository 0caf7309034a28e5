/** A candidate as numbers, in the order of VECTOR_SCHEMA. */
import type { FeatureName, FeatureTable } from '../features/table.js';
import { COUNTED_FEATURES, MEASURED_FEATURES, TIMBRE_FEATURES } from './candidate.js';
import type { Found } from './candidates.js';
import { meanIn, overall, peakIn } from './series.js';

const MOST = 8;
const CONTRAST_BINS = 30;
const EVENT_LEAD_BINS = 5;
const LENGTH_UNIT_BINS = 30;
const ANSWERED: ReadonlySet<FeatureName> = new Set(['messages', 'chatters', 'emoteShare', 'repetition']);

/** Reads each column once; what it gives is called for each candidate. */
export function vectorsOf(table: FeatureTable, chatLagBins: number): (found: Found) => number[] {
  const scales = new Map([...MEASURED_FEATURES, ...TIMBRE_FEATURES].map((name) => {
    const column = table.columns.get(name);
    const whole = column ? overall(column) : null;
    return [name, whole && { centre: whole.centre, spread: whole.spread > 0 ? whole.spread : deviation(column!, whole.centre) }];
  }));
  return ({ start, end, score, modes }) => {
    const z = (name: FeatureName, value: number): number => {
      const scale = scales.get(name as (typeof MEASURED_FEATURES)[number]);
      return scale ? bounded((value - scale.centre) / scale.spread) : 0;
    };
    const vector: number[] = [];
    for (const name of MEASURED_FEATURES) {
      const column = table.columns.get(name);
      const lag = ANSWERED.has(name) ? chatLagBins : 0;
      const mean = meanIn(column, start + lag, end + lag);
      const before = meanIn(column, start + lag - CONTRAST_BINS, start + lag);
      const spread = scales.get(name)?.spread ?? NaN;
      vector.push(z(name, mean), z(name, peakIn(column, start + lag, end + lag)), bounded((mean - before) / spread));
    }
    for (const name of TIMBRE_FEATURES) vector.push(z(name, meanIn(table.columns.get(name), start, end)));
    for (const name of COUNTED_FEATURES) {
      let count = 0;
      for (let i = Math.max(0, start - EVENT_LEAD_BINS); i < Math.min(end, table.bins); i++) count += table.columns.get(name)?.[i] ?? 0;
      vector.push(Math.min(MOST, count));
    }
    vector.push(modes.sound, modes.picture, modes.chat, modes.event, score, (end - start) / LENGTH_UNIT_BINS);
    return vector;
  };
}

/** The ordinary one, where more than half of all values are the same. */
function deviation(values: Float32Array, centre: number): number {
  return Math.sqrt(meanIn(values.map((value) => (value - centre) ** 2), 0, Infinity));
}

function bounded(value: number): number {
  return Number.isFinite(value) ? Math.max(-MOST, Math.min(MOST, value)) : 0;
}

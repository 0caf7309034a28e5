/** From what was done or happened while it was recorded to the event columns of a feature table. */
import type { MomentKind, RecordedMoment } from '../../protocol/highlights.js';
import { BIN_MS, EVENT_FEATURES, type EventFeature } from './table.js';

const COLUMN: Readonly<Record<MomentKind, EventFeature>> = { take: 'takes', override: 'overrides', marker: 'markers', alert: 'alerts', insert: 'inserts' };

/** What lies after the recording's end is left out. */
export function eventColumns(moments: readonly RecordedMoment[], durationMs: number): ReadonlyMap<EventFeature, Float32Array> {
  const bins = Math.ceil(durationMs / BIN_MS);
  const columns = new Map<EventFeature, Float32Array>(EVENT_FEATURES.map((name) => [name, new Float32Array(bins)]));
  for (const { atMs, kind } of moments) {
    const bin = Math.floor(atMs / BIN_MS);
    if (bin < bins) columns.get(COLUMN[kind])![bin]! += 1;
  }
  return columns;
}

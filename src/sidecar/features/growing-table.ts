/** A feature table that is being filled: a column is a typed array that doubles as it grows. */
import { BIN_MS, PICTURE_FEATURES, SOUND_FEATURES, type FeatureName, type FeatureTable, type Gap } from './table.js';

/** What is extracted of a recording's sound and picture, in the order of a row. */
export const EXTRACTED_FEATURES = [...SOUND_FEATURES, ...PICTURE_FEATURES] as const;

const FIRST_BINS = 1_024;

export class GrowingTable {
  readonly #columns: Float32Array[] = EXTRACTED_FEATURES.map(() => new Float32Array(FIRST_BINS));
  #bins = 0;
  readonly shotsMs: number[] = [];
  readonly silences: { startMs: number; endMs: number }[] = [];
  readonly gaps: Gap[] = [];
  readonly notes: string[] = [];

  get bins(): number {
    return this.#bins;
  }

  /** The next second. `row` has a value for each of `EXTRACTED_FEATURES`, NaN where it is unknown. */
  add(row: Float32Array): void {
    this.#columns.forEach((column, i) => {
      let room = column;
      if (this.#bins === column.length) {
        room = new Float32Array(column.length * 2);
        room.set(column);
        this.#columns[i] = room;
      }
      room[this.#bins] = row[i]!;
    });
    this.#bins += 1;
  }

  /** The table as it is; `durationMs` may end within its last bin. */
  finish(version: number, durationMs = this.#bins * BIN_MS): FeatureTable {
    const byStart = <T extends { startMs: number }>(list: T[]): T[] => list.sort((a, b) => a.startMs - b.startMs);
    return {
      version, bins: this.#bins, durationMs,
      columns: new Map<FeatureName, Float32Array>(EXTRACTED_FEATURES.map((name, i) => [name, this.#columns[i]!.slice(0, this.#bins)])),
      shotsMs: this.shotsMs, silences: byStart(this.silences), gaps: byStart(this.gaps), notes: this.notes,
    };
  }
}

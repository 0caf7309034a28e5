/** Levels of sound as they come, twenty a second: handed to whoever draws one, past the components; and who is silent. */

export interface Level {
  /** A source, or `program`. */
  id: string;
  /** dBFS, left and right, floor -100. */
  peak: readonly number[];
  rms: readonly number[];
}

export type Draw = (level: Level) => void;

/** Below this nobody hears anything, dBFS. */
const SILENT_DB = -60;
const SILENT_MS = 5_000;

const NOTHING = { peak: [-100, -100], rms: [-100, -100] };

export class LevelBoard {
  readonly #drawn = new Map<string, Set<Draw>>();
  readonly #heardAt = new Map<string, number>();
  #silent: ReadonlySet<string> = new Set();

  /** @param onSilent called with those that have sent no sound for some seconds, whenever that changed */
  constructor(private readonly onSilent: (ids: ReadonlySet<string>) => void) {}

  /** @returns stops it */
  show(id: string, draw: Draw): () => void {
    const draws = this.#drawn.get(id) ?? new Set();
    draws.add(draw);
    this.#drawn.set(id, draws);
    return () => {
      draws.delete(draw);
      if (draws.size === 0 && this.#drawn.get(id) === draws) this.#drawn.delete(id);
    };
  }

  /** @param nowMs monotonic */
  take(levels: readonly Level[], nowMs: number): void {
    const silent = new Set<string>();
    for (const level of levels) {
      for (const draw of this.#drawn.get(level.id) ?? []) draw(level);
      // One that has just come has not been silent yet.
      if (!this.#heardAt.has(level.id) || Math.max(...level.peak) > SILENT_DB) this.#heardAt.set(level.id, nowMs);
      else if (nowMs - this.#heardAt.get(level.id)! >= SILENT_MS) silent.add(level.id);
    }
    for (const id of [...this.#heardAt.keys()]) if (!levels.some((level) => level.id === id)) this.#heardAt.delete(id);
    this.#tell(silent);
  }

  /** Nobody knows what is heard now. */
  clear(): void {
    for (const [id, draws] of this.#drawn) for (const draw of draws) draw({ id, ...NOTHING });
    this.#heardAt.clear();
    this.#tell(new Set());
  }

  #tell(silent: ReadonlySet<string>): void {
    if (silent.size === this.#silent.size && [...silent].every((id) => this.#silent.has(id))) return;
    this.#silent = silent;
    this.onSilent(silent);
  }
}

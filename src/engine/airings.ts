/** The inserts that are over: kept while the engine lives, whatever becomes of the program they were on. */
import type { EngineActual } from '../protocol/link.js';

type Airing = EngineActual['airings'][number];

/** As many as the studio may have missed while it was away. */
const KEPT = 50;

export class Airings {
  #all: readonly Airing[] = [];

  /** The newest, oldest first. */
  get all(): Airing[] {
    return [...this.#all];
  }

  has(airingId: string): boolean {
    return this.#all.some((airing) => airing.airingId === airingId);
  }

  /** One that is known already stays as it was. */
  add(airing: Airing): void {
    if (!this.has(airing.airingId)) this.#all = [...this.#all, airing].slice(-KEPT);
  }
}

/** Which mixes are listened to, and by how many: who listens to the same hears one mix. Pure. */
import { ServerError } from '../../runtime/errors.js';

/** Each costs the engine a little, and the program comes first. */
export const MOST_MIXES = 4;

interface Mix {
  mix: number;
  sourceIds: string[];
  listeners: number;
}

export class Mixes {
  readonly #mixes = new Map<string, Mix>();
  #last = 0;

  /** @returns its number @throws ServerError TOO_MANY_MIXES */
  join(sourceIds: readonly string[], most = MOST_MIXES): number {
    const ids = [...new Set(sourceIds)].sort();
    const key = ids.join(' ');
    let mix = this.#mixes.get(key);
    if (!mix) {
      if (this.#mixes.size >= most) {
        throw new ServerError('TOO_MANY_MIXES', `${MOST_MIXES} different mixes are listened to already, which is as many as there can be. Choose the same sources as somebody else, or wait until one of them stops listening.`);
      }
      this.#last = (this.#last % 65_535) + 1;
      this.#mixes.set(key, (mix = { mix: this.#last, sourceIds: ids, listeners: 0 }));
    }
    mix.listeners += 1;
    return mix.mix;
  }

  /** From one mix to another; undefined is none. One that cannot be had leaves things as they were. @throws ServerError TOO_MANY_MIXES */
  change(before: number | undefined, sourceIds: readonly string[] | undefined): number | undefined {
    const isAlone = [...this.#mixes.values()].some(({ mix, listeners }) => mix === before && listeners === 1);
    // The place of one that nobody else listens to becomes free.
    const after = sourceIds && this.join(sourceIds, isAlone ? MOST_MIXES + 1 : MOST_MIXES);
    if (before !== undefined) this.leave(before);
    return after;
  }

  leave(number: number): void {
    for (const [key, mix] of this.#mixes) {
      if (mix.mix !== number) continue;
      mix.listeners -= 1;
      if (mix.listeners === 0) this.#mixes.delete(key);
    }
  }

  get wanted(): { mix: number; sourceIds: string[] }[] {
    return [...this.#mixes.values()].map(({ mix, sourceIds }) => ({ mix, sourceIds }));
  }
}

/** The timeline that is held ready: it can be taken without a wait, and is seen on preview. */
import { frameAt } from '../../domain/timeline/rate.js';
import type { TimelineStart } from '../../protocol/link.js';
import type { Playback } from '../../protocol/playback.js';
import { sameJson } from '../../runtime/same-json.js';
import type { KnownTimeline, TimelineDocuments } from './documents.js';
import { Playing, resumed } from './playing.js';
import type { Runs } from './runs.js';

/** It is ready to run: what stands still with it does not matter. */
const withoutLive = ({ live: _, ...paused }: Extract<Playback, { is: 'paused' }>): Playback => paused;

export class Armed {
  #playing: Playing | undefined;
  #id: string | null = null;

  constructor(private readonly runs: Runs, private readonly documents: TimelineDocuments) {}

  get playing(): Playing | undefined {
    return this.#playing;
  }

  /** This one is to be held ready; null: none is. It is by `hold`. */
  want(id: string | null): void {
    this.#id = id;
  }

  /** Makes ready what is wanted, unless it is seen already. @param seen on program, or beside it */
  hold(seen: readonly (Playing | undefined)[]): void {
    const id = this.#id;
    const known = id === null || seen.some((playing) => playing?.id === id) ? undefined : this.documents.get(id);
    // One that is overridden runs on, and shows where it would be by now.
    const start: Playback = !known || known.playback.is === 'stopped' ? { is: 'paused', positionMs: 0 } : known.playback.is === 'playing' ? known.playback : withoutLive(known.playback);
    if (this.#playing && (this.#playing.id !== known?.id || !sameJson(this.#playing.start, start))) {
      void this.#playing.run.stop();
      this.#playing = undefined;
    }
    if (known) this.#playing ??= new Playing(this.runs, known, resumed(start));
  }

  /** Gives it away, when that is what is asked for and it stands where it is to begin, or runs where it is to go on. */
  take(known: KnownTimeline, start: TimelineStart | undefined): Playing | undefined {
    const armed = this.#playing;
    if (armed?.id !== known.id) return undefined;
    this.#playing = undefined;
    if (armed.run.running ? this.#runsAs(armed, known, start) : this.#standsAs(armed, known, start)) return armed;
    void armed.run.stop();
    return undefined;
  }

  #runsAs(armed: Playing, known: KnownTimeline, start: TimelineStart | undefined): boolean {
    return sameJson(armed.start, start === undefined ? known.playback : start.is === 'as' ? start.playback : null);
  }

  #standsAs(armed: Playing, known: KnownTimeline, start: TimelineStart | undefined): boolean {
    if (start === undefined) return known.playback.is !== 'playing';
    return start.is === 'from' && sameJson(start.region, armed.start.is === 'paused' ? armed.start.region : undefined) && frameAt(Math.round(start.positionMs), this.runs.rate) === armed.run.positionAt(0);
  }
}

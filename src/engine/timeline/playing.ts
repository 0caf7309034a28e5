/** A timeline that is played, or held ready to be: its run, and where it stands, for the studio to store. */
import { atRest, fromRest } from '../../domain/playback.js';
import { frameAt, msOf } from '../../domain/timeline/rate.js';
import { comingRegion, regionOf, type Region as Frames } from '../../domain/timeline/region.js';
import type { TimelineStart } from '../../protocol/link.js';
import { STOPPED, type Playback, type Region } from '../../protocol/playback.js';
import type { NativeScene } from '../native.js';
import type { KnownTimeline } from './documents.js';
import type { Interlude } from './motion.js';
import type { Runs } from './runs.js';
import type { TimelineRun } from './timeline-run.js';

/** How one goes on that is played without a word from where. */
export const resumed = (playback: Playback): TimelineStart => {
  if (playback.is === 'playing') return { is: 'as', playback };
  return playback.is === 'stopped' ? { is: 'from', positionMs: 0 } : fromRest(playback);
};

export class Playing {
  readonly id: string;
  readonly run: TimelineRun;
  /** Where it stood when it was opened. */
  readonly start: Playback;
  /** While it is held, the whole picture is and not only films. */
  frozen: boolean;
  /** The scene that it was last shown with while nothing moved it, as text. */
  #shown: string | undefined;

  /** @param interlude one that it came into, which its start counts already */
  constructor(private readonly runs: Runs, known: KnownTimeline, start: TimelineStart, interlude?: Interlude) {
    const now = runs.now();
    this.id = known.id;
    this.start = start.is === 'as' ? start.playback : atRest(start.positionMs, start.region);
    this.frozen = this.start.is === 'paused' && !this.start.live;
    const zeroFrame = this.start.is === 'playing' ? runs.zeroFrameOf(this.start) : undefined;
    // One that is stopped is held before its start, where there is nothing.
    const position = zeroFrame !== undefined ? now - zeroFrame : this.start.is === 'paused' ? frameAt(Math.round(this.start.positionMs), runs.rate) : -1;
    this.run = runs.open(`timeline:${known.id}:${runs.nextNumber()}`, known.compiled, position, this.#regionFrom(known, position));
    if (zeroFrame !== undefined) this.run.run(now, position);
    if (interlude) this.run.interrupt(interlude, true);
    this.run.tend(now);
  }

  /** Where it stands: of one that goes round a region, in this pass, so that what is stored of it is never many passes old. */
  get playback(): Playback {
    const { run, region, runs } = this;
    const round = region ? { region } : {};
    if (run.zeroFrame !== undefined) return { ...runs.playingSince(run.zeroFrame + run.shiftAt(runs.now())), ...round };
    const position = run.placeAt(0);
    return position < 0 ? STOPPED : { is: 'paused', positionMs: msOf(position, runs.rate), ...(this.frozen ? {} : { live: true }), ...round };
  }

  /** What it goes round; undefined: nothing. */
  get region(): Region | undefined {
    const { region } = this.run;
    return region ? { fromMs: msOf(region.from, this.runs.rate), toMs: msOf(region.to, this.runs.rate) } : undefined;
  }

  /** One that runs has gone round since it was told; one that is at rest comes to it, or has left it behind. */
  #regionFrom({ compiled }: KnownTimeline, position: number): Frames | null {
    if (this.start.is === 'stopped' || !this.start.region) return null;
    return this.start.is === 'playing' ? regionOf(this.start.region, this.runs.rate) : comingRegion(this.start.region, position, compiled);
  }

  /** Its scene at a frame, which is shown now. */
  show(frame: number): NativeScene {
    const scene = this.#sceneAt(frame);
    this.#shown = JSON.stringify(scene);
    return scene;
  }

  /** The same, undefined when it is what is shown already: a picture that is frozen is not made anew where nothing of it has changed. */
  showOther(frame: number): NativeScene | undefined {
    const before = this.#shown;
    const scene = this.show(frame);
    return this.#shown === before ? undefined : scene;
  }

  #sceneAt(frame: number): NativeScene {
    const scene = this.run.sceneAt(frame);
    return this.frozen && !this.run.running && this.run.positionAt(frame) >= 0 ? { ...scene, frozen: true } : scene;
  }
}

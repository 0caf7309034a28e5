/** A timeline that is played, or held ready to be: its run, and where it stands, for the studio to store. */
import { frameAt, msOf } from '../../domain/timeline/rate.js';
import type { TimelineStart } from '../../protocol/link.js';
import { STOPPED, type Playback } from '../../protocol/playback.js';
import type { NativeScene } from '../native.js';
import type { KnownTimeline } from './documents.js';
import type { Interlude } from './motion.js';
import type { Runs } from './runs.js';
import type { TimelineRun } from './timeline-run.js';

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
    this.start = start.is === 'as' ? start.playback : { is: 'paused', positionMs: start.positionMs };
    this.frozen = this.start.is === 'paused' && !this.start.live;
    const zeroFrame = this.start.is === 'playing' ? runs.zeroFrameOf(this.start) : undefined;
    // One that is stopped is held before its start, where there is nothing.
    const position = zeroFrame !== undefined ? now - zeroFrame : this.start.is === 'paused' ? frameAt(Math.round(this.start.positionMs), runs.rate) : -1;
    this.run = runs.open(`timeline:${known.id}:${runs.nextNumber()}`, known.compiled, position);
    if (zeroFrame !== undefined) this.run.run(now, position);
    if (interlude) this.run.interrupt(interlude, true);
    this.run.tend(now);
  }

  /** Where it stands. */
  get playback(): Playback {
    const { run } = this;
    if (run.zeroFrame !== undefined) return this.runs.playingSince(run.zeroFrame);
    const position = run.positionAt(0);
    return position < 0 ? STOPPED : { is: 'paused', positionMs: msOf(position, this.runs.rate), ...(this.frozen ? {} : { live: true }) };
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

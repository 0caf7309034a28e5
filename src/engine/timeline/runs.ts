/** What every run of a timeline needs of the program it runs on: files, frames, and plans handed over ahead. */
import type { CompiledTimeline } from '../../domain/timeline/compile.js';
import { frameAt, frameDueAt, frameDueBy, usOf, type Rate } from '../../domain/timeline/rate.js';
import type { Region } from '../../domain/timeline/region.js';
import type { Playback } from '../../protocol/playback.js';
import { systemClock, type Clock } from '../../runtime/clock.js';
import type { VideoFormat } from '../scene-plan.js';
import { READY_LIMIT_MS, until } from '../until.js';
import type { FileSource, PlayerContext } from './clip-player.js';
import { TimelineRun } from './timeline-run.js';

/**
 * Less than a film is opened ahead. Burying a decoder (waitpid) was seen to hold the event loop for two seconds on a machine with
 * far too much to do, while others read that decoder's entry in /proc.
 */
const AHEAD_MS = 3000;
/** Frames from a decision to the frame it takes effect on: what a busy event loop may need. */
const NOTICE_FRAMES = 3;
/** One that is to be taken at a moment is handed to the compositor this many frames before. */
const HANDED_FRAMES = 8;

export interface RunsOptions extends PlayerContext {
  format: VideoFormat;
  bootId: string;
  clock?: Clock;
}

export class Runs {
  readonly rate: Rate;
  readonly clock: Clock;
  /** By the id of their source. */
  files = new Map<string, FileSource>();
  #numbers = 0;

  constructor(private readonly options: RunsOptions) {
    this.rate = options.format.rate;
    this.clock = options.clock ?? systemClock;
  }

  /** The last frame that was made; before the first, the one that would have been. */
  now(): number {
    const { core, program } = this.options;
    const { frame, rendered } = program.stats();
    return rendered > 0 ? frame : frameDueBy(core.monotonicUs(), this.rate);
  }

  /** The frame on which what is decided now can happen. */
  soon(): number {
    return this.now() + NOTICE_FRAMES;
  }

  /** The frame of position 0: by the machine's clock while it is the same boot, which a change of the wall clock does not move. */
  zeroFrameOf(playback: Extract<Playback, { is: 'playing' }>): number {
    const { core, bootId } = this.options;
    const zeroUs = playback.bootId === bootId ? playback.zeroUs : core.monotonicUs() - (this.clock.wallMs() - playback.zeroWallMs) * 1000;
    return frameDueAt(zeroUs, this.rate);
  }

  /** Where one stands that runs, by both clocks. */
  playingSince(zeroFrame: number): Extract<Playback, { is: 'playing' }> {
    const { core, bootId } = this.options;
    const zeroUs = usOf(zeroFrame, this.rate);
    return { is: 'playing', zeroUs, bootId, zeroWallMs: this.clock.wallMs() - (core.monotonicUs() - zeroUs) / 1000 };
  }

  /** A number that was not given out before. */
  nextNumber(): number {
    return ++this.#numbers;
  }

  /** A run that is held at a position. @param sceneId its own @param region what it goes round */
  open(sceneId: string, compiled: CompiledTimeline, position: number, region: Region | null = null): TimelineRun {
    const { core, program, places, log } = this.options;
    return new TimelineRun({
      core, program, places, log, rate: this.rate, file: (id) => this.files.get(id), nextNumber: () => this.nextNumber(), now: () => this.now(),
    }, sceneId, compiled, position, region);
  }

  /** Hands the compositor what a run shows in the coming seconds. @returns the first frame for which that holds */
  plan(run: TimelineRun): number {
    const now = this.now();
    const { fromFrame, entries } = run.planUpTo(now + 1, now + frameAt(AHEAD_MS, this.rate));
    return entries.length > 0 ? this.options.program.plan(run.sceneId, fromFrame, entries).frame : now + 1;
  }

  /** Waits until what a run shows is there to be shown, for as long as somebody wants it. @param also more to wait for */
  untilReady(run: TimelineRun, isWanted: () => boolean, also: () => boolean = () => true): Promise<void> {
    const isDone = (): boolean => run.ready(this.now(), this.options.program.stats().sources) && also();
    return until(this.clock, { isWanted, isDone, limitMs: READY_LIMIT_MS, between: () => run.tend(this.now()) });
  }

  /** Waits until a frame is near on which a run is put on program, ready or not. */
  untilFrame(run: TimelineRun, isWanted: () => boolean, frame: number): Promise<void> {
    return until(this.clock, { isWanted, isDone: () => this.now() + HANDED_FRAMES >= frame, between: () => run.tend(this.now()) });
  }
}

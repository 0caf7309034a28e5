/** One program in one video format: the clock and compositor with its sources, overlays and encoder. */
import type { EngineActual, EngineDesired, PlaybackRequest, TakeReply, TimelineStart } from '../protocol/link.js';
import type { Transition } from '../protocol/resources.js';
import type { ProgramTarget } from '../protocol/status.js';
import type { Owner } from '../runtime/lifecycle.js';
import type { Log } from '../runtime/log.js';
import { neededAtOnce } from '../domain/open-sources.js';
import { systemClock } from '../runtime/clock.js';
import { ServerError } from '../runtime/errors.js';
import type { DecoderPlaces } from './decoder-args.js';
import type { CodecChoice } from './codec-probe.js';
import { Encoder } from './encoder.js';
import type { NativeCore, NativeLevel, NativeProgram, NativeScene } from './native.js';
import { Overlays } from './overlays.js';
import { Sources } from './sources.js';
import { Timelines } from './timeline/timelines.js';
import { frameDueAt, frameMs, planOverlays, planScene, planTransition, sourcesOf, videoFormat, type VideoFormat } from './scene-plan.js';

/** A file that was not open is waited for this long when it is taken; then it is taken without a picture. */
const OPEN_LIMIT_MS = 2000;
const LOOK_EVERY_MS = 20;

export interface ProductionPlaces extends DecoderPlaces {
  programSocket: string;
}

export class Production implements Owner {
  readonly #format: VideoFormat;
  readonly #program: NativeProgram;
  readonly #sources: Sources;
  readonly #overlays: Overlays;
  readonly #encoder: Encoder;
  readonly #timelines: Timelines;
  #desired: EngineDesired;
  #target: ProgramTarget;
  /** A timeline that is being made ready to be put on program. */
  #coming: string | undefined;
  /** Takes that were asked for. */
  #takes = 0;
  readonly #log: Log;
  #scene: NativeScene;
  #overlayPlan = '';
  #stopped: Promise<void> | undefined;
  #fps = { value: 0, rendered: 0, atMs: 0 };

  constructor(core: NativeCore, desired: EngineDesired, choice: CodecChoice, places: ProductionPlaces & { bootId: string }, log: Log) {
    this.#log = log;
    this.#format = videoFormat(desired.settings.video);
    this.#desired = desired;
    this.#target = desired.program;
    this.#scene = planScene(desired.program, desired);
    this.#program = core.createProgram(this.#format);
    this.#sources = new Sources(core, this.#program, places, log);
    this.#overlays = new Overlays(this.#program, this.#format, log, () => this.#showOverlays());
    this.#timelines = new Timelines({ core, program: this.#program, places, format: this.#format, log, bootId: places.bootId });
    this.#encoder = new Encoder(core, this.#program, this.#format, places.programSocket, log, desired.settings, choice);
  }

  start(): void {
    this.#overlays.start();
    this.#sources.start();
    this.#applySources();
    this.#overlays.apply(this.#desired);
    this.#timelines.apply(this.#desired);
    this.#timelines.start();
    this.#take(this.#scene, undefined);
    if ('timelineId' in this.#target) this.#adopt(this.#target);
    this.#encoder.start();
  }

  stop(): Promise<void> {
    return (this.#stopped ??= (async () => {
      // The encoder first: it ends by the end of its feed, which the program's end would cut off.
      await Promise.allSettled([this.#encoder.stop(), this.#overlays.stop(), this.#sources.stop(), this.#timelines.stop()]);
      this.#program.stop();
    })());
  }

  /** Whether the wish can be met without another program. */
  fits(desired: EngineDesired): boolean {
    const wanted = videoFormat(desired.settings.video);
    return wanted.width === this.#format.width && wanted.height === this.#format.height
      && wanted.fpsNum === this.#format.fpsNum && wanted.fpsDen === this.#format.fpsDen;
  }

  apply(desired: EngineDesired, choice: CodecChoice): void {
    const before = this.#desired;
    this.#desired = desired;
    this.#applySources();
    this.#overlays.apply(desired);
    this.#timelines.apply(desired);
    this.#encoder.update({ encoder: desired.settings.encoder, audio: desired.settings.audio }, choice);
    // A take is answered before it is stored, so a push in between still names the old target: only a change counts.
    const asked = JSON.stringify(desired.program) !== JSON.stringify(before.program);
    const coming = 'timelineId' in desired.program && desired.program.timelineId === this.#coming;
    if (asked && !coming && JSON.stringify(desired.program) !== JSON.stringify(this.#target)) {
      this.#adopt(desired.program);
      return;
    }
    if ('timelineId' in this.#target) return;
    const scene = planScene(this.#target, desired);
    const changed = JSON.stringify(scene) !== JSON.stringify(this.#scene);
    this.#scene = scene;
    // Also when the scene is the same: a film on program that was opened anew has to be set going again.
    this.#sources.onAir(sourcesOf(scene), changed ? this.#program.updateScene(scene).frame : undefined);
  }

  /**
   * Opens what a target shows. Undefined: all of it is open, and it can be taken at once; else resolves when there is something to show.
   * @throws ServerError CONFLICT when something else was taken meanwhile
   */
  open(target: ProgramTarget): Promise<void> | undefined {
    const ids = sourcesOf(planScene(target, this.#desired));
    if (this.#sources.open(ids).length === 0) return undefined;
    const mine = ++this.#takes;
    const limit = systemClock.monotonicMs() + OPEN_LIMIT_MS;
    return (async () => {
      while (mine === this.#takes && this.#sources.open(ids).length > 0 && systemClock.monotonicMs() <= limit) {
        await new Promise<void>((done) => { systemClock.after(LOOK_EVERY_MS, done); });
      }
      if (mine !== this.#takes) throw new ServerError('CONFLICT', 'Something else was put on program before the file was open.');
    })();
  }

  /** Puts a target on program from the next frame, or the one that is due at `atUs`; tells which frame that is and when it is due. */
  take(target: ProgramTarget, transition: Transition | undefined, atUs?: number): TakeReply {
    this.#takes++;
    this.#target = target;
    this.#scene = planScene(target, this.#desired);
    const frame = this.#take(this.#scene, transition, atUs);
    return { frame, ptsMs: frameMs(frame, this.#format) };
  }

  /**
   * Puts a timeline on program as soon as it is ready, or with the frame that is due at `atUs`.
   * @throws ServerError NOT_FOUND, CONFLICT when something else was taken meanwhile
   */
  async takeTimeline(timelineId: string, transition: Transition | undefined, start?: TimelineStart, atUs?: number): Promise<TakeReply> {
    this.#coming = timelineId;
    this.#takes++;
    try {
      return await this.#timelines.take(timelineId, start, transition, (scene, frame) => this.#showTimeline(timelineId, scene, frame), atUs);
    } finally {
      if (this.#coming === timelineId) this.#coming = undefined;
    }
  }

  /** @throws ServerError NOT_FOUND, CONFLICT when that timeline is not on program */
  playback(request: PlaybackRequest): Promise<TakeReply> {
    return this.#timelines.control(request, (scene, frame) => this.#showTimeline(request.timelineId, scene, frame));
  }

  levels(): NativeLevel[] {
    return this.#program.levels();
  }

  actual(): EngineActual {
    const stats = this.#program.stats();
    this.#measureFps(stats.rendered);
    return {
      program: {
        ...this.#target,
        frame: stats.frame, fps: this.#fps.value, repeated: stats.repeated, late: stats.late, skipped: stats.skipped,
        composeUsAvg: stats.composeUsAvg, composeUsP99: stats.composeUsP99, inTransition: stats.inTransition,
      },
      encoder: this.#encoder.report(stats.feeds),
      sources: this.#sources.status(stats.sources),
      overlays: {
        drawn: this.#overlays.drawn, failed: this.#overlays.failed,
        ...(this.#overlays.problem ? { error: this.#overlays.problem } : {}),
      },
      timeline: this.#timelines.status(),
      emergency: false, insert: null, airings: [],
    };
  }

  /** What the studio wants on program though nobody took it here: after a start, or a restore. */
  #adopt(target: ProgramTarget): void {
    if (!('timelineId' in target)) {
      this.take(target, undefined);
      return;
    }
    this.takeTimeline(target.timelineId, undefined).catch((error: unknown) => {
      this.#log.warn({ timeline: target.timelineId, problem: error instanceof Error ? error.message : String(error) }, 'the timeline could not be put on program');
    });
  }

  #showTimeline(timelineId: string, scene: NativeScene, frame: number): void {
    this.#target = { timelineId };
    this.#scene = scene;
    this.#sources.onAir(new Set(), frame);
  }

  #applySources(): void {
    const needed = neededAtOnce(this.#desired, [this.#desired.program, this.#target]);
    this.#sources.apply(this.#desired.sources, { needed, inTimelines: new Set(this.#desired.inTimelines) });
  }

  #take(scene: NativeScene, transition: Transition | undefined, atUs?: number): number {
    this.#sources.open(sourcesOf(scene));
    const way = planTransition(transition, this.#format);
    const { frame } = atUs === undefined ? this.#program.take(scene, way) : this.#program.takeAt(frameDueAt(atUs, this.#format), scene, way);
    // Films begin with the frame that first shows them: both wait for the same next tick.
    this.#sources.onAir(sourcesOf(scene), frame);
    this.#timelines.left(frame);
    return frame;
  }

  #showOverlays(): void {
    const layers = planOverlays(this.#desired.overlays, this.#overlays.isUp);
    const plan = JSON.stringify(layers);
    if (plan === this.#overlayPlan) return;
    this.#overlayPlan = plan;
    this.#program.setOverlays(layers);
  }

  #measureFps(rendered: number): void {
    const now = performance.now();
    const elapsed = now - this.#fps.atMs;
    if (elapsed < 500) return;
    const value = this.#fps.atMs === 0 ? 0 : Math.round(((rendered - this.#fps.rendered) * 100_000) / elapsed) / 100;
    this.#fps = { value, rendered, atMs: now };
  }
}

/** One program in one video format: the clock and compositor with its sources, overlays and encoder. */
import type { EditedReply, EditedRequest, EmergencyTarget, EngineActual, EngineDesired, EngineInsert, InsertReply, PlaybackRequest, TakeReply, TimelineStart } from '../protocol/link.js';
import type { TileWish } from '../protocol/multiview.js';
import type { Transition } from '../protocol/resources.js';
import type { ProgramTarget } from '../protocol/status.js';
import type { Owner } from '../runtime/lifecycle.js';
import type { Log } from '../runtime/log.js';
import { neededAtOnce } from '../domain/open-sources.js';
import { frameDueAt, msOf } from '../domain/timeline/rate.js';
import { ServerError } from '../runtime/errors.js';
import { sameJson } from '../runtime/same-json.js';
import { Airings } from './airings.js';
import { Bar } from './bar.js';
import { Black } from './black.js';
import { Cover } from './cover.js';
import type { DecoderPlaces } from './decoder-args.js';
import type { CodecChoice } from './codec-probe.js';
import { Encoder } from './encoder.js';
import { FpsMeter } from './fps-meter.js';
import { Mix } from './mix.js';
import type { NativeCore, NativeLevel, NativeProgram, NativeScene, NativeTile } from './native.js';
import { Overlays } from './overlays.js';
import { Sources } from './sources.js';
import { TakeBook } from './take-book.js';
import type { TakeHow, TimelineTake } from './taking.js';
import { Tiles } from './tiles.js';
import { Timelines } from './timeline/timelines.js';
import { firstShown, planOverlays, planScene, planTransition, programOptions, sourcesOf, videoFormat, type VideoFormat } from './scene-plan.js';
import { READY_LIMIT_MS, until } from './until.js';

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
  readonly #cover: Cover;
  readonly mix: Mix;
  readonly #bar: Bar;
  readonly #black: Black;
  readonly #tiles: Tiles;
  #desired: EngineDesired;
  #target: ProgramTarget;
  /** A timeline that is being made ready to be put on program. */
  #coming: string | undefined;
  /** Takes that were asked for. */
  #takes = 0;
  readonly #book: TakeBook;
  readonly #log: Log;
  #scene: NativeScene;
  #overlayPlan = '';
  #stopped: Promise<void> | undefined;
  readonly #fps = new FpsMeter();

  /** @param airings of inserts that are over, also on the program before this one. @param onChange something happened that is worth a report */
  constructor(
    core: NativeCore, desired: EngineDesired, choice: CodecChoice, places: ProductionPlaces & { bootId: string }, log: Log,
    airings = new Airings(), onChange: () => void = () => {},
  ) {
    this.#log = log;
    this.#format = videoFormat(desired.settings.video);
    this.#desired = desired;
    this.#target = desired.program;
    this.#book = new TakeBook(desired);
    this.#scene = planScene(desired.program, desired);
    this.#program = core.createProgram(programOptions(this.#format));
    this.mix = new Mix(this.#program);
    this.#sources = new Sources(core, this.#program, places, log, onChange);
    this.#overlays = new Overlays(this.#program, this.#format, log, () => this.#showOverlays());
    this.#timelines = new Timelines({ core, program: this.#program, places, format: this.#format, log, bootId: places.bootId });
    this.#cover = new Cover({
      program: this.#program, format: this.#format, timelines: this.#timelines, airings, bootId: places.bootId, log, onChange,
      cue: (ids) => this.#sources.cue(ids),
      onSources: (frame) => this.#onAir(frame),
    }, desired);
    this.#bar = new Bar({ program: this.#program, format: this.#format, timelines: this.#timelines, cue: (ids) => this.#sources.cue(ids) });
    this.#black = new Black(this.#program, this.#format);
    this.#tiles = new Tiles(this.#program, this.#timelines);
    this.#encoder = new Encoder(core, this.#program, this.#format, places.programSocket, log, desired.settings, choice);
  }

  start(): void {
    this.#overlays.start();
    this.mix.apply(this.#desired);
    this.#sources.start();
    this.#applySources();
    this.#overlays.apply(this.#desired);
    this.#timelines.apply(this.#desired);
    this.#timelines.start();
    this.#cover.start();
    this.#black.apply(this.#desired.black, undefined);
    this.#take(this.#scene, undefined, 0);
    if ('timelineId' in this.#target) this.#adopt(this.#target, true);
    this.#encoder.start();
  }

  stop(): Promise<void> {
    this.#takes++;
    return (this.#stopped ??= (async () => {
      // The encoder first: it ends by the end of its feed, which the program's end would cut off.
      await Promise.allSettled([this.#encoder.stop(), this.#overlays.stop(), this.#sources.stop(), this.#timelines.stop(), this.#cover.stop()]);
      this.#program.stop();
    })());
  }

  /** Whether the wish can be met without another program. */
  fits(desired: EngineDesired): boolean {
    const wanted = videoFormat(desired.settings.video);
    return wanted.width === this.#format.width && wanted.height === this.#format.height
      && wanted.rate.num === this.#format.rate.num && wanted.rate.den === this.#format.rate.den;
  }

  apply(desired: EngineDesired, choice: CodecChoice): void {
    this.#black.apply(desired.black, this.#desired.black);
    this.#desired = desired;
    this.mix.apply(desired);
    this.#applySources();
    this.#overlays.apply(desired);
    this.#timelines.apply(desired);
    this.#cover.apply(desired);
    this.#bar.follow(desired);
    this.#encoder.update({ encoder: desired.settings.encoder, audio: desired.settings.audio }, choice);
    const { program } = desired;
    if (this.#book.isToAdopt(desired, this.#target) && !('timelineId' in program && program.timelineId === this.#coming)) {
      this.#adopt(program, false);
      return;
    }
    if ('timelineId' in this.#target) {
      // A film over it that was opened anew has to be set going again.
      this.#onAir();
      return;
    }
    const scene = planScene(this.#target, desired);
    const changed = !sameJson(scene, this.#scene);
    this.#scene = scene;
    // Also when the scene is the same: a film on program that was opened anew has to be set going again.
    this.#onAir(changed ? this.#program.updateScene(scene, this.#sources.films(sourcesOf(scene))).frame : undefined);
  }

  /**
   * Opens what a target shows. Undefined: all of it is open, and it can be taken at once; else resolves when there is something to show.
   * @throws ServerError CONFLICT when something else was taken meanwhile
   */
  open(target: ProgramTarget): Promise<void> | undefined {
    const ids = sourcesOf(planScene(target, this.#desired));
    if (this.#sources.open(ids).length === 0) return undefined;
    const mine = ++this.#takes;
    const isWanted = (): boolean => mine === this.#takes;
    return (async () => {
      await until(this.#timelines.runs.clock, { isWanted, isDone: () => this.#sources.open(ids).length === 0, limitMs: READY_LIMIT_MS });
      if (!isWanted()) throw new ServerError('CONFLICT', 'Something else was put on program before the file was open.');
    })();
  }

  /**
   * Puts a target on program from the next frame, or the one that is due at `atUs`, or where an insert makes way for it; tells which
   * frame that is and when it is due.
   */
  take(target: ProgramTarget, transition: Transition | undefined, { atUs, scheduled = false }: TakeHow = {}): TakeReply {
    const reply = this.#takeAt(target, transition, atUs);
    return this.#book.answer({ ...reply, take: this.#book.next() }, scheduled);
  }

  #takeAt(target: ProgramTarget, transition: Transition | undefined, atUs?: number): TakeReply {
    this.#takes++;
    const at = Math.max(this.#cover.hasInsert ? this.#timelines.runs.soon() : 0, atUs === undefined ? 0 : frameDueAt(atUs, this.#format.rate));
    const { transition: way, left } = this.#cover.taken(at, transition);
    this.#target = target;
    this.#scene = planScene(target, this.#desired);
    const taken = this.#take(this.#scene, way, at);
    const frame = way === transition ? taken : firstShown(taken, planTransition(transition, this.#format));
    return { frame, ptsMs: msOf(frame, this.#format.rate), ...(left ? { left } : {}) };
  }

  /**
   * Puts a timeline on program as soon as it is ready, or with the frame that is due at `atUs`.
   * @throws ServerError NOT_FOUND, CONFLICT when something else was taken meanwhile
   */
  takeTimeline(timelineId: string, transition: Transition | undefined, how: TakeHow = {}): Promise<TakeReply> {
    return this.#takeTimeline(timelineId, how.start, this.#taking(timelineId, transition, how));
  }

  /** @throws ServerError NOT_FOUND, CONFLICT when that timeline is not on program */
  async playback(request: PlaybackRequest): Promise<TakeReply> {
    const taking = this.#taking(request.timelineId, undefined);
    const reply = await this.#timelines.control(request, taking);
    const { left, take } = taking.reply();
    if (take !== undefined) return this.#book.answer({ ...reply, ...(left ? { left } : {}), take }, false);
    // It is as it was on program, and only how it is played has changed.
    return { ...reply, ...(left ? { left } : {}), take: this.#book.number };
  }

  /**
   * The T-bar has gone so far towards a target; null: towards whatever it led to. 1 is a take, 0 takes it back.
   * @throws ServerError NOT_FOUND, and what a take throws where it is thrown over at once
   */
  bar(position: number, target: ProgramTarget | null, transition: Transition | undefined): TakeReply | Promise<TakeReply> {
    const replyOf = (frame: number): TakeReply => ({ frame, ptsMs: msOf(frame, this.#format.rate) });
    if (position <= 0 || !target) {
      const frame = this.#bar.back();
      this.#onAir(frame);
      return replyOf(frame);
    }
    if (position < 1) {
      const { frame, began } = this.#bar.go(position, target, transition, this.#desired);
      if (began) this.#onAir(frame);
      return replyOf(frame);
    }
    const done = this.#bar.complete(target);
    if (!done) return 'timelineId' in target ? this.takeTimeline(target.timelineId, undefined) : this.take(target, undefined);
    const { frame, scene } = done;
    this.#takes++;
    const { left } = this.#cover.taken(frame, undefined);
    const playback = 'timelineId' in target ? this.#timelines.settle(frame) : undefined;
    if (!playback) this.#timelines.left(frame);
    this.#target = target;
    this.#scene = scene;
    this.#onAir(frame);
    return this.#book.answer({ ...replyOf(frame), ...(playback ? { playback } : {}), ...(left ? { left } : {}), take: this.#book.next() }, false);
  }

  /** Fades all that goes out to black, or back; tells the frame on which that begins. */
  black(on: boolean, durationMs: number): TakeReply {
    return this.#black.fade(on, durationMs);
  }

  /** @throws ServerError as Timelines.edited does */
  edited(request: EditedRequest): EditedReply {
    return this.#timelines.edited(request);
  }

  /** Puts the emergency picture over everything with the next frame, or takes it away. */
  emergency(target: EmergencyTarget | null, transition: Transition | undefined): TakeReply {
    return this.#cover.emergency(target, transition);
  }

  /** @throws ServerError as Cover.insert does */
  insert(insert: EngineInsert): Promise<InsertReply> {
    return this.#cover.insert(insert);
  }

  /** @throws ServerError NOT_FOUND */
  endInsert(airingId: string): TakeReply {
    return this.#cover.endInsert(airingId);
  }

  levels(): NativeLevel[] {
    return this.#program.levels();
  }

  wishTiles(wishes: readonly TileWish[]): void {
    this.#tiles.wish(wishes, this.#desired);
  }

  takeTiles(): NativeTile[] {
    return this.#tiles.take();
  }

  actual(): EngineActual {
    const stats = this.#program.stats();
    this.#fps.look(stats.rendered);
    return {
      program: {
        ...this.#target,
        frame: stats.frame, fps: this.#fps.value, repeated: stats.repeated, late: stats.late, skipped: stats.skipped,
        composeUsAvg: stats.composeUsAvg, composeUsP99: stats.composeUsP99, inTransition: stats.inTransition,
        black: stats.black, ...(this.#bar.position === undefined ? {} : { bar: this.#bar.position }),
      },
      encoder: this.#encoder.report(stats.feeds),
      sources: this.#sources.status(stats.sources),
      overlays: {
        drawn: this.#overlays.drawn, failed: this.#overlays.failed,
        ...(this.#overlays.problem ? { error: this.#overlays.problem } : {}),
      },
      tiles: stats.tiles, sound: { dropped: 0 },
      timeline: this.#timelines.status(),
      taken: this.#book.taken,
      ...this.#cover.status(),
    };
  }

  /** What the studio wants on program though nobody took it here: after a start, when inserts go on, or a restore. */
  #adopt(target: ProgramTarget, atStart: boolean): void {
    const { take } = this.#desired;
    if (!('timelineId' in target)) {
      this.#takeAt(target, undefined);
      this.#book.adopted(take);
      return;
    }
    const { timelineId } = target;
    const taking = this.#taking(timelineId, undefined, {}, take);
    // As it stands: one that is paused does not begin to play because the engine has come back.
    const playback = this.#desired.timelines.find(({ id }) => id === timelineId)?.playback;
    this.#takeTimeline(timelineId, playback && { is: 'as', playback }, atStart ? { ...taking, way: () => undefined, adopted: true } : taking).catch((error: unknown) => {
      this.#log.warn({ timeline: timelineId, problem: error instanceof Error ? error.message : String(error) }, 'the timeline could not be put on program');
    });
  }

  async #takeTimeline(timelineId: string, start: TimelineStart | undefined, taking: TimelineTake): Promise<TakeReply> {
    this.#coming = timelineId;
    // One whose time has not come leaves what others ask for alone.
    if (taking.atFrame === undefined) this.#takes++;
    try {
      const reply = await this.#timelines.take(timelineId, start, taking);
      const { left, take } = taking.reply();
      const answer = { ...reply, ...(left ? { left } : {}) };
      return take === undefined ? answer : this.#book.answer({ ...answer, take }, taking.scheduled);
    } finally {
      if (this.#coming === timelineId) this.#coming = undefined;
    }
  }

  #applySources(): void {
    const { program, preview, emergency, settings, sources } = this.#desired;
    const needed = neededAtOnce(this.#desired, [program, this.#target, preview, emergency, settings.emergency, settings.schedule.filler]);
    // Not all that lies in some scene: that may be every source there is. What is taken is started by then.
    const seen = [program, this.#target, preview, emergency && !('slate' in emergency) ? emergency : null].flatMap((target) => (target ? [...sourcesOf(planScene(target, this.#desired))] : []));
    const heard = sources.filter(({ audio }) => audio.mode === 'always').map(({ id }) => id);
    this.#sources.apply(sources, { needed, inTimelines: new Set(this.#desired.inTimelines) }, [...seen, ...heard]);
  }

  /**
   * A take of a timeline, for which an insert makes way.
   * @param adopted the number of the one that is wanted though nobody asked for it here
   */
  #taking(timelineId: string, transition: Transition | undefined, { atUs, scheduled = false }: TakeHow = {}, adopted?: number): TimelineTake {
    let under: ReturnType<Cover['taken']> = { transition };
    let take: number | undefined;
    return {
      scheduled,
      ...(atUs === undefined ? {} : { atFrame: frameDueAt(atUs, this.#format.rate) }),
      way: (frame) => (under = this.#cover.taken(frame, transition)).transition,
      shown: (scene, frame) => {
        if (adopted === undefined) take = this.#book.next();
        else this.#book.adopted(adopted);
        this.#bar.end(frame);
        this.#target = { timelineId };
        this.#scene = scene;
        this.#onAir(frame);
      },
      reply: () => ({ ...(under.left && under.left.timelineId !== timelineId ? { left: under.left } : {}), ...(take === undefined ? {} : { take }) }),
    };
  }

  /** @param at not before this frame; 0: with the next */
  #take(scene: NativeScene, transition: Transition | undefined, at: number): number {
    const way = planTransition(transition, this.#format);
    const films = this.#sources.cue(sourcesOf(scene));
    const { frame } = at > 0 ? this.#program.takeAt(at, scene, way, films) : this.#program.take(scene, way, films);
    this.#bar.end(frame);
    this.#onAir(frame);
    this.#timelines.left(frame);
    return frame;
  }

  /** @param frame as of which it is something else than before */
  #onAir(frame?: number): void {
    const own = 'timelineId' in this.#target ? [] : sourcesOf(this.#scene);
    this.#sources.onAir(new Set([...own, ...this.#cover.sources, ...this.#bar.sources]), frame);
  }

  #showOverlays(): void {
    const layers = planOverlays(this.#desired.overlays, this.#overlays.isUp);
    const plan = JSON.stringify(layers);
    if (plan === this.#overlayPlan) return;
    this.#overlayPlan = plan;
    this.#program.setOverlays(layers);
  }
}

/**
 * What lies over the program: the emergency picture, or else an insert. There is one place for both, and the emergency has it
 * first.
 */
import { msOf } from '../domain/timeline/rate.js';
import type { Airing, EmergencyTarget, EngineActual, EngineDesired, EngineInsert, InsertReply, TakeReply } from '../protocol/link.js';
import type { Transition } from '../protocol/resources.js';
import { ServerError } from '../runtime/errors.js';
import type { Owner } from '../runtime/lifecycle.js';
import type { Log } from '../runtime/log.js';
import { sameJson } from '../runtime/same-json.js';
import type { Airings } from './airings.js';
import { InsertRun } from './insert-run.js';
import type { NativeProgram, NativeScene } from './native.js';
import { CUT, emergencyScene, firstShown, planTransition, sourcesOf, type VideoFormat } from './scene-plan.js';
import type { Timelines } from './timeline/timelines.js';
import { isNewWish } from './wish.js';

const STEP_MS = 200;
/** Frames that are counted from elsewhere are this far off the wall clock, or more: another rate counts from the same start. */
const SAME_COUNT_MS = 5000;

type Began = NonNullable<EngineInsert['began']>;

export interface CoverOptions {
  program: NativeProgram;
  format: VideoFormat;
  timelines: Timelines;
  airings: Airings;
  bootId: string;
  log: Log;
  /** The films among these sources, to begin with what is taken. */
  cue(ids: ReadonlySet<string>): string[];
  /** Other sources are over the program from that frame on. */
  onSources(frame: number): void;
  /** An insert is over. */
  onChange(): void;
}

/** What becomes of the program when something is taken on it. */
export interface TakenUnder {
  /** By which it gets there. */
  transition: Transition | undefined;
  /** A timeline that was held for the insert. */
  left?: TakeReply['left'];
}

export class Cover implements Owner {
  #emergency: { target: EmergencyTarget; scene: NativeScene } | undefined;
  #insert: InsertRun | undefined;
  #desired: EngineDesired;
  #steps: NodeJS.Timeout | undefined;
  #stopped: Promise<void> | undefined;

  constructor(private readonly options: CoverOptions, desired: EngineDesired) {
    this.#desired = desired;
  }

  /** Before anything else is put on program: what is over it is so from the first frame. */
  start(): void {
    const { emergency, insert } = this.#desired;
    if (emergency) this.emergency(emergency, undefined);
    if (insert?.began) this.#adopt(insert, insert.began);
    this.#steps = setInterval(() => this.#step(), STEP_MS);
  }

  stop(): Promise<void> {
    clearInterval(this.#steps);
    return (this.#stopped ??= (async () => {
      const run = this.#insert;
      this.#insert = undefined;
      if (run?.begun) this.options.airings.add(run.airing('engine'));
      await run?.stop();
    })());
  }

  /** Sources that are over the program and may be films. An insert plays its own. */
  get sources(): ReadonlySet<string> {
    return this.#emergency ? sourcesOf(this.#emergency.scene) : new Set();
  }

  /** An insert is on program, or has its frames. */
  get hasInsert(): boolean {
    return this.#insert?.begun ?? false;
  }

  apply(desired: EngineDesired): void {
    const before = this.#desired;
    this.#desired = desired;
    if (isNewWish(desired.emergency, before.emergency, this.#emergency?.target ?? null)) this.emergency(desired.emergency, undefined);
    else this.#follow();
    this.#insert?.follow();
    const { insert } = desired;
    if (insert?.began && insert.airingId !== before.insert?.airingId) this.#adopt(insert, insert.began);
    const unwanted = before.insert && !insert && this.#insert?.insert.airingId === before.insert.airingId;
    if (unwanted) this.endInsert(before.insert!.airingId);
  }

  /** Puts the emergency picture over everything with the next frame, or takes it away. */
  emergency(target: EmergencyTarget | null, transition: Transition | undefined): TakeReply {
    const { program, format, timelines } = this.options;
    if (!target && !this.#emergency) {
      const frame = timelines.runs.now() + 1;
      return { frame, ptsMs: msOf(frame, format.rate) };
    }
    const scene = target && emergencyScene(target, this.#desired);
    const way = planTransition(transition, format);
    const { frame } = program.coverAt(0, scene, true, way, scene ? this.options.cue(sourcesOf(scene)) : []);
    this.#emergency = target && scene ? { target, scene } : undefined;
    const left = this.#displace(frame, frame + way.frames, 'emergency');
    this.options.onSources(frame);
    const shown = firstShown(frame, way);
    return { frame: shown, ptsMs: msOf(shown, format.rate), ...(left ? { playback: left.playback } : {}) };
  }

  /**
   * Puts an insert on program as soon as it is ready.
   * @throws ServerError EMERGENCY, VALIDATION, CONFLICT when there is one already, or when something is taken before it is ready
   */
  async insert(insert: EngineInsert): Promise<InsertReply> {
    const { format, timelines } = this.options;
    if (this.#emergency) throw new ServerError('EMERGENCY', 'The emergency picture is on program. Release it first.');
    // One that is over since the last step is in nobody's way.
    this.#step();
    if (this.#insert) throw new ServerError('CONFLICT', 'An insert is on program already.');
    const run = this.#open(insert);
    const frame = await this.#orForget(run, async () => {
      await run.untilReady(() => this.#isThere(run));
      if (!this.#isThere(run)) throw new ServerError('CONFLICT', 'Something else was put on program before the insert was ready.');
      return run.begin(timelines.runs.soon());
    });
    const playback = insert.mode === 'between' ? timelines.interrupt({ from: frame, to: run.end }) : undefined;
    return { frame, ptsMs: msOf(frame, format.rate), frames: run.frames, ...(playback ? { playback } : {}) };
  }

  /** @throws ServerError NOT_FOUND */
  endInsert(airingId: string): TakeReply {
    const { format, timelines } = this.options;
    const run = this.#insert;
    if (run?.insert.airingId !== airingId) throw new ServerError('NOT_FOUND', 'That insert is not on program.');
    const frame = timelines.runs.soon();
    if (!run.begun) this.#forget(run, 'stopped');
    run.cut(frame, 'stopped');
    const left = timelines.goOn(run.begun ? run.end : frame);
    return { frame, ptsMs: msOf(frame, format.rate), ...(left ? { playback: left.playback } : {}) };
  }

  /**
   * The operator takes something on program with `frame`: an insert makes way, by the transition that was asked for.
   */
  taken(frame: number, transition: Transition | undefined): TakenUnder {
    const run = this.#insert;
    if (!run || this.#emergency) return { transition };
    if (run.begun && (run.isEnding || run.end <= frame)) return { transition };
    const way = planTransition(transition, this.options.format);
    if (run.begun) this.options.program.coverAt(frame, null, run.insert.fills, way);
    const first = Math.max(frame, this.options.timelines.runs.soon());
    const left = this.#displace(run.begun ? frame : first, frame + way.frames, 'take');
    // Of a program that was not seen nothing could be seen going.
    return { transition: run.begun && run.insert.fills ? undefined : transition, ...(left ? { left } : {}) };
  }

  status(): Pick<EngineActual, 'emergency' | 'insert' | 'airings'> {
    return { emergency: this.#emergency !== undefined, insert: this.#insert?.status() ?? null, airings: this.options.airings.all };
  }

  /** An edit of what the emergency shows. */
  #follow(): void {
    if (!this.#emergency) return;
    const scene = emergencyScene(this.#emergency.target, this.#desired);
    const edited = !sameJson(scene, this.#emergency.scene);
    this.#emergency = { ...this.#emergency, scene };
    if (edited) this.options.onSources(this.options.program.coverAt(0, scene, true, CUT, this.options.cue(sourcesOf(scene))).frame);
  }

  /** What the studio wants on program though nobody asked for it here. It has begun: one that has not is asked for, and never only wanted. */
  #adopt(insert: EngineInsert, began: Began): void {
    const { airings } = this.options;
    if (airings.has(insert.airingId) || this.#insert?.insert.airingId === insert.airingId) return;
    this.#join(insert, began).catch((error: unknown) => {
      this.options.log.warn({ airing: insert.airingId, problem: error instanceof Error ? error.message : String(error) }, 'an insert could not be put on program');
      if (!airings.has(insert.airingId)) this.#tell({ airingId: insert.airingId, insertId: insert.insertId, frame: began.frame, frames: 0, missed: 0, ended: 'engine' });
    });
  }

  /** One that began in another life of the engine. */
  async #join(insert: EngineInsert, began: Began): Promise<void> {
    const { timelines, format, bootId } = this.options;
    const { runs } = timelines;
    if (this.#emergency || this.#insert) throw new Error('Something else is on program.');
    if (began.bootId !== bootId) throw new Error('It began before the machine was started.');
    const age = msOf(runs.now() - began.frame, format.rate);
    if (Math.abs(age - (runs.clock.wallMs() - began.wallMs)) > SAME_COUNT_MS) throw new Error('It began in another video format.');
    const run = this.#open(insert);
    const end = began.frame + run.frames;
    await this.#orForget(run, async () => {
      if (runs.now() < end) {
        if (insert.mode === 'between') timelines.interrupt({ from: began.frame, to: end }, true);
        await run.untilReady(() => this.#isThere(run));
      }
      if (!this.#isThere(run)) return;
      const frame = runs.soon();
      if (frame < end) run.join(frame, began.frame);
      else this.#forget(run, 'engine');
    });
  }

  /** One that could not be put on program is in nobody's way. */
  async #orForget<T>(run: InsertRun, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (this.#isThere(run) && !run.begun) this.#forget(run, 'engine');
      throw error;
    }
  }

  /** It is there from now on, and on program once it is ready. */
  #open(insert: EngineInsert): InsertRun {
    const { timelines, program, format } = this.options;
    return (this.#insert = new InsertRun(insert, timelines, program, format));
  }

  #isThere(run: InsertRun): boolean {
    return this.#insert === run;
  }

  /** Something else has its place from `frame` on, wholly from `end` on; the timeline goes on. */
  #displace(frame: number, end: number, ended: Airing['ended']): TakeReply['left'] {
    const run = this.#insert;
    if (!run) return undefined;
    if (run.begun) run.over(end, ended);
    else this.#forget(run, ended);
    return this.options.timelines.goOn(ended === 'take' ? frame : end);
  }

  /** One that has not begun never will. Of one that began before this process it is told. */
  #forget(run: InsertRun, ended: Airing['ended']): void {
    this.#insert = undefined;
    void run.stop();
    if (run.insert.began) this.#tell(run.airing(ended));
  }

  #tell(airing: Airing): void {
    this.options.airings.add(airing);
    this.options.onChange();
  }

  #step(): void {
    const run = this.#insert;
    if (!run) return;
    if (this.options.timelines.runs.now() < run.end) {
      run.tend();
      return;
    }
    this.#insert = undefined;
    void run.stop();
    this.#tell(run.airing());
  }
}

/** Takes: putting something on program. The engine is asked first and the disk afterwards, as a cut must not wait for one. */
import type { z } from 'zod';
import type { StudioState } from '../../domain/documents.js';
import { afterPause, afterScheduled, afterSwap, afterTake, isSameRule, onProgramOf, standAlike, type Moment, type OnProgram } from '../../domain/playback.js';
import {
  EditedReply, TakeReply, type BarRequest, type BlackRequest, type EditedRequest, type EmergencyRequest, type EngineActual, type EngineInsert, type InsertEndRequest,
  type PlaybackRequest, type TakeRequest,
} from '../../protocol/link.js';
import type { CameraSwitch } from '../../protocol/messages.js';
import { STOPPED } from '../../protocol/playback.js';
import type { Transition } from '../../protocol/resources.js';
import type { ProgramTarget } from '../../protocol/status.js';
import type { Clock } from '../../runtime/clock.js';
import { toProblem } from '../../runtime/errors.js';
import type { Log } from '../../runtime/log.js';
import { sameJson } from '../../runtime/same-json.js';
import type { DesiredState } from '../desired-state.js';
import type { Model } from '../model.js';

/** What the engine is asked. */
export type EngineRequest =
  | { name: 'take'; payload: TakeRequest }
  | { name: 'playback'; payload: PlaybackRequest }
  | { name: 'bar'; payload: BarRequest }
  | { name: 'black'; payload: BlackRequest }
  | { name: 'edited'; payload: EditedRequest }
  | { name: 'emergency'; payload: EmergencyRequest }
  | { name: 'insert'; payload: EngineInsert }
  | { name: 'insert-end'; payload: InsertEndRequest };
type TakingRequest = Extract<EngineRequest, { name: 'take' | 'playback' | 'bar' }>;

/** How long the engine may take to answer, ms: what opens files first takes longer. */
export function answerLimitMs(request: EngineRequest): number {
  const opensFiles = request.name === 'playback' || request.name === 'insert' || ((request.name === 'take' || request.name === 'bar') && request.payload.target !== null && 'timelineId' in request.payload.target);
  return opensFiles ? 5000 : 3000;
}

export interface ProgramOptions {
  model: Model;
  desired: DesiredState;
  log: Log;
  clock: Clock;
  bootId: string;
  /** Rejects when the engine is away. */
  askEngine(request: EngineRequest): Promise<unknown>;
  /** The engine is about to be asked for what it may not know yet, as a timeline: it is to hear of it first. */
  onAsked(): void;
  /** What was asked failed: the engine is to hear what is wanted of it once more. */
  onFailed(): void;
  /** What is on program, or over it, changed at a moment. */
  onKept?(before: StudioState, now: StudioState, at: Moment): void;
}

/** What a take is answered. */
const TakenReply = TakeReply.required({ take: true });
type TakenReply = z.infer<typeof TakenReply>;

/** An engine that has had something else on program than is wanted for so long is told once more, ms. */
const TOLD_AGAIN_MS = 3000;

export class Program {
  #asked = 0;
  /** Settled when the last that was asked for is. */
  #underWay: Promise<unknown> | undefined;
  #storing = false;
  /** Why what is on program could not be stored; '': it could. */
  #problem = '';
  /** Since when the engine has shown something else than is wanted of it, or since it was told again. */
  #differsSinceMs: number | undefined;

  constructor(private readonly options: ProgramOptions) {}

  /** What is to be on program, a take under way included. */
  target(): ProgramTarget {
    return this.options.desired.asked ?? this.state.program;
  }

  /** The engine was asked to put something on program and has not answered yet. */
  get isTaking(): boolean {
    const { asked, scheduled } = this.options.desired;
    return asked !== undefined || scheduled !== undefined;
  }

  /** Something is being put on program; settled when that is known to be there, or not to be. */
  get underWay(): Promise<unknown> | undefined {
    return this.options.desired.asked && this.#underWay;
  }

  /** What is stored, with what was taken since, whether or not the disk knows. */
  get state(): StudioState {
    return this.options.desired.state;
  }

  /** This moment. */
  now(): Moment {
    const { clock, bootId } = this.options;
    return { monotonicMs: clock.monotonicMs(), wallMs: clock.wallMs(), bootId };
  }

  /**
   * Resolves with the first program frame that shows the target, as soon as the engine has planned it. Over a timeline it is an
   * override.
   * @throws ServerError NOT_FOUND, ENGINE_AWAY, TIMEOUT or what the engine answered; the program then stays as it was
   */
  async take({ sourceId, sceneId, transition }: CameraSwitch): Promise<TakeReply> {
    const target: ProgramTarget = sourceId !== undefined ? { sourceId } : { sceneId: sceneId! };
    this.check(target);
    const { frame, ptsMs } = await this.#ask(target, { name: 'take', payload: transition ? { target, transition } : { target } });
    return { frame, ptsMs };
  }

  /**
   * Puts a timeline on program, as soon as it is ready. Without a `start` it goes on from where it stands.
   * @throws ServerError as `take` does, and CONFLICT when something else was taken before it was ready
   */
  takeTimeline(timelineId: string, how: Pick<TakeRequest, 'start' | 'transition'>): Promise<TakeReply> {
    const target: ProgramTarget = { timelineId };
    this.check(target);
    const { start, transition } = how;
    return this.#ask(target, { name: 'take', payload: { target, ...(transition ? { transition } : {}), ...(start ? { start } : {}) } });
  }

  /**
   * Takes what is armed on preview; what was on program is armed in its place.
   * @param by `bar`: the T-bar has come to its end
   * @throws ServerError as `take` does
   */
  async takeArmed(target: ProgramTarget, transition: Transition | undefined, by: 'take' | 'bar' = 'take'): Promise<TakeReply> {
    this.check(target);
    const how = { target, ...(transition ? { transition } : {}) };
    const { frame, ptsMs } = await this.#ask(target, by === 'bar' ? { name: by, payload: { ...how, position: 1 } } : { name: by, payload: how }, true);
    return { frame, ptsMs };
  }

  /**
   * The first program frame that shows an edit of the timeline on program, told to the engine at once; undefined when it is not on
   * program, or nobody can say: the edit holds all the same.
   */
  async edited(request: EditedRequest): Promise<EditedReply | undefined> {
    const { program } = this.state;
    if (this.isTaking || !('timelineId' in program) || program.timelineId !== request.timelineId) return undefined;
    this.options.onAsked();
    try {
      return EditedReply.parse(await this.options.askEngine({ name: 'edited', payload: request }));
    } catch {
      // Away, or something else was taken in between.
      return undefined;
    }
  }

  /** Changes how the timeline on program is played. @throws ServerError as `take` does */
  play(request: PlaybackRequest): Promise<TakeReply> {
    return this.#ask({ timelineId: request.timelineId }, { name: 'playback', payload: request });
  }

  /**
   * Puts on what the schedule has, in the place of whatever was on: no override is left. With `atUs` the engine is asked ahead,
   * and what an operator does meanwhile is not held up; the answer comes when it is taken.
   * @throws ServerError as `take` does, and CONFLICT when something else was taken before its time came
   */
  async takeScheduled(target: ProgramTarget, how: Pick<TakeRequest, 'start' | 'transition' | 'atUs'>): Promise<TakeReply> {
    const { desired, askEngine, onAsked, onFailed } = this.options;
    this.check(target);
    desired.scheduled = target;
    try {
      if ('timelineId' in target) onAsked();
      const reply = TakenReply.parse(await askEngine({ name: 'take', payload: { target, ...how, scheduled: true } }));
      this.#keepTaken(reply, (state, at) => afterScheduled(state, target, reply, at));
      setImmediate(() => void this.storeTaken());
      return reply;
    } catch (error) {
      desired.scheduled = undefined;
      onFailed();
      throw error;
    } finally {
      desired.scheduled = undefined;
    }
  }

  /** Changes what is armed, overridden or paused without the engine. */
  async put(change: (state: StudioState) => OnProgram): Promise<void> {
    this.#keep(change(this.state));
    await this.storeTaken();
  }

  /** Keeps what the engine has answered, as of a moment, and stores it when that answer has gone out: a disk can take its time. */
  keep(change: (state: StudioState) => OnProgram, at: Moment = this.now()): void {
    this.#keep(change(this.state), at);
    setImmediate(() => void this.storeTaken());
  }

  /** When a program frame is due: program time is the machine's monotonic clock. */
  momentOf(ptsMs: number): Moment {
    const now = this.now();
    return { ...now, monotonicMs: ptsMs, wallMs: now.wallMs + ptsMs - now.monotonicMs };
  }

  /**
   * The engine says what is on program. What it took and nobody here heard of, as the studio died or had given up waiting, is what is
   * wanted from then on; anything else that is not what is wanted it is told of once more. An edit can have moved the timeline on program,
   * which nobody asked for.
   */
  onEngine({ program, taken, timeline }: Pick<EngineActual, 'program' | 'taken' | 'timeline'>): void {
    if (this.isTaking) {
      this.#differsSinceMs = undefined;
      if (this.options.desired.asked) return;
    } else if (taken && taken.take > this.state.take) {
      this.#hear(targetOf(program), taken);
      return;
    } else this.#compare(targetOf(program));
    this.#follow(timeline);
  }

  /**
   * Writes down what was taken. When that fails, as on a full disk, the program stays what it is; asked again each second
   * until it works.
   */
  async storeTaken(): Promise<void> {
    const { desired, model, log } = this.options;
    const { unstored } = desired;
    if (!unstored || this.#storing) return;
    this.#storing = true;
    try {
      await model.change((draft) => {
        draft.put('program', unstored.program);
        draft.put('take', { number: unstored.take });
        draft.put('override', unstored.override);
        draft.put('armed', { timelineId: unstored.armed });
        draft.put('preview', { target: unstored.preview });
        draft.put('black', { on: unstored.black });
        draft.put('emergency', unstored.emergency);
        draft.put('airings', [...unstored.airings]);
        for (const [id, rule] of unstored.rules) if (isSameRule(model.find('insert-rule', id)?.data, rule)) draft.insertRule(id, rule);
        for (const [id, playback] of unstored.playbacks) if (model.find('timeline', id)) draft.playback(id, playback);
      });
      if (desired.unstored === unstored) desired.unstored = undefined;
      if (this.#problem !== '') log.info('what is on program is stored now');
      this.#problem = '';
    } catch (error) {
      // It is tried again each second.
      const { message } = toProblem(error);
      if (message !== this.#problem) log.error({ problem: message }, 'what is on program could not be stored; it is tried again, and a restart before would go back to what was stored');
      this.#problem = message;
    } finally {
      this.#storing = false;
    }
    if (desired.unstored && desired.unstored !== unstored) await this.storeTaken();
  }

  /** Of two at once the one stands that the engine took later, whatever comes back first. */
  #ask(target: ProgramTarget, request: TakingRequest, swaps = false): Promise<TakeReply> {
    const reply = this.#askEngine(target, request, swaps);
    this.#underWay = reply.catch(() => undefined);
    return reply;
  }

  async #askEngine(target: ProgramTarget, request: TakingRequest, swaps: boolean): Promise<TakeReply> {
    const { desired, askEngine, onAsked, onFailed } = this.options;
    const mine = ++this.#asked;
    desired.asked = target;
    try {
      if ('timelineId' in target) onAsked();
      const reply = TakenReply.parse(await askEngine(request));
      const endsNothing = request.name === 'playback' && (request.payload.action === 'pause' || request.payload.action === 'region');
      this.#keepTaken(reply, (state, at) => {
        if (endsNothing) return afterPause(state, request.payload.timelineId, reply.playback);
        const taken = afterTake(state, target, reply, at);
        return swaps ? afterSwap(state, taken) : taken;
      });
      if (mine === this.#asked) desired.asked = undefined;
      // The answer goes out first: a disk can take its time.
      setImmediate(() => void this.storeTaken());
      return reply;
    } catch (error) {
      if (mine === this.#asked) {
        desired.asked = undefined;
        onFailed();
      }
      throw error;
    }
  }

  /** What the engine took later is known already where the number is a lower one. */
  #keepTaken({ take, ptsMs }: TakenReply, change: (state: StudioState, at: Moment) => OnProgram): void {
    const at = this.momentOf(ptsMs);
    if (take >= this.state.take) this.#keep({ ...change(this.state, at), take }, at);
  }

  /** The engine took something of which nothing is known here. */
  #hear(target: ProgramTarget | undefined, taken: NonNullable<EngineActual['taken']>): void {
    const { log } = this.options;
    if (target && this.#isThere(target)) {
      log.warn({ target }, 'the engine has put something on program of which the studio had not heard; it is what is wanted now');
      this.#keepTaken(taken, (state, at) => (taken.scheduled ? afterScheduled : afterTake)(state, target, taken, at));
    } else {
      log.warn({ target }, 'the engine shows something that is not there any more; it is to show what is wanted');
      this.#keepTaken(taken, onProgramOf);
    }
    void this.storeTaken();
  }

  #compare(shown: ProgramTarget | undefined): void {
    const { clock, log, onFailed } = this.options;
    const wanted = this.state.program;
    if (!shown || sameJson(shown, wanted)) {
      this.#differsSinceMs = undefined;
      return;
    }
    const now = clock.monotonicMs();
    this.#differsSinceMs ??= now;
    if (now - this.#differsSinceMs < TOLD_AGAIN_MS) return;
    this.#differsSinceMs = now;
    log.warn({ shown, wanted }, 'the engine does not show what is wanted; it is told once more');
    onFailed();
  }

  /** How the timeline on program stands. */
  #follow(timeline: EngineActual['timeline']): void {
    const { program, playbacks, settings } = this.state;
    if (!timeline || timeline.state === 'preparing') return;
    const { timelineId, playback } = timeline;
    if (!('timelineId' in program) || program.timelineId !== timelineId) return;
    if (standAlike(playbacks.get(timelineId) ?? STOPPED, playback, this.now(), 1000 / settings.data.video.fps)) return;
    void this.put((state) => ({ ...onProgramOf(state), playbacks: new Map([[timelineId, playback]]) }));
  }

  /** On top of what is not stored yet. */
  #keep(next: OnProgram, at = this.now()): void {
    const { desired, onKept } = this.options;
    const { unstored, state: before } = desired;
    desired.unstored = {
      ...next, playbacks: new Map([...(unstored?.playbacks ?? []), ...next.playbacks]), rules: new Map([...(unstored?.rules ?? []), ...next.rules]),
    };
    onKept?.(before, desired.state, at);
  }

  /** @throws ServerError NOT_FOUND when what it names is not there */
  check(target: ProgramTarget): void {
    const { model } = this.options;
    if ('sourceId' in target) model.get('source', target.sourceId);
    if ('sceneId' in target) model.get('scene', target.sceneId);
    if ('timelineId' in target) model.get('timeline', target.timelineId);
  }

  #isThere(target: ProgramTarget): boolean {
    const { model } = this.options;
    if ('sourceId' in target) return model.find('source', target.sourceId) !== undefined;
    return 'sceneId' in target ? model.find('scene', target.sceneId) !== undefined : model.find('timeline', target.timelineId) !== undefined;
  }
}

/** What an engine that has a program says is on it. */
function targetOf({ sourceId, sceneId, timelineId }: EngineActual['program']): ProgramTarget | undefined {
  if (sourceId !== undefined) return { sourceId };
  if (sceneId !== undefined) return { sceneId };
  return timelineId === undefined ? undefined : { timelineId };
}


/** Takes: putting something on program. The engine is asked first and the disk afterwards, as a cut must not wait for one. */
import type { StudioState } from '../../domain/documents.js';
import { afterPause, afterScheduled, afterTake, isSameRule, onProgramOf, standAlike, type Moment, type OnProgram } from '../../domain/playback.js';
import {
  TakeReply, type EmergencyRequest, type EngineActual, type EngineInsert, type InsertEndRequest, type PlaybackRequest, type TakeRequest,
} from '../../protocol/link.js';
import type { CameraSwitch } from '../../protocol/messages.js';
import { STOPPED } from '../../protocol/playback.js';
import type { ProgramTarget } from '../../protocol/status.js';
import type { Clock } from '../../runtime/clock.js';
import { toProblem } from '../../runtime/errors.js';
import type { Log } from '../../runtime/log.js';
import type { DesiredState } from '../desired-state.js';
import type { Model } from '../model.js';

/** What the engine is asked. */
export type EngineRequest =
  | { name: 'take'; payload: TakeRequest }
  | { name: 'playback'; payload: PlaybackRequest }
  | { name: 'emergency'; payload: EmergencyRequest }
  | { name: 'insert'; payload: EngineInsert }
  | { name: 'insert-end'; payload: InsertEndRequest };
type TakingRequest = Extract<EngineRequest, { name: 'take' | 'playback' }>;

/** How long the engine may take to answer, ms: what opens files first takes longer. */
export function answerLimitMs(request: EngineRequest): number {
  const opensFiles = request.name === 'playback' || request.name === 'insert' || (request.name === 'take' && 'timelineId' in request.payload.target);
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
}

export class Program {
  #asked = 0;
  #answered = 0;
  #storing = false;

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
    this.#check(target);
    const { frame, ptsMs } = await this.#ask(target, { name: 'take', payload: transition ? { target, transition } : { target } });
    return { frame, ptsMs };
  }

  /**
   * Puts a timeline on program, as soon as it is ready. Without a `start` it goes on from where it stands.
   * @throws ServerError as `take` does, and CONFLICT when something else was taken before it was ready
   */
  takeTimeline(timelineId: string, how: Pick<TakeRequest, 'start' | 'transition'>): Promise<TakeReply> {
    const target: ProgramTarget = { timelineId };
    this.#check(target);
    const { start, transition } = how;
    return this.#ask(target, { name: 'take', payload: { target, ...(transition ? { transition } : {}), ...(start ? { start } : {}) } });
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
    this.#check(target);
    desired.scheduled = target;
    try {
      if ('timelineId' in target) onAsked();
      const reply = TakeReply.parse(await askEngine({ name: 'take', payload: { target, ...how } }));
      // It is the last that the engine did, whatever was asked for while it waited.
      this.#keep(afterScheduled(this.state, target, reply, this.momentOf(reply.ptsMs)));
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

  /** Keeps what the engine has answered, and stores it when that answer has gone out: a disk can take its time. */
  keep(change: (state: StudioState) => OnProgram): void {
    this.#keep(change(this.state));
    setImmediate(() => void this.storeTaken());
  }

  /** When a program frame is due: program time is the machine's monotonic clock. */
  momentOf(ptsMs: number): Moment {
    const now = this.now();
    return { ...now, monotonicMs: ptsMs, wallMs: now.wallMs + ptsMs - now.monotonicMs };
  }

  /** The engine says how the timeline on program stands. An edit can have moved it, which nobody asked for. */
  onEngine(timeline: EngineActual['timeline']): void {
    const { program, playbacks, settings } = this.state;
    if (!timeline || timeline.state === 'preparing' || this.options.desired.asked) return;
    const { timelineId, playback } = timeline;
    if (!('timelineId' in program) || program.timelineId !== timelineId) return;
    if (standAlike(playbacks.get(timelineId) ?? STOPPED, playback, this.now(), 1000 / settings.data.video.fps)) return;
    void this.put((state) => ({ ...onProgramOf(state), playbacks: new Map([[timelineId, playback]]) }));
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
        draft.put('override', unstored.override);
        draft.put('armed', { timelineId: unstored.armed });
        draft.put('emergency', unstored.emergency);
        draft.put('airings', [...unstored.airings]);
        for (const [id, rule] of unstored.rules) if (isSameRule(model.find('insert-rule', id)?.data, rule)) draft.insertRule(id, rule);
        for (const [id, playback] of unstored.playbacks) if (model.find('timeline', id)) draft.playback(id, playback);
      });
      if (desired.unstored === unstored) desired.unstored = undefined;
    } catch (error) {
      log.error({ problem: toProblem(error).message }, 'what is on program could not be stored; a restart now would go back to what was stored before');
    } finally {
      this.#storing = false;
    }
    if (desired.unstored && desired.unstored !== unstored) await this.storeTaken();
  }

  /** Of two at once the later one stands, whatever comes back first. */
  async #ask(target: ProgramTarget, request: TakingRequest): Promise<TakeReply> {
    const { desired, askEngine, onAsked, onFailed } = this.options;
    const mine = ++this.#asked;
    desired.asked = target;
    try {
      if ('timelineId' in target) onAsked();
      const reply = TakeReply.parse(await askEngine(request));
      if (mine > this.#answered) {
        this.#answered = mine;
        const isPause = request.name === 'playback' && request.payload.action === 'pause';
        this.#keep(isPause ? afterPause(this.state, request.payload.timelineId, reply.playback) : afterTake(this.state, target, reply, this.momentOf(reply.ptsMs)));
      }
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

  /** On top of what is not stored yet. */
  #keep(next: OnProgram): void {
    const { desired } = this.options;
    const { unstored } = desired;
    desired.unstored = {
      ...next, playbacks: new Map([...(unstored?.playbacks ?? []), ...next.playbacks]), rules: new Map([...(unstored?.rules ?? []), ...next.rules]),
    };
  }

  /** @throws ServerError NOT_FOUND when what it names is not there */
  #check(target: ProgramTarget): void {
    const { model } = this.options;
    if ('sourceId' in target) model.get('source', target.sourceId);
    if ('sceneId' in target) model.get('scene', target.sceneId);
    if ('timelineId' in target) model.get('timeline', target.timelineId);
  }
}


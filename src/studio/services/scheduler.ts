/**
 * Does what the schedule says when its time comes. The wall clock counts: it looks at the plan at least once a second, so that a
 * clock that is set or a machine that slept is noticed, and sleeps to the moment where something is due sooner.
 */
import { DAY } from '../../domain/schedule/local-time.js';
import { nextPoint } from '../../domain/schedule/points.js';
import { Windows, type ScheduleFacts } from '../../domain/schedule/windows.js';
import type { Problem, ScheduleStatus } from '../../protocol/status.js';
import type { Clock } from '../../runtime/clock.js';
import { toProblem } from '../../runtime/errors.js';
import type { Owner } from '../../runtime/lifecycle.js';
import type { Log } from '../../runtime/log.js';
import type { Model } from '../model.js';
import type { Broadcast } from './broadcast.js';
import type { Program } from './program.js';
import type { Schedule } from './schedule.js';
import { ScheduleMemory } from './schedule-memory.js';
import { ScheduledBroadcast } from './scheduled-broadcast.js';
import { ScheduledProgram } from './scheduled-program.js';

const LOOK_EVERY_MS = 1000;
/** How far ahead the status looks for what is next. */
const NEXT_WITHIN_MS = 366 * DAY;

export interface SchedulerOptions {
  model: Model;
  schedule: Schedule;
  program: Program;
  broadcast: Broadcast;
  clock: Clock;
  log: Log;
}

export class Scheduler implements Owner {
  readonly #memory: ScheduleMemory;
  readonly #program: ScheduledProgram;
  readonly #broadcast: ScheduledBroadcast;
  #cancel: (() => void) | undefined;
  #forget: (() => void) | undefined;
  #fault: Problem | null = null;
  /** What is next, as long as nothing was changed and it has not come. */
  #next: { forMs: number; untilMs: number; is: ScheduleStatus['next'] } | undefined;
  #stopped: Promise<void> | undefined;

  constructor(private readonly options: SchedulerOptions) {
    const { model, program, broadcast, clock, log } = options;
    const onDone = (): void => this.#look();
    this.#memory = new ScheduleMemory(model, log);
    this.#program = new ScheduledProgram({ program, memory: this.#memory, log, onDone });
    this.#broadcast = new ScheduledBroadcast({
      broadcast, memory: this.#memory, clock, log, onDone, isDestination: (id) => model.find('destination', id) !== undefined,
    });
  }

  start(): void {
    this.#forget = this.options.model.onChange(() => {
      this.#next = undefined;
      this.#look();
    });
    this.#look();
  }

  /** What the engine was asked for is not waited for: it is asked again after the next start. */
  stop(): Promise<void> {
    return (this.#stopped ??= Promise.resolve().then(() => {
      this.#forget?.();
      this.#cancel?.();
      this.#memory.stop();
    }));
  }

  /** For `broadcast:status`. */
  status(): ScheduleStatus {
    const { schedule, model, clock } = this.options;
    const { enabled } = model.state.settings.data.schedule;
    if (!enabled) return { enabled, now: null, next: null, problem: null };
    const facts = schedule.facts();
    const atMs = this.#program.at(clock.wallMs());
    const windows = new Windows(facts);
    const { window, target } = windows.planned(atMs);
    return {
      enabled,
      now: target && { eventId: window?.event.id ?? null, target, startsAt: isoOf(window?.startMs), endsAt: isoOf(window?.endMs) },
      next: this.#nextAfter(facts, windows, atMs),
      problem: this.#fault ?? this.#program.problem ?? this.#broadcast.problem,
    };
  }

  #look(): void {
    if (this.#stopped) return;
    const { clock } = this.options;
    this.#cancel?.();
    let nextMs = Infinity;
    try {
      const facts = this.options.schedule.facts();
      const held = !this.options.model.state.settings.data.schedule.enabled;
      nextMs = Math.min(this.#broadcast.look(facts, held), this.#program.look(facts, held));
      void this.#memory.save();
      this.#fault = null;
    } catch (error) {
      // A fault of ours in one event must not end the schedule.
      const problem = toProblem(error);
      if (problem.message !== this.#fault?.message) this.options.log.error({ err: error }, 'the schedule could not be read');
      this.#fault = problem;
    }
    this.#cancel = clock.after(Math.max(1, Math.min(LOOK_EVERY_MS, nextMs - clock.wallMs())), () => this.#look());
  }

  #nextAfter(facts: ScheduleFacts, windows: Windows, atMs: number): ScheduleStatus['next'] {
    const known = this.#next;
    if (known && atMs >= known.forMs && atMs < known.untilMs) return known.is;
    const changeMs = windows.nextChange(atMs);
    const point = nextPoint(facts, atMs);
    const untilMs = Math.min(changeMs, point.atMs, atMs + NEXT_WITHIN_MS);
    const is = point.event && point.action && point.atMs <= untilMs
      ? { at: new Date(point.atMs).toISOString(), eventId: point.event.id, action: point.action }
      : changeMs <= untilMs ? changeAt(windows, changeMs) : null;
    this.#next = { forMs: atMs, untilMs, is };
    return is;
  }
}

function changeAt(windows: Windows, atMs: number): NonNullable<ScheduleStatus['next']> {
  const { window, target } = windows.planned(atMs);
  return { at: new Date(atMs).toISOString(), eventId: window?.event.id ?? null, action: window ? 'play' : target ? 'filler' : 'end' };
}

const isoOf = (ms: number | undefined): string | null => (ms === undefined || ms === Infinity ? null : new Date(ms).toISOString());

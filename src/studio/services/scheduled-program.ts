/**
 * Puts on program what the schedule has, when its time comes: a timeline is asked for ahead, so that it is on with the frame that
 * is due. Over a running override it is laid beneath. One at a time; what fails is tried again for as long as it is planned.
 */
import type { StudioState } from '../../domain/documents.js';
import { pausedAt, positionMsAt, withBeneath, type Moment } from '../../domain/playback.js';
import { IN_TIME_MS } from '../../domain/schedule/points.js';
import { nameOf, NOTHING, Windows, type Planned, type ScheduleFacts } from '../../domain/schedule/windows.js';
import type { TimelineStart } from '../../protocol/link.js';
import { STOPPED, type Playback } from '../../protocol/playback.js';
import type { ScheduleRun } from '../../protocol/schedule.js';
import type { Problem } from '../../protocol/status.js';
import { toProblem } from '../../runtime/errors.js';
import type { Log } from '../../runtime/log.js';
import { sameJson } from '../../runtime/same-json.js';
import type { Program } from './program.js';
import type { ScheduleMemory } from './schedule-memory.js';

/** A timeline is asked for this long before it is due: its films are open by then. */
const TIMELINE_AHEAD_MS = 3000;
/** Anything else is open, and taken without a wait. */
const CUT_AHEAD_MS = 100;
/** A clock that is set back by less than this takes back nothing that has begun. */
const SET_BACK_MS = 10_000;
const RETRY_MS = 1000;
/** Somebody took something else while it waited for its time. */
const AGAIN_MS = 100;

export interface ScheduledProgramOptions {
  program: Program;
  memory: ScheduleMemory;
  log: Log;
  /** It has done something, or failed to: look again. */
  onDone(): void;
}

export class ScheduledProgram {
  #busy = false;
  /** By the monotonic clock. */
  #retryAtMs = -Infinity;
  problem: Problem | null = null;

  constructor(private readonly options: ScheduledProgramOptions) {}

  /**
   * Begins what is to be begun now.
   * @returns when to look again, wall-clock ms; Infinity: when it is done
   */
  look(facts: ScheduleFacts, held: boolean): number {
    if (this.#busy) return Infinity;
    const { program, memory } = this.options;
    const now = program.now();
    if (held) {
      this.problem = null;
      if (memory.scheduled !== null) memory.note({ scheduled: null });
      return Infinity;
    }
    // A release or a take that is under way may end the override, and then nothing lies beneath.
    if (program.state.override && program.isTaking) return now.wallMs + AGAIN_MS;
    // One that has done nothing yet has nothing to do where nothing is planned.
    const name = memory.scheduled?.name ?? NOTHING;
    const windows = new Windows(facts);
    const atMs = this.at(now.wallMs);
    const waitMs = this.#retryAtMs - now.monotonicMs;
    const planned = windows.planned(atMs);
    if (nameOf(planned) !== name) {
      if (waitMs > 0) return now.wallMs + waitMs;
      void this.#put(facts, planned, atMs, false);
      return Infinity;
    }
    this.problem = null;
    const nextMs = windows.nextChange(atMs);
    if (nextMs - TIMELINE_AHEAD_MS > now.wallMs) return nextMs - TIMELINE_AHEAD_MS;
    const next = windows.planned(nextMs);
    if (nameOf(next) === name || next.target === null || isBeneath(program.state, next)) return nextMs;
    const beginMs = 'timelineId' in next.target ? nextMs - TIMELINE_AHEAD_MS : nextMs - CUT_AHEAD_MS;
    if (beginMs > now.wallMs) return beginMs;
    if (waitMs > 0) return now.wallMs + waitMs;
    void this.#put(facts, next, nextMs, true);
    return Infinity;
  }

  /** The moment that counts: now, or when what was put on ahead is due. */
  at(wallMs: number): number {
    const sinceMs = this.options.memory.scheduled?.sinceMs ?? -Infinity;
    return sinceMs > wallMs && sinceMs - wallMs <= SET_BACK_MS ? sinceMs : wallMs;
  }

  /** @param isAhead asked for before `atMs`, when it is due */
  async #put(facts: ScheduleFacts, planned: Planned, atMs: number, isAhead: boolean): Promise<void> {
    const { program, memory, onDone } = this.options;
    this.#busy = true;
    try {
      await this.#apply(facts, planned, atMs, isAhead);
      this.problem = null;
      const doneMs = Math.max(program.now().wallMs, atMs);
      memory.note({ scheduled: { name: nameOf(planned), sinceMs: atMs }, runs: this.#runOf(planned, doneMs, null) });
    } catch (error) {
      const problem = toProblem(error);
      // It waited for its time and an operator took something else: the plan is looked at again, now or when it is due.
      const gaveWay = isAhead && problem.code === 'CONFLICT';
      this.#retryAtMs = program.now().monotonicMs + (gaveWay ? AGAIN_MS : RETRY_MS);
      if (!gaveWay) this.#failed(planned, problem, isAhead);
    } finally {
      this.#busy = false;
      onDone();
    }
  }

  async #apply(facts: ScheduleFacts, planned: Planned, atMs: number, isAhead: boolean): Promise<void> {
    const { program } = this.options;
    const { target } = planned;
    if (target === null) return;
    const now = program.now();
    if (isBeneath(program.state, planned)) {
      await program.put((state) => withBeneath(state, target, 'timelineId' in target ? beneath(state, facts, planned, target, now) : undefined));
      return;
    }
    const transition = planned.window?.play.transition;
    const how = { ...(transition ? { transition } : {}), ...(isAhead ? { atUs: monotonicUs(now, atMs) } : {}) };
    if ('timelineId' in target) {
      // One that goes on where it stood is where it stands by then: it may be on program already.
      const aheadMs = isAhead ? Math.max(0, atMs - now.wallMs) : 0;
      const due = { ...now, monotonicMs: now.monotonicMs + aheadMs, wallMs: now.wallMs + aheadMs };
      await program.takeScheduled(target, { ...how, start: startOf(program.state, facts, planned, target, due) });
    } else if (!sameJson(program.state.program, target) || program.state.override) {
      await program.takeScheduled(target, how);
    }
  }

  #failed(planned: Planned, problem: Problem, isAhead: boolean): void {
    const { log, memory, program } = this.options;
    if (problem.message !== this.problem?.message) log.warn({ problem: problem.message }, 'what the schedule has could not be put on program; it is tried again');
    this.problem = problem;
    if (!isAhead) memory.note({ runs: this.#runOf(planned, program.now().wallMs, problem.message) });
  }

  /** What is written down for the event: once for a window that went on, and once for each way in which it failed. */
  #runOf({ window }: Planned, atMs: number, problem: string | null): [string, ScheduleRun][] {
    if (!window) return [];
    const dueAt = new Date(window.startMs).toISOString();
    const before = this.options.memory.runs.get(window.event.id);
    if (before?.dueAt === dueAt && (before.result !== 'failed' || before.problem === problem)) return [];
    const result = problem !== null ? 'failed' : atMs - window.startMs <= IN_TIME_MS ? 'done' : 'late';
    return [[window.event.id, { dueAt, at: new Date(atMs).toISOString(), result, problem }]];
  }
}

/** An operator's override stays on, and what the schedule has comes beneath. */
function isBeneath({ override }: StudioState, { window }: Planned): boolean {
  return override !== null && window?.event.data.endsOverride !== true;
}

/** CLOCK_MONOTONIC µs of a moment by the wall clock, as the two stand now. */
const monotonicUs = (now: Moment, wallMs: number): number => Math.round((now.monotonicMs + wallMs - now.wallMs) * 1000);

/** Playing since position 0 was due at a moment. */
const playingSince = (now: Moment, zeroWallMs: number): Playback => ({ is: 'playing', zeroUs: monotonicUs(now, zeroWallMs), bootId: now.bootId, zeroWallMs });

/** Where a timeline is that goes on where it stood; one that is over begins again. */
function stoodAt(state: StudioState, facts: ScheduleFacts, timelineId: string, now: Moment): number {
  const positionMs = positionMsAt(state.playbacks.get(timelineId) ?? STOPPED, now);
  const timeline = facts.timeline(timelineId);
  return timeline && !timeline.loop && positionMs >= timeline.durationMs ? 0 : positionMs;
}

function startOf(state: StudioState, facts: ScheduleFacts, { window }: Planned, { timelineId }: { timelineId: string }, now: Moment): TimelineStart {
  if (window?.play.align === 'start') return { is: 'as', playback: playingSince(now, window.startMs) };
  return { is: 'from', positionMs: Math.round(stoodAt(state, facts, timelineId, now)) };
}

function beneath(state: StudioState, facts: ScheduleFacts, { window }: Planned, { timelineId }: { timelineId: string }, now: Moment): { playback: Playback; leftPlayback: Playback } {
  const zeroWallMs = window?.play.align === 'start' ? window.startMs : now.wallMs - stoodAt(state, facts, timelineId, now);
  const playback = playingSince(now, zeroWallMs);
  return { playback, leftPlayback: pausedAt(playback, now) };
}


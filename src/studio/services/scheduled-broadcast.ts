/** Starts and stops the broadcast when the schedule says so. One at a time; what fails is tried again as long as it may be late. */
import { duePoints, IN_TIME_MS, nextPoint, type DuePoint } from '../../domain/schedule/points.js';
import type { ScheduleFacts } from '../../domain/schedule/windows.js';
import type { ScheduleRun } from '../../protocol/schedule.js';
import type { Problem } from '../../protocol/status.js';
import type { Clock } from '../../runtime/clock.js';
import { ServerError, toProblem } from '../../runtime/errors.js';
import type { Log } from '../../runtime/log.js';
import type { Broadcast } from './broadcast.js';
import type { ScheduleMemory } from './schedule-memory.js';

const RETRY_MS = 5000;

export interface ScheduledBroadcastOptions {
  broadcast: Broadcast;
  /** Whether there is a destination of that id. */
  isDestination(id: string): boolean;
  memory: ScheduleMemory;
  clock: Clock;
  log: Log;
  onDone(): void;
}

export class ScheduledBroadcast {
  #busy = false;
  #retryAtMs = -Infinity;
  problem: Problem | null = null;

  constructor(private readonly options: ScheduledBroadcastOptions) {}

  /** Begins what is to be begun now. @returns when to look again, wall-clock ms; Infinity: when it is done, or never */
  look(facts: ScheduleFacts, held: boolean): number {
    if (this.#busy) return Infinity;
    const { clock, memory, log } = this.options;
    const nowMs = clock.wallMs();
    const due = duePoints(facts, memory.runs, nowMs, held);
    const skipped = due.filter((point) => point.skip !== null);
    for (const { event, skip } of skipped) log.warn({ event: event.data.name, why: skip }, 'the schedule leaves something out');
    if (skipped.length > 0) memory.note({ runs: skipped.map((point) => [point.event.id, runOf(point, nowMs, 'skipped', point.skip)]) });
    const point = due.find(({ skip }) => skip === null);
    const nextMs = nextPoint(facts, nowMs).atMs;
    if (!point) {
      this.problem = null;
      return nextMs;
    }
    const waitMs = this.#retryAtMs - clock.monotonicMs();
    if (waitMs > 0) return Math.min(nextMs, nowMs + waitMs);
    void this.#do(point);
    return Infinity;
  }

  async #do(point: DuePoint): Promise<void> {
    const { clock, memory, log, onDone } = this.options;
    this.#busy = true;
    try {
      await this.#act(point);
      this.problem = null;
      const nowMs = clock.wallMs();
      memory.note({ runs: [[point.event.id, runOf(point, nowMs, nowMs - point.dueMs <= IN_TIME_MS ? 'done' : 'late', null)]] });
    } catch (error) {
      const problem = toProblem(error);
      this.#retryAtMs = clock.monotonicMs() + RETRY_MS;
      if (problem.message !== this.problem?.message) {
        log.warn({ event: point.event.data.name, problem: problem.message }, 'the schedule could not do something; it is tried again');
        memory.note({ runs: [[point.event.id, runOf(point, clock.wallMs(), 'failed', problem.message)]] });
      }
      this.problem = problem;
    } finally {
      this.#busy = false;
      onDone();
    }
  }

  /** What is so already is done. */
  async #act({ action }: DuePoint): Promise<void> {
    const { broadcast, isDestination } = this.options;
    try {
      if (action.action === 'broadcast-stop') await broadcast.stop();
      else {
        const { destinationIds, record } = action;
        // Those that were deleted since are not waited for.
        const ids = destinationIds?.filter(isDestination);
        await broadcast.start({ ...(ids ? { destinationIds: ids } : {}), ...(record === undefined ? {} : { record }) });
      }
    } catch (error) {
      if (error instanceof ServerError && (error.code === 'ALREADY_LIVE' || error.code === 'NOT_LIVE')) return;
      throw error;
    }
  }
}

function runOf({ dueMs }: DuePoint, atMs: number, result: ScheduleRun['result'], problem: string | null): ScheduleRun {
  return { dueAt: new Date(dueMs).toISOString(), at: new Date(atMs).toISOString(), result, problem };
}

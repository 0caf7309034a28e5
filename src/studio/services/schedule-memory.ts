/**
 * What the schedule has done: known at once, and in the store as soon as it takes it, so that a full disk makes nothing be done
 * twice. A studio that is killed in between does the last thing again: the same is on program, opened anew.
 */
import type { StoredScheduled } from '../../domain/documents.js';
import type { ScheduleRun } from '../../protocol/schedule.js';
import { toProblem } from '../../runtime/errors.js';
import type { Log } from '../../runtime/log.js';
import type { Model } from '../model.js';

export class ScheduleMemory {
  /** What the store does not have yet. */
  readonly #runs = new Map<string, ScheduleRun>();
  #scheduled: { is: StoredScheduled } | undefined;
  #saving = false;
  #problem = '';
  #stopped = false;

  constructor(private readonly model: Model, private readonly log: Log) {}

  /** From now on nothing is written. */
  stop(): void {
    this.#stopped = true;
  }

  /** What it put on last. */
  get scheduled(): StoredScheduled {
    return this.#scheduled ? this.#scheduled.is : this.model.state.scheduled;
  }

  /** What came of events, by their ids. */
  get runs(): ReadonlyMap<string, ScheduleRun> {
    const { scheduleRuns } = this.model.state;
    return this.#runs.size === 0 ? scheduleRuns : new Map([...scheduleRuns, ...this.#runs]);
  }

  note({ scheduled, runs = [] }: { scheduled?: StoredScheduled; runs?: [eventId: string, run: ScheduleRun][] }): void {
    if (scheduled !== undefined) this.#scheduled = { is: scheduled };
    for (const [id, run] of runs) this.#runs.set(id, run);
    void this.save();
  }

  /** Writes what is not written yet; asked again each second until it works. */
  async save(): Promise<void> {
    if (this.#saving || this.#stopped || (!this.#scheduled && this.#runs.size === 0)) return;
    this.#saving = true;
    const scheduled = this.#scheduled;
    const runs = [...this.#runs];
    let worked = false;
    try {
      await this.model.change((draft) => {
        if (scheduled) draft.put('scheduled', scheduled.is);
        for (const [id, run] of runs) if (this.model.find('schedule-event', id)) draft.run(id, run);
      });
      worked = true;
      this.#problem = '';
      if (this.#scheduled === scheduled) this.#scheduled = undefined;
      for (const [id, run] of runs) if (this.#runs.get(id) === run) this.#runs.delete(id);
    } catch (error) {
      const { message } = toProblem(error);
      if (message !== this.#problem && !this.#stopped) this.log.error({ problem: message }, 'what the schedule did could not be stored; it is tried again');
      this.#problem = message;
    } finally {
      this.#saving = false;
    }
    if (worked) await this.save();
  }
}

/** Looks once a second at how all does: keeps the figures, finds what a person should act on, and tells the log of events what happened. */
import { namesOf } from '../../domain/health/doings.js';
import { happenings } from '../../domain/health/happenings.js';
import { Sampler } from '../../domain/health/samples.js';
import { begins, ends } from '../../domain/health/told-warnings.js';
import { WarningBook, warnings } from '../../domain/health/warnings.js';
import type { StudioState } from '../../domain/documents.js';
import type { Machine, Warning } from '../../protocol/health.js';
import type { BroadcastStatus, CameraStatus } from '../../protocol/status.js';
import type { Clock } from '../../runtime/clock.js';
import type { DiskSight } from '../../runtime/disk-sight.js';
import { toProblem } from '../../runtime/errors.js';
import type { Owner } from '../../runtime/lifecycle.js';
import type { Log } from '../../runtime/log.js';
import type { Store } from '../store/store.js';
import type { EventLog } from './event-log.js';
import { History } from './history.js';
import { memory, ProcessReader } from './processes.js';
import { DAY_MINUTES } from './series.js';

const DISK_EVERY_MS = 5000;
/** What is known of a clock that was set is told for so long. */
const STEP_TOLD_MS = 600_000;
const STEP_MS = 1000;
const HOUR_MS = 3600_000;
const DAY_MS = 24 * HOUR_MS;

type Reported = Omit<BroadcastStatus, 'warnings' | 'machine'>;

export interface HealthOptions {
  clock: Clock;
  store: Pick<Store, 'putMinute' | 'minutes' | 'isReadOnly'>;
  events: EventLog;
  log: Log;
  /** Of the recordings. */
  disk: DiskSight;
  /** Of all processes that are there. */
  pids(): { role: string; pid: number }[];
  state(): StudioState;
  cameras(): readonly CameraStatus[];
  /** Something that a person should act on has begun; of what may come and go all day, the first time. */
  onWarning?(warning: Warning): void;
}

export class Health implements Owner {
  readonly history: History;
  #found: Warning[] = [];
  #machine: Machine | null = null;
  #last: Reported | undefined;
  #askedDiskMs = -Infinity;
  #offsetMs: number;
  #step: { byMs: number; atMs: number } = { byMs: 0, atMs: -Infinity };
  readonly #sampler = new Sampler();
  readonly #book = new WarningBook();
  readonly #processes = new ProcessReader();
  readonly #awaySinceMs = new Map<string, number>();
  readonly #restartedAtMs = new Map<string, number[]>();
  #storing: Promise<void> | undefined;
  #isTold = false;
  #stopped: Promise<void> | undefined;

  constructor(private readonly options: HealthOptions) {
    const { clock } = options;
    this.#offsetMs = clock.wallMs() - clock.monotonicMs();
    this.history = new History(() => this.#offsetMs);
  }

  async start(): Promise<void> {
    const { store, clock } = this.options;
    const nowMs = clock.wallMs();
    this.history.restore(await store.minutes(nowMs - DAY_MS, nowMs));
  }

  stop(): Promise<void> {
    return (this.#stopped ??= this.#storing ?? Promise.resolve());
  }

  /** As last looked at. */
  readonly now = (): { warnings: Warning[]; machine: Machine | null } => ({ warnings: this.#found, machine: this.#machine });

  /** To be called once a second. */
  look(status: Reported): void {
    const { clock, events, state } = this.options;
    const nowMs = clock.monotonicMs();
    this.#followClock(nowMs);
    this.#machine = this.#lookAtMachine(nowMs);
    const stored = state();
    const cameraIds = new Set(stored.sources.flatMap(({ id, data }) => (data.kind === 'camera' ? [id] : [])));
    const minute = this.history.add(nowMs, this.#sampler.sample(status, this.#machine, nowMs, cameraIds));
    if (minute) this.#store(minute);
    const names = namesOf(stored);
    if (this.#last) for (const happening of happenings(this.#last, status, names)) events.add(happening, null);
    this.#followProcesses(status, nowMs);
    this.#last = status;
    this.#warn(status);
  }

  /** Between two looks, when something was reported of which a person is to be told at once. */
  lookAgain(status: Reported): void {
    if (this.#last) this.#warn(status);
  }

  #warn(status: Reported): void {
    const { clock, events, state, cameras, disk } = this.options;
    const nowMs = clock.monotonicMs();
    const stored = state();
    const { begun, ended, warnings: found } = this.#book.look(warnings({
      status, settings: stored.settings.data, recent: this.history, machine: this.#machine, cameras: cameras(), names: namesOf(stored),
      awayMs: new Map([...this.#awaySinceMs].map(([role, sinceMs]) => [role, nowMs - sinceMs])),
      restarts: new Map([...this.#restartedAtMs].map(([role, at]) => [role, at.length])),
      readOnly: (disk.facts?.isReadOnly ?? false) || this.options.store.isReadOnly, diskSilent: disk.isSilent,
      clockStepMs: nowMs - this.#step.atMs < STEP_TOLD_MS ? this.#step.byMs : 0,
    }), clock.wallMs());
    this.#found = found;
    for (const warning of begun) {
      const happening = begins(warning);
      const isNew = happening !== null && events.add(happening, null);
      // A recording of an hour of slides is not full of alerts.
      if (isNew || !happening?.recurs) this.options.onWarning?.(warning);
    }
    for (const warning of ended) {
      const happening = ends(warning, clock.wallMs());
      if (happening) events.add(happening, null);
    }
  }

  /** What happened before is at other times by the new clock: by which all is told. */
  #followClock(nowMs: number): void {
    const offsetMs = this.options.clock.wallMs() - nowMs;
    const byMs = offsetMs - this.#offsetMs;
    if (Math.abs(byMs) > STEP_MS) this.#step = { byMs, atMs: nowMs };
    this.#offsetMs = offsetMs;
  }

  #lookAtMachine(nowMs: number): Machine {
    const { disk, pids } = this.options;
    if (nowMs - this.#askedDiskMs >= DISK_EVERY_MS) {
      this.#askedDiskMs = nowMs;
      disk.look();
    }
    return { processes: this.#processes.read(pids(), nowMs), ...memory(), diskFreeBytes: disk.facts?.freeBytes ?? null, diskBytes: disk.facts?.sizeBytes ?? null };
  }

  #followProcesses({ processes }: Reported, nowMs: number): void {
    for (const { role, connected, restarts } of processes) {
      if (connected) this.#awaySinceMs.delete(role);
      else if (!this.#awaySinceMs.has(role)) this.#awaySinceMs.set(role, nowMs);
      const before = this.#last?.processes.find((one) => one.role === role)?.restarts ?? restarts;
      const at = (this.#restartedAtMs.get(role) ?? []).filter((atMs) => nowMs - atMs < HOUR_MS);
      if (restarts > before) at.push(nowMs);
      this.#restartedAtMs.set(role, at);
    }
  }

  #store(minute: Parameters<Store['putMinute']>[0]): void {
    this.#storing = this.options.store.putMinute(minute, DAY_MINUTES).then(() => { this.#isTold = false; }, (error: unknown) => {
      if (!this.#isTold) this.options.log.warn({ problem: toProblem(error).message }, 'the figures of the day cannot be stored; they are in memory alone');
      this.#isTold = true;
    });
  }
}

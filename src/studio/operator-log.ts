/**
 * What is done on air, in the log: takes, emergencies, inserts, broadcast and recordings; by names, never by keys. And which processes
 * come and go, as long as the product is not being stopped.
 */
import { currentRecording } from '../domain/desired.js';
import type { StudioState } from '../domain/documents.js';
import { doings, emergencyName, placesOnAir } from '../domain/health/doings.js';
import type { Role } from '../protocol/link.js';
import type { Owner } from '../runtime/lifecycle.js';
import type { Log } from '../runtime/log.js';
import type { Model } from './model.js';

/** The last to be started, so that it is the first to know of a stop. */
export class OperatorLog implements Owner {
  #last: StudioState | undefined;
  #forget: (() => void) | undefined;
  #stopped: Promise<void> | undefined;

  constructor(private readonly model: Model, private readonly log: Log) {}

  /** Says what goes on again after a stop. */
  start(): void {
    const { model, log } = this;
    const now = model.state;
    this.#last = now;
    this.#forget = model.onChange(() => this.#changed(model.state));
    const emergency = emergencyName(now);
    const recording = currentRecording(now);
    if (emergency !== null) log.info(`emergency: ${emergency} is over everything (as before the stop)`);
    if (now.broadcast.on) log.info(`on air again to ${placesOnAir(now)} (as before the stop)`);
    if (recording) log.info({ recording: recording.id }, 'recording again (as before the stop)');
  }

  stop(): Promise<void> {
    return (this.#stopped ??= Promise.resolve(this.#forget?.()));
  }

  onPresence(role: Role, connected: boolean): void {
    // All of them go when the product is stopped: nothing to tell.
    if (this.#stopped) return;
    this.log.info({ process: role }, connected ? `the ${role} process is here` : `the ${role} process went away`);
  }

  #changed(now: StudioState): void {
    for (const { level, text, ids } of doings(this.#last!, now, false)) this.log[LEVELS[level]]({ ids }, text);
    this.#last = now;
  }
}

const LEVELS = { info: 'info', warning: 'warn', error: 'error' } as const;

/**
 * Airs the inserts that come by themselves when they are due, whether or not a broadcast is on; src/domain/insert-rule.ts says when that is. What cannot
 * air because another one or an emergency is on, or the engine is away, stays owed.
 */
import { owed, served, untilNextDueMs, type Owed } from '../../domain/insert-rule.js';
import { onProgramOf } from '../../domain/playback.js';
import type { Clock } from '../../runtime/clock.js';
import type { ErrorCode } from '../../protocol/error-codes.js';
import { toProblem } from '../../runtime/errors.js';
import type { Owner } from '../../runtime/lifecycle.js';
import type { Log } from '../../runtime/log.js';
import type { Model } from '../model.js';
import type { ReportBook } from '../reports.js';
import type { Emergency } from './emergency.js';
import type { InsertPlayer } from './insert-player.js';
import type { Program } from './program.js';

/** How often one looks whether what is owed can air, */
const LOOK_EVERY_MS = 250;
/** and at the latest whether anything is: a clock that was set is seen then. */
const LONGEST_MS = 60_000;

/** It was no fault of the insert's: it stays owed. */
const WAITS: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['CONFLICT', 'EMERGENCY', 'ENGINE_AWAY', 'LINK_CLOSED']);

export interface InsertClockOptions {
  model: Model;
  program: Program;
  player: InsertPlayer;
  emergency: Emergency;
  reports: ReportBook;
  clock: Clock;
  log: Log;
  /** One that was due was left out. */
  onMissed?(insert: { id: string; name: string }, why: string): void;
}

export class InsertClock implements Owner {
  #cancel: (() => void) | undefined;
  #forget: (() => void) | undefined;
  #airing: Promise<void> | undefined;
  #stopped: Promise<void> | undefined;
  /** Times an insert that was due could not be aired and was left out, as when its file is gone. */
  failed = 0;

  constructor(private readonly options: InsertClockOptions) {}

  start(): void {
    this.#forget = this.options.model.onChange(() => this.#look());
    this.#look();
  }

  stop(): Promise<void> {
    return (this.#stopped ??= (async () => {
      this.#forget?.();
      this.#cancel?.();
      await this.#airing;
    })());
  }

  #look(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    if (this.#stopped || this.#airing) return;
    const { program, player, emergency, reports } = this.options;
    const now = program.now();
    const [next] = owed(program.state, now);
    if (next && !player.isBusy && !emergency.isOn && reports.get('engine')) {
      this.#airing = this.#air(next).finally(() => {
        this.#airing = undefined;
        this.#lookIn(LOOK_EVERY_MS);
      });
      return;
    }
    this.#lookIn(next ? LOOK_EVERY_MS : Math.min(LONGEST_MS, Math.max(1, Math.ceil(untilNextDueMs(program.state, now)))));
  }

  #lookIn(ms: number): void {
    this.#cancel?.();
    this.#cancel = this.#stopped ? undefined : this.options.clock.after(ms, () => this.#look());
  }

  async #air({ insert, rule }: Owed): Promise<void> {
    const { program, player, log } = this.options;
    const done = served(rule, program.now());
    try {
      await player.air(insert.id, done);
    } catch (error) {
      const { code, message } = toProblem(error);
      if (WAITS.has(code)) return;
      this.failed += 1;
      log.warn({ insert: insert.id, problem: message }, `the insert "${insert.data.name}" was due and could not be aired; it is left out this time`);
      this.options.onMissed?.({ id: insert.id, name: insert.data.name }, message);
      program.keep((state) => ({ ...onProgramOf(state), rules: new Map([[insert.id, done]]) }));
    }
  }
}

/**
 * The log of airings: what was aired, when, how many frames, and whether it was whole. The engine says so; each airing is written once, however
 * often it is told, and kept for 400 days.
 */
import { airedOf, readReport, type LoggedAiring } from '../../domain/airings.js';
import { owed, served } from '../../domain/insert-rule.js';
import { onProgramOf } from '../../domain/playback.js';
import type { StoredAiring } from '../../domain/documents.js';
import type { AiringEnd, AiringRecord, AiringsExportQuery, AiringsQuery, AiringsSummaryQuery, AiringTotal } from '../../protocol/inserts.js';
import type { EngineActual } from '../../protocol/link.js';
import type { Clock } from '../../runtime/clock.js';
import { toProblem } from '../../runtime/errors.js';
import type { Owner } from '../../runtime/lifecycle.js';
import type { Log } from '../../runtime/log.js';
import type { AiringRange, Store } from '../store/store.js';
import type { Program } from './program.js';

export const KEPT_DAYS = 400;
const DAY_MS = 24 * 3600_000;
const SWEEP_EVERY_MS = 6 * 3600_000;
/** How far the stored count of the airing under way may lag behind. */
const COUNT_EVERY_S = 2;
/** The engine lists its last 50; those it has not listed for so long need not be remembered. */
const MAX_REMEMBERED = 500;
const PAGE = 1000;
const COMPLAIN_EVERY_MS = 60_000;

export interface AiringLogOptions {
  store: Pick<Store, 'apply' | 'airings' | 'airingTotals'>;
  program: Program;
  /** Of its process; another one counts anew. */
  enginePid(): number;
  clock: Clock;
  log: Log;
  /** One is over, and how it was. */
  onLogged?(airing: LoggedAiring): void;
}

export class AiringLog implements Owner {
  /** Written since the start, by how they ended. */
  readonly counts: Record<AiringEnd, number> = { whole: 0, partly: 0, failed: 0, take: 0, emergency: 0, stopped: 0, engine: 0 };
  readonly #logged = new Set<string>();
  /** The one on air with its last count, which is not stored frame by frame. */
  #counted: StoredAiring | undefined;
  #writing: Promise<void> | undefined;
  #complainedAtMs = -Infinity;
  #cancel: (() => void) | undefined;
  #stopped: Promise<void> | undefined;

  constructor(private readonly options: AiringLogOptions) {}

  /** What was written before the last stop is not to be counted again when the engine tells it. */
  async start(): Promise<void> {
    const last = await this.options.store.airings({}, { limit: MAX_REMEMBERED });
    for (const { airingId } of last.reverse()) this.#remember(airingId);
    this.#sweep();
  }

  /** Waits for what is being written. */
  stop(): Promise<void> {
    this.#cancel?.();
    return (this.#stopped ??= this.#writing ?? Promise.resolve());
  }

  /** What the engine says of airings, at each of its reports. What cannot be written now is told again by the next. */
  onEngine(engine: Pick<EngineActual, 'insert' | 'airings'>): void {
    if (this.#writing || this.#stopped) return;
    const { program, enginePid } = this.options;
    const { lines, airings, unstoredInserts } = readReport(engine, {
      state: { ...program.state, airings: this.#current() }, pid: enginePid(), now: program.now(), isLogged: (id) => this.#logged.has(id),
    });
    if (unstoredInserts.length > 0) this.#serve(unstoredInserts);
    const recent = lines.filter(({ startedAtMs }) => startedAtMs >= this.#oldestMs());
    if (recent.length === 0) {
      this.#keep(airings);
      return;
    }
    this.#writing = this.#write(recent).finally(() => { this.#writing = undefined; });
  }

  /** Newest first. `next` is the `before` of the next page; null: there are no more. */
  async list({ limit, before, ...range }: AiringsQuery): Promise<{ items: AiringRecord[]; next: string | null }> {
    const lines = await this.options.store.airings(rangeOf(range), { limit, ...(before === undefined ? {} : { before }) });
    return { items: lines.map(toRecord), next: lines.length < limit ? null : lines.at(-1)!.airingId };
  }

  /** All of a range, newest first, page by page as they are asked for. */
  async *all(query: Omit<AiringsExportQuery, 'format'>): AsyncGenerator<AiringRecord[]> {
    const range = rangeOf(query);
    for (let before: string | undefined; ;) {
      const lines = await this.options.store.airings(range, { limit: PAGE, ...(before === undefined ? {} : { before }) });
      if (lines.length > 0) yield lines.map(toRecord);
      if (lines.length < PAGE) return;
      before = lines.at(-1)!.airingId;
    }
  }

  /** Counts of a range by insert, most aired first. */
  summary(query: AiringsSummaryQuery): Promise<AiringTotal[]> {
    return this.options.store.airingTotals(rangeOf(query));
  }

  /** What comes by itself and was aired without an answer is not owed any more. */
  #serve(insertIds: readonly string[]): void {
    const { program } = this.options;
    const now = program.now();
    const rules = owed(program.state, now).filter(({ insert }) => insertIds.includes(insert.id)).map(({ insert, rule }) => [insert.id, served(rule, now)] as const);
    if (rules.length > 0) program.keep((state) => ({ ...onProgramOf(state), rules: new Map(rules) }));
  }

  async #write(lines: LoggedAiring[]): Promise<void> {
    const { store, log, clock } = this.options;
    try {
      await store.apply(lines.map((airing) => ({ op: 'put-airing', airing })));
    } catch (error) {
      if (clock.monotonicMs() - this.#complainedAtMs < COMPLAIN_EVERY_MS) return;
      this.#complainedAtMs = clock.monotonicMs();
      log.error({ problem: toProblem(error).message }, 'that an insert was aired could not be logged; it is tried again');
      return;
    }
    for (const line of lines) {
      const { airingId, ended, name, frames, plannedFrames, missedFrames } = line;
      this.options.onLogged?.(line);
      this.#remember(airingId);
      this.counts[ended] += 1;
      const told = `insert "${name}": ${frames} of ${plannedFrames} frames (${ended})`;
      if (missedFrames) log.warn({ airing: airingId }, `${told}; in ${missedFrames} of them its own picture was not there`);
      else log.info({ airing: airingId }, told);
    }
    const written = new Set(lines.map(({ airingId }) => airingId));
    // What was taken or begun meanwhile is in there by now.
    this.#keep(this.#current().filter(({ insert }) => !written.has(insert.airingId)));
  }

  /** What is stored, with what was counted since. */
  #current(): readonly StoredAiring[] {
    return this.options.program.state.airings.map((airing) => {
      const { aired, missed, engine } = (airing.insert.airingId === this.#counted?.insert.airingId ? this.#counted : undefined) ?? airing;
      return { ...airing, aired, missed, engine };
    });
  }

  /** Stores what has changed: not each frame of the one under way. */
  #keep(airings: readonly StoredAiring[]): void {
    const { program } = this.options;
    const before = program.state.airings;
    this.#counted = airings.at(-1);
    const isSame = airings.length === before.length && airings.every((airing, i) => {
      const { insert, engine } = before[i]!;
      return airing.insert.airingId === insert.airingId && airing.engine?.pid === engine?.pid && airedOf(airing) - airedOf(before[i]!) < COUNT_EVERY_S * airing.fps;
    });
    if (!isSame) program.keep((state) => ({ ...onProgramOf(state), airings }));
  }

  #remember(airingId: string): void {
    this.#logged.add(airingId);
    if (this.#logged.size > MAX_REMEMBERED) this.#logged.delete(this.#logged.values().next().value!);
  }

  #oldestMs(): number {
    return this.options.clock.wallMs() - KEPT_DAYS * DAY_MS;
  }

  #sweep(): void {
    const { store, clock, log } = this.options;
    this.#cancel = clock.after(SWEEP_EVERY_MS, () => this.#sweep());
    store.apply([{ op: 'delete-airings', beforeMs: this.#oldestMs() }])
      .catch((error: unknown) => log.warn({ problem: toProblem(error).message }, 'old airings could not be taken out of the log'));
  }
}

function toRecord({ startedAtMs, ...rest }: LoggedAiring): AiringRecord {
  return { ...rest, startedAt: new Date(startedAtMs).toISOString() };
}

function rangeOf({ from, to, insertId }: { from?: string | undefined; to?: string | undefined; insertId?: string | undefined }): AiringRange {
  return {
    ...(from === undefined ? {} : { fromMs: Date.parse(from) }), ...(to === undefined ? {} : { toMs: Date.parse(to) }), ...(insertId === undefined ? {} : { insertId }),
  };
}

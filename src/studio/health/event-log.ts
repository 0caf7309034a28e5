/**
 * The log of events: what happened, in words. Kept in a table of its own, the newest 10,000; the model knows nothing of it. Written a moment later, and
 * many at once; what finds no room on a full disk waits in memory, the newest 500, and is read from there.
 */
import { repeats, type LoggedEvent } from '../../domain/health/fold.js';
import type { Happening } from '../../domain/health/happenings.js';
import type { Events, EventsQuery, StudioEvent } from '../../protocol/health.js';
import type { Clock } from '../../runtime/clock.js';
import type { Owner } from '../../runtime/lifecycle.js';
import type { Log } from '../../runtime/log.js';
import { toProblem } from '../../runtime/errors.js';
import { actor } from '../actor.js';
import type { Store } from '../store/store.js';

export const MOST_EVENTS = 10_000;
const MOST_WAITING = 500;
const MOST_NEWEST = 50;
const WRITE_AFTER_MS = 1000;
const AGAIN_MS = 15_000;
const LONGEST_TEXT = 500;

export interface EventLogOptions {
  store: Pick<Store, 'putEvents' | 'events' | 'lastEventId'>;
  clock: Clock;
  log: Log;
  /** Those who watch are told, of a repetition too. */
  onEvent(event: StudioEvent): void;
}

export class EventLog implements Owner {
  #nextId = 1;
  /** Newest last; those that a next one may repeat. */
  #newest: LoggedEvent[] = [];
  /** Not stored yet, by id, oldest first. */
  readonly #waiting = new Map<number, LoggedEvent>();
  #writing: Promise<void> | undefined;
  #cancel: (() => void) | undefined;
  #isTold = false;
  #stopped: Promise<void> | undefined;
  /** Events that were given up, as the disk was full for long. */
  lost = 0;

  constructor(private readonly options: EventLogOptions) {}

  async start(): Promise<void> {
    this.#nextId = (await this.options.store.lastEventId()) + 1;
  }

  stop(): Promise<void> {
    return (this.#stopped ??= (async () => {
      this.#cancel?.();
      await this.#writing;
      await this.#write();
    })());
  }

  /**
   * @param by who did it; left out: who asked for what is being done, if anybody did
   * @returns false when it repeats one that is there
   */
  add({ recurs = false, ...happening }: Happening, by: string | null = actor() ?? null): boolean {
    const atMs = this.options.clock.wallMs();
    const next = { ...happening, atMs, text: happening.text.slice(0, LONGEST_TEXT), by };
    const same = repeats(this.#newest, { ...next, recurs });
    // What was said last stands: how long it was this time, say.
    const event: LoggedEvent = same ? { ...same, text: next.text, count: same.count + 1, lastMs: atMs } : { ...next, id: this.#nextId++, lastMs: atMs, count: 1 };
    this.#newest = [...this.#newest.filter((one) => one !== same), event].slice(-MOST_NEWEST);
    this.#waiting.set(event.id, event);
    if (this.#waiting.size > MOST_WAITING) {
      this.#waiting.delete(this.#waiting.keys().next().value!);
      this.lost += 1;
    }
    this.#writeIn(WRITE_AFTER_MS);
    this.options.onEvent(toEvent(event));
    return !same;
  }

  /** Newest first. */
  async list({ before, limit, kind, level, text }: EventsQuery): Promise<Events> {
    await this.#writing;
    await this.#write();
    const wanted = { ...(kind === undefined ? {} : { kind }), levels: LEVELS.slice(LEVELS.indexOf(level ?? 'info')), text: text ?? '', before: before ?? Infinity };
    const stored = await this.options.store.events({ ...wanted, limit });
    const waiting = [...this.#waiting.values()].filter((one) => matches(one, wanted));
    const ids = new Set(waiting.map(({ id }) => id));
    const items = [...waiting, ...stored.filter(({ id }) => !ids.has(id))].sort((a, b) => b.id - a.id).slice(0, limit);
    return { items: items.map(toEvent), next: items.length < limit ? null : items.at(-1)!.id };
  }

  #writeIn(ms: number): void {
    if (this.#cancel || this.#stopped) return;
    this.#cancel = this.options.clock.after(ms, () => {
      this.#cancel = undefined;
      this.#writing = this.#write().finally(() => { this.#writing = undefined; });
    });
  }

  async #write(): Promise<void> {
    const events = [...this.#waiting.values()];
    if (events.length === 0) return;
    try {
      await this.options.store.putEvents(events, MOST_EVENTS);
    } catch (error) {
      if (!this.#isTold) this.options.log.warn({ problem: toProblem(error).message }, 'the log of events cannot be stored; the newest are kept in memory');
      this.#isTold = true;
      this.#writeIn(AGAIN_MS);
      return;
    }
    this.#isTold = false;
    // What was repeated meanwhile is to be written again.
    for (const event of events) if (this.#waiting.get(event.id) === event) this.#waiting.delete(event.id);
  }
}

const LEVELS = ['info', 'warning', 'error'] as const satisfies readonly LoggedEvent['level'][];

/** Which events are asked for; a text matches in any case. */
export interface EventFilter {
  kind?: LoggedEvent['kind'];
  levels: readonly LoggedEvent['level'][];
  text: string;
  /** Ids below it. */
  before: number;
}

export function matches({ id, kind, level, text, by }: LoggedEvent, wanted: EventFilter): boolean {
  const contains = wanted.text.toLowerCase();
  return id < wanted.before && (wanted.kind === undefined || wanted.kind === kind) && wanted.levels.includes(level) && `${text}\n${by ?? ''}`.toLowerCase().includes(contains);
}

function toEvent({ atMs, lastMs, ...rest }: LoggedEvent): StudioEvent {
  return { ...rest, at: new Date(atMs).toISOString(), lastAt: new Date(lastMs).toISOString() };
}

/** All destinations that are wanted now; a change touches only the ones that differ. */
import type { DestinationState, DestinationStatus } from '../protocol/status.js';
import type { EgressDestination } from '../protocol/link.js';
import type { Owner } from '../runtime/lifecycle.js';
import { Destination, type DestinationContext } from './destination.js';

const TICK_MS = 250;

/** What the log says of a state; the problem's sentence follows where there is one. */
const SAID: Record<DestinationState, string> = {
  idle: ' is disconnected', connecting: ': connecting', live: ' is live', reconnecting: ': reconnecting', failed: ': failed',
};

/** Whether a connection made for `a` is right for `b`; a name is only for people. */
function sameTarget(a: EgressDestination, b: EgressDestination): boolean {
  return a.platform === b.platform && a.url === b.url && a.key === b.key;
}

export class DestinationSet implements Owner {
  readonly #current = new Map<string, Destination>();
  /** Those that still say goodbye, by id: a successor waits, or the far end would find the key in use. */
  readonly #ending = new Map<string, Promise<void>>();
  /** As last said in the log, by id. */
  readonly #said = new Map<string, string>();
  /** A name is only for people: a new one reconnects nothing. */
  readonly #names = new Map<string, string>();
  #ticker: NodeJS.Timeout | undefined;
  #stopped: Promise<void> | undefined;

  constructor(private readonly context: DestinationContext) {}

  start(): void {
    this.#ticker = setInterval(() => {
      for (const destination of this.#current.values()) destination.tick();
    }, TICK_MS);
  }

  stop(): Promise<void> {
    return (this.#stopped ??= (async () => {
      clearInterval(this.#ticker);
      this.apply([]);
      await Promise.all(this.#ending.values());
    })());
  }

  /** Makes the connected ones those of `wanted`. */
  apply(wanted: readonly EgressDestination[]): void {
    const byId = new Map(wanted.map((destination) => [destination.id, destination]));
    for (const { id, name } of wanted) this.#names.set(id, name);
    for (const [id, destination] of this.#current) {
      const next = byId.get(id);
      if (next && sameTarget(next, destination.wanted)) continue;
      this.#current.delete(id);
      this.#end(id, destination);
    }
    for (const [id, next] of byId) {
      if (this.#current.has(id)) continue;
      const destination = new Destination(next, {
        ...this.context,
        onChange: () => {
          this.#log(destination);
          this.context.onChange(id);
        },
      });
      this.#current.set(id, destination);
      const ending = this.#ending.get(id);
      if (ending) void ending.then(() => destination.start());
      else destination.start();
    }
  }

  #end(id: string, destination: Destination): void {
    const ending = Promise.all([this.#ending.get(id), destination.stop()]).then(() => {
      if (this.#ending.get(id) === ending) this.#ending.delete(id);
    });
    this.#ending.set(id, ending);
  }

  /** Each change once: an attempt that fails as the one before says nothing new. Sentences never hold a key. */
  #log(destination: Destination): void {
    const { id, state, error } = destination.status();
    const text = `${SAID[state]}${error ? `: ${error.message}` : ''}`;
    if (this.#said.get(id) === text) return;
    this.#said.set(id, text);
    const line = `${this.#names.get(id) ?? id}${text}`;
    if (error) this.context.log.warn({ destination: id, code: error.code }, line);
    else this.context.log.info({ destination: id }, line);
    if (state !== 'idle') return;
    this.#said.delete(id);
    if (!this.#current.has(id)) this.#names.delete(id);
  }

  status(): DestinationStatus[] {
    return [...this.#current.values()].map((destination) => destination.status());
  }
}

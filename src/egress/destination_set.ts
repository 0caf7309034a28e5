/** All destinations that are wanted now; a change touches only the ones that differ. */
import type { DestinationStatus } from '../protocol/status.js';
import type { EgressDestination } from '../protocol/link.js';
import type { Owner } from '../runtime/lifecycle.js';
import { Destination, type DestinationContext } from './destination.js';

const TICK_MS = 250;

/** Whether a connection made for `a` is right for `b`; a name is only for people. */
function sameTarget(a: EgressDestination, b: EgressDestination): boolean {
  return a.platform === b.platform && a.url === b.url && a.key === b.key;
}

export class DestinationSet implements Owner {
  readonly #current = new Map<string, Destination>();
  /** Those that still say goodbye, by id: a successor waits, or the far end would find the key in use. */
  readonly #ending = new Map<string, Promise<void>>();
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
    for (const [id, destination] of this.#current) {
      const next = byId.get(id);
      if (next && sameTarget(next, destination.wanted)) continue;
      this.#current.delete(id);
      this.#end(id, destination);
    }
    for (const [id, next] of byId) {
      if (this.#current.has(id)) continue;
      const destination = new Destination(next, this.context);
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

  status(): DestinationStatus[] {
    return [...this.#current.values()].map((destination) => destination.status());
  }
}

/** Tiles as they go to the clients, each at its own pace. Of each the newest is kept: a picture that does not change any more comes only once. */
import type { WebSocket } from 'ws';
import type { Clock } from '../../runtime/clock.js';
import type { Watching } from './multiview.js';

/** A client with this much unread gets no tiles until it has read: a picture that is old is of no use. */
export const MAX_BUFFERED_FOR_TILES = 128 * 1024;
/** A tile that came too early for somebody is given after this, if it is the newest by then. */
const OWED_AFTER_MS = 50;

export interface TileClient {
  readonly socket: WebSocket;
  readonly watching: Watching | undefined;
}

export class TileShare {
  /** Of each tile that somebody watches. */
  readonly #newest = new Map<string, Uint8Array>();
  #owedSoon: NodeJS.Timeout | undefined;
  /** Tiles not sent to a client that had not read the last ones. */
  skipped = 0;

  constructor(private readonly clock: Clock, private readonly clients: Iterable<TileClient>) {}

  stop(): void {
    clearTimeout(this.#owedSoon);
  }

  /** One that was just made. */
  send(id: string, bytes: Uint8Array): void {
    this.#newest.set(id, bytes);
    const nowMs = this.clock.monotonicMs();
    for (const client of this.clients) if (!this.#give(client, id, bytes, nowMs)) this.skipped += 1;
  }

  /** Who begins to watch sees what is there: a picture that stands is not made again for it. */
  show(client: TileClient): void {
    this.#giveAgain(client, (client.watching?.wishes ?? []).map(({ id }) => id));
  }

  /** Nobody watches any other. */
  keep(ids: ReadonlySet<string>): void {
    for (const id of this.#newest.keys()) if (!ids.has(id)) this.#newest.delete(id);
  }

  /** @returns false for a client that reads too slowly */
  #give({ socket, watching }: TileClient, id: string, bytes: Uint8Array, nowMs: number): boolean {
    if (!watching || socket.readyState !== socket.OPEN) return true;
    const reads = socket.bufferedAmount <= MAX_BUFFERED_FOR_TILES;
    if (!reads) watching.owe(id);
    else if (watching.takes(id, nowMs)) socket.send(bytes, { binary: true });
    if (watching.owes(id)) this.#giveOwedSoon();
    return reads;
  }

  #giveAgain(client: TileClient, ids: readonly string[]): void {
    const nowMs = this.clock.monotonicMs();
    for (const id of ids) {
      const bytes = this.#newest.get(id);
      if (bytes) this.#give(client, id, bytes, nowMs);
    }
  }

  #giveOwedSoon(): void {
    this.#owedSoon ??= setTimeout(() => {
      this.#owedSoon = undefined;
      for (const client of this.clients) this.#giveAgain(client, client.watching?.owed() ?? []);
    }, OWED_AFTER_MS);
  }
}

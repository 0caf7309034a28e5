/**
 * Connections that have not shown that they may come in. Of those there are only so many, and the oldest gives way: a flood of them then
 * only ever costs the flood, and whoever has the token still gets in.
 */
import type { Duplex } from 'node:stream';

/** A panel that is opened makes six at most. */
const MOST_STRANGERS = 1000;

export class Doorway {
  /** In the order they came. */
  readonly #strangers = new Set<Duplex>();

  constructor(private readonly most = MOST_STRANGERS) {}

  came(socket: Duplex): void {
    this.#strangers.add(socket);
    socket.on('close', () => this.#strangers.delete(socket));
    if (this.#strangers.size <= this.most) return;
    const [oldest] = this.#strangers;
    this.#strangers.delete(oldest!);
    oldest!.destroy();
  }

  /** It showed the token, or a session's cookie. */
  knows(socket: Duplex): void {
    this.#strangers.delete(socket);
  }
}

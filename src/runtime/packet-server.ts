/** A unix socket that sends packets to whoever connects, each behind its length (uint32, big-endian). One that reads slowly gets fewer. */
import { createServer, type Socket } from 'node:net';
import type { Owner } from './lifecycle.js';
import type { Log } from './log.js';
import { UnixListener } from './unix-listener.js';

/** A reader with this much unread gets no more until it has read: what is old is of no use. */
const MOST_UNREAD_BYTES = 256 * 1024;
const MAX_READERS = 4;

export class PacketServer implements Owner {
  readonly #listener: UnixListener;
  readonly #readers = new Set<Socket>();
  #stopped: Promise<void> | undefined;
  /** Packets that a reader was too slow for. */
  skipped = 0;

  constructor(options: { socketPath: string; log: Log }) {
    this.#listener = new UnixListener(createServer((socket) => this.#accept(socket)), options.socketPath, options.log);
  }

  start(): Promise<void> {
    return this.#listener.start();
  }

  stop(): Promise<void> {
    return (this.#stopped ??= (async () => {
      for (const socket of this.#readers) socket.destroy();
      await this.#listener.stop();
    })());
  }

  /** @param packets made only when somebody reads */
  send(packets: () => readonly Uint8Array[]): void {
    if (this.#readers.size === 0) return;
    // What was made at once goes out at once.
    for (const socket of this.#readers) socket.cork();
    for (const bytes of packets()) {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(bytes.length);
      for (const socket of this.#readers) {
        if (socket.writableLength > MOST_UNREAD_BYTES) {
          this.skipped += 1;
          continue;
        }
        socket.write(length);
        socket.write(bytes);
      }
    }
    for (const socket of this.#readers) socket.uncork();
  }

  #accept(socket: Socket): void {
    if (this.#readers.size >= MAX_READERS) {
      socket.destroy();
      return;
    }
    this.#readers.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#readers.delete(socket));
    // Nothing is said by a reader; what comes all the same is dropped.
    socket.resume();
  }
}

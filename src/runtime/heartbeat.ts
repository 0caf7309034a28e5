/**
 * Shows that the event loop turns: whoever is connected to `alive-<role>.sock` gets a line each second. The supervisor ends a
 * process that is connected to and silent. A socket rather than a file, since a disk that hangs must not look like a process
 * that does, and a clock that is set neither.
 */
import { createServer, type Socket } from 'node:net';
import type { Owner } from './lifecycle.js';
import type { Log } from './log.js';
import { UnixListener } from './unix-listener.js';

const BEAT_MS = 1000;
const MAX_LISTENERS = 8;

export class Heartbeat implements Owner {
  readonly #sockets = new Set<Socket>();
  readonly #listener: UnixListener;
  #timer: NodeJS.Timeout | undefined;
  #stopped: Promise<void> | undefined;

  constructor(socketPath: string, log?: Log) {
    this.#listener = new UnixListener(createServer((socket) => this.#accept(socket)).unref(), socketPath, log);
  }

  async start(): Promise<void> {
    await this.#listener.start();
    this.#timer = setInterval(() => {
      for (const socket of this.#sockets) this.#beat(socket);
    }, BEAT_MS).unref();
  }

  stop(): Promise<void> {
    return (this.#stopped ??= (async () => {
      clearInterval(this.#timer);
      for (const socket of this.#sockets) socket.destroy();
      await this.#listener.stop();
    })());
  }

  #accept(socket: Socket): void {
    if (this.#sockets.size >= MAX_LISTENERS) {
      socket.destroy();
      return;
    }
    this.#sockets.add(socket);
    socket.unref();
    socket.on('error', () => {});
    socket.on('close', () => this.#sockets.delete(socket));
    socket.resume();
    this.#beat(socket);
  }

  #beat(socket: Socket): void {
    if (!socket.writableNeedDrain) socket.write(`${process.pid}\n`);
  }
}

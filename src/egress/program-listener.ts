/**
 * `program.sock`: takes encoder connections, one after another or overlapping, and feeds them to the switch. An encoder that
 * has been replaced on air is cut off: that tells the engine, which cannot see it, that the handover is over.
 */
import { createServer, type Socket } from 'node:net';
import type { Owner } from '../runtime/lifecycle.js';
import type { Log } from '../runtime/log.js';
import { UnixListener } from '../runtime/unix-listener.js';
import { ProgramStream } from './program-stream.js';
import { ProgramSwitch } from './program-switch.js';

/** More than any sequence of settings changes needs; the oldest that is not on air goes. */
const MAX_CONNECTIONS = 6;
const TICK_MS = 100;

export interface ProgramListenerOptions {
  socketPath: string;
  nowMs(): number;
  programSwitch: ProgramSwitch;
  log: Log;
}

export class ProgramListener implements Owner {
  readonly #listener: UnixListener;
  readonly #sockets = new Map<number, Socket>();
  #nextId = 1;
  /** The encoder on air for which those before it were cut off. */
  #cutOffBelow = 0;
  #ticker: NodeJS.Timeout | undefined;
  #stopped: Promise<void> | undefined;
  /** Connections ended because of what they sent. */
  refused = 0;

  constructor(private readonly options: ProgramListenerOptions) {
    this.#listener = new UnixListener(createServer((socket) => this.#accept(socket)), options.socketPath, options.log);
  }

  start(): Promise<void> {
    this.#ticker = setInterval(() => {
      this.options.programSwitch.tick();
      this.#cutOffReplaced();
    }, TICK_MS);
    return this.#listener.start();
  }

  stop(): Promise<void> {
    return (this.#stopped ??= (async () => {
      clearInterval(this.#ticker);
      for (const socket of this.#sockets.values()) socket.destroy();
      await this.#listener.stop();
    })());
  }

  /** Encoder connections open now. */
  get connections(): number {
    return this.#sockets.size;
  }

  #accept(socket: Socket): void {
    const { programSwitch, nowMs, log } = this.options;
    const id = this.#nextId++;
    this.#sockets.set(id, socket);
    programSwitch.add(id);
    const stream = new ProgramStream(nowMs, (item) => programSwitch.take(id, item));
    let warned = false;
    socket.on('data', (chunk) => {
      try {
        stream.push(chunk);
        this.#cutOffReplaced();
        if (stream.guessedTime && !warned) {
          warned = true;
          log.warn({ encoder: id }, 'the encoder gave no usable program time; its time of arrival is taken');
        }
      } catch (error) {
        this.refused += 1;
        log.warn({ encoder: id, problem: (error as Error).message }, 'an encoder connection sent something that is not the program; it is closed');
        socket.destroy();
      }
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      this.#sockets.delete(id);
      programSwitch.remove(id);
      log.info({ encoder: id }, 'encoder disconnected');
    });
    log.info({ encoder: id }, 'encoder connected');
    this.#evict();
  }

  #cutOffReplaced(): void {
    const { activeId } = this.options.programSwitch;
    if (activeId === null || activeId === this.#cutOffBelow) return;
    this.#cutOffBelow = activeId;
    // Ids grow: an earlier one never comes on air again.
    for (const [id, socket] of this.#sockets) if (id < activeId) socket.destroy();
  }

  #evict(): void {
    if (this.#sockets.size <= MAX_CONNECTIONS) return;
    for (const [id, socket] of this.#sockets) {
      if (id === this.options.programSwitch.activeId) continue;
      socket.destroy();
      return;
    }
  }
}

/** A process's end of the link to the studio: reconnects for ever, keeps the last desired state while the studio is away. */
import { connect, type Socket } from 'node:net';
import type { AnswerOf, AskInput, AskName } from '../protocol/asks.js';
import { FromStudio, ROLE_SCHEMAS, type ActualOf, type DesiredOf, type Role } from '../protocol/link.js';
import { ServerError, toProblem } from './errors.js';
import type { Owner } from './lifecycle.js';
import { readLines } from './lines.js';
import { Asks } from './link-asks.js';
import { lengthen, whole } from './link-documents.js';
import type { Log } from './log.js';
import { PRODUCT_VERSION } from './version.js';

const RETRY_MS = 200;
const MAX_LINE_BYTES = 16 * 1024 * 1024;
/** The studio reads slowly or hangs: reports beyond this are dropped, the next one says it all again. */
const MAX_UNSENT_BYTES = 1024 * 1024;

export interface LinkClientOptions<R extends Role> {
  role: R;
  socketPath: string;
  log: Log;
  /** The whole desired state; again at every change and after every reconnect, equal or not. */
  onDesired(desired: DesiredOf[R]): void;
  /** Answers a request; a throw becomes the error the asker sees. */
  onRequest?(name: string, payload: unknown): Promise<unknown> | unknown;
  /** Asked for once a second and after `reportSoon()`. */
  actual(): ActualOf[R];
}

export class LinkClient<R extends Role> implements Owner {
  #socket: Socket | undefined;
  #retry: NodeJS.Timeout | undefined;
  #ticker: NodeJS.Timeout | undefined;
  #soon: NodeJS.Immediate | undefined;
  #stopped: Promise<void> | undefined;
  readonly #asks = new Asks((ask) => this.#write(ask));
  /** Of this connection. */
  readonly #documents = new Map<string, unknown>();
  /** Reports and events not sent because the studio did not read or was away. */
  unsent = 0;

  constructor(private readonly options: LinkClientOptions<R>) {}

  start(): void {
    this.#connect();
    this.#ticker = setInterval(() => this.#report(), 1000);
  }

  stop(): Promise<void> {
    return (this.#stopped ??= Promise.resolve().then(() => {
      clearInterval(this.#ticker);
      clearTimeout(this.#retry);
      if (this.#soon) clearImmediate(this.#soon);
      this.#socket?.destroy();
      this.#asks.rejectAll();
    }));
  }

  /**
   * Asks the studio and waits for its answer. Who asks tries again, if it is worth it.
   * @throws ServerError LINK_CLOSED when it is not there or goes, TIMEOUT, LINK_BUSY when too much is asked at once, or what it answered
   */
  ask<N extends AskName>(name: N, payload: AskInput<N>, timeoutMs?: number): Promise<AnswerOf<N>> {
    return this.#asks.ask(name, payload, timeoutMs);
  }

  /** Something important changed: report now rather than at the next second. Many calls make one report. */
  reportSoon(): void {
    this.#soon ??= setImmediate(() => {
      this.#soon = undefined;
      this.#report();
    });
  }

  /** Sends an event; dropped while the studio is away. */
  event(name: string, payload: unknown): void {
    this.#send({ type: 'event', name, payload });
  }

  #connect(): void {
    if (this.#stopped) return;
    const socket = connect(this.options.socketPath);
    this.#socket = socket;
    this.#documents.clear();
    socket.on('connect', () => {
      this.#send({ type: 'hello', role: this.options.role, pid: process.pid, version: PRODUCT_VERSION });
      this.#report();
    });
    readLines(socket, MAX_LINE_BYTES, (line) => this.#onLine(line), () => socket.destroy());
    socket.on('error', () => {});
    socket.on('close', () => {
      if (this.#socket === socket) this.#socket = undefined;
      this.#asks.rejectAll();
      if (!this.#stopped) this.#retry = setTimeout(() => this.#connect(), RETRY_MS);
    });
  }

  #report(): void {
    if (this.#socket && !this.#socket.connecting) this.#send({ type: 'actual', payload: this.options.actual(), unsent: this.unsent });
  }

  #send(message: unknown): void {
    if (!this.#write(message)) this.unsent += 1;
  }

  #write(message: unknown): boolean {
    const socket = this.#socket;
    if (!socket || socket.connecting || socket.destroyed || socket.writableLength > MAX_UNSENT_BYTES) return false;
    socket.write(`${JSON.stringify(message)}\n`);
    return true;
  }

  #onLine(line: string): void {
    const { log, role } = this.options;
    let message: FromStudio;
    let desired: DesiredOf[R] | undefined;
    try {
      message = FromStudio.parse(JSON.parse(line));
      if (message.type === 'document') {
        const { key, base, document } = message;
        this.#documents.set(key, base === undefined ? document : lengthen(document, this.#documents.get(base)));
      }
      if (message.type === 'desired') desired = ROLE_SCHEMAS[role].desired.parse(this.#whole(message.payload)) as DesiredOf[R];
    } catch (error) {
      // Zod messages name paths and expectations, not values, so no key can get into the log here.
      log.error({ problem: error instanceof Error ? error.message.slice(0, 500) : 'unknown' }, 'a message from the studio was not understood');
      return;
    }
    if (message.type === 'answer') this.#asks.answered(message);
    if (message.type === 'request') {
      void this.#answer(message.id, message.name, message.payload);
      return;
    }
    try {
      if (desired !== undefined) this.options.onDesired(desired);
    } catch (error) {
      // What runs goes on; the next change of what is wanted is another chance.
      log.error({ err: error }, 'what the studio wants could not be applied');
    }
  }

  #whole(parted: unknown): unknown {
    const { payload, keys } = whole(parted, this.#documents);
    for (const key of this.#documents.keys()) if (!keys.has(key)) this.#documents.delete(key);
    return payload;
  }

  async #answer(id: number, name: string, payload: unknown): Promise<void> {
    try {
      if (!this.options.onRequest) throw new ServerError('UNKNOWN_MESSAGE', `Nobody answers "${name}" here.`);
      this.#send({ type: 'reply', id, payload: await this.options.onRequest(name, payload) });
    } catch (error) {
      this.#send({ type: 'reply', id, error: toProblem(error) });
    }
  }
}

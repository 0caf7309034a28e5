/** The HTTP server of the studio: limits on what comes in, and websockets handed on by their path. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { getRequestListener } from '@hono/node-server';
import type { Address } from '../../runtime/config.js';
import { ServerError, toProblem } from '../../runtime/errors.js';
import type { Owner } from '../../runtime/lifecycle.js';
import { listen } from '../../runtime/listening.js';
import type { Log } from '../../runtime/log.js';
import type { Access } from './access.js';
import type { Doorway } from './doorway.js';
import type { App } from './route.js';

export type UpgradeHandler = (request: IncomingMessage, socket: Duplex, head: Buffer, url: URL) => void;

export interface HttpServerOptions {
  address: Address;
  app: App;
  access: Access;
  doorway: Doorway;
  log: Log;
  /** By path; each is called only for those who may come in. */
  upgrades: Readonly<Record<string, UpgradeHandler>>;
}

/** Open connections; the 1,000 websocket clients it must bear, and room for requests beside them. */
const MAX_CONNECTIONS = 4000;
/** Requests of one connection that are not answered yet. Browsers and proxies send the next when they have the last; who sends thousands reads no answer. */
const MOST_AT_ONCE = 32;

export class HttpServer implements Owner {
  readonly #server: Server;
  /** Sockets that became websockets: the server itself forgets them, and would wait for them for ever when it closes. */
  readonly #upgraded = new Set<Duplex>();
  /** How many requests of a connection wait for their answers. */
  readonly #waiting = new WeakMap<Duplex, number>();
  #stopped: Promise<void> | undefined;

  constructor(private readonly options: HttpServerOptions) {
    const answer = getRequestListener(options.app.fetch, { overrideGlobalObjects: false });
    this.#server = createServer(
      { maxHeaderSize: 16 * 1024, headersTimeout: 10_000, requestTimeout: 60_000, keepAliveTimeout: 10_000 },
      (incoming, outgoing) => { if (this.#mayAsk(incoming.socket, outgoing)) void answer(incoming, outgoing); },
    );
    this.#server.maxConnections = MAX_CONNECTIONS;
    this.#server.on('connection', (socket) => options.doorway.came(socket));
    this.#server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
    this.#server.on('clientError', (_error, socket) => {
      if (socket.writable) refuse(socket, new ServerError('BAD_REQUEST', 'This is not HTTP that can be read.'));
      else socket.destroy();
    });
  }

  /** @throws ServerError PORT_IN_USE, or CONFIG_BAD_VALUE when the address cannot be bound for another reason */
  async start(): Promise<void> {
    const { address, log } = this.options;
    const { host, port } = address;
    try {
      await listen(this.#server, { host, port }, (error) => log.error({ err: error }, 'the HTTP port failed'));
    } catch (cause) {
      const { code, message } = cause as NodeJS.ErrnoException;
      throw code === 'EADDRINUSE'
        ? new ServerError('PORT_IN_USE', `Port ${port} of ${host} is taken by another program. Stop it, or set VISTTER_HTTP to another address.`, { cause })
        : new ServerError('CONFIG_BAD_VALUE', `VISTTER_HTTP ${host}:${port} cannot be bound: ${message}`, { cause });
    }
  }

  stop(): Promise<void> {
    return (this.#stopped ??= new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
      for (const socket of this.#upgraded) socket.destroy();
    }));
  }

  #mayAsk(socket: Duplex, outgoing: ServerResponse): boolean {
    const waiting = (this.#waiting.get(socket) ?? 0) + 1;
    if (waiting > MOST_AT_ONCE) {
      socket.destroy();
      return false;
    }
    this.#waiting.set(socket, waiting);
    outgoing.once('close', () => this.#waiting.set(socket, this.#waiting.get(socket)! - 1));
    return true;
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.#upgraded.add(socket);
    socket.on('close', () => this.#upgraded.delete(socket));
    socket.on('error', () => socket.destroy());
    try {
      const visitor = { method: request.method ?? 'GET', headers: request.headers, address: request.socket.remoteAddress ?? '' };
      this.options.access.checkSite(visitor);
      this.options.access.authenticateUpgrade(visitor);
      this.options.doorway.knows(socket);
      const url = readUrl(request.url);
      const handler = Object.hasOwn(this.options.upgrades, url.pathname) ? this.options.upgrades[url.pathname] : undefined;
      if (!handler) throw new ServerError('NOT_FOUND', 'There is no websocket here.');
      handler(request, socket, head, url);
    } catch (error) {
      refuse(socket, error);
    }
  }
}

/** Answers an upgrade with a plain HTTP error and closes. */
export function refuse(socket: Duplex, error: unknown): void {
  const { code, message } = toProblem(error);
  const status = error instanceof ServerError ? error.status : 500;
  const body = JSON.stringify({ error: { code, message } });
  socket.end(`HTTP/1.1 ${status} ${code}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`, () => socket.destroy());
}

function readUrl(text: string | undefined): URL {
  try {
    return new URL(text ?? '/', 'http://studio');
  } catch {
    throw new ServerError('BAD_REQUEST', 'The address cannot be read.');
  }
}

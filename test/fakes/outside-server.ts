/** A server outside of the product that answers as it is told to, badly too. */
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { systemClock, type Clock } from '../../src/runtime/clock.js';

export interface Asked { path: string; headers: IncomingHttpHeaders; body: Buffer }

export type Answer =
  | { status?: number; headers?: Record<string, string>; body?: string | Buffer }
  /** Never answers; breaks off in the middle of its answer; closes without one; turns to another protocol. */
  | 'hang' | 'cut' | 'close' | 'switch';

export class OutsideServer {
  readonly asked: Asked[] = [];
  /** Given one after another; then `always`. */
  answers: Answer[] = [];
  always: (asked: Asked) => Answer | Promise<Answer> = () => ({ status: 404 });
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #outOfPatience: () => void = () => undefined;

  constructor() {
    this.#server = createServer((request, response) => {
      const pieces: Buffer[] = [];
      request.on('error', () => undefined);
      request.on('data', (piece: Buffer) => pieces.push(piece));
      request.on('end', () => {
        const asked = { path: request.url ?? '', headers: request.headers, body: Buffer.concat(pieces) };
        this.asked.push(asked);
        void (async () => {
          const answer = this.answers.shift() ?? await this.always(asked);
          if (answer === 'hang') return this.#outOfPatience();
          if (answer === 'close') return void request.socket.destroy();
          if (answer === 'switch') return void request.socket.write('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n');
          if (answer === 'cut') {
            response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
            response.write('{"text": "and th', () => request.socket.destroy());
            return;
          }
          response.writeHead(answer.status ?? 200, { 'content-type': 'application/json', ...answer.headers });
          response.end(answer.body ?? '');
        })();
      });
    });
    this.#server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.on('error', () => undefined).once('close', () => this.#sockets.delete(socket));
    });
  }

  async start(): Promise<this> {
    await new Promise<void>((done) => { this.#server.listen(0, '127.0.0.1', done); });
    return this;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** The system's clock, by which whoever waits `patienceMs` has waited them once a question was read whole and 'hang' is all there is to it. */
  clock(patienceMs: number): Clock {
    return {
      ...systemClock,
      after: (ms, callback) => {
        if (ms !== patienceMs) return systemClock.after(ms, callback);
        this.#outOfPatience = callback;
        return () => { this.#outOfPatience = () => undefined; };
      },
    };
  }

  async stop(): Promise<void> {
    const closed = new Promise((done) => this.#server.close(done));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
}

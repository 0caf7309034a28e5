/**
 * `preview.sock`: the program as FLV over a websocket, for mpegts.js in the browser. The studio lets people in; here
 * everybody is served who reaches the socket, which only this user can.
 */
import { createServer, type Server } from 'node:http';
import { WebSocketServer, type WebSocket } from 'ws';
import type { Owner } from '../runtime/lifecycle.js';
import type { Log } from '../runtime/log.js';
import { UnixListener } from '../runtime/unix-listener.js';
import { PreviewViewer } from './preview-viewer.js';
import type { ProgramHub } from './program-hub.js';

/** A studio that goes wild must not take the egress with it. */
const MAX_VIEWERS = 50;
const TICK_MS = 1000;

export interface PreviewServerOptions {
  socketPath: string;
  hub: ProgramHub;
  nowMs(): number;
  log: Log;
}

export class PreviewServer implements Owner {
  readonly #http: Server;
  readonly #listener: UnixListener;
  readonly #websockets = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: 1024, clientTracking: false });
  readonly #viewers = new Map<WebSocket, PreviewViewer>();
  #droppedBefore = 0;
  #ticker: NodeJS.Timeout | undefined;
  #stopped: Promise<void> | undefined;

  constructor(private readonly options: PreviewServerOptions) {
    this.#http = createServer((_request, response) => {
      response.writeHead(426, { 'content-type': 'text/plain', connection: 'close' }).end('The preview is a websocket.\n');
    });
    this.#http.on('upgrade', (request, socket, head) => {
      socket.on('error', () => {});
      if (this.#viewers.size >= MAX_VIEWERS) {
        socket.end('HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\n\r\n');
        return;
      }
      this.#websockets.handleUpgrade(request, socket, head, (websocket) => this.#accept(websocket));
    });
    this.#http.on('clientError', (_error, socket) => socket.destroy());
    this.#listener = new UnixListener(this.#http, options.socketPath, options.log);
  }

  start(): Promise<void> {
    this.#ticker = setInterval(() => {
      for (const viewer of this.#viewers.values()) viewer.tick();
    }, TICK_MS);
    return this.#listener.start();
  }

  stop(): Promise<void> {
    return (this.#stopped ??= (async () => {
      clearInterval(this.#ticker);
      for (const websocket of this.#viewers.keys()) websocket.terminate();
      const stopped = this.#listener.stop();
      this.#http.closeAllConnections();
      await stopped;
    })());
  }

  status(): { viewers: number; dropped: number } {
    let dropped = this.#droppedBefore;
    for (const viewer of this.#viewers.values()) dropped += viewer.droppedFrames;
    return { viewers: this.#viewers.size, dropped };
  }

  #accept(websocket: WebSocket): void {
    const viewer = new PreviewViewer(websocket, this.options.nowMs);
    this.#viewers.set(websocket, viewer);
    websocket.on('error', () => {});
    websocket.on('close', () => {
      this.options.hub.detach(viewer);
      this.#viewers.delete(websocket);
      this.#droppedBefore += viewer.droppedFrames;
    });
    viewer.begin(this.options.hub.begin());
    this.options.hub.attach(viewer);
  }
}

/** The websocket: comes back by itself, resumes where it was, and pairs answers with requests. Knows nothing of what is said. */
import { ServerMessage } from '../../protocol/messages.js';
import { readTile, type Tile } from '../../protocol/multiview.js';
import { texts } from '../texts.js';
import { ApiError } from './api.js';

export interface SocketEvents {
  onMessage(message: ServerMessage): void;
  onTile(tile: Tile): void;
  onOpen(): void;
  /** The connection is gone, or could not be made: `wasOpen` tells which. */
  onClose(wasOpen: boolean): void;
}

/** What it needs of a WebSocket, whose bytes come as ArrayBuffers; tests give their own. */
export interface SocketLike {
  readonly readyState: number;
  send(data: string): void;
  close(): void;
  onopen: ((event: never) => void) | null;
  onclose: ((event: never) => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
}

export interface StudioSocketOptions {
  events: SocketEvents;
  /** Opens a connection; `rev` is what the last one had heard. */
  open(rev: number | null): SocketLike;
  /** The last `state` rev that was applied; null asks for a snapshot. */
  rev(): number | null;
  random?: () => number;
}

const OPEN = 1;
const FIRST_RETRY_MS = 300;
const LAST_RETRY_MS = 5000;
const ANSWER_MS = 5000;
/** The studio speaks each second; this long without a word means that the connection is dead though it looks open. */
const SILENT_MS = 6000;

interface Waiting {
  resolve(payload: unknown): void;
  reject(error: Error): void;
  timer: ReturnType<typeof setTimeout>;
}

export class StudioSocket {
  readonly #waiting = new Map<string, Waiting>();
  #socket: SocketLike | undefined;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #silence: ReturnType<typeof setTimeout> | undefined;
  #tries = 0;
  #nextId = 1;
  #stopped = true;

  constructor(private readonly options: StudioSocketOptions) {}

  start(): void {
    if (!this.#stopped) return;
    this.#stopped = false;
    this.#connect();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#retry);
    this.#leave();
  }

  /** Drops this connection and asks for a snapshot with the next: what is here does not fit what is there. */
  restart(): void {
    this.#socket?.close();
  }

  /** Asks, and gives the answer's payload. @throws ApiError the studio's, TIMEOUT, or UNREACHABLE */
  request(type: string, payload: unknown): Promise<unknown> {
    const socket = this.#socket;
    if (!socket || socket.readyState !== OPEN) return Promise.reject(new ApiError('UNREACHABLE', texts.errors.notSent, 0));
    const id = `p${this.#nextId++}`;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#settle(id, (waiting) => waiting.reject(new ApiError('TIMEOUT', texts.errors.late, 0))), ANSWER_MS);
      this.#waiting.set(id, { resolve, reject, timer });
      socket.send(JSON.stringify({ type, id, payload }));
    });
  }

  /** Sends without waiting for the answer; lost while not connected. */
  tell(type: string, payload: unknown): void {
    if (this.#socket?.readyState === OPEN) this.#socket.send(JSON.stringify({ type, payload }));
  }

  #connect(): void {
    if (this.#stopped) return;
    const socket = this.options.open(this.options.rev());
    this.#socket = socket;
    let wasOpen = false;
    socket.onopen = () => {
      wasOpen = true;
      this.#tries = 0;
      this.#listen(socket);
      this.options.events.onOpen();
    };
    socket.onmessage = ({ data }) => {
      this.#listen(socket);
      if (data instanceof ArrayBuffer) this.#onBytes(new Uint8Array(data));
      else this.#onMessage(data);
    };
    socket.onclose = () => {
      if (this.#socket !== socket) return;
      this.#leave();
      this.options.events.onClose(wasOpen);
      if (this.#stopped) return;
      const ceiling = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** this.#tries++);
      this.#retry = setTimeout(() => this.#connect(), ceiling * (0.5 + 0.5 * (this.options.random ?? Math.random)()));
    };
  }

  #listen(socket: SocketLike): void {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => {
      // close() waits for a far end that may be gone; do not wait with it.
      socket.close();
      socket.onclose?.(undefined as never);
    }, SILENT_MS);
  }

  #leave(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    clearTimeout(this.#silence);
    socket?.close();
    for (const id of [...this.#waiting.keys()]) {
      this.#settle(id, (waiting) => waiting.reject(new ApiError('UNREACHABLE', texts.errors.cutOff, 0)));
    }
  }

  #onBytes(bytes: Uint8Array<ArrayBuffer>): void {
    const tile = readTile(bytes);
    if (tile) this.options.events.onTile(tile);
  }

  #onMessage(data: unknown): void {
    let value: unknown;
    try {
      value = JSON.parse(String(data));
    } catch {
      return;
    }
    const parsed = ServerMessage.safeParse(value);
    // A newer studio may say what this page does not know yet.
    if (!parsed.success) return;
    const message = parsed.data;
    if (message.type === 'ack' && message.id !== undefined) this.#settle(String(message.id), (waiting) => waiting.resolve(message.payload));
    else if (message.type === 'error' && message.id !== undefined) {
      const { code, message: sentence } = message.payload;
      this.#settle(String(message.id), (waiting) => waiting.reject(new ApiError(code, sentence, 0)));
    } else this.options.events.onMessage(message);
  }

  #settle(id: string, how: (waiting: Waiting) => void): void {
    const waiting = this.#waiting.get(id);
    if (!waiting) return;
    this.#waiting.delete(id);
    clearTimeout(waiting.timer);
    how(waiting);
  }
}

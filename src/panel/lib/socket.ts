/** The websocket: comes back by itself, resumes where it was, and pairs answers with requests. Knows nothing of what is said. */
import type { ServerMessage } from '../../protocol/messages.js';
import { readTile, type Tile } from '../../protocol/tile.js';
import { readSound, type SoundPacket } from '../../protocol/sound-packet.js';
import { texts } from '../texts.js';
import { ApiError, CHANGE_LIMIT_MS } from './api.js';

export interface SocketEvents {
  onMessage(message: ServerMessage): void;
  onTile(tile: Tile): void;
  onSound?(packet: SoundPacket): void;
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
  /** Of one that was begun before anybody listened: tells what it missed. */
  catchUp?(): void;
}

export interface StudioSocketOptions {
  events: SocketEvents;
  /** Opens a connection; `rev` is what the last one had heard. */
  open(rev: number | null): SocketLike;
  /** The last `state` rev that was applied; null asks for a snapshot. */
  rev(): number | null;
  random?: () => number;
  /** Monotonic, ms. */
  nowMs?: () => number;
}

const OPEN = 1;
const FIRST_RETRY_MS = 200;
/** A studio that is started anew is back within seconds, and is to be met at once; after that there is less haste. */
const SOON_RETRY_MS = 400;
const SOON_FOR_MS = 60_000;
const LATER_RETRY_MS = 3000;
/** A studio that stands still takes connections in and does not open them: one is kept for this long, and is the first to be served. */
const OPENING_MS = 5000;
const CHECK_MS = 250;
/** After so long without a word the studio is asked for one. */
const ASK_AFTER_MS = 500;
/** It is asked this often in any case, so that it knows who is there. */
const ASK_EVERY_MS = 2000;
/** This long without a word means that the connection is dead though it looks open: a person must know within 2 s. */
const SILENT_MS = 1500;
/** The first message can be megabytes, and is not heard before it is whole. */
const FIRST_SILENT_MS = 15_000;

interface Waiting {
  resolve(payload: unknown): void;
  reject(error: Error): void;
  timer: ReturnType<typeof setTimeout>;
}

export class StudioSocket {
  readonly #waiting = new Map<string, Waiting>();
  #socket: SocketLike | undefined;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #checker: ReturnType<typeof setInterval> | undefined;
  /** Of this connection: when it was begun, last heard of, asked, and looked at. */
  #begunMs = 0;
  #heardMs = 0;
  #askedMs = 0;
  #checkedMs = 0;
  #hasHeard = false;
  #lostMs = -Infinity;
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
    if (this.#socket) this.#drop(this.#socket);
  }

  /** The network has come back, or the page is looked at again: what was to be tried later is tried now. */
  hurry(): void {
    if (this.#stopped) return;
    if (this.#socket) {
      this.#ask();
      return;
    }
    clearTimeout(this.#retry);
    this.#tries = 0;
    this.#lostMs = this.#nowMs();
    this.#connect();
  }

  /** Asks, and gives the answer's payload. @throws ApiError the studio's, TIMEOUT, or UNREACHABLE */
  request(type: string, payload: unknown): Promise<unknown> {
    const socket = this.#socket;
    if (!socket || socket.readyState !== OPEN) return Promise.reject(new ApiError('UNREACHABLE', texts.people.refused, 0));
    const id = `p${this.#nextId++}`;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#settle(id, (waiting) => waiting.reject(new ApiError('TIMEOUT', texts.errors.late, 0))), CHANGE_LIMIT_MS);
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
    this.#begunMs = this.#checkedMs = this.#nowMs();
    this.#hasHeard = false;
    let wasOpen = false;
    socket.onopen = () => {
      wasOpen = true;
      this.#heardMs = this.#nowMs();
      // Before anything that may wait in a studio that stands still: from then on it knows that this page gives up.
      this.#ask();
      this.options.events.onOpen();
    };
    socket.onmessage = ({ data }) => {
      if (this.#socket !== socket) return;
      this.#heardMs = this.#nowMs();
      this.#hasHeard = true;
      this.#tries = 0;
      if (data instanceof ArrayBuffer) this.#onBytes(new Uint8Array(data));
      else this.#onMessage(data);
    };
    socket.onclose = () => {
      if (this.#socket !== socket) return;
      if (this.#hasHeard) this.#lostMs = this.#nowMs();
      this.#leave();
      this.options.events.onClose(wasOpen);
      if (this.#stopped) return;
      const longest = this.#nowMs() - this.#lostMs < SOON_FOR_MS ? SOON_RETRY_MS : LATER_RETRY_MS;
      const ceiling = Math.min(longest, FIRST_RETRY_MS * 2 ** this.#tries++);
      this.#retry = setTimeout(() => this.#connect(), ceiling * (0.5 + 0.5 * (this.options.random ?? Math.random)()));
    };
    this.#checker = setInterval(() => this.#check(socket), CHECK_MS);
    socket.catchUp?.();
  }

  #check(socket: SocketLike): void {
    const nowMs = this.#nowMs();
    // A page that stood still itself has not read what may have come meanwhile: it looks at that first.
    if (nowMs - this.#checkedMs > CHECK_MS + ASK_AFTER_MS) {
      this.#heardMs = Math.max(this.#heardMs, nowMs - SILENT_MS + ASK_AFTER_MS);
      this.#begunMs += nowMs - this.#checkedMs;
    }
    this.#checkedMs = nowMs;
    if (socket.readyState !== OPEN) {
      if (nowMs - this.#begunMs > OPENING_MS) this.#drop(socket);
      return;
    }
    const silentMs = nowMs - this.#heardMs;
    if (silentMs >= (this.#hasHeard ? SILENT_MS : FIRST_SILENT_MS)) this.#drop(socket);
    else if (nowMs - this.#askedMs >= (silentMs >= ASK_AFTER_MS ? ASK_AFTER_MS : ASK_EVERY_MS)) this.#ask();
  }

  #ask(): void {
    this.#askedMs = this.#nowMs();
    this.tell('ping', {});
  }

  /** close() waits for a far end that may be gone; this does not wait with it. */
  #drop(socket: SocketLike): void {
    socket.close();
    socket.onclose?.(undefined as never);
  }

  #nowMs(): number {
    return (this.options.nowMs ?? (() => performance.now()))();
  }

  #leave(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    clearInterval(this.#checker);
    socket?.close();
    for (const id of [...this.#waiting.keys()]) {
      this.#settle(id, (waiting) => waiting.reject(new ApiError('UNREACHABLE', texts.people.cutOff, 0)));
    }
  }

  #onBytes(bytes: Uint8Array<ArrayBuffer>): void {
    const tile = readTile(bytes);
    if (tile) {
      this.options.events.onTile(tile);
      return;
    }
    const packet = readSound(bytes);
    if (packet) this.options.events.onSound?.(packet);
  }

  #onMessage(data: unknown): void {
    const message = readMessage(data);
    if (!message) return;
    if (message.type === 'ack' && message.id !== undefined) this.#settle(String(message.id), (waiting) => waiting.resolve(message.payload));
    else if (message.type === 'error' && message.id !== undefined) {
      const { code, message: sentence, details } = message.payload;
      this.#settle(String(message.id), (waiting) => waiting.reject(new ApiError(code, sentence, 0, details)));
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

const TYPES: ReadonlySet<unknown> = new Set<ServerMessage['type']>(['ack', 'error', 'state', 'broadcast:status', 'audio:levels', 'event']);

/**
 * What the studio says; null for what is none of it. It is not looked through, as is done with what comes into the studio: twenty
 * messages a second, and the schemas are most of what a page has to read before it can be used. The studio says which panel it serves
 * (`page` of the state), and a page that is another one is loaded anew.
 */
function readMessage(data: unknown): ServerMessage | null {
  let value: { type?: unknown; payload?: unknown } | null;
  try {
    value = JSON.parse(String(data)) as typeof value;
  } catch {
    return null;
  }
  const isKnown = TYPES.has(value?.type) && (value!.type === 'ack' || (typeof value!.payload === 'object' && value!.payload !== null));
  return isKnown ? (value as ServerMessage) : null;
}

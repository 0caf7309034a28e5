/** The studio's end of the link: who is connected, what each reports, and requests that always get an answer. */
import { createServer, type Socket } from 'node:net';
import { FromProcess, ROLE_SCHEMAS, type ActualOf, type DesiredOf, type Role } from '../protocol/link.js';
import type { ErrorCode } from '../protocol/error-codes.js';
import { ServerError } from './errors.js';
import type { Owner } from './lifecycle.js';
import { Answers, type AnswerAsk } from './link-asks.js';
import { part, told } from './link-documents.js';
import { readLines } from './lines.js';
import type { Log } from './log.js';
import { Pending } from './pending.js';
import { UnixListener } from './unix-listener.js';
import { PRODUCT_VERSION } from './version.js';

const MAX_LINE_BYTES = 16 * 1024 * 1024;
const REQUEST_TIMEOUT_MS = 3000;
/** A process that hangs reads nothing: it is cut off beyond this, and told everything anew when it comes back. Two documents fit in. */
const MAX_UNREAD_BYTES = 32 * 1024 * 1024;

interface Peer<R extends Role> {
  role: R;
  socket: Socket;
  pid: number;
  actual: ActualOf[R] | undefined;
  unsent: number;
  /** The documents it has. */
  documents: ReadonlyMap<string, unknown>;
  answers: Answers;
}

/** A line whose payload was checked. */
type Said = Exclude<FromProcess, { type: 'actual' }> | { type: 'actual'; payload: ActualOf[Role]; unsent: number };

export interface LinkServerOptions {
  socketPath: string;
  log: Log;
  /** The desired state of a role as it is now; sent when a process connects and by `push`. */
  desired<R extends Role>(role: R): DesiredOf[R];
  onActual<R extends Role>(role: R, actual: ActualOf[R]): void;
  onEvent(role: Role, name: string, payload: unknown): void;
  onPresence(role: Role, connected: boolean): void;
  /** What the processes may ask; left out, nothing. */
  onAsk?: AnswerAsk;
}

/** What is answered for a process that is not there. */
export function awayError(role: Role, code: ErrorCode): ServerError {
  return new ServerError(code, `The ${role} process is not running just now; it is being restarted. Try again in a few seconds.`);
}

/** One process a role; a second hello of the same role replaces the first. */
export class LinkServer implements Owner {
  readonly #listener: UnixListener;
  readonly #sockets = new Set<Socket>();
  readonly #peers = new Map<Role, Peer<Role>>();
  readonly #hellos = new Map<Role, number>();
  /** Requests, by whom they were sent to. */
  readonly #pending = new Pending<Role>();
  #rev = 0;
  #stopped: Promise<void> | undefined;

  constructor(private readonly options: LinkServerOptions) {
    // A socket file left by a killed studio is replaced; nobody can be behind it, the instance lock saw to that.
    this.#listener = new UnixListener(createServer((socket) => this.#accept(socket)), options.socketPath, options.log);
  }

  start(): Promise<void> {
    return this.#listener.start();
  }

  stop(): Promise<void> {
    return (this.#stopped ??= new Promise((resolve) => {
      this.#pending.reject(new ServerError('LINK_CLOSED', 'The studio is stopping.'));
      for (const socket of this.#sockets) socket.destroy();
      void this.#listener.stop().then(resolve);
    }));
  }

  /** Sends a role what is desired of it now, if it is connected. */
  push(role: Role): void {
    const peer = this.#peers.get(role);
    if (!peer) return;
    this.#rev += 1;
    const { payload, documents } = part(this.options.desired(role));
    for (const [key, document] of documents) {
      if (!peer.documents.has(key)) this.#send(peer, { type: 'document', key, ...told(key, document, peer.documents) });
    }
    peer.documents = documents;
    this.#send(peer, { type: 'desired', rev: this.#rev, payload });
  }

  /** What a role last reported; undefined while it is away. */
  actual<R extends Role>(role: R): ActualOf[R] | undefined {
    return this.#peers.get(role)?.actual as ActualOf[R] | undefined;
  }

  presence(): { role: Role; connected: boolean; pid: number | null; restarts: number; unsent: number }[] {
    return (Object.keys(ROLE_SCHEMAS) as Role[]).map((role) => ({
      role,
      connected: this.#peers.has(role),
      pid: this.#peers.get(role)?.pid ?? null,
      restarts: Math.max(0, (this.#hellos.get(role) ?? 0) - 1),
      unsent: this.#peers.get(role)?.unsent ?? 0,
    }));
  }

  /**
   * Asks a process and waits for its answer.
   * @throws ServerError `awayCode` when it is not there or goes, TIMEOUT after `timeoutMs`, or what it answered.
   */
  request(role: Role, name: string, payload: unknown, awayCode: ErrorCode = 'LINK_CLOSED', timeoutMs = REQUEST_TIMEOUT_MS): Promise<unknown> {
    const peer = this.#peers.get(role);
    if (!peer) return Promise.reject(awayError(role, awayCode));
    return this.#pending.ask(role, `${role} process`, timeoutMs, (id) => void this.#send(peer, { type: 'request', id, name, payload }));
  }

  #send(peer: Peer<Role>, message: unknown): void {
    if (peer.socket.writableLength > MAX_UNREAD_BYTES) peer.socket.destroy();
    else peer.socket.write(`${JSON.stringify(message)}\n`);
  }

  #accept(socket: Socket): void {
    let peer: Peer<Role> | undefined;
    this.#sockets.add(socket);
    socket.on('error', () => {});
    readLines(socket, MAX_LINE_BYTES, (line) => {
      const said = this.#parse(line, peer?.role);
      if (said === null) return;
      try {
        if (said.type === 'hello') peer = this.#welcome(socket, said);
        else if (peer) this.#heed(peer, said);
      } catch (error) {
        // A fault of ours, not of who reported: the other processes are still to be heard.
        this.options.log.error({ role: peer?.role, err: error }, 'a report could not be worked on');
      }
    }, () => socket.destroy());
    socket.on('close', () => {
      this.#sockets.delete(socket);
      if (!peer || this.#peers.get(peer.role) !== peer) return;
      const { role } = peer;
      this.#peers.delete(role);
      this.#rejectPending(role);
      this.options.onPresence(role, false);
    });
  }

  /** What a line says, its payload checked; null, and a line in the log, when that is nothing. */
  #parse(line: string, role: Role | undefined): Said | null {
    try {
      const message = FromProcess.parse(JSON.parse(line));
      if (message.type === 'hello') return message;
      if (role === undefined) throw new Error('it did not say hello');
      if (message.type !== 'actual') return message;
      return { ...message, payload: ROLE_SCHEMAS[role].actual.parse(message.payload) };
    } catch (error) {
      this.options.log.error({ role, problem: error instanceof Error ? error.message.slice(0, 500) : 'unknown' }, 'a report was not understood');
      return null;
    }
  }

  #heed(peer: Peer<Role>, said: Exclude<Said, { type: 'hello' }>): void {
    switch (said.type) {
      case 'actual':
        peer.actual = said.payload;
        peer.unsent = said.unsent;
        if (this.#peers.get(peer.role) === peer) this.options.onActual(peer.role, said.payload);
        return;
      case 'event':
        this.options.onEvent(peer.role, said.name, said.payload);
        return;
      case 'ask':
        // Nobody waits any more for an answer on a connection that is gone.
        void peer.answers.to(said).then((answer) => { if (!peer.socket.destroyed) this.#send(peer, answer); });
        return;
      case 'reply':
        this.#pending.answered(said);
        return;
      default:
        said satisfies never;
    }
  }

  #rejectPending(role: Role): void {
    this.#pending.reject(new ServerError('LINK_CLOSED', `The ${role} process went away before it answered. Try again in a few seconds.`), (asked) => asked === role);
  }

  #welcome(socket: Socket, { role, pid, version }: Extract<FromProcess, { type: 'hello' }>): Peer<Role> {
    if (version !== PRODUCT_VERSION) {
      this.options.log.warn({ role, version, ours: PRODUCT_VERSION }, 'a process of another version is running; "npm run upgrade" replaces it');
    }
    const peer: Peer<Role> = { role, socket, pid, actual: undefined, unsent: 0, documents: new Map(), answers: new Answers(role, this.options.onAsk) };
    const previous = this.#peers.get(role);
    this.#peers.set(role, peer);
    if (previous) {
      previous.socket.destroy();
      this.#rejectPending(role);
    }
    this.#hellos.set(role, (this.#hellos.get(role) ?? 0) + 1);
    this.options.onPresence(role, true);
    this.push(role);
    return peer;
  }
}

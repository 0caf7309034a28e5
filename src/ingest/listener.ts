/** The RTMP port: takes connections in, keeps their number bounded, counts how they ended. */
import { createServer, type Server, type Socket } from 'node:net';
import type { Address } from '../runtime/config.js';
import type { Clock } from '../runtime/clock.js';
import { ServerError } from '../runtime/errors.js';
import type { Owner } from '../runtime/lifecycle.js';
import { listen } from '../runtime/listening.js';
import type { Log } from '../runtime/log.js';
import { addressGroup, remoteAddress } from '../runtime/peer-address.js';
import { Admission } from './admission.js';
import type { Cameras } from './cameras.js';
import { Connection, type ConnectionHost, type EndReason } from './connection.js';
import { CONNECTION_LIMITS, type ConnectionLimits } from './limits.js';

export interface ListenerOptions {
  address: Address;
  cameras: Cameras;
  clock: Clock;
  log: Log;
  limits?: Readonly<ConnectionLimits>;
  /** Something that a person waits for has changed. */
  onChange?(): void;
}

/** How many connections there were, and what became of them, since the start. */
export interface ListenerCounters {
  connections: number;
  accepted: number;
  refused: number;
  takeovers: number;
}

/** Ends that are a publisher's own and no refusal. */
const ORDINARY_ENDS: ReadonlySet<EndReason> = new Set(['unpublished', 'gone', 'idle', 'taken-over', 'removed', 'stopping']);

export class RtmpListener implements Owner {
  readonly counters: ListenerCounters = { connections: 0, accepted: 0, refused: 0, takeovers: 0 };
  readonly #server: Server;
  readonly #host: ConnectionHost;
  readonly #limits: Readonly<ConnectionLimits>;
  /** In the order they came. */
  readonly #connections = new Set<Connection>();
  /** For the studio's first word; not for longer than for a key. */
  readonly #waiting = new Set<Socket>();
  #known = false;
  #names = 0;
  #stopped: Promise<void> | undefined;

  constructor(private readonly options: ListenerOptions) {
    const { cameras, clock, log } = options;
    this.#limits = options.limits ?? CONNECTION_LIMITS;
    this.#host = {
      clock,
      log,
      limits: this.#limits,
      admission: new Admission(clock),
      camera: (key) => cameras.withKey(key),
      nextName: (id) => `${id}-${(this.#names += 1)}`,
      onAccepted: (takeover) => {
        this.counters.accepted += 1;
        if (takeover) this.counters.takeovers += 1;
        options.onChange?.();
      },
      onClosed: (connection, reason) => this.#closed(connection, reason),
    };
    this.#server = createServer({ noDelay: true, keepAlive: true, keepAliveInitialDelay: 5000 }, (socket) => this.#accept(socket));
    void cameras.known.then(() => {
      this.#known = true;
      for (const socket of this.#waiting) this.#open(socket);
      this.#waiting.clear();
    });
  }

  /** @throws ServerError PORT_IN_USE, or CONFIG_BAD_VALUE when the address cannot be bound for another reason */
  async start(): Promise<void> {
    const { address, log } = this.options;
    const { host, port } = address;
    try {
      await listen(this.#server, { host, port }, (error) => log.error({ err: error }, 'the RTMP port failed'));
    } catch (cause) {
      const { code, message } = cause as NodeJS.ErrnoException;
      throw code === 'EADDRINUSE'
        ? new ServerError('PORT_IN_USE', `RTMP port ${host}:${port} is in use by another program. Stop that, or set VISTTER_RTMP to another port.`, { cause })
        : new ServerError('CONFIG_BAD_VALUE', `RTMP cannot listen on ${host}:${port} (${code ?? message}). Check VISTTER_RTMP.`, { cause });
    }
    log.info({ host, port: this.port }, 'cameras can connect');
  }

  /** The port that is listened on; differs from the setting when that was 0. */
  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  get open(): number {
    return this.#connections.size;
  }

  stop(): Promise<void> {
    return (this.#stopped ??= new Promise((resolve) => {
      for (const socket of this.#waiting) socket.destroy();
      for (const connection of this.#connections) connection.stop();
      this.#server.close(() => resolve());
    }));
  }

  #accept(socket: Socket): void {
    this.counters.connections += 1;
    if (this.#known) return this.#open(socket);
    // The studio has not said yet which cameras there are; telling one that its key is wrong would be a lie.
    if (this.#waiting.size >= this.#limits.maxConnectionsPerAddress) {
      socket.destroy();
      this.counters.refused += 1;
      return;
    }
    this.#waiting.add(socket);
    const cancel = this.options.clock.after(this.#limits.publishMs, () => {
      if (!this.#waiting.has(socket)) return;
      this.counters.refused += 1;
      socket.destroy();
    });
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      cancel();
      this.#waiting.delete(socket);
    });
  }

  #open(socket: Socket): void {
    if (socket.destroyed) return;
    if (!this.#makeRoom(addressGroup(remoteAddress(socket.remoteAddress)))) {
      this.counters.refused += 1;
      socket.destroy();
      return;
    }
    this.#connections.add(new Connection(socket, this.#host));
  }

  /**
   * At a cap a connection that has shown no key gives way, of those from the same address, or else from where most of them come: the one that
   * has come least far, and of these the oldest. A flood of half handshakes then only ever costs the flood, however many addresses it has,
   * and a camera still gets in, from one of them too.
   */
  #makeRoom(group: string): boolean {
    const same = [...this.#connections].filter((connection) => connection.group === group);
    const isCrowded = same.length >= this.#limits.maxConnectionsPerAddress;
    if (!isCrowded && this.#connections.size < this.#limits.maxConnections) return true;
    const crowd = isCrowded ? same.filter(({ accepted }) => !accepted) : this.#largestCrowd();
    const [first, ...others] = crowd;
    if (first === undefined) return false;
    others.reduce((least, one) => (one.progress < least.progress ? one : least), first).evict();
    return true;
  }

  /** Those without a key from one address, the oldest first. */
  #largestCrowd(): Connection[] {
    const crowds = new Map<string, Connection[]>();
    for (const connection of this.#connections) {
      if (connection.accepted) continue;
      const crowd = crowds.get(connection.group);
      if (crowd) crowd.push(connection);
      else crowds.set(connection.group, [connection]);
    }
    return [...crowds.values()].reduce((largest, crowd) => (crowd.length > largest.length ? crowd : largest), []);
  }

  #closed(connection: Connection, reason: EndReason): void {
    this.#connections.delete(connection);
    if (!ORDINARY_ENDS.has(reason)) this.counters.refused += 1;
    // A flood of strangers is no news: each would be a report, and work for the studio.
    if (connection.hasPublished) this.options.onChange?.();
  }
}

/**
 * One place the program goes to: connects for ever, sends from the hub through its own bounded queue, and says what the far
 * end has acknowledged. Nothing it does is waited for by others.
 */
import type { LookupFunction } from 'node:net';
import type { DestinationStatus } from '../protocol/status.js';
import type { EgressDestination } from '../protocol/link.js';
import { AddressError, publishAddress } from '../platforms/address.js';
import type { PublishAddress } from '../rtmp/publish-address.js';
import { PublishClient, type PublishClientOptions } from '../rtmp/publish-client.js';
import { PublishError } from '../rtmp/publish-errors.js';
import { Backoff } from '../runtime/backoff.js';
import type { Clock } from '../runtime/clock.js';
import type { Log } from '../runtime/log.js';
import { checkTransition, judge, type DestinationPhase, type DestinationProblem } from './destination-state.js';
import { DestinationConnection, type ConnectionEnd, type Publisher } from './destination-connection.js';
import type { ProgramHub } from './program-hub.js';
import type { TcpQueues } from './tcp-queues.js';

const RETRY_MIN_MS = 500;
const FATAL_RETRY_MIN_MS = 5000;
const RETRY_MAX_MS = 30_000;
/** Live for so long, and the next failure starts with a short wait again. */
const STEADY_MS = 5000;
const WORKED_LATELY_MS = 120_000;
/** Closed within this after publishing began, with nothing acknowledged, is a refusal. */
const REFUSED_WITHIN_MS = 5000;
/** Restarts of engine and encoder take up to 5 s, and are nobody's business. */
const PROGRAM_AWAY_MS = 6000;
const PROGRAM_AWAY: DestinationProblem = {
  code: 'PROGRAM_AWAY', message: 'Connected, but no program arrives: the encoder is not running. See the encoder\'s state.',
};

export interface DestinationContext {
  hub: ProgramHub;
  clock: Clock;
  log: Log;
  tcpQueues: TcpQueues;
  /** Of the process's BoundedLookup. */
  lookup: LookupFunction;
  extraCa: string | undefined;
  /** State or problem changed. */
  onChange(id: string): void;
  random?: () => number;
  /** For tests; the real one by default. */
  createPublisher?: (options: PublishClientOptions) => Publisher;
}

export class Destination {
  #phase: DestinationPhase = { state: 'idle' };
  #connection: DestinationConnection | undefined;
  /** When the connection was made, or the last one. */
  #openedMs = 0;
  #opening: Publisher | undefined;
  #cancelRetry: (() => void) | undefined;
  #stopped: Promise<void> | undefined;
  readonly #soon: Backoff;
  readonly #late: Backoff;
  #lastLiveMs = -Infinity;
  #closedAtPublish = 0;
  #closedAtApp = 0;
  #reconnects = 0;
  /** Of connections that are over. */
  #ackedBefore = 0;
  #droppedBefore = 0;

  constructor(
    readonly wanted: EgressDestination,
    private readonly context: DestinationContext,
  ) {
    this.#soon = new Backoff(RETRY_MIN_MS, RETRY_MAX_MS, context.random);
    this.#late = new Backoff(FATAL_RETRY_MIN_MS, RETRY_MAX_MS, context.random);
  }

  start(): void {
    if (this.#stopped) return;
    const { url, key, platform } = this.wanted;
    let address: PublishAddress;
    try {
      address = publishAddress(platform, url, key);
    } catch (error) {
      if (!(error instanceof AddressError)) throw error;
      // Nothing to retry: it changes only when a person changes it.
      this.#become({ state: 'failed', error: { code: error.field === 'key' ? 'DEST_BAD_KEY' : 'DEST_BAD_APP', message: error.message } });
      return;
    }
    this.#become({ state: 'connecting', error: null });
    void this.#attempt(address);
  }

  /** Memoised. The far end is told that the stream ends; after half a second it is closed by force. */
  stop(): Promise<void> {
    return (this.#stopped ??= (async () => {
      this.#cancelRetry?.();
      await Promise.all([this.#connection?.stop(), this.#opening?.stop()]);
      this.#become({ state: 'idle' });
    })());
  }

  /** Four times a second. */
  tick(): void {
    const connection = this.#connection;
    if (!connection) return;
    connection.tick();
    if (this.#connection !== connection || this.#stopped) return;
    const nowMs = this.context.clock.monotonicMs();
    if (connection.confirmed) this.#lastLiveMs = nowMs;
    if (this.#isProgramAway(connection, nowMs)) {
      this.#noteProgramAway(connection);
      return;
    }
    const phase = this.#phase;
    if (phase.state === 'connecting' && phase.error !== null && connection.heardBytes <= phase.heardBytes) return;
    if (connection.confirmed && phase.state !== 'live') {
      this.#closedAtPublish = 0;
      this.#closedAtApp = 0;
      this.#become({ state: 'live', sinceMs: nowMs });
    } else if (phase.state === 'live') {
      if (nowMs - phase.sinceMs >= STEADY_MS) {
        this.#soon.reset();
        this.#late.reset();
      }
    }
  }

  status(): DestinationStatus {
    const connection = this.#connection;
    const phase = this.#phase;
    const error = 'error' in phase ? phase.error : null;
    return {
      id: this.wanted.id, state: phase.state,
      kbps: connection?.kbps ?? 0,
      ackedBytes: this.#ackedBefore + (connection?.ackedBytes ?? 0),
      reconnects: this.#reconnects,
      droppedFrames: this.#droppedBefore + (connection?.droppedFrames ?? 0),
      queueMs: connection?.queueMs ?? 0,
      ...(error ? { error } : {}),
    };
  }

  async #attempt(address: PublishAddress): Promise<void> {
    const { clock, lookup, extraCa, createPublisher = (options) => new PublishClient(options) } = this.context;
    let connection: DestinationConnection | undefined;
    // It may close in the same breath in which it opens, before there is a connection to tell.
    let closedEarly: PublishError | null = null;
    const publisher = createPublisher({
      target: address, lookup, extraCa,
      onClose: (error) => {
        if (connection) connection.closed(error);
        else closedEarly = error;
      },
      onRoom: () => connection?.pump(),
    });
    this.#opening = publisher;
    const startedMs = clock.monotonicMs();
    try {
      await publisher.open();
    } catch (error) {
      this.#opening = undefined;
      this.#failed(address, error instanceof PublishError ? error : new PublishError('fault', 'connect', `The connection to ${address.host} could not be made; the server's log says more.`, { cause: error }), startedMs);
      return;
    }
    this.#opening = undefined;
    if (this.#stopped) {
      await publisher.stop();
      return;
    }
    const openedMs = clock.monotonicMs();
    const { hub, tcpQueues } = this.context;
    connection = new DestinationConnection({
      publisher, hub, tcpQueues, nowMs: () => clock.monotonicMs(), host: address.host,
      onEnd: (end) => this.#ended(address, end, openedMs, publisher),
    });
    this.#connection = connection;
    this.#openedMs = openedMs;
    connection.start();
    connection.closed(closedEarly);
  }

  /** What waits in the queue is still on its way to the far end; what that owes, the connection itself watches. */
  #isProgramAway(connection: DestinationConnection, nowMs: number): boolean {
    const { ageMs } = this.context.hub;
    return connection.queueMs === 0 && nowMs - this.#openedMs > PROGRAM_AWAY_MS && (ageMs === null || ageMs > PROGRAM_AWAY_MS);
  }

  /** The connection is kept, so that the program goes on at once. What keeps it alive is acknowledged too, and is no program. */
  #noteProgramAway({ heardBytes }: DestinationConnection): void {
    const phase = this.#phase;
    if (phase.state === 'connecting' && phase.error !== null) {
      phase.heardBytes = heardBytes;
      return;
    }
    this.context.log.warn({ destination: this.wanted.id, code: PROGRAM_AWAY.code }, PROGRAM_AWAY.message);
    this.#become({ state: 'connecting', error: PROGRAM_AWAY, heardBytes });
  }

  #ended(address: PublishAddress, end: ConnectionEnd, openedMs: number, publisher: Publisher): void {
    const connection = this.#connection;
    this.#connection = undefined;
    if (connection) {
      this.#ackedBefore += connection.ackedBytes;
      this.#droppedBefore += connection.droppedFrames;
    }
    if (this.#stopped) return;
    if (end.kind === 'rotate') {
      this.context.log.info({ destination: this.wanted.id }, 'the connection is renewed before its time stamps wrap');
      this.#become({ state: 'reconnecting', error: null });
      // Until it has said goodbye the key is in use.
      void publisher.stop().then(() => { if (!this.#stopped) void this.#attempt(address); });
      return;
    }
    if (connection?.confirmed) this.#reconnects += 1;
    if (end.kind === 'stalled') {
      this.#retry(address, { code: 'DEST_STALLED', message: end.message }, this.#soon.nextMs());
      return;
    }
    this.#failed(address, end.error, openedMs, connection?.confirmed ?? false);
  }

  #failed(address: PublishAddress, error: PublishError, sinceMs: number, confirmed = false): void {
    if (this.#stopped) return;
    if (error.kind === 'fault') this.context.log.error({ destination: this.wanted.id, err: error.cause }, 'an answer of a destination could not be worked on');
    if (error.kind === 'protocol' && error.cause instanceof Error) this.context.log.debug({ destination: this.wanted.id, why: error.cause.message }, 'a destination does not speak RTMP as it should');
    const nowMs = this.context.clock.monotonicMs();
    const quick = error.phase === 'publishing' && !confirmed && nowMs - sinceMs < REFUSED_WITHIN_MS;
    this.#closedAtPublish = error.kind === 'closed' && (error.phase === 'stream' || quick) ? this.#closedAtPublish + 1 : 0;
    this.#closedAtApp = error.kind === 'closed' && error.phase === 'app' ? this.#closedAtApp + 1 : 0;
    const { problem, fatal } = judge(error, {
      closedAtPublish: this.#closedAtPublish, closedAtApp: this.#closedAtApp, workedLately: nowMs - this.#lastLiveMs < WORKED_LATELY_MS,
    }, address.host);
    this.#retry(address, problem, fatal ? this.#late.nextMs() : this.#soon.nextMs(), fatal);
  }

  #retry(address: PublishAddress, error: DestinationProblem, waitMs: number, fatal = false): void {
    this.context.log.debug({ destination: this.wanted.id, code: error.code, retryMs: waitMs }, error.message);
    this.#become(fatal ? { state: 'failed', error } : { state: 'reconnecting', error });
    this.#cancelRetry = this.context.clock.after(waitMs, () => {
      this.#cancelRetry = undefined;
      void this.#attempt(address);
    });
  }

  #become(next: DestinationPhase): void {
    if (this.#phase.state === 'idle' && next.state === 'idle') return;
    checkTransition(this.#phase.state, next.state);
    this.#phase = next;
    this.context.onChange(this.wanted.id);
  }
}

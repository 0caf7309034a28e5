/** The websocket at /ws: everybody who watches, what they are sent, and who is shown out for not reading. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type RawData, type WebSocket } from 'ws';
import { UNNAMED } from '../../protocol/unnamed.js';
import type { TileWish } from '../../protocol/multiview.js';
import type { ServerMessage, Subscribe } from '../../protocol/messages.js';
import type { OperatorStatus } from '../../protocol/status.js';
import type { Clock } from '../../runtime/clock.js';
import { ServerError, toProblem } from '../../runtime/errors.js';
import type { Owner } from '../../runtime/lifecycle.js';
import type { Log } from '../../runtime/log.js';
import { sameJson } from '../../runtime/same-json.js';
import { doneBy } from '../actor.js';
import { parseJson } from '../validate.js';
import { refuse } from '../http/server.js';
import { Allowance, tooMany } from './allowance.js';
import type { Command } from './commands.js';
import { Mixes } from './mixes.js';
import { tilesWanted, Watching } from './multiview.js';
import { idOf, readMessage } from './read-message.js';
import { Roll } from './roll.js';
import type { StateFeed } from './state-feed.js';
import { MAX_BUFFERED_FOR_TILES, TileShare } from './tile-share.js';

export const MAX_MESSAGE_BYTES = 1024 * 1024;
/** A client with this much unread is closed, and comes back. What it was sent to catch up with is not counted until it has read it. */
export const MAX_BUFFERED_BYTES = 1024 * 1024;
const TILES_SETTLE_MS = 50;
/** Of a message too many, bytes. */
const MOST_READ_FOR_ID = 4096;
const MAX_CLIENTS = 2000;
/** Websocket's word for one whose manners are not borne, and how long it has to hear it. */
const SHOWN_OUT = { code: 1008, forMs: 1000 };
const PING_MS = 5000;
/** Pings that may stay without an answer; more for one that has much to read, behind which they wait. */
const MAX_MISSED = 3;
const MAX_MISSED_READING = 12;

interface Client {
  socket: WebSocket;
  /** Of who came in by a session rather than by the token. */
  cookie: string | undefined;
  levels: boolean;
  events: boolean;
  watching: Watching | undefined;
  /** The mix that is listened to. */
  mix: number | undefined;
  /** Pings without an answer, or a word. */
  missed: number;
  /** It asks for a word when it hears none, as panels do. */
  asks: boolean;
  /** It was there while the studio stood still: what it says just after that may be from then. */
  waited: boolean;
  /** Who sits there, of one that said so. */
  operator: OperatorStatus | undefined;
  allowance: Allowance;
  /** Bytes of what it was sent to catch up with and may not have read yet. */
  catchingUp: number;
}

export interface HubOptions {
  clock: Clock;
  feed: StateFeed;
  log: Log;
  run(command: Command): Promise<unknown>;
  /** Whether the session of this cookie still holds. */
  isOpen(cookie: string): boolean;
  /** Sent to a new client at once, so that it need not wait for the next second. */
  status(): ServerMessage;
  /** The first wants meters, or the last does not any more. */
  onLevelsWanted(wanted: boolean): void;
  /** Whether what comes in now may have been asked while the studio stood still. */
  stalled(): boolean;
  /** Somebody came, went, or said something else of themselves. */
  onOperators(): void;
  /** What somebody watches has changed; nobody does: an empty list. */
  onTilesWanted(tiles: TileWish[]): void;
  /** What somebody listens to has changed; nobody does: an empty list. */
  onListenWanted(mixes: Mixes['wanted']): void;
}

export class Hub implements Owner {
  readonly #server = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE_BYTES, perMessageDeflate: false, clientTracking: false });
  readonly #clients = new Set<Client>();
  /** A message is written out once, however many it goes to. */
  readonly #written = new WeakMap<ServerMessage, Buffer>();
  #pinger: NodeJS.Timeout | undefined;
  #levelsWanted = false;
  #tilesWanted: TileWish[] = [];
  readonly #mixes = new Mixes();
  #listenWanted: Mixes['wanted'] = [];
  #tilesSoon: NodeJS.Timeout | undefined;
  readonly #roll: Roll;
  #stopped: Promise<void> | undefined;
  /** Clients closed because they did not read, or did not stop sending. */
  evicted = 0;
  /** Pieces of sound not sent to a client that had not read the last ones. */
  soundSkipped = 0;
  /** Different tiles that somebody asks for now, and that nobody gets: there are more than can be made. */
  tilesLeftOut = 0;
  readonly tiles: TileShare;

  constructor(private readonly options: HubOptions) {
    this.tiles = new TileShare(options.clock, this.#clients);
    this.#roll = new Roll(options.clock, () => options.onOperators());
  }

  start(): void {
    this.#pinger = setInterval(() => this.#ping(), PING_MS);
  }

  stop(): Promise<void> {
    return (this.#stopped ??= Promise.resolve().then(() => {
      clearInterval(this.#pinger);
      clearTimeout(this.#tilesSoon);
      this.tiles.stop();
      this.#roll.stop();
      for (const { socket } of this.#clients) socket.terminate();
      this.#clients.clear();
      this.#server.close();
    }));
  }

  get size(): number {
    return this.#clients.size;
  }

  /** Those who said who they are, in the order in which they came. */
  operators(): OperatorStatus[] {
    return [...this.#clients].flatMap(({ operator }) => operator ?? []);
  }

  /** The studio stood still: who waited for a word has given up, and what it asked meanwhile is not to be done any more. */
  showOutWhoWaited(): void {
    for (const client of this.#clients) {
      client.waited = true;
      if (client.asks) client.socket.terminate();
    }
  }

  /** An upgrade of somebody who may come in. `?rev=` asks for what was missed since, in place of the snapshot. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, url: URL): void {
    if (this.#clients.size >= MAX_CLIENTS) {
      refuse(socket, new ServerError('TOO_MANY_CLIENTS', 'Too many clients are connected.'));
      return;
    }
    // Who was there before is to be known before anybody else is.
    this.options.stalled();
    const rev = url.searchParams.get('rev');
    const { authorization, cookie } = request.headers;
    this.#server.handleUpgrade(request, socket, head, (webSocket) => {
      this.#welcome(webSocket, authorization === undefined ? cookie : undefined, rev !== null && /^\d{1,15}$/.test(rev) ? Number(rev) : null);
    });
  }

  /** Sends to everybody. */
  broadcast(message: ServerMessage): void {
    this.#sendAll(message, () => true);
  }

  /** Sends to those who asked for meters. */
  broadcastLevels(message: ServerMessage): void {
    this.#sendAll(message, (client) => client.levels);
  }

  /** Sends to those who asked for events. */
  broadcastEvent(message: ServerMessage): void {
    this.#sendAll(message, (client) => client.events);
  }

  /** Sends a piece of a mix to those who listen to it and read fast enough. */
  sendSound(mix: number, bytes: Uint8Array): void {
    for (const { socket, mix: listened } of this.#clients) {
      if (listened !== mix || socket.readyState !== socket.OPEN) continue;
      if (socket.bufferedAmount > MAX_BUFFERED_FOR_TILES) this.soundSkipped += 1;
      else socket.send(bytes, { binary: true });
    }
  }

  #sendAll(message: ServerMessage, to: (client: Client) => boolean): void {
    for (const client of this.#clients) if (to(client)) this.#send(client, message);
  }

  #welcome(socket: WebSocket, cookie: string | undefined, rev: number | null): void {
    const client: Client = { socket, cookie, levels: false, events: false, watching: undefined, mix: undefined, missed: 0, asks: false, waited: false, operator: undefined, catchingUp: 0, allowance: new Allowance(this.options.clock.monotonicMs()) };
    this.#clients.add(client);
    socket.on('pong', () => { client.missed = 0; });
    socket.on('error', () => socket.terminate());
    socket.on('close', () => {
      this.#clients.delete(client);
      if (client.mix !== undefined) this.#mixes.leave(client.mix);
      this.#checkWanted();
      if (client.operator) this.#roll.changed();
    });
    socket.on('message', (data, isBinary) => { void this.#onMessage(client, data, isBinary); });
    this.#catchUp(client, rev === null ? [this.options.feed.snapshot()] : this.options.feed.since(rev));
    this.#send(client, this.options.status());
  }

  async #onMessage(client: Client, data: RawData, isBinary: boolean): Promise<void> {
    let id: string | number | undefined;
    client.missed = 0;
    // Shown out by then: who sits there was told that the studio was away. Who has come back since asks anew.
    if (this.options.stalled() && client.waited && client.asks) return client.socket.terminate();
    try {
      const spent = client.allowance.spend(this.options.clock.monotonicMs());
      if (spent === 'flood') return this.#showOut(client);
      const isLate = spent === 'late';
      // Who is told to slow down is told for which message, unless reading that would be work as well.
      if (isLate && (isBinary || (data as Buffer).length > MOST_READ_FOR_ID)) throw tooMany();
      if (isBinary) throw new ServerError('BAD_REQUEST', 'Messages are JSON text.');
      const value = parseJson(String(data), (read) => { id = idOf(read); });
      if (isLate) throw tooMany();
      const message = readMessage(value);
      switch (message.type) {
        case 'subscribe':
          this.#send(client, { type: 'ack', id, payload: this.#subscribe(client, message.payload) });
          return;
        case 'resume':
          this.#catchUp(client, this.options.feed.since(message.payload.rev));
          this.#send(client, { type: 'ack', id, payload: { rev: this.options.feed.rev } });
          return;
        case 'ping':
          client.asks = true;
          this.#send(client, { type: 'ack', id, payload: {} });
          return;
        case 'operator':
          client.operator = this.#roll.introduce(client.operator, message.payload);
          this.#send(client, { type: 'ack', id, payload: {} });
          return;
        default:
          this.#send(client, { type: 'ack', id, payload: await doneBy(client.operator?.name ?? (client.cookie === undefined ? UNNAMED.websocket : UNNAMED.panel), () => this.options.run(message)) });
      }
    } catch (error) {
      if (!(error instanceof ServerError)) this.options.log.error({ err: error }, 'a websocket message failed');
      const { code, message } = error instanceof ServerError ? toProblem(error) : { code: 'INTERNAL', message: 'Something went wrong on the server; its log says more.' };
      const details = error instanceof ServerError ? error.details : undefined;
      this.#send(client, { type: 'error', id, payload: { code, message, ...(details === undefined ? {} : { details }) } });
    }
  }

  /** @throws ServerError TOO_MANY_MIXES; then nothing of it holds */
  #subscribe(client: Client, { levels, events, multiview, listen }: Subscribe): object {
    if (listen !== undefined) client.mix = this.#mixes.change(client.mix, listen?.sourceIds);
    if (levels !== undefined) client.levels = levels;
    if (events !== undefined) client.events = events;
    if (multiview) client.watching = multiview.length > 0 ? new Watching(multiview) : undefined;
    this.#checkWanted();
    if (multiview) this.tiles.show(client);
    return { levels: client.levels, multiview: client.watching?.wishes ?? [], events: client.events, mix: client.mix ?? null };
  }

  #catchUp(client: Client, messages: readonly ServerMessage[]): void {
    // Who asks again without having read the last time is only filling memory.
    const { socket } = client;
    if (socket.readyState === socket.OPEN && socket.bufferedAmount > MAX_BUFFERED_BYTES) this.#evict(client);
    for (const message of messages) client.catchingUp += this.#send(client, message);
  }

  /** Reads no more of what it sends. */
  #showOut({ socket }: Client): void {
    if (socket.readyState !== socket.OPEN) return;
    this.evicted += 1;
    this.options.log.warn('a websocket client did not stop sending too many messages, and was shown out');
    socket.close(SHOWN_OUT.code, tooMany().message);
    socket.pause();
    this.options.clock.after(SHOWN_OUT.forMs, () => socket.terminate());
  }

  #evict({ socket }: Client): 0 {
    this.evicted += 1;
    socket.terminate();
    return 0;
  }

  /** @returns how many bytes that were */
  #send(client: Client, message: ServerMessage): number {
    const { socket } = client;
    if (socket.readyState !== socket.OPEN) return 0;
    if (socket.bufferedAmount === 0) client.catchingUp = 0;
    if (socket.bufferedAmount > MAX_BUFFERED_BYTES + client.catchingUp) return this.#evict(client);
    let data = this.#written.get(message);
    if (!data) {
      data = Buffer.from(JSON.stringify(message));
      this.#written.set(message, data);
    }
    socket.send(data, { binary: false });
    return data.length;
  }

  #ping(): void {
    for (const client of this.#clients) {
      // Gone without a word, or its session was ended or ran out.
      const mostMissed = client.socket.bufferedAmount > 0 ? MAX_MISSED_READING : MAX_MISSED;
      if (client.missed >= mostMissed || (client.cookie !== undefined && !this.options.isOpen(client.cookie))) {
        client.socket.terminate();
        continue;
      }
      client.missed += 1;
      client.socket.ping();
    }
  }

  #checkWanted(): void {
    const levels = [...this.#clients].some((client) => client.levels);
    if (levels !== this.#levelsWanted) {
      this.#levelsWanted = levels;
      this.options.onLevelsWanted(levels);
    }
    const mixes = this.#mixes.wanted;
    if (!sameJson(mixes, this.#listenWanted)) {
      this.#listenWanted = mixes;
      this.options.onListenWanted(mixes);
    }
    this.#tilesSoon ??= setTimeout(() => this.#checkTiles(), TILES_SETTLE_MS);
  }

  /** A page asks again and again while it is built up, and each wish is a message to the engine: told once they have settled. */
  #checkTiles(): void {
    this.#tilesSoon = undefined;
    const { tiles, leftOut } = tilesWanted([...this.#clients].flatMap(({ watching }) => watching ?? []));
    this.tilesLeftOut = leftOut;
    if (sameJson(tiles, this.#tilesWanted)) return;
    this.#tilesWanted = tiles;
    this.tiles.keep(new Set(tiles.map(({ id }) => id)));
    this.options.onTilesWanted(tiles);
  }
}

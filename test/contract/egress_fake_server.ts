/** A publishing far end with bad habits, on plain TCP or TLS: never acknowledges, stops reading, resets, answers nonsense. */
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { Amf0Value } from '../../src/rtmp/amf0.js';
import { ChunkReader } from '../../src/rtmp/chunk-reader.js';
import { ChunkWriter } from '../../src/rtmp/chunk-writer.js';
import { ServerHandshake } from '../../src/rtmp/handshake.js';
import { MessageType, UserControl, acknowledgement, commandMessage, onStatus, parseCommand, parseUserControl, readUint32, resultMessage, userControl, windowAckSize, type RtmpMessage } from '../../src/rtmp/messages.js';
import { freePort } from '../support/temp.js';

export interface Habits {
  /** Acknowledge as often as the client asks (default), every so many bytes, or never. */
  acknowledge?: boolean | number;
  /** Answer to `connect`; default success. */
  connect?: 'accept' | 'close' | 'mute' | { refuse: string };
  /** Answer to `publish`; default start. */
  publish?: 'accept' | 'close' | 'mute' | 'start-then-close' | { refuse: string };
  /** Never answer the handshake, or answer something else. */
  handshake?: 'mute' | 'http';
  /** Send a ping and a small window after publishing began. */
  ping?: boolean;
  tls?: { key: string; cert: string };
  /** Read no faster than this; may be changed at any time. */
  readKbps?: number;
}

export interface Visit {
  socket: Socket;
  commands: { name: string; args: Amf0Value[] }[];
  media: (RtmpMessage & { arrivedMs: number })[];
  bytes: number;
  chunkSize: number;
  pongs: number[];
  acksReceived: number[];
  closedByClient: boolean;
}

export class FakeFarEnd {
  port = 0;
  readonly visits: Visit[] = [];
  habits: Habits;
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();

  constructor(habits: Habits = {}) {
    this.habits = habits;
    const accept = (socket: Socket): void => this.accept(socket);
    this.server = habits.tls ? createTlsServer({ key: habits.tls.key, cert: habits.tls.cert }, accept) : createServer(accept);
    this.server.on('tlsClientError', () => undefined);
  }

  async start(port?: number): Promise<this> {
    this.port = port ?? await freePort();
    await new Promise<void>((resolve) => this.server.listen(this.port, '127.0.0.1', resolve));
    return this;
  }

  get url(): string {
    return `${this.habits.tls ? 'rtmps://localhost' : 'rtmp://127.0.0.1'}:${this.port}/live`;
  }

  get last(): Visit | undefined {
    return this.visits.at(-1);
  }

  resetAll(): void {
    for (const socket of this.sockets) socket.resetAndDestroy();
  }

  stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    return new Promise((resolve) => this.server.close(() => resolve()));
  }

  private accept(socket: Socket): void {
    this.sockets.add(socket);
    socket.on('error', () => undefined);
    const visit: Visit = { socket, commands: [], media: [], bytes: 0, chunkSize: 0, pongs: [], acksReceived: [], closedByClient: false };
    this.visits.push(visit);
    socket.on('close', () => {
      this.sockets.delete(socket);
    });
    socket.on('end', () => {
      visit.closedByClient = true;
    });
    const handshake = new ServerHandshake();
    const reader = new ChunkReader();
    const writer = new ChunkWriter();
    let shaken = false;
    let window = 0;
    let acked = 0;
    const send = (message: RtmpMessage): void => {
      if (!socket.destroyed) socket.write(writer.encode(message));
    };
    let freeAtMs = 0;
    socket.on('data', (bytes: Buffer) => {
      visit.bytes += bytes.length;
      if (this.habits.readKbps !== undefined) {
        freeAtMs = Math.max(freeAtMs, performance.now()) + (bytes.length * 8) / this.habits.readKbps;
        socket.pause();
        setTimeout(() => socket.resume(), freeAtMs - performance.now());
      }
      if (!shaken) {
        if (this.habits.handshake === 'mute') return;
        if (this.habits.handshake === 'http') return void socket.write('HTTP/1.1 400 Bad Request\r\n\r\n');
        if (visit.bytes === bytes.length && bytes[0] !== 3) return void socket.destroy();
        const step = handshake.push(bytes);
        if (step.output) socket.write(step.output);
        if (!step.done) return;
        shaken = true;
        bytes = step.rest;
      }
      for (const message of reader.push(bytes)) {
        if (message.type === MessageType.windowAckSize) window = readUint32(message);
        else if (message.type === MessageType.setChunkSize) visit.chunkSize = readUint32(message);
        else if (message.type === MessageType.acknowledgement) visit.acksReceived.push(readUint32(message));
        else if (message.type === MessageType.userControl) {
          const { event, value } = parseUserControl(message);
          if (event === UserControl.pingResponse) visit.pongs.push(value);
        } else if (message.type === MessageType.command) this.answer(visit, message, send);
        else visit.media.push({ ...message, payload: Buffer.from(message.payload), arrivedMs: performance.now() });
      }
      const every = typeof this.habits.acknowledge === 'number' ? this.habits.acknowledge : window;
      while (this.habits.acknowledge !== false && every > 0 && visit.bytes - acked >= every) {
        acked += every;
        send(acknowledgement(acked));
      }
    });
  }

  private answer(visit: Visit, message: RtmpMessage, send: (message: RtmpMessage) => void): void {
    const { name, transactionId, args } = parseCommand(message);
    visit.commands.push({ name, args });
    const { socket } = visit;
    if (name === 'connect') {
      const { connect = 'accept' } = this.habits;
      if (connect === 'mute') return;
      if (connect === 'close') return void socket.end();
      if (connect !== 'accept') return send(commandMessage('_error', transactionId, [null, { level: 'error', code: connect.refuse, description: 'no' }]));
      send(windowAckSize(this.habits.ping ? 200 : 2_500_000));
      send(resultMessage(transactionId, [{ fmsVer: 'FMS/3,5,7,7009' }, { level: 'status', code: 'NetConnection.Connect.Success' }]));
    } else if (name === 'createStream') {
      send(resultMessage(transactionId, [null, 7]));
    } else if (name === 'publish') {
      const { publish = 'accept' } = this.habits;
      if (publish === 'mute') return;
      if (publish === 'close') return void socket.end();
      if (publish === 'start-then-close') {
        send(onStatus(message.streamId, 'status', 'NetStream.Publish.Start', 'started'));
        return void socket.end();
      }
      if (publish !== 'accept') {
        // The description repeats the key, as some servers do.
        send(onStatus(message.streamId, 'error', publish.refuse, `${String(args[1])} is not allowed`));
        return;
      }
      send(onStatus(message.streamId, 'status', 'NetStream.Publish.Start', 'started'));
      if (this.habits.ping) send(userControl(UserControl.pingRequest, 4711));
    }
  }
}

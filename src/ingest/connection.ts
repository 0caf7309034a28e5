/** One client's TCP connection, from accept to close: its deadlines, its guard and, once accepted, its media session. */
import type { Socket } from 'node:net';
import { RtmpError } from '../rtmp/errors.js';
import type { Clock } from '../runtime/clock.js';
import type { Log } from '../runtime/log.js';
import { addressGroup, remoteAddress } from '../runtime/peer-address.js';
import type { Admission } from './admission.js';
import type { Camera, Publisher } from './camera.js';
import type { Publication } from './feed.js';
import { RtmpGuard, type Refusal, type Verdict } from './guard.js';
import { RIVAL_WAIT_MS } from './key-contest.js';
import type { ConnectionLimits } from './limits.js';
import { MediaSession } from './media-server.js';

/** How long a refused client has to read why, before its connection is cut. */
const LAST_WORDS_MS = 500;
/** Answers that a client does not read; they are small, so this means it never reads. */
const MAX_UNREAD_BYTES = 256 * 1024;

export type EndReason = Refusal | 'protocol' | 'handshake-late' | 'publish-late' | 'idle' | 'unread' | 'evicted' | 'taken-over' | 'removed'
  | 'unpublished' | 'gone' | 'media-server' | 'stopping';

export interface ConnectionHost {
  clock: Clock;
  log: Log;
  limits: Readonly<ConnectionLimits>;
  admission: Admission;
  /** The camera of a key, compared in constant time. */
  camera(key: string): Camera | null;
  /** A name never used before, for node-media-server. */
  nextName(cameraId: string): string;
  onAccepted(takeover: boolean): void;
  onClosed(connection: Connection, reason: EndReason): void;
}

type State =
  | { kind: 'opening' }
  /** Its key is right; whoever sends with the same may stay. */
  | { kind: 'waiting' }
  | { kind: 'publishing'; camera: Camera; publication: Publication; session: MediaSession }
  | { kind: 'leaving'; reason: EndReason }
  | { kind: 'closed' };

export class Connection implements Publisher {
  #state: State = { kind: 'opening' };
  readonly #guard: RtmpGuard;
  #cancelDeadline: () => void;
  readonly address: string;
  /** Who counts as one peer with it. */
  readonly group: string;
  /** It has shown a key, now or before. */
  hasPublished = false;
  /** How far it has come with its handshake: 1, it has said hello; 2, it is through. */
  progress: 0 | 1 | 2 = 0;

  constructor(
    private readonly socket: Socket,
    private readonly host: ConnectionHost,
  ) {
    this.address = remoteAddress(socket.remoteAddress);
    this.group = addressGroup(this.address);
    const { clock, limits } = host;
    this.#cancelDeadline = clock.after(limits.handshakeMs, () => this.#cut('handshake-late'));
    this.#guard = new RtmpGuard({
      write: (pieces) => {
        // The first that is answered is its hello.
        if (this.progress === 0) this.progress = 1;
        this.#write(pieces);
      },
      opened: () => {
        this.progress = 2;
        this.#cancelDeadline();
        this.#cancelDeadline = clock.after(limits.publishMs, () => this.#cut('publish-late'));
      },
      publish: (key, streamId) => this.#publish(key, streamId),
      media: (type, timestampMs, payload) => this.#media(type, timestampMs, payload),
      unpublish: () => this.#leave('unpublished', []),
      refuse: (reason, answer) => this.#refuse(reason, answer),
    });
    socket.setTimeout(limits.idleMs, () => this.#cut('idle'));
    socket.on('data', (bytes) => this.#data(bytes));
    socket.on('error', () => this.#cut('gone'));
    socket.on('close', () => this.#cut('gone'));
  }

  /** Whether it has shown a key; such a one is never evicted. */
  get accepted(): boolean {
    return this.#state.kind === 'publishing' || this.#state.kind === 'waiting';
  }

  /** Another connection showed the same key. */
  takenOver(): void {
    this.#leave('taken-over', this.#guard.status('NetStream.Publish.BadName', 'Another publisher took over this stream key.'));
  }

  /** The camera is no more, or its key has changed. */
  removed(): void {
    this.#leave('removed', this.#guard.status('NetStream.Publish.BadName', 'This stream key is no longer valid.'));
  }

  /** Make room: only ever asked of one that has shown no key. */
  evict(): void {
    this.#cut('evicted');
  }

  stop(): void {
    this.#cut('stopping');
  }

  #data(bytes: Buffer): void {
    if (this.#state.kind === 'leaving' || this.#state.kind === 'closed') return;
    try {
      this.#guard.push(bytes);
    } catch (error) {
      if (!(error instanceof RtmpError)) throw error;
      this.host.log.debug({ address: this.address, code: error.code }, 'closed a connection that does not speak RTMP');
      this.#cut('protocol');
    }
  }

  #publish(key: string, streamId: number): Verdict | 'later' {
    const camera = this.host.camera(key);
    if (camera === null) return 'bad-key';
    this.#cancelDeadline();
    this.hasPublished = true;
    if (camera.publisher === null || !camera.contest.isOn) return this.#claim(camera, streamId);
    this.#state = { kind: 'waiting' };
    // What it sends meanwhile stays in the kernel's bounded buffers.
    this.socket.pause();
    this.#cancelDeadline = this.host.clock.after(RIVAL_WAIT_MS, () => {
      this.socket.resume();
      this.#guard.decide(this.#judge(camera, key, streamId));
    });
    return 'later';
  }

  /** It has waited to see whether the other one sends. */
  #judge(camera: Camera, key: string, streamId: number): Verdict {
    // What is wanted may have changed meanwhile.
    if (this.host.camera(key) !== camera) return 'bad-key';
    const other = camera.status().remote;
    if (other === null || !camera.hasSentWithin(RIVAL_WAIT_MS)) {
      camera.contest.letIn();
      return this.#claim(camera, streamId);
    }
    if (camera.contest.refused(this.address)) {
      this.host.log.warn(
        { camera: camera.id, stays: other, refused: this.address },
        `camera "${camera.name}": two encoders push with its key; the one that is there stays while it sends, and the other is refused`,
      );
    }
    return 'key-in-use';
  }

  #claim(camera: Camera, streamId: number): 'accepted' {
    const takeover = camera.publisher !== null;
    const publication = camera.claim(this, this.address);
    try {
      const session = new MediaSession({
        name: this.host.nextName(camera.id),
        remote: this.address,
        streamId,
        output: (bytes) => this.#write([bytes]),
        packet: (type, timestampMs, payload) => camera.feed.media(publication, type, timestampMs, payload),
      });
      this.#state = { kind: 'publishing', camera, publication, session };
    } catch (error) {
      this.host.log.error({ err: error, camera: camera.id }, `the media server did not take the publisher of camera "${camera.name}"`);
      camera.release(this, publication);
      this.#cut('media-server');
      return 'accepted';
    }
    this.host.onAccepted(takeover);
    if (takeover) this.host.log.warn({ camera: camera.id, address: this.address }, `camera "${camera.name}" taken over: another encoder pushes with its key, and the newest counts`);
    else this.host.log.info({ camera: camera.id, address: this.address }, `camera "${camera.name}" connected`);
    return 'accepted';
  }

  #media(type: number, timestampMs: number, payload: Buffer): void {
    if (this.#state.kind !== 'publishing') return;
    try {
      this.#state.session.feed(type, timestampMs, payload);
    } catch (error) {
      const { id, name } = this.#state.camera;
      this.host.log.error({ err: error, camera: id }, `the media server failed on a message of camera "${name}"`);
      this.#cut('media-server');
    }
  }

  #refuse(reason: Refusal, answer: Buffer[]): void {
    // It has shown a key, and is told of by the camera.
    if (reason === 'key-in-use') return this.#leave(reason, answer);
    const { delayMs, log } = this.host.admission.failed(this.address);
    if (log) this.host.log.warn({ address: this.address, reason }, 'refused a publisher');
    if (reason !== 'bad-key') return this.#leave(reason, answer);
    this.#cancelDeadline();
    this.#state = { kind: 'leaving', reason };
    // While it waits nothing is read: what it sends meanwhile stays in the kernel's bounded buffers.
    this.socket.pause();
    this.#cancelDeadline = this.host.clock.after(delayMs, () => {
      this.socket.resume();
      this.#farewell(reason, answer);
    });
  }

  /** Close, but let the client read why. From here on what it sends is thrown away. */
  #leave(reason: EndReason, answer: Buffer[]): void {
    if (this.#state.kind === 'leaving' || this.#state.kind === 'closed') return;
    this.#endSession();
    this.#state = { kind: 'leaving', reason };
    this.#farewell(reason, answer);
  }

  #farewell(reason: EndReason, answer: Buffer[]): void {
    this.#guard.close();
    this.#cancelDeadline();
    this.#cancelDeadline = this.host.clock.after(LAST_WORDS_MS, () => this.#cut(reason));
    if (this.socket.writable) this.socket.end(Buffer.concat(answer));
  }

  #cut(reason: EndReason): void {
    if (this.#state.kind === 'closed') return;
    const why = this.#state.kind === 'leaving' ? this.#state.reason : reason;
    this.#endSession();
    this.#state = { kind: 'closed' };
    this.#guard.close();
    this.#cancelDeadline();
    this.socket.destroy();
    this.host.onClosed(this, why);
  }

  #endSession(): void {
    if (this.#state.kind !== 'publishing') return;
    const { camera, publication, session } = this.#state;
    session.close();
    camera.release(this, publication);
    this.host.log.info({ camera: camera.id, bytes: publication.facts.bytes, dropped: this.#guard.dropped }, `camera "${camera.name}" disconnected`);
  }

  #write(pieces: Buffer[]): void {
    if (!this.socket.writable) return;
    if (this.socket.writableLength > MAX_UNREAD_BYTES) {
      // Not from inside the guard's own call.
      queueMicrotask(() => this.#cut('unread'));
      return;
    }
    this.socket.cork();
    for (const piece of pieces) this.socket.write(piece);
    this.socket.uncork();
  }
}

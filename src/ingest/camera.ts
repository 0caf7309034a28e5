/** One camera: its key, its feed, whoever publishes it, and the unix socket that its readers connect to. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer, type Socket } from 'node:net';
import type { CameraStatus } from '../protocol/status.js';
import type { Clock } from '../runtime/clock.js';
import type { Log } from '../runtime/log.js';
import { UnixListener } from '../runtime/unix-listener.js';
import { CameraFeed, type Publication } from './feed.js';
import { KeyContest } from './key-contest.js';
import { CAMERA_GONE_MS, FEED_LIMITS } from './limits.js';

export interface Publisher {
  takenOver(): void;
  removed(): void;
}

/** Keys are only kept and compared as digests, all of one length. */
export function keyDigest(key: string): Buffer {
  return createHash('sha256').update(key, 'utf8').digest();
}

export interface CameraOptions {
  id: string;
  name: string;
  digest: Buffer;
  socketPath: string;
  clock: Clock;
  log: Log;
}

export class Camera {
  readonly id: string;
  /** As its operator calls it; for the log. */
  name: string;
  readonly feed: CameraFeed;
  publisher: Publisher | null = null;
  readonly contest: KeyContest;
  /** When the present publisher was accepted; monotonic. */
  #claimedMs = 0;
  #digest: Buffer;
  readonly #listener: UnixListener;
  readonly #sockets = new Set<Socket>();
  #stopped: Promise<void> | undefined;

  constructor(private readonly options: CameraOptions) {
    this.id = options.id;
    this.name = options.name;
    this.#digest = options.digest;
    this.contest = new KeyContest(options.clock);
    this.feed = new CameraFeed(options.id, options.clock, FEED_LIMITS);
    this.#listener = new UnixListener(createServer((socket) => this.#read(socket)), options.socketPath, options.log);
  }

  start(): Promise<void> {
    return this.#listener.start();
  }

  /** Publisher and readers are let go; the socket file vanishes. */
  stop(): Promise<void> {
    return (this.#stopped ??= (async () => {
      this.publisher?.removed();
      for (const socket of this.#sockets) socket.destroy();
      await this.#listener.stop();
    })());
  }

  /** Constant time. */
  matches(digest: Buffer): boolean {
    return timingSafeEqual(this.#digest, digest);
  }

  /** A new key ends what was published with the old one. */
  rekey(digest: Buffer): void {
    if (this.matches(digest)) return;
    this.#digest = digest;
    this.contest.forget();
    this.publisher?.removed();
  }

  /** A publisher with the right key: it takes the place of the present one. */
  claim(publisher: Publisher, remote: string): Publication {
    const previous = this.publisher;
    const nowMs = this.options.clock.monotonicMs();
    if (previous !== null) this.contest.taken(nowMs - this.#claimedMs, this.#ageMs);
    this.#claimedMs = nowMs;
    this.publisher = publisher;
    const publication = this.feed.begin(remote);
    previous?.takenOver();
    return publication;
  }

  /** A publisher is gone. Says nothing when another has taken over. */
  release(publisher: Publisher, publication: Publication): void {
    this.feed.end(publication);
    if (this.publisher === publisher) this.publisher = null;
  }

  /** Whether whoever publishes has sent anything in the last so many ms. */
  hasSentWithin(ms: number): boolean {
    const ageMs = this.#ageMs;
    return ageMs !== null && ageMs < ms;
  }

  /** Since whoever publishes has last sent anything; null: it has not, or nobody does. */
  get #ageMs(): number | null {
    return this.feed.publication?.facts.ageMs ?? null;
  }

  /** A camera is live while media comes; a connection that is silent for 4 s is not. */
  status(): CameraStatus {
    const publication = this.feed.publication;
    const facts = publication?.facts;
    const ageMs = facts?.ageMs ?? null;
    const rival = publication && this.contest.rival;
    return {
      id: this.id,
      state: ageMs !== null && ageMs <= CAMERA_GONE_MS ? 'live' : 'idle',
      sinceMs: publication?.sinceMs ?? null,
      ageMs,
      remote: publication?.remote ?? null,
      kbps: facts?.kbps ?? 0,
      bytes: facts?.bytes ?? 0,
      video: facts?.video ?? null,
      audio: facts?.audio ?? null,
      ...(rival === null ? {} : { rival }),
    };
  }

  #read(socket: Socket): void {
    const reader = this.feed.addReader(socket);
    if (reader === null) {
      this.options.log.warn({ camera: this.id }, `too many readers of camera "${this.name}"`);
      socket.destroy();
      return;
    }
    this.#sockets.add(socket);
    socket.on('drain', () => reader.drained());
    socket.on('error', () => {});
    socket.on('close', () => {
      this.#sockets.delete(socket);
      this.feed.removeReader(reader);
    });
    // Readers have nothing to say; reading is how their going is seen.
    socket.resume();
  }
}

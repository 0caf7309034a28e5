/** The other end of a packet server: connected while somebody wants its packets, and again whenever it comes back. */
import { connect, type Socket } from 'node:net';
import type { Owner } from './lifecycle.js';

const AGAIN_MS = 500;

export class PacketReader implements Owner {
  #socket: Socket | undefined;
  #again: NodeJS.Timeout | undefined;
  #unread = Buffer.alloc(0);
  #isWanted = false;
  #stopped: Promise<void> | undefined;

  /**
   * @param mostBytes no packet is as large as this: whatever says so is not who it should be
   * @param onPacket given each packet, its own copy; answers false for what is none, which ends the connection
   */
  constructor(private readonly socketPath: string, private readonly mostBytes: number, private readonly onPacket: (bytes: Uint8Array<ArrayBuffer>) => boolean) {}

  start(): void {}

  stop(): Promise<void> {
    return (this.#stopped ??= Promise.resolve(this.want(false)));
  }

  want(wanted: boolean): void {
    if (wanted === this.#isWanted || (wanted && this.#stopped)) return;
    this.#isWanted = wanted;
    if (wanted) {
      this.#connect();
      return;
    }
    clearTimeout(this.#again);
    this.#socket?.destroy();
  }

  #connect(): void {
    const socket = connect(this.socketPath);
    this.#socket = socket;
    this.#unread = Buffer.alloc(0);
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk) => {
      if (!this.#read(chunk)) socket.destroy();
    });
    socket.on('close', () => {
      if (this.#socket !== socket || !this.#isWanted) return;
      this.#again = setTimeout(() => this.#connect(), AGAIN_MS);
    });
  }

  /** @returns false for what cannot come from there */
  #read(chunk: Buffer): boolean {
    let rest = this.#unread.length === 0 ? chunk : Buffer.concat([this.#unread, chunk]);
    while (rest.length >= 4) {
      const length = rest.readUInt32BE(0);
      if (length > this.mostBytes) return false;
      if (rest.length < 4 + length) break;
      // A copy: it goes to clients that may read it later, and the rest of the chunk is not to be kept for that.
      if (!this.onPacket(new Uint8Array(rest.subarray(4, 4 + length)))) return false;
      rest = rest.subarray(4 + length);
    }
    this.#unread = Buffer.from(rest);
    return true;
  }
}

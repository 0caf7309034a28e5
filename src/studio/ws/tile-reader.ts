/** The other end of `tiles.sock`: connected while somebody watches, and again whenever the engine comes back. */
import { connect, type Socket } from 'node:net';
import { readTile, type Tile } from '../../protocol/multiview.js';
import type { Owner } from '../../runtime/lifecycle.js';

const AGAIN_MS = 500;
/** No tile is as large as this: whatever says so is no engine. */
const MOST_TILE_BYTES = 4 << 20;

export class TileReader implements Owner {
  #socket: Socket | undefined;
  #again: NodeJS.Timeout | undefined;
  #unread = Buffer.alloc(0);
  #isWanted = false;
  #stopped: Promise<void> | undefined;

  /** @param onTile given each tile with the bytes it was read from */
  constructor(private readonly socketPath: string, private readonly onTile: (tile: Tile, bytes: Uint8Array<ArrayBuffer>) => void) {}

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

  /** @returns false for what cannot come from an engine */
  #read(chunk: Buffer): boolean {
    let rest = this.#unread.length === 0 ? chunk : Buffer.concat([this.#unread, chunk]);
    while (rest.length >= 4) {
      const length = rest.readUInt32BE(0);
      if (length > MOST_TILE_BYTES) return false;
      if (rest.length < 4 + length) break;
      // A copy: it goes to clients that may read it later, and the rest of the chunk is not to be kept for that.
      const bytes = new Uint8Array(rest.subarray(4, 4 + length));
      const tile = readTile(bytes);
      if (!tile) return false;
      this.onTile(tile, bytes);
      rest = rest.subarray(4 + length);
    }
    this.#unread = Buffer.from(rest);
    return true;
  }
}

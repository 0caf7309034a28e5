/** How much the kernel holds for our sockets that the far end has not acknowledged: tx_queue of /proc/net/tcp and tcp6. */
import { readFileSync } from 'node:fs';

export interface Endpoint {
  localPort: number;
  remotePort: number;
}

const TABLES = ['/proc/net/tcp', '/proc/net/tcp6'];
const ESTABLISHED_ROW = /^\s*\d+: [0-9A-F]+:([0-9A-F]{4}) [0-9A-F]+:([0-9A-F]{4}) [0-9A-F]{2} ([0-9A-F]{8}):/gm;

/** Unacknowledged bytes by `localPort:remotePort`. */
export function parseTcpTable(text: string): Map<string, number> {
  const queues = new Map<string, number>();
  for (const row of text.matchAll(ESTABLISHED_ROW)) {
    const key = `${parseInt(row[1]!, 16)}:${parseInt(row[2]!, 16)}`;
    queues.set(key, Math.max(queues.get(key) ?? 0, parseInt(row[3]!, 16)));
  }
  return queues;
}

/** Reads the tables at most once per `minIntervalMs` for all who ask: with thousands of sockets one reading takes a millisecond. */
export class TcpQueues {
  #queues = new Map<string, number>();
  #readAtMs = -Infinity;

  constructor(
    private readonly nowMs: () => number,
    private readonly minIntervalMs = 200,
    private readonly read: (path: string) => string = (path) => readFileSync(path, 'latin1'),
  ) {}

  /** Bytes of that connection still in the kernel, and when that was seen; null when it is not known. */
  waiting(endpoint: Endpoint): { bytes: number; atMs: number } | null {
    this.#refresh();
    const bytes = this.#queues.get(`${endpoint.localPort}:${endpoint.remotePort}`);
    return bytes === undefined ? null : { bytes, atMs: this.#readAtMs };
  }

  #refresh(): void {
    const nowMs = this.nowMs();
    if (nowMs - this.#readAtMs < this.minIntervalMs) return;
    this.#readAtMs = nowMs;
    this.#queues = new Map();
    for (const path of TABLES) {
      try {
        for (const [key, bytes] of parseTcpTable(this.read(path))) this.#queues.set(key, bytes);
      } catch {
        // No such table on this machine: then only RTMP acknowledgements tell.
      }
    }
  }
}

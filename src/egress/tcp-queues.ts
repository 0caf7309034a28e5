/**
 * How much the kernel holds for our sockets that the far end has not acknowledged: tx_queue of /proc/net/tcp and tcp6.
 *
 * One reading takes 5 ms whatever the number of sockets (the kernel walks its whole table, measured with 262,144 slots), so it is
 * made off the event loop, once for all who ask in the same turn, and only for connections whose server does not tell itself.
 */
import { readFile } from 'node:fs/promises';

export interface Endpoint {
  family: 4 | 6;
  localPort: number;
  remotePort: number;
}

const TABLES = { 4: '/proc/net/tcp', 6: '/proc/net/tcp6' } as const;
const ROW = /^\s*\d+: [0-9A-F]+:([0-9A-F]{4}) [0-9A-F]+:([0-9A-F]{4}) [0-9A-F]{2} ([0-9A-F]{8}):/gm;

type Table = Map<string, number>;

/** Unacknowledged bytes by `localPort:remotePort`. */
export function parseTcpTable(text: string): Table {
  const queues: Table = new Map();
  for (const row of text.matchAll(ROW)) {
    const key = `${parseInt(row[1]!, 16)}:${parseInt(row[2]!, 16)}`;
    queues.set(key, Math.max(queues.get(key) ?? 0, parseInt(row[3]!, 16)));
  }
  return queues;
}

export class TcpQueues {
  readonly #next: { 4: Promise<Table> | null; 6: Promise<Table> | null } = { 4: null, 6: null };

  constructor(private readonly read: (path: string) => Promise<string> = (path) => readFile(path, 'latin1')) {}

  /** Bytes of that connection in the kernel at some moment after this call; null when that cannot be known. */
  async waiting({ family, localPort, remotePort }: Endpoint): Promise<number | null> {
    // A reading that has begun already may be older than what the caller has just counted.
    const table = await (this.#next[family] ??= Promise.resolve().then(() => {
      this.#next[family] = null;
      return this.read(TABLES[family]).then(parseTcpTable, () => new Map<string, number>());
    }));
    return table.get(`${localPort}:${remotePort}`) ?? null;
  }
}

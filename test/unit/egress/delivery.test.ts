import { describe, expect, it } from 'vitest';
import { Delivery } from '../../../src/egress/delivery.js';
import { TcpQueues, parseTcpTable } from '../../../src/egress/tcp-queues.js';

/** A far end at 750 kB/s: sends, and answers as `server` says until it freezes. */
function run(options: { kbps?: number; ackEveryBytes?: number | null; tcp?: boolean; freezeAtMs?: number; kernelBytes?: number; untilMs: number; idle?: [number, number] }) {
  const { kbps = 6000, ackEveryBytes = 65_536, tcp = true, freezeAtMs = Infinity, kernelBytes = 0, untilMs, idle } = options;
  const delivery = new Delivery();
  delivery.beginMedia({ nowMs: 0, sentBytes: 4000, rtmpAckedBytes: null, rtmpAcks: 0, tcpAckedBytes: tcp ? 4000 : null });
  let sent = 4000;
  let received = 4000;
  let acked = 0;
  let acks = 0;
  let confirmedAtMs: number | null = null;
  let stalledAtMs: number | null = null;
  for (let nowMs = 250; nowMs <= untilMs; nowMs += 250) {
    if (!idle || nowMs < idle[0] || nowMs > idle[1]) sent += (kbps / 8) * 250;
    if (nowMs <= freezeAtMs) received = sent;
    while (ackEveryBytes !== null && received - acked >= ackEveryBytes) {
      acked += ackEveryBytes;
      acks += 1;
    }
    delivery.observe({
      nowMs, sentBytes: sent, rtmpAckedBytes: acks === 0 ? null : acked, rtmpAcks: acks,
      tcpAckedBytes: tcp ? Math.min(sent, received + kernelBytes) : null,
    });
    if (delivery.confirmed) confirmedAtMs ??= nowMs;
    if (delivery.stalled) stalledAtMs ??= nowMs;
  }
  return { confirmedAtMs, stalledAtMs, delivery };
}

describe('Delivery', () => {
  it('is confirmed by the first acknowledgement of media', () => {
    expect(run({ untilMs: 10_000 })).toMatchObject({ confirmedAtMs: 250, stalledAtMs: null });
  });

  it('is confirmed by TCP only after the server had its time to acknowledge', () => {
    expect(run({ ackEveryBytes: null, untilMs: 10_000 })).toMatchObject({ confirmedAtMs: 2500, stalledAtMs: null });
    expect(run({ ackEveryBytes: null, tcp: false, untilMs: 10_000 })).toMatchObject({ confirmedAtMs: null });
  });

  it('is not confirmed by a far end that takes nothing', () => {
    expect(run({ ackEveryBytes: null, freezeAtMs: 0, untilMs: 10_000 })).toMatchObject({ confirmedAtMs: null, stalledAtMs: 5750 });
  });

  it.each([300, 500, 1000, 6000, 20_000])('sees a frozen server within 8 s at %i kb/s though its kernel goes on', (kbps) => {
    const { stalledAtMs } = run({ kbps, freezeAtMs: 20_000, kernelBytes: 64e6, untilMs: 40_000 });
    expect(stalledAtMs! - 20_000).toBeGreaterThan(5000);
    expect(stalledAtMs! - 20_000).toBeLessThanOrEqual(8000);
  });

  it('sees it by TCP when the server never acknowledges', () => {
    expect(run({ ackEveryBytes: null, freezeAtMs: 5000, untilMs: 15_000 }).stalledAtMs).toBe(10_750);
  });

  it('lets servers acknowledge as seldom as they like', () => {
    for (const ackEveryBytes of [65_536, 2_500_000, 5_000_000]) {
      expect(run({ kbps: 1500, ackEveryBytes, untilMs: 200_000 }).stalledAtMs).toBeNull();
    }
  });

  it('owes nothing while nothing is sent, nor at once when sending goes on', () => {
    expect(run({ untilMs: 120_000, idle: [20_000, 90_000] }).stalledAtMs).toBeNull();
  });
});

const TABLE = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:A3C2 0100007F:078F 01 0000A000:00000000 01:00000014 00000000     0        0 1674 1 0 20 4 30 10 -1
   1: 00000000:07E8 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1674 1 00000000f4c8b403 100 0 0 10 0
`;

describe('TcpQueues', () => {
  it('reads the kernel\'s table, once for all who ask in the same turn, and never an older reading', async () => {
    expect(parseTcpTable(TABLE)).toEqual(new Map([['41922:1935', 0xa000], ['2024:0', 0]]));
    const reads: string[] = [];
    const queues = new TcpQueues((path) => {
      reads.push(path);
      return path.endsWith('6') ? Promise.reject(new Error('ENOENT')) : Promise.resolve(TABLE);
    });
    const ask = (localPort: number): Promise<number | null> => queues.waiting({ family: 4, localPort, remotePort: 1935 });
    expect(await Promise.all([ask(41922), ask(7)])).toEqual([0xa000, null]);
    expect(reads).toEqual(['/proc/net/tcp']);
    const first = ask(41922);
    await Promise.resolve();
    await Promise.resolve();
    const second = ask(41922);
    await Promise.all([first, second]);
    expect(reads).toHaveLength(3);
    expect(await queues.waiting({ family: 6, localPort: 41922, remotePort: 1935 })).toBeNull();
  });
});

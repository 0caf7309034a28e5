import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { expect, it, vi } from 'vitest';
import type { Cameras } from '../../../src/ingest/cameras.js';
import { CONNECTION_LIMITS } from '../../../src/ingest/limits.js';
import { RtmpListener } from '../../../src/ingest/listener.js';
import { systemClock } from '../../../src/runtime/clock.js';
import { silentLog } from '../../../src/runtime/log.js';

it('does not keep who waits for a studio that says nothing', async () => {
  const cameras = { known: new Promise<void>(() => {}), withKey: () => null } as unknown as Cameras;
  const listener = new RtmpListener({
    address: { host: '127.0.0.1', port: 0 }, cameras, clock: systemClock, log: silentLog, limits: { ...CONNECTION_LIMITS, publishMs: 50 },
  });
  await listener.start();
  const socket = connect(listener.port, '127.0.0.1');
  socket.resume();
  await once(socket, 'close');
  expect(listener.counters).toMatchObject({ connections: 1, refused: 1 });
  await listener.stop();
});

it('lets the oldest of the largest crowd go when all places are taken: a flood from many addresses costs only the flood', async () => {
  const cameras = { known: Promise.resolve(), withKey: () => null } as unknown as Cameras;
  const limits = { ...CONNECTION_LIMITS, handshakeMs: 60_000, idleMs: 60_000, maxConnections: 8, maxConnectionsPerAddress: 4 };
  const onChange = vi.fn();
  const listener = new RtmpListener({ address: { host: '127.0.0.1', port: 0 }, cameras, clock: systemClock, log: silentLog, limits, onChange });
  await listener.start();
  const gone: string[] = [];
  const opened: Socket[] = [];
  const come = async (who: string, localAddress: string): Promise<void> => {
    const socket = connect({ port: listener.port, host: '127.0.0.1', localAddress }).resume();
    socket.on('close', () => gone.push(who)).on('error', () => undefined);
    opened.push(socket);
    const before = listener.counters.connections;
    await vi.waitUntil(() => listener.counters.connections > before, { interval: 1 });
  };
  await come('camera', '127.0.0.9');
  for (const round of [1, 2, 3, 4]) for (const host of [2, 3, 4]) await come(`${host}-${round}`, `127.0.0.${host}`);
  await vi.waitUntil(() => gone.length === 5);
  expect(gone.sort()).toEqual(['2-1', '2-2', '3-1', '3-2', '4-1']);
  expect(listener.open).toBe(8);
  // Strangers who come and go are no news.
  expect(onChange).not.toHaveBeenCalled();
  for (const socket of opened) socket.destroy();
  await listener.stop();
});

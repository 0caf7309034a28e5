import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { expect, it, vi } from 'vitest';
import type { Cameras } from '../../../src/ingest/cameras.js';
import { CONNECTION_LIMITS } from '../../../src/ingest/limits.js';
import { RtmpListener } from '../../../src/ingest/listener.js';
import { ClientHandshake } from '../../../src/rtmp/handshake.js';
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

it('of a crowd lets those go first who have come least far: a camera that shakes hands stays, from the address of the flood too', async () => {
  const cameras = { known: Promise.resolve(), withKey: () => null } as unknown as Cameras;
  const limits = { ...CONNECTION_LIMITS, handshakeMs: 60_000, publishMs: 60_000, idleMs: 60_000, maxConnectionsPerAddress: 4 };
  const listener = new RtmpListener({ address: { host: '127.0.0.1', port: 0 }, cameras, clock: systemClock, log: silentLog, limits });
  await listener.start();
  const opened: Socket[] = [];
  const gone: number[] = [];
  const come = async (bytes: Buffer): Promise<Socket> => {
    const socket = connect({ port: listener.port, host: '127.0.0.1' });
    const number = opened.push(socket);
    socket.on('close', () => gone.push(number)).on('error', () => undefined).write(bytes);
    const before = listener.counters.connections;
    await vi.waitUntil(() => listener.counters.connections > before, { interval: 1 });
    return socket;
  };
  const hello = new ClientHandshake();
  const greeting = await come(hello.start());
  const [answer] = await once(greeting, 'data') as [Buffer];
  expect(answer[0]).toBe(3);
  const silent = async (): Promise<void> => { (await come(Buffer.from([3]))).resume(); };
  for (let i = 0; i < 10; i++) await silent();
  await vi.waitUntil(() => gone.length === 7);
  expect(gone.sort((a, b) => a - b)).toEqual([2, 3, 4, 5, 6, 7, 8]);
  for (const socket of opened) socket.destroy();
  await listener.stop();
});

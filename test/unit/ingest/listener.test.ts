import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, it } from 'vitest';
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

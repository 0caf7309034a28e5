import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ProgramListener } from '../../../src/egress/program-listener.js';
import type { ProgramSwitch } from '../../../src/egress/program-switch.js';
import { silentLog } from '../../../src/runtime/log.js';
import { removeFolder, tempFolder } from '../../support/temp.js';
import { delay, waitFor } from '../../support/wait.js';

describe('ProgramListener', () => {
  /** A switch that puts on air whom the test says. */
  const lanes = { activeId: null as number | null, removed: [] as number[], add: () => {}, take: () => {}, tick: () => {}, remove: (id: number) => void lanes.removed.push(id) };
  let folder: string;
  let listener: ProgramListener;
  let encoders: Socket[];

  beforeEach(async () => {
    folder = tempFolder();
    lanes.activeId = null;
    lanes.removed = [];
    encoders = [];
    listener = new ProgramListener({ socketPath: join(folder, 'program.sock'), nowMs: () => 0, programSwitch: lanes as unknown as ProgramSwitch, log: silentLog });
    await listener.start();
  });
  afterEach(async () => {
    for (const socket of encoders) socket.destroy();
    await listener.stop();
    removeFolder(folder);
  });

  async function encoder(): Promise<Socket> {
    const socket = connect(join(folder, 'program.sock'));
    socket.on('error', () => {});
    encoders.push(socket);
    const before = listener.connections;
    await waitFor('the connection', () => listener.connections === before + 1);
    return socket;
  }

  it('cuts off encoders that were replaced on air, and those only', async () => {
    const [first, second, third] = [await encoder(), await encoder(), await encoder()];
    lanes.activeId = 1;
    await delay(250);
    expect([first, second, third].map((socket) => socket.closed)).toEqual([false, false, false]);
    const closed = once(first, 'close');
    first.resume();
    lanes.activeId = 2;
    await closed;
    await waitFor('the switch to be told', () => lanes.removed.length > 0);
    await delay(250);
    expect(lanes.removed).toEqual([1]);
    expect(listener.connections).toBe(2);
  });

  it('leaves a replacement alone that connects while nobody is on air', async () => {
    lanes.activeId = 7;
    await delay(250);
    lanes.activeId = null;
    await encoder();
    await delay(250);
    expect(listener.connections).toBe(1);
  });
});

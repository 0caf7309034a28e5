/**
 * Row 27: `npm run soak`, with SOAK_ROUNDS (default 100) of everything that comes and goes. Memory and handles of each process are read
 * after the first third, when caches are full and code is compiled, after the second and after the last.
 */
import { mkdirSync, copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { patternFile } from '../support/pattern/generate.js';
import { cheapCamera } from '../support/pattern/usual.js';
import { anonymousBytes, openFileCount } from '../support/procfs.js';
import { roles, smallSettings, type Role } from '../support/product.js';
import { StudioSocket } from '../support/product_client.js';
import { Rig, rigMissing } from '../support/rig.js';
import { delay, waitFor, within } from '../support/wait.js';

const rounds = Number(process.env.SOAK_ROUNDS ?? 100);
if (rigMissing) console.log(`rounds: skipped, ${rigMissing}`);

/** More than this in the second third and in the last one is a slope, and no cache that fills: MiB. */
const SLOPE_MIB = 6;

interface Figures { mib: number; files: number }

describe.skipIf(rigMissing)(`${rounds} rounds of what comes and goes`, () => {
  let rig: Rig;
  let decoders = 0;

  beforeAll(async () => {
    rig = await new Rig({ farKeys: ['far'], cameras: [cheapCamera], settings: { ...smallSettings, video: { width: 320, height: 180, fps: 30 }, analysis: { auto: false } } }).start();
    const { path } = await patternFile({ camera: 5, seconds: 8 });
    mkdirSync(join(rig.product.home, 'media'), { recursive: true });
    copyFileSync(path, join(rig.product.home, 'media', 'film.flv'));
    await rig.clearHome();
    // Those of what was taken away end in their own time.
    await delay(3_000);
    decoders = rig.product.decoders().length;
  }, 90_000);
  afterAll(() => rig?.stop(), 30_000);

  const read = (): Record<Role, Figures> => Object.fromEntries(roles.map((role) => {
    const pid = rig.product.pid(role);
    return [role, { mib: anonymousBytes(pid) / 2 ** 20, files: openFileCount(pid) }];
  })) as Record<Role, Figures>;

  async function repeat(what: string, times: number, round: (i: number) => Promise<unknown>): Promise<void> {
    const readings: Record<Role, Figures>[] = [];
    for (let i = 0; i < times * 3; i += 1) {
      await round(i);
      if ((i + 1) % times > 0) continue;
      // What ends does so in its own time, and garbage is collected when it is.
      await delay(3_000);
      readings.push(read());
    }
    const [first, second, third] = readings as [Record<Role, Figures>, Record<Role, Figures>, Record<Role, Figures>];
    console.log(`${what}, ${times} rounds and twice as many:\n${roles.map((role) => {
      const [a, b, c] = [first[role], second[role], third[role]];
      return `  ${role}: ${a.mib.toFixed(1)}, ${b.mib.toFixed(1)}, ${c.mib.toFixed(1)} MiB; ${a.files}, ${b.files}, ${c.files} handles`;
    }).join('\n')}`);
    for (const role of roles) {
      expect.soft(third[role].files - first[role].files, `handles of ${role}`).toBeLessThanOrEqual(2);
      expect.soft(Math.min(second[role].mib - first[role].mib, third[role].mib - second[role].mib), `memory of ${role}, MiB`).toBeLessThan(SLOPE_MIB);
    }
    expect(rig.product.restarts).toEqual([]);
    expect(rig.product.decoders()).toHaveLength(decoders);
  }

  const each = Math.ceil(rounds / 3);

  it('destinations are added and removed', async () => {
    await repeat('destinations', each, async (i) => {
      const id = await rig.product.addDestination('Guest', rig.far.url, `guest-${i}`);
      await rig.product.destinationState(id, ['live']);
      await rig.product.api.delete(`/api/v1/destinations/${id}`);
    });
  }, 1_800_000);

  it('previews are opened and closed', async () => {
    await repeat('previews', each, async () => {
      const socket = new WebSocket(`ws://127.0.0.1:${rig.product.httpPort}/preview.flv`, { headers: { authorization: `Bearer ${rig.product.token}` } });
      await within('a piece of the preview', 10_000, new Promise((done, fail) => { socket.once('message', done).once('error', fail); }));
      socket.terminate();
    });
  }, 1_800_000);

  it('films are opened and closed', async () => {
    await repeat('films', each, async () => {
      const { id } = await rig.product.api.post<{ id: string }>('/api/v1/sources', { name: 'Film', kind: 'media', path: 'film.flv', loop: true });
      await rig.product.sourceState(id, ['live', 'late']);
      await rig.socket.switchTo({ sourceId: id });
      await rig.socket.switchTo({ sourceId: rig.cameras[0]!.id });
      await rig.product.api.delete(`/api/v1/sources/${id}`);
      await waitFor('its decoder to end', () => rig.product.decoders().length === decoders);
    });
  }, 1_800_000);

  it('encoders are changed', async () => {
    await repeat('encoders', each, async (i) => {
      const before = rig.product.encoders().map(({ pid }) => pid);
      await rig.product.api.patch('/api/v1/settings', { encoder: { bitrateKbps: 1_000 + (i % 2) * 200 } });
      await waitFor('the next encoder alone', () => {
        const now = rig.product.encoders().map(({ pid }) => pid);
        return now.length === 1 && !before.includes(now[0]!);
      });
    });
  }, 1_800_000);

  it('recordings are begun and ended', async () => {
    await repeat('recordings', each, async () => {
      const { id } = await rig.product.api.post<{ id: string }>('/api/v1/recording/start');
      await waitFor('something recorded', async () => (await rig.product.api.status()).recording.durationMs > 500);
      await rig.product.api.post('/api/v1/recording/stop');
      await waitFor('the finished file', async () => (await rig.product.api.get<{ state: string }>(`/api/v1/recordings/${id}`)).state === 'ready');
      await rig.product.api.delete(`/api/v1/recordings/${id}`);
    });
  }, 1_800_000);

  it('websockets are opened and closed', async () => {
    const url = `ws://127.0.0.1:${rig.product.httpPort}/ws`;
    await repeat('websockets, 100 a round', each, async () => {
      const sockets = await Promise.all(Array.from({ length: 100 }, () => StudioSocket.open(url, rig.product.token)));
      for (const socket of sockets) socket.close();
    });
  }, 1_800_000);
});

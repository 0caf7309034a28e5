/** A destination behind a line that is too slow: how late what it gets is, by milliseconds. */
import { afterEach, describe, expect, it } from 'vitest';
import { FakeFarEnd } from '../contract/egress_fake_server.js';
import { delay, waitFor } from '../support/wait.js';
import { EgressRig, destination } from '../process/egress_support.js';

const cleanups: (() => Promise<unknown> | void)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

describe('egress', () => {
  it('over a line too slow for the picture: latency is bounded, every sound arrives, picture goes by whole GOP tails', async () => {
    const rig = new EgressRig();
    cleanups.push(() => rig.stop());
    await rig.start();
    const server = await new FakeFarEnd().start();
    cleanups.push(() => server.stop());
    rig.encoder({ kbps: 3000, gopSeconds: 1 });
    rig.wish({ destinations: [destination('slow', server.url, 'key')] });
    await rig.until('slow', 'live');
    await delay(1000);
    server.habits.readKbps = 1500;
    await delay(15_000);
    const slow = rig.destination('slow')!;
    expect(slow).toMatchObject({ state: 'live', reconnects: 0 });
    expect(slow.queueMs).toBeLessThanOrEqual(4000);
    expect(slow.droppedFrames).toBeGreaterThan(0);
    delete server.habits.readKbps;
    await waitFor('the queue to drain', () => rig.destination('slow')!.queueMs < 200);
    const { media } = server.last!;
    const sounds = media.filter((m) => m.type === 8 && m.payload[1] === 1).map((m) => m.timestampMs);
    const soundSteps = sounds.slice(1).map((ms, i) => ms - sounds[i]!);
    const pictures = media.filter((m) => m.type === 9 && m.payload[1] === 1);
    // Against the moment when the first live frame (after the cached GOP) came.
    const lags = media.slice(100).map((m) => m.arrivedMs - m.timestampMs);
    const lagMs = Math.round(Math.max(...lags) - Math.min(...lags));
    let holes = 0;
    pictures.forEach((m, i) => {
      if (i === 0 || m.timestampMs - pictures[i - 1]!.timestampMs <= 41) return;
      holes += 1;
      expect(m.payload[0]! >> 4).toBe(1);
    });
    console.log(`half the bandwidth for 15 s: queue ${slow.queueMs} ms, ${slow.droppedFrames} frames dropped in ${holes} GOP tails, longest step of sound ${Math.max(...soundSteps)} ms, ${lagMs} ms late at most`);
    expect(lagMs).toBeLessThanOrEqual(5000);
    expect(Math.max(...soundSteps)).toBeLessThanOrEqual(24);
    expect(holes).toBeGreaterThan(0);
  });
});

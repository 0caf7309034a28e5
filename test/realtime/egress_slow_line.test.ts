/** Destinations behind lines that are too slow: how late what they get is, by milliseconds. */
import { afterEach, describe, expect, it } from 'vitest';
import { FakeFarEnd, type Visit } from '../contract/egress_fake_server.js';
import { EgressRig, destination } from '../process/egress_support.js';
import { SlowLine } from '../support/slow_line.js';
import { delay, waitFor } from '../support/wait.js';

const cleanups: (() => Promise<unknown> | void)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const PROFILE_KBPS = 3000;
/**
 * What TCP carries where packets are lost at 200 ms to and fro: 1460 bytes / 200 ms × 1.22 / √loss (Mathis et al. 1997). Real loss
 * would need a kernel that can make it; this is what egress sees of it.
 */
const LOSSY = [{ percent: 1, kbps: 712 }, { percent: 5, kbps: 318 }];

async function farEnd(): Promise<FakeFarEnd> {
  const server = await new FakeFarEnd().start();
  cleanups.push(() => server.stop());
  return server;
}

type Media = Visit['media'][number];
const isFrame = ({ type, payload }: Media, of: 8 | 9): boolean => type === of && payload[1] === 1;
const isKeyframe = (media: Media): boolean => isFrame(media, 9) && media.payload[0]! >> 4 === 1;

/** How much later each piece of media came than at the end of a fast line, ms: stamps begin anew with each connection. */
function lags(far: Media[], near: Media[]): number[] {
  const same = (key: Media): Media | undefined => near.find((media) => isKeyframe(media) && media.payload.equals(key.payload));
  const key = far.find((media) => isKeyframe(media) && same(media))!;
  const offsetMs = same(key)!.timestampMs - key.timestampMs;
  const arrived = new Map(near.map(({ type, timestampMs, arrivedMs }) => [`${type} ${timestampMs}`, arrivedMs]));
  return far.flatMap(({ type, timestampMs, arrivedMs }) => {
    const nearMs = arrived.get(`${type} ${timestampMs + offsetMs}`);
    return nearMs === undefined ? [] : [arrivedMs - nearMs];
  });
}

function steps(media: Media[]): number[] {
  return media.slice(1).map(({ timestampMs }, i) => timestampMs - media[i]!.timestampMs);
}

describe('egress', () => {
  it('over lines too slow for the picture: latency is bounded, every sound arrives, picture goes by whole GOP tails', async () => {
    const rig = new EgressRig();
    cleanups.push(() => rig.stop());
    await rig.start();
    const [near, half, ...lossy] = await Promise.all([0, 1, ...LOSSY].map(() => farEnd()));
    const lines = await Promise.all(lossy.map(async (server, i) => {
      const line = await SlowLine.to(server.port, { kbps: LOSSY[i]!.kbps, latencyMs: 100 });
      cleanups.push(() => line.stop());
      return line;
    }));
    rig.encoder({ kbps: PROFILE_KBPS });
    rig.wish({ destinations: [
      destination('near', near!.url, 'key'), destination('half', half!.url, 'key'),
      ...LOSSY.map(({ percent }, i) => destination(`lossy${percent}`, `rtmp://127.0.0.1:${lines[i]!.port}/live`, 'key')),
    ] });
    const slow = [
      { id: 'half', line: `${PROFILE_KBPS / 2} of ${PROFILE_KBPS} kb/s`, server: half! },
      ...LOSSY.map(({ percent, kbps }, i) => ({ id: `lossy${percent}`, line: `${percent} % loss at 200 ms (${kbps} kb/s)`, server: lossy[i]! })),
    ];
    for (const { id } of slow) await rig.until(id, 'live');
    await delay(1000);
    half!.habits.readKbps = PROFILE_KBPS / 2;
    await delay(15_000);
    for (const { id } of slow) {
      expect(rig.destination(id), id).toMatchObject({ state: 'live', reconnects: 0 });
      expect(rig.destination(id)!.droppedFrames, id).toBeGreaterThan(0);
    }
    const waiting = new Map(slow.map(({ id }) => [id, rig.destination(id)!.queueMs]));
    delete half!.habits.readKbps;
    await waitFor('the queue to drain', () => rig.destination('half')!.queueMs < 200);
    expect(rig.destination('near')).toMatchObject({ state: 'live', reconnects: 0, droppedFrames: 0 });

    for (const { id, line, server } of slow) {
      const { media } = server.last!;
      const soundSteps = steps(media.filter((one) => isFrame(one, 8)));
      const pictures = media.filter((one) => isFrame(one, 9));
      const behindHoles = steps(pictures).flatMap((ms, i) => (ms > 41 ? [pictures[i + 1]!] : []));
      const lagMs = Math.round(Math.max(...lags(media, near!.last!.media)));
      console.log(`${line}, 15 s: queue ${waiting.get(id)} ms, ${rig.destination(id)!.droppedFrames} frames dropped in ${behindHoles.length} GOP tails, longest step of sound ${Math.max(...soundSteps)} ms, ${lagMs} ms late at most`);
      expect(lagMs, id).toBeLessThanOrEqual(5000);
      expect(Math.max(...soundSteps), id).toBeLessThanOrEqual(24);
      expect(behindHoles.length, id).toBeGreaterThan(0);
      expect(behindHoles.every(isKeyframe), id).toBe(true);
    }
  });
});

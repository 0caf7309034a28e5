/** The measurements that only the product has: one camera alone, switching, more destinations. */
import { percentile } from '../support/pattern/analyse.js';
import { treeCpuSeconds } from '../support/procfs.js';
import { delay, monotonicMs } from '../support/wait.js';
import { startProduct, type ProductRun } from './contestants.js';
import { slope } from './meter.js';
import type { Stage } from './stage.js';

export interface SingleResult {
  composeUsAvg: number;
  composeUsP99: number;
}

/** What the compositor takes when one camera fills the frame. */
export async function measureSingle(run: ProductRun, seconds: number): Promise<SingleResult> {
  const overlays = await run.product.api.get<{ items: { id: string }[] }>('/api/v1/overlays');
  for (const { id } of overlays.items) await run.socket.request('overlay:control', { overlayId: id, visible: false });
  await run.socket.switchTo({ sourceId: run.cameraIds[0]! });
  // The figures are over the last 300 frames: wait until all of them are of this.
  await delay(Math.max(seconds, 12) * 1_000);
  const { program } = await run.product.api.status();
  return { composeUsAvg: program?.composeUsAvg ?? NaN, composeUsP99: program?.composeUsP99 ?? NaN };
}

export interface SwitchResult {
  count: number;
  p50Ms: number;
  p99Ms: number;
  maxMs: number;
  /** Message to acknowledgement. */
  ackP99Ms: number;
}

/** Switches to and fro at random moments. The due time is what the acknowledgement says; the far-end test proves that it is true. */
export async function measureSwitches(run: ProductRun, count: number): Promise<SwitchResult> {
  const latencies: number[] = [];
  const acks: number[] = [];
  for (let i = 0; i < count; i++) {
    await delay(60 + Math.random() * 120);
    const { sentMs, latencyMs } = await run.socket.switchTo({ sourceId: run.cameraIds[i % 2]! });
    latencies.push(latencyMs);
    acks.push(monotonicMs() - sentMs);
  }
  return { count, p50Ms: percentile(latencies, 50), p99Ms: percentile(latencies, 99), maxMs: percentile(latencies, 100), ackP99Ms: percentile(acks, 99) };
}

export interface ScalingResult {
  /** Cores of egress and of everything, by number of destinations. */
  steps: { destinations: number; egressCores: number; allCores: number; /** What arrived at all of them, kb/s: proof that they were served. */ deliveredKbps: number }[];
  /** Percent of a core that each further destination costs, by least squares over egress. */
  percentEach: number;
}

const deliveredBytes = (stage: Stage): number => stage.far.sink.publications.reduce((sum, one) => sum + one.bytes, 0);

export async function measureScaling(stage: Stage, seconds: number): Promise<ScalingResult> {
  const run = await startProduct(stage, { broadcast: false });
  const steps: ScalingResult['steps'] = [];
  try {
    const ids: string[] = [];
    for (const destinations of [0, 1, 2, 4]) {
      while (ids.length < destinations) ids.push(await run.product.addDestination(`d${ids.length}`, stage.far.url, `scale${ids.length}`));
      // On air already, a new destination joins by itself.
      if (destinations === 1) await run.product.api.post('/api/v1/broadcast/start', {});
      for (const id of ids) await run.product.destinationState(id, ['live']);
      await delay(3_000);
      const fromMs = monotonicMs();
      const egress = treeCpuSeconds([run.product.pid('egress')]);
      const all = run.product.cpuSeconds();
      const bytes = deliveredBytes(stage);
      await delay(seconds * 1_000);
      const wall = (monotonicMs() - fromMs) / 1_000;
      steps.push({ destinations, egressCores: (treeCpuSeconds([run.product.pid('egress')]) - egress) / wall, allCores: (run.product.cpuSeconds() - all) / wall, deliveredKbps: ((deliveredBytes(stage) - bytes) * 8) / 1_000 / wall });
    }
  } finally {
    await run.stop();
  }
  return { steps, percentEach: 100 * slope(steps.map(({ destinations, egressCores }) => [destinations, egressCores])) };
}

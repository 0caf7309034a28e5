/** How soon one operator sees what another has changed: alone, and among many panels that watch as panels do. */
import { StudioSocket } from '../support/product_client.js';
import { percentile } from '../support/pattern/analyse.js';
import { delay, monotonicMs, waitFor } from '../support/wait.js';
import { startProduct } from './contestants.js';
import type { Stage } from './stage.js';

const CHANGES = 100;
const PANELS = 200;

export interface PeopleResult {
  /** From sending a change to its arrival at the other, ms. */
  p50Ms: number;
  p99Ms: number;
  /** The same among `panels` panels, at the one that came last. */
  panels: number;
  crowdP50Ms: number;
  crowdP99Ms: number;
}

export async function measurePeople(stage: Stage): Promise<PeopleResult> {
  const run = await startProduct(stage, { broadcast: false });
  const sockets: StudioSocket[] = [];
  try {
    const { id: overlayId } = await run.product.api.post<{ id: string }>('/api/v1/overlays', { kind: 'clock', name: 'Clock of the benchmark' });
    const join = async (): Promise<StudioSocket> => {
      const socket = await run.product.socket();
      sockets.push(socket);
      await socket.request('operator', { name: `Panel ${sockets.length}`, what: 'live' });
      await socket.request('subscribe', { levels: true });
      return socket;
    };
    const one = await join();
    const alone = await changes(one, await join(), overlayId);
    let last = one;
    while (sockets.length < PANELS) last = await join();
    const crowd = await changes(one, last, overlayId);
    return { p50Ms: percentile(alone, 50), p99Ms: percentile(alone, 99), panels: sockets.length, crowdP50Ms: percentile(crowd, 50), crowdP99Ms: percentile(crowd, 99) };
  } finally {
    for (const socket of sockets) socket.close();
    await run.stop();
  }
}

async function changes(one: StudioSocket, other: StudioSocket, overlayId: string): Promise<number[]> {
  const took: number[] = [];
  for (let i = 0; i < CHANGES; i++) {
    const visible = i % 2 === 0;
    other.messages.length = 0;
    const sentMs = monotonicMs();
    const arrived = waitFor('the change', () => other.messages.some(({ type, payload }) => type === 'state' && showsIt(payload, visible)), { everyMs: 1 }).then(() => took.push(monotonicMs() - sentMs));
    await one.request('overlay:control', { overlayId, visible });
    await arrived;
    await delay(50);
  }
  return took;
}

function showsIt(payload: unknown, visible: boolean): boolean {
  const { patch = [] } = payload as { patch?: { path: string; value?: unknown }[] };
  return patch.some(({ path, value }) => path.endsWith('/visible') && value === visible);
}

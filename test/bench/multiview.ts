/** What watching costs: the program and six sources as small pictures, by one client. */
import { readTile } from '../../src/protocol/multiview.js';
import { percentile } from '../support/pattern/analyse.js';
import { delay, monotonicMs } from '../support/wait.js';
import { startProduct } from './contestants.js';
import { fps, type Stage } from './stage.js';

const SOURCES = 6;
const SOURCE_FPS = 10;
const PROGRAM_FPS = 15;

export interface MultiviewResult {
  /** Percent of a core that the server takes more while somebody watches. */
  percent: number;
  /** Tiles a second of each source, the fewest, and of the program. */
  sourceRate: number;
  programRate: number;
  /** From when the frame that had the picture was due to its arrival at the client. */
  behindP50Ms: number;
  behindP95Ms: number;
  kbps: number;
}

export async function measureMultiview(stage: Stage, seconds: number): Promise<MultiviewResult> {
  const run = await startProduct(stage, { broadcast: false });
  try {
    const ids = [...run.cameraIds];
    while (ids.length < SOURCES) ids.push((await run.product.api.post<{ id: string }>('/api/v1/sources', { kind: 'test', name: `Card ${ids.length}` })).id);
    await delay(5_000);
    const idle = await coresOver(run.product, seconds);
    const seen = new Map<string, number>();
    const behindMs: number[] = [];
    let bytes = 0;
    run.socket.onBytes = (message) => {
      const tile = readTile(new Uint8Array(message));
      if (!tile) throw new Error('a message that is no tile');
      seen.set(tile.id, (seen.get(tile.id) ?? 0) + 1);
      behindMs.push(monotonicMs() - (tile.frame * 1_000) / fps);
      bytes += message.length;
    };
    await run.socket.request('subscribe', { multiview: [{ id: 'program', width: 640, fps: PROGRAM_FPS }, ...ids.map((id) => ({ id, width: 320, fps: SOURCE_FPS }))] });
    await delay(1_000);
    seen.clear();
    behindMs.length = bytes = 0;
    const watched = await coresOver(run.product, seconds);
    await run.socket.request('subscribe', { multiview: [] });
    // Before and after: the machine's own speed drifts.
    const after = await coresOver(run.product, seconds);
    const rates = ids.map((id) => (seen.get(id) ?? 0) / seconds);
    return {
      percent: 100 * (watched - (idle + after) / 2), sourceRate: Math.min(...rates), programRate: (seen.get('program') ?? 0) / seconds,
      behindP50Ms: percentile(behindMs, 50), behindP95Ms: percentile(behindMs, 95), kbps: (bytes * 8) / 1_000 / seconds,
    };
  } finally {
    await run.stop();
  }
}

async function coresOver(product: { cpuSeconds(): number }, seconds: number): Promise<number> {
  const from = product.cpuSeconds();
  const fromMs = monotonicMs();
  await delay(seconds * 1_000);
  return (product.cpuSeconds() - from) / ((monotonicMs() - fromMs) / 1_000);
}

/** What watching costs: the program and six sources as small pictures, by one client. */
import { readTile } from '../../src/protocol/tile.js';
import { percentile } from '../support/pattern/analyse.js';
import { processTree } from '../support/procfs.js';
import type { Product } from '../support/product.js';
import { delay, monotonicMs } from '../support/wait.js';
import { startProduct } from './contestants.js';
import { fps, type Stage } from './stage.js';

const SOURCES = 6;
const SOURCE_FPS = 10;
const PROGRAM_FPS = 15;
/** Watching and not take turns, this long each. */
const TURN_MS = 8_000;

export interface MultiviewResult {
  /** Percent of a core that the server takes more while somebody watches. */
  percent: number;
  /** Of it, in the engine and the studio themselves, who make and send them: the encoder's own ups and downs are not in it. */
  makersPercent: number;
  /** Tiles a second of each source, the fewest, and of the program. */
  sourceRate: number;
  programRate: number;
  /** From when the frame that had the picture was due to its arrival at the client. */
  behindP50Ms: number;
  behindP95Ms: number;
  kbps: number;
}

export async function measureMultiview(stage: Stage): Promise<MultiviewResult> {
  const run = await startProduct(stage, { broadcast: false });
  try {
    const ids = [...run.cameraIds];
    while (ids.length < SOURCES) ids.push((await run.product.api.post<{ id: string }>('/api/v1/sources', { kind: 'test', name: `Card ${ids.length}` })).id);
    await delay(5_000);
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
    const tiles = [{ id: 'program', width: 640, fps: PROGRAM_FPS }, ...ids.map((id) => ({ id, width: 320, fps: SOURCE_FPS }))];
    // What the encoder takes depends on what it is shown: every moment of the cameras' footage is gone through once watched and once not.
    const turns = Math.round((stage.cameras[0]!.seconds * 1_000) / TURN_MS);
    const all = { watched: 0, idle: 0 };
    const makers = { watched: 0, idle: 0 };
    for (let turn = 0; turn < 2 * turns; turn++) {
      const state = (turn + Math.floor(turn / turns)) % 2 === 0 ? 'watched' : 'idle';
      await run.socket.request('subscribe', { multiview: state === 'watched' ? tiles : [] });
      const from = { all: run.product.cpuSeconds(), makers: makersSeconds(run.product), ms: monotonicMs() };
      await delay(TURN_MS);
      const share = turns * ((monotonicMs() - from.ms) / 1_000);
      all[state] += (run.product.cpuSeconds() - from.all) / share;
      makers[state] += (makersSeconds(run.product) - from.makers) / share;
    }
    const seconds = (turns * TURN_MS) / 1_000;
    const rates = ids.map((id) => (seen.get(id) ?? 0) / seconds);
    return {
      percent: 100 * (all.watched - all.idle), makersPercent: 100 * (makers.watched - makers.idle), sourceRate: Math.min(...rates), programRate: (seen.get('program') ?? 0) / seconds,
      behindP50Ms: percentile(behindMs, 50), behindP95Ms: percentile(behindMs, 95), kbps: (bytes * 8) / 1_000 / seconds,
    };
  } finally {
    await run.stop();
  }
}

function makersSeconds(product: Product): number {
  const pids = [product.pid('engine'), product.pid('studio')];
  return pids.flatMap((pid) => processTree(pid).filter((info) => info.pid === pid)).reduce((sum, { ownCpuSeconds }) => sum + ownCpuSeconds, 0);
}

/** What it costs the program that the sidecar works: M on air alone, and while clips of what was recorded are cut without a pause. */
import type { Analysis } from '../../src/protocol/analysis.js';
import { delay, waitFor } from '../support/wait.js';
import { product, startProduct, type ProductRun } from './contestants.js';
import { measureRunning, type Measured } from './meter.js';
import type { Stage } from './stage.js';

/** Recorded before, with a take and a mark every so often: there are highlights in as little. */
const RECORD_MS = 90_000;
const MARK_EVERY_MS = 18_000;
const TAKE_MS = 3_000;
const WINDOW_SECONDS = 60;
const SETTLE_SECONDS = 5;

/** Of the program and at the far end. */
export interface ProgramFaults { late: number; skipped: number; lost: number; repeated: number }

export interface BesideResult {
  seconds: number;
  alone: ProgramFaults;
  beside: ProgramFaults;
  /** Analyses and clips that were done meanwhile. */
  analyses: number;
  clips: number;
  /** What they took, cores. */
  cores: number;
}

export async function measureBeside(stage: Stage): Promise<BesideResult> {
  const run = await startProduct(stage);
  try {
    await recordSomething(run);
    const { id } = await run.product.api.post<{ id: string }>('/api/v1/recording/stop');
    await ready(run, id);
    await accept(run, id);
    const look = (): Promise<Measured> => measureRunning(product, run, stage, WINDOW_SECONDS, SETTLE_SECONDS);
    const alone = await look();
    const work = keepBusy(run, id);
    const [beside, done] = await Promise.all([look().finally(() => { work.end(); }), work.done]);
    return { seconds: WINDOW_SECONDS, alone: faultsOf(alone), beside: faultsOf(beside), ...done, cores: beside.cores - alone.cores };
  } finally {
    await run.stop();
  }
}

async function recordSomething(run: ProductRun): Promise<void> {
  for (let passedMs = 0; passedMs < RECORD_MS; passedMs += MARK_EVERY_MS) {
    await delay(MARK_EVERY_MS - TAKE_MS);
    await run.socket.switchTo({ sourceId: run.cameraIds[1]! });
    await run.product.api.post('/api/v1/markers');
    await delay(TAKE_MS);
    await run.socket.switchTo({ sceneId: run.sceneId });
  }
}

const faultsOf = ({ status, lost, missing, repeated }: Measured): ProgramFaults => ({ late: status?.lateInWindow ?? NaN, skipped: status?.skippedInWindow ?? NaN, lost: lost + missing, repeated });

const analysisOf = (run: ProductRun, id: string): Promise<Analysis> => run.product.api.get<Analysis>(`/api/v1/recordings/${id}/analysis`);

async function ready(run: ProductRun, id: string): Promise<void> {
  await waitFor('the analysis', async () => {
    const { state, error, thumbnails } = await analysisOf(run, id);
    if (state === 'failed') throw new Error(error?.message);
    // The first list is there before the file is, and has no pictures: by then the sidecar has hardly begun.
    return state === 'ready' && thumbnails.length > 0;
  }, { timeoutMs: 120_000 });
}

async function accept(run: ProductRun, id: string): Promise<void> {
  const { highlights } = await analysisOf(run, id);
  if (highlights.length === 0) throw new Error('Nothing was found in the recording.');
  for (const highlight of highlights) await run.product.api.post(`/api/v1/recordings/${id}/highlights/${highlight.id}/decision`, { verdict: 'accepted' });
}

/** Cuts all of it in both shapes, throws the clips away, looks for highlights anew, and begins again. */
function keepBusy(run: ProductRun, id: string): { end(): void; done: Promise<{ analyses: number; clips: number }> } {
  let isWanted = true;
  const counts = { analyses: 0, clips: 0 };
  const work = async (): Promise<typeof counts> => {
    for (let shape = 'wide'; isWanted; shape = shape === 'wide' ? 'vertical' : 'wide') {
      await run.product.api.post(`/api/v1/recordings/${id}/export`, { shape });
      let { clips } = await analysisOf(run, id);
      while (isWanted && clips.some(({ state }) => state !== 'ready')) {
        const failed = clips.find(({ error }) => error !== null);
        if (failed) throw new Error(failed.error!.message);
        await delay(200);
        ({ clips } = await analysisOf(run, id));
      }
      counts.clips += clips.filter(({ state }) => state === 'ready').length;
      for (const clip of clips) await run.product.api.delete(`/api/v1/recordings/${id}/clips/${clip.id}`);
      if (!isWanted) break;
      await run.product.api.post(`/api/v1/recordings/${id}/analyze`);
      await ready(run, id);
      counts.analyses += 1;
    }
    return counts;
  };
  return { end: () => { isWanted = false; }, done: work() };
}

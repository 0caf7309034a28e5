/** Finding in long recordings, which takes seconds, beside everything else that this process does: its leases, its signs of life. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { FeatureTable } from '../features/table.js';
import { found, type FindingOptions, type Found } from './found.js';

/** Four hours; of fewer it is done before a thread would have begun. */
const MOST_HERE_BINS = 4 * 3_600;

export interface Apart { table: FeatureTable; options: FindingOptions }

/** As `found` finds. @throws what `found` throws, and the signal's reason */
export async function foundApart(table: FeatureTable, options: FindingOptions, signal?: AbortSignal): Promise<Pick<Found, 'highlights' | 'curve'>> {
  if (table.bins <= MOST_HERE_BINS) return found(table, options);
  const worker = new Worker(new URL('./found-thread.js', import.meta.url), { workerData: { table, options } satisfies Apart });
  try {
    const [result] = await once(worker, 'message', signal ? { signal } : {}) as [Pick<Found, 'highlights' | 'curve'>];
    return result;
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    await worker.terminate();
  }
}

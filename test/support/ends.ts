/** Whether processes do in time what they should, in time that they could use: what stands behind everything, as the sidecar, may get none. */
import { systemClock } from '../../src/runtime/clock.js';
import { DeniedTime, MOST_PATIENCE_MS, Silence } from '../../src/runtime/silence.js';
import { isAlive } from './procfs.js';
import { delay } from './wait.js';

/**
 * Waits until each has ended, or has had so long to do so. Of time that it could use: what stands behind everything, as the sidecar and what
 * it starts, gets none where others want all of the processors.
 * @returns those that are still there
 */
export async function outlasting(pids: readonly number[], limitMs: number): Promise<number[]> {
  const waits = pids.map((pid) => {
    const denied = new DeniedTime();
    return { pid, denied, silence: new Silence(systemClock, denied) };
  });
  while (waits.some(({ pid, silence }) => isAlive(pid) && silence.usableMs < limitMs)) {
    for (const { pid, denied } of waits) denied.look(pid);
    await delay(25);
  }
  return pids.filter(isAlive);
}

/** Waits until it is so, but not for ever. @returns how long that took, of the time that the process could use, ms */
export async function usableMsUntil(pid: number, isSo: () => boolean): Promise<number> {
  const denied = new DeniedTime();
  const silence = new Silence(systemClock, denied);
  while (!isSo() && silence.ms < MOST_PATIENCE_MS) {
    denied.look(pid);
    await delay(25);
  }
  return silence.usableMs;
}

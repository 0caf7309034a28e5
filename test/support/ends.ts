/** Whether processes do in time what they should, in time that they could use: what stands behind everything, as the sidecar, may get none. */
import { systemClock } from '../../src/runtime/clock.js';
import { DeniedTime, MOST_PATIENCE_MS, Silence } from '../../src/runtime/silence.js';
import { isAlive } from './procfs.js';
import { delay } from './wait.js';

/**
 * Waits until each has ended, or has had so long to do so.
 * @returns those that are still there
 */
export async function outlasting(pids: readonly number[], limitMs: number): Promise<number[]> {
  await Promise.all(pids.map((pid) => usableMsUntil(pid, () => !isAlive(pid), limitMs)));
  return pids.filter(isAlive);
}

/** Waits until it is so, or the process has had so long. @returns how long that took, of the time that the process could use, ms */
export async function usableMsUntil(pid: number, isSo: () => boolean, limitMs = MOST_PATIENCE_MS): Promise<number> {
  const denied = new DeniedTime();
  const silence = new Silence(systemClock, denied);
  while (!isSo() && silence.usableMs < limitMs) {
    denied.look(pid);
    await delay(25);
  }
  return silence.usableMs;
}

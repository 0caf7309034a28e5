/** What a bench that is told to end does first: end all that it has started, and remove its folders. */
import { constants } from 'node:os';
import { signal } from '../support/process.js';
import { isAlive, processTree } from '../support/procfs.js';
import { removeFoldersLeft } from '../support/temp.js';
import { monotonicMs } from '../support/wait.js';

/** As long as a product may take to stop. */
const GRACE_MS = 5_000;
const POLL_MS = 25;

/** From now on SIGINT and SIGTERM end this process as a shell expects, and with it whatever it started. */
export function endAllOnSignal(graceMs = GRACE_MS): void {
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.once(name, () => {
      endChildren(graceMs);
      removeFoldersLeft();
      process.exit(128 + constants.signals[name]);
    });
  }
}

/**
 * Holds the event loop until they are gone: it would start the product's processes again. They end their own children; what
 * is still there after `graceMs` is killed.
 */
function endChildren(graceMs: number): void {
  const pause = new Int32Array(new SharedArrayBuffer(4));
  const endMs = monotonicMs() + graceMs;
  const family = new Set<number>();
  for (const { pid, ppid } of descendants()) {
    family.add(pid);
    if (ppid === process.pid) signal(pid, 'SIGTERM');
  }
  for (;;) {
    for (const { pid } of descendants()) family.add(pid);
    const left = [...family].filter(isAlive);
    if (left.length === 0) return;
    if (monotonicMs() > endMs) for (const pid of left) signal(pid, 'SIGKILL');
    Atomics.wait(pause, 0, 0, POLL_MS);
  }
}

const descendants = (): ReturnType<typeof processTree> => processTree(process.pid).slice(1);

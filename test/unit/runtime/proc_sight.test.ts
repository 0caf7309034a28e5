/** What the kernel says of real processes. */
import { afterEach, describe, expect, it } from 'vitest';
import { sightOf } from '../../../src/runtime/proc-sight.js';
import { startProcess, type RunningProcess } from '../../support/process.js';
import { waitFor } from '../../support/wait.js';

describe('sightOf', () => {
  const children: RunningProcess[] = [];
  afterEach(async () => { for (const child of children.splice(0)) await child.stop(0); });
  const start = (command: string, ...args: string[]): number => {
    const child = startProcess(command, args);
    children.push(child);
    return child.pid;
  };

  it('sees who runs, who waits, who was stopped, with what they started, and who is gone', async () => {
    const busy = start('sh', '-c', 'while :; do :; done');
    const first = await waitFor('a busy one', () => { const sight = sightOf(busy); return sight?.isRunnable && sight.ranNs > 0 ? sight : null; });
    await waitFor('more of its time', () => sightOf(busy)!.ranNs > first.ranNs);
    // It is never at rest, so that what it was not given it waited for.
    await waitFor('its turns', () => sightOf(busy)!.waitedNs > first.waitedNs);
    const idle = start('sleep', '1000');
    await waitFor('one that waits', () => { const sight = sightOf(idle); return sight && !sight.isRunnable && !sight.isAtDisk && sight.ranNs === sightOf(idle)!.ranNs; });
    process.kill(busy, 'SIGSTOP');
    const still = await waitFor('one that was stopped', () => { const sight = sightOf(busy); return sight?.isStopped ? sight : null; });
    expect(sightOf(busy)).toEqual(still);
    expect(still.isRunnable).toBe(false);
    // The shell waits, and what it started works.
    const parent = start('sh', '-c', 'sh -c "while :; do :; done"; exit');
    await waitFor('its child', () => sightOf(parent)?.isRunnable);
    expect(sightOf(2 ** 22 + 1)).toBeNull();
  });
});

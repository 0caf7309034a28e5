import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { Backoff } from '../../src/runtime/backoff.js';
import { SupervisedChild, type ChildExit } from '../../src/runtime/child.js';
import { silentLog } from '../../src/runtime/log.js';

/** A child made of one line of Node, with the exits it had. */
function supervise(script: string, again = true) {
  const exits: ChildExit[] = [];
  const starts: ChildProcess[] = [];
  let wake: (() => void) | undefined;
  const child = new SupervisedChild({
    name: 'test', log: silentLog, backoff: new Backoff(20, 40),
    plan: () => ({ command: process.execPath, args: ['-e', script], stdio: ['pipe', 'pipe', 'pipe'] }),
    onStart: (c) => { starts.push(c); c.stdout?.resume(); c.stderr?.resume(); wake?.(); },
    onExit: (exit) => { exits.push(exit); wake?.(); return again; },
  });
  const until = async (condition: () => boolean): Promise<void> => {
    while (!condition()) await new Promise<void>((resolve) => { wake = resolve; });
  };
  return { child, exits, starts, until };
}

let running: SupervisedChild | undefined;
afterEach(() => running?.stop());

describe('SupervisedChild', () => {
  it('starts a child again that exits with an error', async () => {
    const { child, exits, until } = supervise('process.exit(3)');
    running = child;
    child.start();
    await until(() => exits.length >= 3);
    expect(exits.map((e) => e.code)).toEqual([3, 3, 3]);
    expect(child.restarts).toBeGreaterThanOrEqual(2);
  });

  it('starts a child again that was killed', async () => {
    const { child, exits, starts, until } = supervise('setInterval(() => {}, 1000)');
    running = child;
    child.start();
    await until(() => starts.length === 1);
    child.kill();
    await until(() => starts.length === 2);
    expect(exits[0]?.signal).toBe('SIGKILL');
  });

  it('stops one that ignores TERM, by KILL, within two seconds', async () => {
    const { child, starts, until } = supervise("process.on('SIGTERM', () => {}); process.stdout.write('up'); setInterval(() => {}, 1000)");
    child.start();
    await until(() => starts.length === 1);
    await once(starts[0]!.stdout!, 'data');
    const before = Date.now();
    await child.stop();
    expect(starts[0]!.signalCode).toBe('SIGKILL');
    expect(Date.now() - before).toBeLessThan(2000);
  });

  it('survives a child that floods stderr', async () => {
    const { child, exits, until } = supervise("const b = 'x'.repeat(65536) + '\\n'; for (let i = 0; i < 200; i++) require('fs').writeSync(2, b)", false);
    running = child;
    child.start();
    await until(() => exits.length === 1);
    expect(exits[0]?.code).toBe(0);
  });

  it('stays stopped, and a second stop is the same', async () => {
    const { child, starts, until } = supervise('setInterval(() => {}, 1000)');
    child.start();
    await until(() => starts.length === 1);
    const stop = child.stop();
    expect(child.stop()).toBe(stop);
    await stop;
    child.start();
    expect(starts).toHaveLength(1);
  });

  it('outlives a command that is not there', async () => {
    const errors: ChildExit[] = [];
    const child = new SupervisedChild({
      name: 'missing', log: silentLog, backoff: new Backoff(20, 40),
      plan: () => ({ command: '/nonexistent/program', args: [], stdio: 'ignore' }),
      onStart: () => {},
      onExit: (exit) => { errors.push(exit); return errors.length < 3; },
    });
    running = child;
    child.start();
    await expect.poll(() => errors.length, { timeout: 5000 }).toBe(3);
  });
});

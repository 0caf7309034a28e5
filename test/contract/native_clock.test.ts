/** The program's clock when the machine stands still: caught up with after a moment, skipped after more, never out of step. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { NativeStats } from '../../src/engine/native.js';
import { core } from '../support/native.js';
import { delay, within } from '../support/wait.js';

const addon = fileURLToPath(new URL('../../native/build/vistter.node', import.meta.url));
const script = `
  const core = require(${JSON.stringify(addon)});
  const program = core.createProgram({ width: 64, height: 36, fpsNum: 30000, fpsDen: 1001 });
  process.stdin.on('data', () => console.log(JSON.stringify(program.stats())));
  console.log('ready');`;

describe('the program clock', () => {
  let child: ChildProcess;
  let lines: AsyncIterator<string>;

  beforeEach(async () => {
    child = spawn(process.execPath, ['-e', script], { stdio: ['pipe', 'pipe', 'inherit'] });
    lines = createInterface(child.stdout!)[Symbol.asyncIterator]();
    await within('the program to start', 5_000, lines.next());
    await delay(300);
  });

  afterEach(async () => {
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  });

  async function stats(): Promise<NativeStats> {
    child.stdin!.write('?');
    return JSON.parse((await within('stats', 5_000, lines.next())).value as string) as NativeStats;
  }

  async function standStill(ms: number): Promise<{ before: NativeStats; after: NativeStats }> {
    const before = await stats();
    child.kill('SIGSTOP');
    await delay(ms);
    child.kill('SIGCONT');
    await delay(300);
    return { before, after: await stats() };
  }

  const dueFrame = () => (core.monotonicUs() * 30_000) / 1_001 / 1e6;

  it('makes every frame of half a second that was missed', async () => {
    const { before, after } = await standStill(500);
    expect(after.frame - before.frame).toBe(after.rendered - before.rendered);
    expect(after.skipped).toBe(0);
    expect(after.late).toBeGreaterThan(8);
    expect(Math.abs(after.frame - dueFrame())).toBeLessThan(4);
  });

  it('skips what was missed when it was more than a second, and counts it', async () => {
    const { before, after } = await standStill(2_000);
    expect(after.frame - before.frame).toBe(after.rendered - before.rendered + after.skipped);
    expect(after.skipped).toBeGreaterThan(40);
    expect(Math.abs(after.frame - dueFrame())).toBeLessThan(4);
  });
});

/** The door to the native core: it keeps the contract, its descriptors are real, and it never keeps a process from ending. */
import { execFile } from 'node:child_process';
import { fstatSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import type { NativeProgram } from '../../src/engine/native.js';
import { core, plain } from '../support/native.js';
import { realNative } from './native_harness.js';
import { nativeBusContract } from './native_bus_suite.js';
import { nativeCoverContract } from './native_cover_suite.js';
import { nativePlanContract } from './native_plan_suite.js';
import { nativeContract } from './native_suite.js';

const run = promisify(execFile);
const addon = fileURLToPath(new URL('../../native/build/vistter.node', import.meta.url));
const options = { width: 320, height: 180, fpsNum: 30, fpsDen: 1 };

nativeContract('the addon', () => realNative);
nativePlanContract('the addon', () => realNative);
nativeCoverContract('the addon', () => realNative);
nativeBusContract('the addon', () => realNative);

describe('the native core', () => {
  const programs: NativeProgram[] = [];
  const create = (): NativeProgram => {
    const program = core.createProgram(options);
    programs.push(program);
    return program;
  };
  afterEach(() => {
    for (const program of programs.splice(0)) program.stop();
  });

  it('has the monotonic clock', () => {
    expect(Math.abs(core.monotonicUs() - Number(process.hrtime.bigint() / 1000n))).toBeLessThan(5_000);
  });

  it('gives descriptors that close on exec and are the caller\'s', () => {
    const program = create();
    program.addSource({ id: 'a', mode: 'file', slots: 4, fallbackId: null, delayUs: 0 });
    const ring = program.openRing('a');
    expect(fstatSync(ring).size).toBeGreaterThan(4 * 320 * 180 * 2.5);
    core.closeFd(ring);
    const feed = program.openFeed(4);
    expect(fstatSync(feed.fd).isFIFO()).toBe(true);
    core.closeFd(feed.fd);
    expect(() => fstatSync(ring)).toThrow(/EBADF/);
  });

  it('stops at once with a feed that nobody reads', async () => {
    // The machine may stand still in one of them; what waits for the reader does so each time.
    const took: number[] = [];
    for (let i = 0; i < 3; i += 1) {
      const program = create();
      const feed = program.openFeed(60);
      await expect.poll(() => program.stats().feeds[0]!.queued).toBeGreaterThan(5);
      const began = performance.now();
      program.stop();
      took.push(performance.now() - began);
      core.closeFd(feed.fd);
    }
    expect(Math.min(...took)).toBeLessThan(200);
  });

  it('lets programs, rings and feeds come and go thirty times without keeping a descriptor', async () => {
    const { readdirSync } = await import('node:fs');
    const count = () => readdirSync('/proc/self/fd').length;
    const cycle = () => {
      const program = core.createProgram(options);
      program.addSource({ id: 'a', mode: 'live', slots: 4, fallbackId: null, delayUs: 0 });
      core.closeFd(program.openRing('a'));
      core.closeFd(program.openFeed(4).fd);
      program.setPicture('p', 64, 64, plain(64, 64, [1, 2, 3, 4]), 256);
      program.setPicture('p', 64, 64, plain(64, 64, [4, 4, 4, 4]), 256);
      program.stop();
    };
    cycle();
    const before = count();
    for (let i = 0; i < 30; i++) cycle();
    expect(count()).toBe(before);
  });

  it('ends with its process though nobody stopped it, in a worker too', async () => {
    const script = `
      const { Worker, isMainThread } = require('node:worker_threads');
      const core = require(${JSON.stringify(addon)});
      const program = core.createProgram(${JSON.stringify(options)});
      program.addSource({ id: 'a', mode: 'live', slots: 4, fallbackId: null, delayUs: 0 });
      program.openRing('a');
      program.openFeed(4);
      if (isMainThread) {
        const worker = new Worker(__filename.endsWith('[eval]') ? process.execArgv.at(-1) : '', { eval: true });
        worker.on('error', (error) => { console.error(error); process.exit(1); });
        worker.on('exit', () => setTimeout(() => console.log('done'), 100));
      }`;
    const wrapped = `process.execArgv.push(${JSON.stringify(script)}); globalThis.__filename = '[eval]'; ${script}`;
    const { stdout } = await run(process.execPath, ['-e', wrapped], { timeout: 10_000 });
    expect(stdout).toBe('done\n');
    await run(process.execPath, ['-e', `const core = require(${JSON.stringify(addon)}); core.createProgram(${JSON.stringify(options)}); process.exit(0);`], { timeout: 10_000 });
  });
});

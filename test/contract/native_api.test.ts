/** The door to the native core: what it refuses, what it promises, and that it never keeps a process from ending. */
import { execFile } from 'node:child_process';
import { fstatSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { NATIVE_ABI, type NativeProgram } from '../../src/engine/native.js';
import { core, full, plain } from '../support/native.js';

const run = promisify(execFile);
const addon = fileURLToPath(new URL('../../native/build/vistter.node', import.meta.url));
const options = { width: 320, height: 180, fpsNum: 30, fpsDen: 1 };
const cut = { kind: 'cut', frames: 0 } as const;

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

  it('has the version that the TypeScript side was written for, and its clock is the monotonic one', () => {
    expect(core.abi).toBe(NATIVE_ABI);
    expect(Math.abs(core.monotonicUs() - Number(process.hrtime.bigint() / 1000n))).toBeLessThan(5_000);
  });

  it('numbers frames by the monotonic clock', () => {
    const program = create();
    const { frame } = program.take({ id: 'x', layers: [] }, cut);
    expect(Math.abs(frame - (core.monotonicUs() * 30) / 1e6)).toBeLessThan(4);
  });

  it('answers every wrong argument with a TypeError that says what is wrong', () => {
    const program = create() as unknown as Record<string, (...args: unknown[]) => unknown>;
    const good = full('x');
    const wrong: [string, unknown[], RegExp][] = [
      ['addSource', [], /options is missing/],
      ['addSource', [{ id: 'a', mode: 'tape', slots: 8, fallbackId: null, delayUs: 0 }], /options\.mode/],
      ['addSource', [{ id: 'a', mode: 'live', slots: 1, fallbackId: null, delayUs: 0 }], /options\.slots/],
      ['addSource', [{ id: 'a', mode: 'live', slots: 8.5, fallbackId: null, delayUs: 0 }], /whole/],
      ['addSource', [{ id: '', mode: 'live', slots: 8, fallbackId: null, delayUs: 0 }], /empty/],
      ['addSource', [{ id: 'a', mode: 'live', slots: 8, fallbackId: 5, delayUs: 0 }], /fallbackId/],
      ['addSource', [{ id: 'a', mode: 'live', slots: 8, fallbackId: null, delayUs: -1 }], /delayUs/],
      ['openRing', ['nobody'], /no source "nobody"/],
      ['setPlaying', ['nobody', true], /no source/],
      ['updateSource', ['nobody', {}], /no source/],
      ['setPicture', ['p', 10, 10, new Uint8Array(399), 40], /too short/],
      ['setPicture', ['p', 10, 10, new Uint8Array(400), 39], /stride/],
      ['setPicture', ['p', 0, 10, new Uint8Array(400), 40], /width/],
      ['setPicture', ['p', 10, 10, new Float32Array(400), 40], /Uint8Array/],
      ['setPicture', ['p', 10, 10, 'pixels', 40], /Uint8Array/],
      ['setSlate', [7], /pictureId must be a string/],
      ['take', [{ id: 'x', layers: 'all' }, cut], /layers must be an array/],
      ['take', [{ id: 'x', layers: [{ ...good, opacity: 2 }] }, cut], /scene\.layers\[0\]\.opacity/],
      ['take', [{ id: 'x', layers: [{ ...good, x: NaN }] }, cut], /scene\.layers\[0\]\.x/],
      ['take', [{ id: 'x', layers: [{ ...good, fit: 'stretch' }] }, cut], /fit/],
      ['take', [{ id: 'x', layers: [{ ...good, crop: null }] }, cut], /crop must be an object; it is null/],
      ['take', [{ id: 'x', layers: [] }], /transition is missing/],
      ['take', [{ id: 'x', layers: [] }, { kind: 'spin', frames: 3 }], /"spin" is not known/],
      ['take', [{ id: 'x', layers: [] }, { kind: 'wipe', frames: 3 }], /-left/],
      ['take', [{ id: 'x', layers: [] }, { kind: 'fade', frames: -3 }], /frames/],
      ['setOverlays', [[{}]], /layers\[0\]\.sourceId/],
      ['openFeed', [0], /queueFrames/],
      ['closeFeed', ['1'], /id/],
    ];
    for (const [name, args, sentence] of wrong) {
      let thrown: unknown;
      try {
        program[name]!(...args);
      } catch (error) {
        thrown = error;
      }
      expect(thrown, `${name}(${JSON.stringify(args)})`).toBeInstanceOf(TypeError);
      expect((thrown as TypeError).message).toMatch(sentence);
      expect((thrown as TypeError).message).toMatch(/\.$/);
    }
    expect(() => core.closeFd(1)).toThrow(TypeError);
    expect(() => core.createProgram({ ...options, width: 321 })).toThrow(/even/);
    expect(() => core.createProgram({ ...options, fpsNum: 0 })).toThrow(TypeError);
    expect(() => core.createProgram({ ...options, fpsNum: 1000 })).toThrow(/fps/);
  });

  it('survives getters that throw, and layers that are not layers', () => {
    const program = create();
    const trap = { get sourceId(): string { throw new RangeError('trap'); } };
    expect(() => program.setOverlays([trap as never])).toThrow('trap');
    expect(() => program.take({ id: 'x', layers: new Array(300).fill(full('x')) }, cut)).toThrow(/at most/);
  });

  it('refuses a second source of the same id, and forgets removed ones', () => {
    const program = create();
    const source = { id: 'a', mode: 'live', slots: 4, fallbackId: null, delayUs: 0 } as const;
    program.addSource(source);
    expect(() => program.addSource(source)).toThrow(/already/);
    program.removeSource('a');
    program.removeSource('a');
    program.addSource(source);
    core.closeFd(program.openRing('a'));
    program.detachRing('a');
    program.detachRing('gone long ago');
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

  it('stops at once with a feed that nobody reads, and says so afterwards', async () => {
    const program = create();
    program.setPicture('slate', 320, 180, plain(320, 180, [9, 9, 9, 255]), 1280);
    program.setSlate('slate');
    const feed = program.openFeed(60);
    await expect.poll(() => program.stats().feeds[0]!.queued).toBeGreaterThan(5);
    const began = performance.now();
    program.stop();
    expect(performance.now() - began).toBeLessThan(200);
    program.stop();
    expect(() => program.take({ id: 'x', layers: [] }, cut)).toThrow(/stopped/);
    expect(program.stats().rendered).toBeGreaterThan(0);
    core.closeFd(feed.fd);
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

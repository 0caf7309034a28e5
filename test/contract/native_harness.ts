/** The two native cores behind one face, so that one suite can be run on both: the real addon, and the fake on its own clock. */
import { spawn, type ChildProcess } from 'node:child_process';
import { fstatSync } from 'node:fs';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { NativeCore, NativeProgram, NativeProgramOptions, NativeStats } from '../../src/engine/native.js';
import { FakeNativeCore } from '../fakes/native-core.js';
import type { FakeNativeProgram } from '../fakes/native-program.js';
import { core, FakeCamera } from '../support/native.js';
import { delay, within } from '../support/wait.js';

export interface Filling {
  /** Files: how many frames it is long. */
  frames?: number;
}

export interface NativeHarness {
  core: NativeCore;
  pass(ms: number): Promise<void>;
  isOpen(fd: number): boolean;
  /** Opens a ring and fills it as a decoder does, until it stands still or is killed. */
  fill(program: NativeProgram, sourceId: string, filling?: Filling): { standStill(): void; kill(): Promise<void> };
  /** Reads a feed as an encoder does, until it is killed. Takes the descriptor over. */
  read(program: NativeProgram, feed: { id: number; fd: number }): { kill(): Promise<void> };
  /** Stats of a program before and after all its threads stood still for `ms`; `afterUs` is when the latter were taken. */
  standStill(options: NativeProgramOptions, ms: number): Promise<{ before: NativeStats; after: NativeStats; afterUs: number }>;
}

const end = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
};

export const realNative: NativeHarness = {
  core,
  pass: delay,
  isOpen(fd) {
    try {
      fstatSync(fd);
      return true;
    } catch {
      return false;
    }
  },
  fill(program, sourceId, { frames } = {}) {
    // A film's time begins with 0, as a decoder's does, and no sound outlasts its pictures.
    const camera = new FakeCamera(program, sourceId, { camera: 1, size: '320x180', ...(frames === undefined ? {} : { frames, 'stamp-us': 0, sound: 0 }) });
    return { standStill: () => void camera.child.kill('SIGSTOP'), kill: () => camera.kill() };
  },
  read(_program, { fd }) {
    const child = spawn('cat', { stdio: [fd, 'ignore', 'inherit'] });
    core.closeFd(fd);
    return { kill: () => end(child) };
  },
  async standStill(options, ms) {
    const addon = fileURLToPath(new URL('../../native/build/vistter.node', import.meta.url));
    const script = `
      const core = require(${JSON.stringify(addon)});
      const program = core.createProgram(${JSON.stringify(options)});
      process.stdin.on('data', () => console.log(JSON.stringify(program.stats())));
      console.log('ready');`;
    const child = spawn(process.execPath, ['-e', script], { stdio: ['pipe', 'pipe', 'inherit'] });
    try {
      const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
      await within('the program to start', 5_000, lines.next());
      const stats = async (): Promise<NativeStats> => {
        child.stdin.write('?');
        return JSON.parse((await within('stats', 5_000, lines.next())).value as string) as NativeStats;
      };
      await delay(300);
      const before = await stats();
      child.kill('SIGSTOP');
      await delay(ms);
      child.kill('SIGCONT');
      await delay(300);
      return { before, after: await stats(), afterUs: core.monotonicUs() };
    } finally {
      await end(child);
    }
  },
};

export function fakeNative(): NativeHarness {
  const fake = new FakeNativeCore();
  return {
    core: fake,
    async pass(ms) {
      fake.advance(ms);
      await Promise.resolve();
    },
    isOpen: (fd) => fake.isOpen(fd),
    fill(program, sourceId, filling) {
      const fd = program.openRing(sourceId);
      (program as FakeNativeProgram).produce(sourceId, { width: 320, height: 180, ...filling });
      fake.closeFd(fd);
      const standStill = () => (program as FakeNativeProgram).stall(sourceId);
      return { standStill, kill: async () => standStill() };
    },
    read(program, { id, fd }) {
      const release = fake.inherit(fd);
      fake.closeFd(fd);
      (program as FakeNativeProgram).setReading(id, true);
      return { kill: async () => release() };
    },
    async standStill(options, ms) {
      const program = fake.createProgram(options);
      fake.advance(300);
      const before = program.stats();
      fake.standStill(ms);
      fake.advance(300);
      const after = program.stats();
      program.stop();
      return { before, after, afterUs: fake.monotonicUs() };
    },
  };
}

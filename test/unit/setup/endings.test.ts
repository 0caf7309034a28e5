import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { repositoryRoot } from '../../support/media.js';

interface EndingsModule {
  Endings: new (home: string, say: (line: string) => void, look?: (pid: number) => { startTicks?: string; threads: string }) => {
    begin(role: string, pid: number, silentMs: number, nowMs: number): void; has(role: string): boolean; tick(nowMs: number): void;
  };
}
const { Endings } = await import(join(repositoryRoot, 'scripts/endings.mjs')) as EndingsModule;

describe('what is said of a process that was killed because it hangs', () => {
  let said: string[];
  let found: { startTicks?: string; threads: string };
  let endings: InstanceType<EndingsModule['Endings']>;
  beforeEach(() => {
    said = [];
    found = { startTicks: '77', threads: 'SS' };
    endings = new Endings('/srv/vistter', (line) => said.push(line), () => found);
    endings.begin('studio', 42, 30_400, 100_000);
  });
  const run = (fromMs: number, toMs: number): void => {
    for (let nowMs = fromMs; nowMs <= toMs; nowMs += 1000) endings.tick(nowMs);
  };

  it('is that it was ended, once it is', () => {
    endings.tick(100_000);
    expect(said).toEqual([]);
    expect(endings.has('studio')).toBe(true);
    found = { threads: '' };
    run(101_000, 130_000);
    expect(said).toEqual(['studio: has not answered for 30 s; it was ended and is started again']);
    expect(endings.has('studio')).toBe(false);
  });

  it('is once that it waits for the disk when it cannot end, and what to do; and again when that is over', () => {
    // Its event loop is over, and another thread is where no signal reaches it.
    found = { startTicks: '77', threads: 'D' };
    run(100_000, 400_000);
    expect(said).toHaveLength(1);
    expect(said[0]).toMatch(/^studio: waits for a disk that does not answer.*Look at the disk that \/srv\/vistter lies on/);
    expect(said[0]).not.toMatch(/is ended|was ended/);
    expect(endings.has('studio')).toBe(true);
    // Another has its number by now.
    found = { startTicks: '99', threads: 'R' };
    run(401_000, 420_000);
    expect(said.slice(1)).toEqual(['studio: goes on: it had waited for 331 s; it was ended and is started again']);
    expect(endings.has('studio')).toBe(false);
  });

  it('is that it does not end, of one that is nowhere near a disk', () => {
    found = { startTicks: '77', threads: 'R' };
    run(100_000, 200_000);
    expect(said).toHaveLength(1);
    expect(said[0]).toMatch(/does not end though it was killed \(state R\)/);
  });

  it('comes of what the kernel says: a child that is there, and one that is not', async () => {
    const child = spawn('sleep', ['1000']);
    try {
      await once(child, 'spawn');
      const real = new Endings('/srv/vistter', (line) => said.push(line));
      real.begin('engine', child.pid!, 6000, 0);
      real.tick(1000);
      expect(real.has('engine')).toBe(true);
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
      real.tick(2000);
      expect(said).toEqual(['engine: has not answered for 6 s; it was ended and is started again']);
    } finally {
      child.kill('SIGKILL');
    }
  });
});

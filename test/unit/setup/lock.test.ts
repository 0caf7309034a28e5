import { spawn } from 'node:child_process';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { repositoryRoot } from '../../support/media.js';
import { SmallDisk } from '../../support/small_disk.js';
import { removeFolder, tempFolder } from '../../support/temp.js';
import { waitFor } from '../../support/wait.js';

interface LockModule {
  startTicks(pid: number): number | undefined;
  lockOwner(file: string): { pid: number; panel?: string } | undefined;
  takeLock(file: string, about?: object): Promise<{ owner?: { pid: number; panel?: string }; release(): void }>;
}
const { lockOwner, startTicks, takeLock } = await import(join(repositoryRoot, 'scripts/lock.mjs')) as LockModule;

describe('the start lock', () => {
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = tempFolder();
    file = join(folder, 'deeper/start.lock');
  });
  afterEach(() => removeFolder(folder));

  it('is held by one, who is named to the next', async () => {
    const lock = await takeLock(file, { panel: 'http://here/' });
    expect(lock.owner).toBeUndefined();
    expect((await takeLock(file)).owner).toMatchObject({ pid: process.pid, panel: 'http://here/' });
    lock.release();
    expect(lockOwner(file)).toBeUndefined();
    expect((await takeLock(file)).owner).toBeUndefined();
  });

  it.each([
    ['a process that is gone', JSON.stringify({ pid: 2 ** 22 + 1, startTicks: 5 })],
    ['a pid that another process has now', JSON.stringify({ pid: process.pid, startTicks: 1 })],
    ['half a file', '{"pid": 12'],
    ['an empty file', ''],
  ])('is taken over from %s', async (_, content) => {
    (await takeLock(file)).release();
    writeFileSync(file, content);
    expect(lockOwner(file)).toBeUndefined();
    const lock = await takeLock(file);
    expect(lock.owner).toBeUndefined();
    expect(lockOwner(file)?.pid).toBe(process.pid);
    lock.release();
    expect(readdirSync(join(folder, 'deeper'))).toEqual([]);
  });

  it('is taken on a disk that is full to the last byte, and held by one there as well', async (context) => {
    const disk = new SmallDisk(1);
    try {
      if (!disk.isMounted) context.skip();
      const full = join(disk.folder, 'start.lock');
      const hog = disk.hog();
      const lock = await takeLock(full, { panel: 'http://here/' });
      expect(lock.owner).toBeUndefined();
      expect((await takeLock(full)).owner).toMatchObject({ pid: process.pid, panel: 'http://here/' });
      lock.release();
      const next = await takeLock(full);
      expect(next.owner).toBeUndefined();
      next.release();
      hog.stop();
    } finally {
      disk.remove();
    }
  });

  it('goes to one alone of many that find it stale at once', async () => {
    (await takeLock(file)).release();
    writeFileSync(file, JSON.stringify({ pid: 2 ** 22 + 1, startTicks: 5 }));
    const script = `
      const { takeLock } = await import(${JSON.stringify(join(repositoryRoot, 'scripts/lock.mjs'))});
      process.stdin.once('data', async () => { console.log((await takeLock(${JSON.stringify(file)})).owner ? 'refused' : 'taken'); });
      process.stdin.once('end', () => process.exit());
      console.log('ready');`;
    const said = Array.from({ length: 6 }, () => {
      const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['pipe', 'pipe', 'inherit'] });
      const lines = { text: '', child };
      child.stdout.on('data', (chunk: Buffer) => { lines.text += chunk.toString(); });
      return lines;
    });
    await waitFor('all to be ready', () => said.every(({ text }) => text.includes('ready')));
    for (const { child } of said) child.stdin.write('go\n');
    await waitFor('all to answer', () => said.every(({ text }) => /taken|refused/.test(text)));
    expect(said.filter(({ text }) => text.includes('taken'))).toHaveLength(1);
    for (const { child } of said) child.stdin.end();
    await Promise.all(said.map(({ child }) => new Promise((done) => (child.exitCode === null ? child.once('exit', done) : done(0)))));
  });

  it('knows a process by its start', () => {
    expect(startTicks(process.pid)).toBeGreaterThan(0);
    expect(startTicks(2 ** 22 + 1)).toBeUndefined();
    expect(existsSync(file)).toBe(false);
  });
});

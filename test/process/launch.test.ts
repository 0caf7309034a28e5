/** vistter-launch: commands that never outlive who started them. */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { repositoryRoot } from '../support/media.js';
import { makeNative } from '../support/native_build.js';
import { isAlive } from '../support/procfs.js';
import { startProcess } from '../support/process.js';
import { waitFor } from '../support/wait.js';

const launch = join(repositoryRoot, 'native/build/vistter-launch');
beforeAll(() => {
  makeNative('build/vistter-launch');
}, 60_000);

describe('vistter-launch', () => {
  it('becomes the command, with its arguments as they are', async () => {
    const child = startProcess(launch, ['--nice', '5', '--', 'sh', '-c', 'nice; printf "%s|" "$@"; exit 7', 'sh', 'a b', '--', '$HOME']);
    expect(await child.exited).toEqual({ code: 7, signal: null });
    expect(child.stdout()).toBe('5\na b|--|$HOME|');
  });

  it('says what it cannot start', async () => {
    expect((await startProcess(launch, ['--', '/no/such/command']).exited).code).toBe(127);
    expect((await startProcess(launch, ['--', tmpdir()]).exited).code).toBe(126);
    for (const args of [[], ['--'], ['sleep', '1'], ['--nice', 'x', '--', 'true'], ['--nice', '99', '--', 'true'], ['--memory', '0', '--', 'true'], ['--memory', '--', 'true']]) {
      expect((await startProcess(launch, args).exited).code, args.join(' ')).toBe(125);
    }
  });

  it('puts a command behind everything else: the idle class of processor and disk, in a session of its own that steps back', async () => {
    const show = 'cut -d " " -f 19 /proc/self/stat; chrt -p $$; ionice -p $$; cut -d " " -f 6 /proc/$$/stat; cat /proc/$$/autogroup 2>/dev/null || true; echo $$';
    const child = startProcess(launch, ['--idle', '--', 'sh', '-c', show]);
    await child.exited;
    const lines = child.stdout().trim().split('\n');
    expect(lines[0]).toBe('19');
    expect(child.stdout()).toMatch(/SCHED_IDLE/);
    expect(lines).toContain('idle');
    expect(lines.filter((line) => line === String(child.pid)), 'its session is its own').toHaveLength(2);
    if (child.stdout().includes('autogroup')) expect(child.stdout()).toMatch(/autogroup-\d+ nice 19/);
  });

  it('gives the command memory in huge pages where that is asked for', async () => {
    const show = 'echo $GLIBC_TUNABLES; python3 -c "print(open(\'/proc/self/smaps\').read().split(\'[heap]\')[1].split(\'VmFlags:\')[1].splitlines()[0])"';
    const shown = async (...options: string[]) => {
      const child = startProcess(launch, [...options, '--', 'sh', '-c', show]);
      await child.exited;
      const [tunables, flags] = child.stdout().split('\n');
      return { tunables, flags: flags!.trim().split(' ') };
    };
    const [huge, usual] = [await shown('--huge-pages'), await shown()];
    expect([huge.tunables, usual.tunables]).toEqual([expect.stringContaining('glibc.malloc.hugetlb=1'), process.env.GLIBC_TUNABLES ?? '']);
    // Only there has a program to ask the kernel for them.
    const rule = '/sys/kernel/mm/transparent_hugepage/enabled';
    if (!existsSync(rule) || !readFileSync(rule, 'utf8').includes('[madvise]')) return;
    expect(huge.flags).toContain('hg');
    expect(usual.flags).not.toContain('hg');
  });

  it('bounds the memory of the command', async () => {
    const take = (mib: number) => startProcess(launch, ['--memory', '300', '--', 'python3', '-c', `bytearray(${mib} << 20)`]);
    expect((await take(100).exited).code).toBe(0);
    const tooMuch = take(400);
    expect((await tooMuch.exited).code).toBe(1);
    expect(tooMuch.stderr()).toContain('MemoryError');
  });

  it('kills the command when the parent is killed', async () => {
    const script = `const c = require('child_process').spawn(process.argv[1], ['--', 'sleep', '60']); console.log(c.pid); setInterval(() => {}, 1000)`;
    const parent = spawn(process.execPath, ['-e', script, launch], { stdio: ['ignore', 'pipe', 'ignore'] });
    const pid = await new Promise<number>((done) => parent.stdout.once('data', (text: Buffer) => done(Number(text.toString()))));
    expect(isAlive(pid)).toBe(true);
    parent.kill('SIGKILL');
    await waitFor('the command to die', () => !isAlive(pid), { timeoutMs: 2_000 });
  });
});

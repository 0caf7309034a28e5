/** vistter-launch: commands that never outlive who started them. */
import { execFileSync, spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { repositoryRoot } from '../support/media.js';
import { isAlive } from '../support/procfs.js';
import { startProcess } from '../support/process.js';
import { waitFor } from '../support/wait.js';

const launch = join(repositoryRoot, 'native/build/vistter-launch');
beforeAll(() => {
  execFileSync('make', ['-C', join(repositoryRoot, 'native'), '-s', 'build/vistter-launch'], { stdio: 'pipe' });
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
    for (const args of [[], ['--'], ['sleep', '1'], ['--nice', 'x', '--', 'true'], ['--nice', '99', '--', 'true']]) {
      expect((await startProcess(launch, args).exited).code, args.join(' ')).toBe(125);
    }
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

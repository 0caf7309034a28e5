/** A bench that is told to end has ended all that it had started before it ends itself. */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { repositoryRoot } from '../support/media.js';
import { signal, startProcess } from '../support/process.js';
import { processesWithEnvironment } from '../support/procfs.js';
import { waitFor, within } from '../support/wait.js';

const MARK = 'TEST_BENCH';
const mark = randomBytes(8).toString('hex');
const built = (name: string): string => JSON.stringify(join(repositoryRoot, 'dist/test', name));
/** A stand-in for a product, started again when it ends as that is, whose child follows it; and one that does not care for TERM. */
const BENCH = `
import { spawn } from 'node:child_process';
import { endAllOnSignal } from ${built('bench/interrupt.js')};
import { tempFolder } from ${built('support/temp.js')};
endAllOnSignal(300);
const product = () => spawn('sh', ['-c', 'sleep 600 & trap "kill $!; exit" TERM; wait'], { stdio: 'ignore' }).once('exit', product);
product();
spawn('sh', ['-c', 'trap "" TERM; while :; do sleep 600; done'], { stdio: 'ignore' });
process.stdout.write(tempFolder());
`;
const left = (): number[] => processesWithEnvironment(MARK, mark).map(({ pid }) => pid);
afterEach(() => { for (const pid of left()) signal(pid, 'SIGKILL'); });

test.each([['SIGTERM', 143], ['SIGINT', 130]] as const)('%s ends a bench with its children, theirs and its folder', async (name, code) => {
  const bench = startProcess(process.execPath, ['--input-type=module', '--eval', BENCH], { env: { ...process.env, [MARK]: mark } });
  await waitFor('its children', () => left().length === 5 && bench.stdout() !== '');
  expect(existsSync(bench.stdout())).toBe(true);
  signal(bench.pid, name);
  expect(await within('the end of the bench', 10_000, bench.exited)).toEqual({ code, signal: null });
  expect(left()).toEqual([]);
  expect(existsSync(bench.stdout())).toBe(false);
});

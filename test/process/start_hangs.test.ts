/** Who ends a process that hangs before it has been heard of: a child stands in for it, and the watch of `npm start` runs here. */
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { repositoryRoot } from '../support/media.js';
import { signal, startProcess } from '../support/process.js';
import { isAlive } from '../support/procfs.js';
import { removeFolder, tempFolder } from '../support/temp.js';

interface HeartbeatsModule {
  HangWatch: new (home: string, runFolder: string, pm2Home: string, pm2Pid: () => number | undefined, startMs: number) => { start(): void; stop(): void };
}
const { HangWatch } = await import(join(repositoryRoot, 'scripts/heartbeats.mjs')) as HeartbeatsModule;

const START_MS = 1500;

it('one that hangs in its start is ended, one that has come so far is not', async ({ onTestFinished }) => {
  const home = tempFolder('v-starts-');
  onTestFinished(() => removeFolder(home));
  const start = (role: string) => startProcess(process.execPath, ['-e', 'setInterval(() => {}, 1000)', `dist/src/${role}/main.js`], { env: { ...process.env, PM2_HOME: home } });
  const hangs = start('engine');
  const runs = start('egress');
  onTestFinished(() => [hangs, runs].forEach(({ pid }) => signal(pid, 'SIGKILL')));
  const beats = createServer((socket) => {
    const beating = setInterval(() => socket.write(`${runs.pid}\n`), 200);
    socket.on('error', () => {}).on('close', () => clearInterval(beating));
  });
  await new Promise<void>((listening) => void beats.listen(join(home, 'alive-egress.sock'), listening));
  onTestFinished(() => void beats.close());
  const watch = new HangWatch(home, home, home, () => undefined, START_MS);
  onTestFinished(() => watch.stop());
  watch.start();
  expect(await hangs.exited).toMatchObject({ signal: 'SIGKILL' });
  expect(isAlive(runs.pid)).toBe(true);
});

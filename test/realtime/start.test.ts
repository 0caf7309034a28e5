/** `npm start` as a person uses it: up, refused twice, stopped by Ctrl-C, killed in every way, and up again. */
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signal, startProcess } from '../support/process.js';
import { allProcesses, commandLine, isAlive, processTree } from '../support/procfs.js';
import { repositoryRoot } from '../support/media.js';
import { productBuilt } from '../support/product.js';
import { StartHome, Started } from '../support/started.js';
import { removeFolder, tempFolder } from '../support/temp.js';
import { delay, monotonicMs, waitFor, within } from '../support/wait.js';

const missing = productBuilt() ? null : 'the product is not built (npm run build)';
if (missing) console.log(`start: skipped, ${missing}`);

const roles = ['studio', 'egress', 'ingest', 'engine', 'sidecar'] as const;

describe.skipIf(missing)('npm start', () => {
  const at = new StartHome();
  const { home, userHome, token, env, api, family, pidOf, healthy, running, start } = at;
  const pm2 = () => family().find(({ pid }) => commandLine(pid).includes('pm2-runtime'));
  let ports: number[];
  beforeAll(async () => {
    await at.prepare();
    ({ ports } = at);
  });
  afterAll(() => at.remove());

  it('says how to reach it, once all five run', async () => {
    await start();
    expect(at.started.output).toContain(`http://localhost:${ports[0]}/#token=${token}`);
    expect(at.started.output).toContain(`rtmp://127.0.0.1:${ports[1]}/live`);
    expect(at.started.output).toMatch(/Camera 1 +\S{16,}/);
    expect(at.started.output).toMatch(/Camera 2 +\S{16,}/);
    // pm2's own chatter is kept away.
    expect(at.started.output).not.toMatch(/PM2/);
    for (const role of roles) expect(pidOf(role), role).toBeDefined();
    // What is in the memory of one that crashes, keys among it, is in no file afterwards.
    for (const role of roles) expect(readFileSync(`/proc/${pidOf(role)}/limits`, 'utf8'), role).toMatch(/^Max core file size +0 /m);
    // The rest of these tests has better uses for the processors than 1080p.
    await api().patch('/api/v1/settings', { video: { width: 320, height: 180 }, encoder: { preset: 'ultrafast', bitrateKbps: 500 } });
    await running();
  });

  it('keeps pm2 to its own home, without files that grow', () => {
    expect(readdirSync(userHome).filter((name) => name === '.pm2')).toEqual([]);
    const logs = join(home, 'pm2/logs');
    expect(existsSync(logs) ? readdirSync(logs) : []).toEqual([]);
    for (const info of family()) expect(commandLine(info.pid)).not.toContain(token);
  });

  it('refuses a second start of the same home, and says why', async () => {
    const second = new Started(env());
    expect((await within('the refusal', 15_000, second.exited)).code).toBe(1);
    expect(second.output).toContain(`already running with ${home}`);
    expect((await api().request('GET', '/api/v1/health')).status).toBe(200);
  });

  it('says which port is taken, and by which setting', async () => {
    const other = tempFolder();
    const second = new Started(env({ VISTTER_HOME: other }));
    expect((await within('the refusal', 15_000, second.exited)).code).toBe(1);
    expect(second.output).toContain(`VISTTER_HTTP is 127.0.0.1:${ports[0]}, but another program has that port.`);
    removeFolder(other);
  });

  it('names an unknown setting before it starts anything', async () => {
    const second = new Started(env({ VISTTER_HOME: `${home}-other`, VISTTER_HTPP: 'x' }));
    expect((await within('the refusal', 15_000, second.exited)).code).toBe(1);
    expect(second.output).toContain('Unknown setting VISTTER_HTPP');
    expect(second.output).not.toMatch(/^\s+at /m);
    expect(existsSync(`${home}-other`)).toBe(false);
  });

  it('starts a process again each time it is killed', async () => {
    for (let round = 0; round < 4; round++) {
      const pid = pidOf('sidecar')!;
      signal(pid, 'SIGKILL');
      await waitFor('the next life', () => {
        const next = pidOf('sidecar');
        return next !== undefined && next !== pid;
      });
      await delay(300);
    }
    await healthy();
    expect(at.started.output).toContain('sidecar: ended (SIGKILL); it is started again');
  });

  it('replaces a process that hangs rather than dies, though pm2 was stopped as well', async () => {
    const pid = pidOf('sidecar')!;
    const others = roles.filter((role) => role !== 'sidecar').map(pidOf);
    signal(pm2()!.pid, 'SIGSTOP');
    signal(pid, 'SIGSTOP');
    await waitFor('the next life', () => {
      const next = pidOf('sidecar');
      return next !== undefined && next !== pid;
    }, { timeoutMs: 15_000 });
    expect(isAlive(pid)).toBe(false);
    expect(at.started.output).toContain('pm2 has been stopped for 6 s; it is told to go on');
    await waitFor('that it is said', () => /sidecar: has not answered for \d+ s; it was ended and is started again/.test(at.started.output));
    await healthy();
    expect(roles.filter((role) => role !== 'sidecar').map(pidOf)).toEqual(others);
  });

  it('stops on Ctrl-C within 5 s and leaves nothing', async () => {
    const pids = family().map((info) => info.pid);
    expect(pids.length).toBeGreaterThan(5);
    const atMs = monotonicMs();
    at.started.ctrlC();
    const exit = await within('the stop', 6_000, at.started.exited);
    console.log(`stopped in ${Math.round(exit.atMs - atMs)} ms`);
    expect(exit.code, at.started.output.slice(-2_000)).toBe(0);
    expect(exit.atMs - atMs).toBeLessThan(5_000);
    expect(pids.filter(isAlive).map(commandLine)).toEqual([]);
    expect(existsSync(join(home, 'start.lock'))).toBe(false);
  });

  it('is up again in seconds', async () => {
    const tookMs = await start();
    console.log(`up in ${Math.round(tookMs)} ms`);
    // Under 5 s where nothing else runs; the rest is for a machine that has others to serve.
    expect(tookMs).toBeLessThan(8_000);
  });

  it('begins all of it anew, one after another, when an upgrade asks for that', async () => {
    const before = roles.map(pidOf);
    // A shell that knows the home and not the port: where it runs is written down there.
    const shell = env();
    delete shell.VISTTER_HTTP;
    const upgrade = (...args: string[]) => startProcess('npm', ['run', 'upgrade', '--', ...args], { cwd: repositoryRoot, env: shell });
    const nothing = upgrade();
    expect((await nothing.exited).code, nothing.stderr()).toBe(0);
    expect(nothing.stdout()).toContain('All processes run this version.');
    expect(roles.map(pidOf)).toEqual(before);

    const all = upgrade('--restart');
    expect((await all.exited).code, all.stderr()).toBe(0);
    expect(all.stdout().match(/✓ \w+/g)).toEqual(['✓ sidecar', '✓ studio', '✓ ingest', '✓ engine', '✓ egress']);
    await healthy();
    await running();
    for (const [i, role] of roles.entries()) expect(pidOf(role), role).not.toBe(before[i]);
  });

  it('lets the program go on when pm2 is killed, and starts afresh when a process ends then', async () => {
    const before = await running();
    const engine = pidOf('engine')!;
    signal(pm2()!.pid, 'SIGKILL');
    await waitFor('the sentence', () => at.started.output.includes('pm2 has ended unexpectedly'));
    const frame = await running();
    await delay(1_500);
    expect(await running()).toBeGreaterThan(Math.max(before, frame) + 20);
    expect(pidOf('engine')).toBe(engine);
    signal(pidOf('sidecar')!, 'SIGKILL');
    await waitFor('a fresh engine', () => {
      const pid = pidOf('engine');
      return pid !== undefined && pid !== engine;
    });
    await healthy();
  });

  it('stops on SIGTERM too, after pm2 was killed', async () => {
    signal(pm2()!.pid, 'SIGKILL');
    await waitFor('the sentence again', () => at.started.output.split('pm2 has ended unexpectedly').length > 2);
    const atMs = monotonicMs();
    signal(at.started.pid, 'SIGTERM');
    const exit = await within('the stop', 6_000, at.started.exited);
    expect(exit.atMs - atMs).toBeLessThan(5_000);
    expect(exit.code).toBe(0);
    expect(family()).toEqual([]);
  });

  it('comes back after kill -9 of everything, with what was set, and ends what was left', async () => {
    await start();
    const camera = await api().post<{ id: string }>('/api/v1/sources', { kind: 'camera', name: 'Kept' });
    await running();
    // What starts, not what is started: pm2 and the five processes, decoders and encoder stay behind.
    process.kill(-at.started.pid, 'SIGKILL');
    await at.started.exited;
    const left = family().map((info) => info.pid);
    expect(left.length).toBeGreaterThan(5);
    await start();
    expect(at.started.output).toMatch(/Ended \d+ processes that an earlier start had left behind/);
    expect(left.filter(isAlive)).toEqual([]);
    expect(await api().get(`/api/v1/sources/${camera.id}`)).toMatchObject({ name: 'Kept' });

    // And now all of it at once.
    for (const { pid } of [...processTree(at.started.pid), ...family()]) signal(pid, 'SIGKILL');
    await at.started.exited;
    const tookMs = await start();
    await running();
    console.log(`on program ${Math.round(monotonicMs() - at.started.startedMs)} ms after the start, up in ${Math.round(tookMs)} ms`);
    expect(monotonicMs() - at.started.startedMs).toBeLessThan(10_000);
  });

  it('leaves processes of others alone, also those that carry VISTTER_HOME', async () => {
    const bystander = spawn('sleep', ['60'], { env: { ...process.env, VISTTER_HOME: home }, stdio: 'ignore' });
    at.started.ctrlC();
    await within('the stop', 6_000, at.started.exited);
    expect(isAlive(bystander.pid!)).toBe(true);
    bystander.kill();
    expect(allProcesses().some(({ pid }) => commandLine(pid).includes(home))).toBe(false);
  });

  it('frees its ports', async () => {
    for (const port of ports.slice(0, 2)) {
      await new Promise<void>((done, fail) => {
        const server = createServer().once('error', fail);
        server.listen(port, '127.0.0.1', () => server.close(() => done()));
      });
    }
  });

});

/** pm2-runtime as a child of `npm start`: what it is told, what happens when it or the person at the keyboard ends it. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { HangWatch } from './heartbeats.mjs';
import { startTicks } from './lock.mjs';
import { findMarked, reap, sessionLeaders, signal } from './reap.mjs';

/** From Ctrl-C to the moment that whatever is left is killed, ms. Everything is to be gone within 5 s. */
const FORCE_AFTER_MS = 4000;
/** npm passes on the Ctrl-C that the terminal has sent here too; a second one by hand comes later than this, ms. */
const SAME_KEYPRESS_MS = 400;

/** Keeps pm2-runtime in the foreground, and ends everything when told to. */
export class Supervisor {
  #pm2;
  #stoppingSince;
  #hangWatch;

  constructor(root, home, runFolder, pm2Home) {
    this.root = root;
    this.pm2Home = pm2Home;
    this.#hangWatch = new HangWatch(home, runFolder, pm2Home, () => this.#pm2?.pid);
    this.env = {
      ...process.env,
      VISTTER_HOME: home,
      PM2_HOME: pm2Home,
      // pm2 asks its makers for news of itself otherwise.
      PM2_DISABLE_VERSION_CHECK: 'true',
      // All five start and stop at once.
      PM2_CONCURRENT_ACTIONS: '8',
      // A life of 5 s is a healthy one: the next restart comes after 100 ms again.
      EXP_BACKOFF_RESET_TIMER: '5000',
      PM2_WORKER_INTERVAL: '2500',
      NODE_ENV: process.env.NODE_ENV ?? 'production',
    };
  }

  start() {
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(name, () => this.#stop());
    this.#watchParent();
    this.#spawn();
    this.#hangWatch.start();
  }

  /** npm and its shell end at once when they get a SIGTERM of their own, and tell nobody: see that they are gone. */
  #watchParent() {
    const parent = process.ppid;
    if (!process.env.npm_lifecycle_event || parent === 1) return;
    setInterval(() => process.ppid !== parent && this.#stoppingSince === undefined && this.#stop(), 250).unref();
  }

  #spawn() {
    const args = [
      '--require', join(this.root, 'scripts/pm2-lines.cjs'), join(this.root, 'node_modules/pm2/bin/pm2-runtime'),
      join(this.root, 'ecosystem.config.cjs'), '--raw', '--no-auto-exit',
    ];
    // No process leaves a file of its memory behind: it would be large, and hold keys.
    const pm2 = spawn('/bin/sh', ['-c', 'ulimit -c 0; exec "$0" "$@"', process.execPath, ...args], {
      cwd: this.root,
      env: this.env,
      stdio: ['ignore', 'inherit', 'inherit'],
      // A group of its own: Ctrl-C reaches it once, from here.
      detached: true,
    });
    this.#pm2 = pm2;
    pm2.once('error', (error) => {
      process.stderr.write(`pm2 could not be started: ${error.message}\n`);
      process.exit(1);
    });
    pm2.once('exit', () => {
      this.#pm2 = undefined;
      if (this.#stoppingSince !== undefined) void this.#finish();
      else this.#goOnWithout();
    });
  }

  /**
   * pm2 itself was killed. Its processes go on, so the broadcast does too; they are left alone until one of them ends, and
   * only then is everything started afresh.
   */
  #goOnWithout() {
    const orphans = sessionLeaders(findMarked(this.pm2Home)).map((pid) => [pid, startTicks(pid)]);
    process.stderr.write('pm2 has ended unexpectedly. The program goes on; all is started afresh as soon as one of its processes ends.\n');
    const timer = setInterval(() => {
      if (this.#stoppingSince !== undefined) return clearInterval(timer);
      if (orphans.length && orphans.every(([pid, ticks]) => startTicks(pid) === ticks)) return undefined;
      clearInterval(timer);
      return void reap(this.pm2Home).then(() => this.#stoppingSince === undefined && this.#spawn());
    }, 250);
  }

  #stop() {
    if (this.#stoppingSince !== undefined) {
      if (performance.now() - this.#stoppingSince > SAME_KEYPRESS_MS) void this.#finish();
      return;
    }
    this.#stoppingSince = performance.now();
    this.#hangWatch.stop();
    process.stdout.write('Stopping …\n');
    setTimeout(() => void this.#finish(), FORCE_AFTER_MS).unref();
    if (this.#pm2) {
      signal(this.#pm2.pid, 'SIGINT');
      // One that was stopped hears nothing else.
      signal(this.#pm2.pid, 'SIGCONT');
      return;
    }
    for (const pid of sessionLeaders(findMarked(this.pm2Home))) signal(pid, 'SIGTERM');
    const timer = setInterval(() => {
      if (findMarked(this.pm2Home).length) return;
      clearInterval(timer);
      void this.#finish();
    }, 50);
  }

  /** Nothing may outlive this process. */
  async #finish() {
    try {
      await reap(this.pm2Home);
      process.exit(0);
    } catch (error) {
      process.stderr.write(`${error.message}\n`);
      process.exit(1);
    }
  }
}

/** `npm start` as a person uses it, in a home of its own, with ports and a token of its own. */
import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { repositoryRoot } from './media.js';
import { signal, type Exit } from './process.js';
import { commandLine, processesWithEnvironment, processTree, type ProcessInfo } from './procfs.js';
import { StudioApi } from './product_client.js';
import { freePorts, removeFolder, tempFolder } from './temp.js';
import { monotonicMs, waitFor } from './wait.js';

export class Started {
  readonly child: ChildProcess;
  output = '';
  readonly exited: Promise<Exit & { atMs: number }>;
  readonly startedMs = monotonicMs();

  constructor(env: NodeJS.ProcessEnv) {
    // A group of its own, so that a signal to the group is what Ctrl-C in a terminal is. With files of a crashed process's memory, as far as they are allowed.
    this.child = spawn('sh', ['-c', 'ulimit -S -c "$(ulimit -H -c)"; exec npm start'], { cwd: repositoryRoot, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.child.stdout!, this.child.stderr!]) stream.on('data', (chunk: Buffer) => { this.output += chunk.toString('utf8'); });
    // Not 'close': what was left behind holds the pipe.
    this.exited = new Promise((done) => this.child.once('exit', (code, name) => done({ code, signal: name, atMs: monotonicMs() })));
  }

  get pid(): number {
    return this.child.pid!;
  }

  ctrlC(): void {
    process.kill(-this.pid, 'SIGINT');
  }
}

/** Where it is started, again and again. */
export class StartHome {
  readonly home = tempFolder();
  readonly userHome = tempFolder();
  readonly token = 'start-test-token-0123456789';
  ports: number[] = [];
  /** The latest. */
  started!: Started;

  async prepare(): Promise<void> {
    this.ports = await freePorts(3);
  }

  readonly env = (extra: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => ({
    ...Object.fromEntries(Object.entries(process.env).filter(([key]) => !/^(VISTTER_|VITEST|npm_|NODE_OPTIONS|NODE_ENV|PM2_)/.test(key))),
    HOME: this.userHome, VISTTER_HOME: this.home, VISTTER_TOKEN: this.token,
    VISTTER_HTTP: `127.0.0.1:${this.ports[0]}`, VISTTER_RTMP: `127.0.0.1:${this.ports[1]}`, VISTTER_OBS: `127.0.0.1:${this.ports[2]}`,
    ...extra,
  });
  readonly api = (): StudioApi => new StudioApi(`http://127.0.0.1:${this.ports[0]}`, this.token);
  readonly family = (): ProcessInfo[] => processesWithEnvironment('PM2_HOME', join(this.home, 'pm2'));
  readonly pidOf = (role: string): number | undefined => this.family().find(({ pid }) => commandLine(pid).includes(`dist/src/${role}/main.js`))?.pid;
  readonly healthy = () => waitFor('all five to answer', async () => {
    const { status, json } = await this.api().request('GET', '/api/v1/health');
    return status === 200 && (json as { status: string }).status === 'ok';
  }, { timeoutMs: 30_000 }).catch((error: Error) => { throw new Error(`${error.message}\n${this.started.output.slice(-3_000)}`); });
  readonly running = () => waitFor('the program', async () => {
    const status = await this.api().status();
    return status.program !== null && status.encoder?.state === 'running' ? status.program.frame : undefined;
  }, { timeoutMs: 20_000 });

  /** Answers how long it took until all five answered, ms. */
  readonly start = async (): Promise<number> => {
    this.started = new Started(this.env());
    // Those of an earlier start may still answer.
    await waitFor('the banner', () => this.started.output.includes('VistterStudio is running'), { timeoutMs: 30_000 })
      .catch((error: Error) => { throw new Error(`${error.message}\n${this.started.output.slice(-3_000)}`); });
    await this.healthy();
    return monotonicMs() - this.started.startedMs;
  };

  /** Ends whatever is left. */
  async remove(): Promise<void> {
    const trees = this.started as Started | undefined ? processTree(this.started.pid) : [];
    for (const { pid } of [...trees, ...this.family()]) signal(pid, 'SIGKILL');
    await waitFor('all to end', () => this.family().length === 0);
    removeFolder(this.home);
    removeFolder(this.userHome);
  }
}

/**
 * The whole product for a test: its processes, started as pm2 would and started again when they die, with a home and ports
 * of its own. The processes run from `dist/`, so the build must be up to date; `npm test` sees to that.
 */
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { outlasting } from './ends.js';
import { repositoryRoot } from './media.js';
import { StudioApi, StudioSocket } from './product_client.js';
import { processTree, processesWithEnvironment, treeCpuSeconds, treeMemoryBytes, type ProcessInfo } from './procfs.js';
import { signal, startProcess, type RunningProcess } from './process.js';
import { startedAs } from './processes.js';
import { freePorts, removeFolder, tempFolder } from './temp.js';
import { delay, monotonicMs, waitFor } from './wait.js';

export const roles = ['studio', 'ingest', 'egress', 'engine', 'sidecar'] as const;
export type Role = (typeof roles)[number];

/** Names every process of one product, however it was started, so that orphans are found. */
const markName = 'TEST_PRODUCT';
/** As ecosystem.config.cjs has it. */
const restartDelayMs = 100;
/** What the product promises. */
const STOPPED_WITHIN_MS = 5_000;
const CHILDREN_END_WITHIN_MS = 1_500;

export interface ProductOptions {
  /** PATCHed into `/api/v1/settings` before any process but the studio is there: a program of 1080p, which would be built anew, is not begun with. */
  settings?: Record<string, unknown>;
  env?: Record<string, string>;
  /** Leave these out. */
  without?: Role[];
  home?: string;
}

export const smallSettings = {
  video: { width: 640, height: 360, fps: 30 },
  encoder: { codec: 'libx264', preset: 'ultrafast', bitrateKbps: 1_500, keyframeIntervalMs: 1_000 },
  audio: { bitrateKbps: 128 },
};

interface Member {
  role: Role;
  running: RunningProcess | undefined;
  starts: number;
  wanted: boolean;
}

/** Whether the built product is there at all. */
export function productBuilt(): boolean {
  return ['studio', 'engine', 'ingest', 'egress'].every((role) => existsSync(mainOf(role as Role)))
    && (process.env.TEST_ENGINE_MAIN ? true : existsSync(join(repositoryRoot, 'native/build/vistter.node')));
}

function mainOf(role: Role): string {
  if (role === 'engine' && process.env.TEST_ENGINE_MAIN) return process.env.TEST_ENGINE_MAIN;
  return join(repositoryRoot, 'dist/src', role, 'main.js');
}

export class Product {
  readonly token = randomBytes(24).toString('base64url');
  readonly mark = randomBytes(8).toString('hex');
  readonly home: string;
  httpPort = 0;
  rtmpPort = 0;
  readonly restarts: { role: Role; atMs: number; why: string }[] = [];
  private readonly members = new Map<Role, Member>();
  private readonly sockets = new Set<StudioSocket>();
  private obsPort = 0;
  private stopping: Promise<void> | undefined;
  private readonly ownsHome: boolean;

  constructor(private readonly options: ProductOptions = {}) {
    this.ownsHome = options.home === undefined;
    this.home = options.home ?? tempFolder('v-');
  }

  /** Starts all, with the settings, and waits until the studio answers and the program runs. */
  async start(): Promise<this> {
    [this.httpPort, this.rtmpPort, this.obsPort] = await freePorts(3) as [number, number, number];
    mkdirSync(join(this.home, 'media'), { recursive: true });
    if (this.options.settings) {
      this.startProcesses(['studio']);
      await this.answers();
      await this.api.patch('/api/v1/settings', this.options.settings);
    }
    this.startProcesses();
    await this.ready();
    return this;
  }

  /** Those that do not run yet. */
  startProcesses(which: readonly Role[] = roles): void {
    for (const role of which) {
      if (this.members.has(role) || this.options.without?.includes(role) || !existsSync(mainOf(role))) continue;
      const member: Member = { role, running: undefined, starts: 0, wanted: true };
      this.members.set(role, member);
      this.launch(member);
    }
  }

  async ready(timeoutMs = 20_000): Promise<void> {
    await this.answers(timeoutMs);
    await waitFor('the program to run', async () => {
      const status = await this.api.status();
      return status.program !== null && status.program.frame > 0 && status.encoder?.state === 'running';
    }, { timeoutMs }).catch((error: Error) => { throw new Error(`${error.message}\n${this.logTail()}`); });
  }

  private async answers(timeoutMs = 20_000): Promise<void> {
    await waitFor('the studio to answer', () => this.api.request('GET', '/api/v1/health').then((r) => r.status === 200), { timeoutMs })
      .catch((error: Error) => { throw new Error(`${error.message}\n${this.logTail()}`); });
  }

  get api(): StudioApi {
    return new StudioApi(`http://127.0.0.1:${this.httpPort}`, this.token);
  }

  get rtmpUrl(): string {
    return `rtmp://127.0.0.1:${this.rtmpPort}/live`;
  }

  /** A websocket to the studio; closed by `stop`. */
  async socket(): Promise<StudioSocket> {
    const socket = await StudioSocket.open(`ws://127.0.0.1:${this.httpPort}/ws`, this.token);
    this.sockets.add(socket);
    return socket;
  }

  pid(role: Role): number {
    const pid = this.members.get(role)?.running?.pid;
    if (pid === undefined) throw new Error(`${role} does not run`);
    return pid;
  }

  get pids(): number[] {
    return [...this.members.values()].flatMap((member) => (member.running ? [member.running.pid] : []));
  }

  starts(role: Role): number {
    return this.members.get(role)?.starts ?? 0;
  }

  /** Sends a signal to a process; it is started again when it ends. */
  kill(role: Role, name: NodeJS.Signals = 'SIGKILL'): number {
    signal(this.pid(role), name);
    return monotonicMs();
  }

  /** -9 to every process and child at once, as a power cut would have it, and none is started again until `startProcesses`. */
  async killEverything(): Promise<void> {
    for (const member of this.members.values()) member.wanted = false;
    const all = [...this.members.values()];
    // What was being started while they were looked for is found the next time.
    await waitFor('everything to be gone', () => {
      const left = this.family();
      for (const { pid } of left) signal(pid, 'SIGKILL');
      return left.length === 0;
    }, { everyMs: 5 });
    await Promise.all(all.map((member) => member.running?.exited));
    this.members.clear();
  }

  /** Children of the engine by program name: decoders and the encoder. */
  decoders(): ProcessInfo[] {
    return processTree(this.pid('engine')).filter((info) => info.comm.startsWith('vistter-decod'));
  }

  encoders(): ProcessInfo[] {
    return processTree(this.pid('engine')).filter((info) => info.comm === 'ffmpeg');
  }

  /** Everything this product runs, also what was orphaned. */
  family(): ProcessInfo[] {
    return processesWithEnvironment(markName, this.mark);
  }

  cpuSeconds(): number {
    return treeCpuSeconds(this.pids);
  }

  memoryBytes(): ReturnType<typeof treeMemoryBytes> {
    return treeMemoryBytes(this.pids);
  }

  logs(): string {
    return roles.map((role) => (existsSync(this.logFile(role)) ? readFileSync(this.logFile(role), 'utf8') : '')).join('');
  }

  logTail(bytes = 3_000): string {
    return roles.map((role) => `--- ${role}\n${existsSync(this.logFile(role)) ? readFileSync(this.logFile(role), 'utf8').slice(-bytes) : ''}`).join('\n');
  }

  /** A camera, with what a broadcaster would type into OBS. */
  async addCamera(name: string, extra: Record<string, unknown> = {}): Promise<{ id: string; url: string; key: string }> {
    const source = await this.api.post<{ id: string; ingest: { server: string; key: string } }>('/api/v1/sources', { name, kind: 'camera', ...extra });
    return { id: source.id, key: source.ingest.key, url: `${this.rtmpUrl}/${source.ingest.key}` };
  }

  async addDestination(name: string, url: string, key: string): Promise<string> {
    return (await this.api.post<{ id: string }>('/api/v1/destinations', { name, platform: 'custom', url, key, enabled: true })).id;
  }

  /** Waits until a source's state in the status is one of these. */
  async sourceState(id: string, states: string[], timeoutMs = 10_000): Promise<void> {
    let last = 'unknown';
    await waitFor(`source to be ${states.join(' or ')}`, async () => {
      last = (await this.api.status()).sources.find((source) => source.id === id)?.state ?? 'unknown';
      return states.includes(last);
    }, { timeoutMs, everyMs: 50 }).catch((error: Error) => { throw new Error(`${error.message} (it is ${last})\n${this.logTail(1_500)}`); });
  }

  async destinationState(id: string, states: string[], timeoutMs = 10_000): Promise<void> {
    let last = 'unknown';
    await waitFor(`destination to be ${states.join(' or ')}`, async () => {
      last = (await this.api.status()).destinations.find((destination) => destination.id === id)?.state ?? 'unknown';
      return states.includes(last);
    }, { timeoutMs, everyMs: 50 }).catch((error: Error) => { throw new Error(`${error.message} (it is ${last})\n${this.logTail(1_500)}`); });
  }

  /** Ends all; fails when a process outlives it. `orphansOf` what was found is killed all the same. */
  stop(): Promise<void> {
    this.stopping ??= this.stopAll();
    return this.stopping;
  }

  private async stopAll(): Promise<void> {
    for (const socket of this.sockets) socket.close();
    for (const member of this.members.values()) member.wanted = false;
    const running = [...this.members.values()].flatMap((member) => (member.running ? [member.running] : []));
    for (const { pid } of running) signal(pid, 'SIGINT');
    const slow = (await outlasting(running.map(({ pid }) => pid), STOPPED_WITHIN_MS)).map((pid) => [...this.members.values()].find((m) => m.running?.pid === pid)?.role);
    // Children that follow their parent need a moment after its end.
    await outlasting(this.family().map(({ pid }) => pid), CHILDREN_END_WITHIN_MS);
    const orphans = this.family().map((info) => `${info.comm} (${info.pid})`);
    for (const info of this.family()) signal(info.pid, 'SIGKILL');
    await Promise.all(running.map((process) => process.exited));
    if (this.ownsHome) removeFolder(this.home);
    if (slow.length > 0) throw new Error(`did not stop within ${STOPPED_WITHIN_MS / 1000} s: ${slow.join(', ')}`);
    if (orphans.length > 0) throw new Error(`left running: ${orphans.join(', ')}`);
  }

  private logFile(role: Role): string {
    return join(this.home, `test-${role}.log`);
  }

  private launch(member: Member): void {
    const env: NodeJS.ProcessEnv = {
      ...Object.fromEntries(Object.entries(process.env).filter(([key]) => !key.startsWith('VISTTER_') && !key.startsWith('VITEST') && key !== 'NODE_OPTIONS')),
      NODE_ENV: 'production',
      VISTTER_HOME: this.home,
      VISTTER_HTTP: `127.0.0.1:${this.httpPort}`,
      VISTTER_RTMP: `127.0.0.1:${this.rtmpPort}`,
      VISTTER_OBS: `127.0.0.1:${this.obsPort}`,
      VISTTER_TOKEN: this.token,
      VISTTER_LOG: 'json',
      [markName]: this.mark,
      ...startedAs(member.role).env, ...this.options.env,
    };
    member.starts++;
    const log = (chunk: Buffer): void => appendFileSync(this.logFile(member.role), chunk);
    const running = startProcess(process.execPath, [...startedAs(member.role).nodeArgs, mainOf(member.role)], { cwd: this.home, env, onStdout: log, onStderr: log });
    member.running = running;
    void running.exited.then(async ({ code, signal: name }) => {
      if (!member.wanted) return;
      this.restarts.push({ role: member.role, atMs: monotonicMs(), why: String(name ?? code) });
      await delay(restartDelayMs);
      if (member.wanted) this.launch(member);
    });
  }
}

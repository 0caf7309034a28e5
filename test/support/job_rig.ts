/** A studio's jobs behind a real link and a real database, and a worker as a process of its own that can be killed. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Job, NewStep } from '../../src/protocol/jobs.js';
import { systemClock } from '../../src/runtime/clock.js';
import { LinkServer } from '../../src/runtime/link-server.js';
import { silentLog } from '../../src/runtime/log.js';
import { answerJobAsks } from '../../src/studio/services/job-asks.js';
import { Jobs } from '../../src/studio/services/jobs.js';
import { JobTable } from '../../src/studio/store/job-table.js';
import { SqliteStore } from '../../src/studio/store/sqlite-store.js';
import { repositoryRoot } from './media.js';
import { signal, startProcess, type RunningProcess } from './process.js';
import { removeFolder, tempFolder } from './temp.js';
import { delay, waitFor } from './wait.js';

export class JobRig {
  readonly folder = tempFolder('v-job-');
  readonly #lines = join(this.folder, 'lines');
  #sqlite!: SqliteStore;
  #link!: LinkServer;
  jobs!: Jobs;
  worker: RunningProcess | undefined;

  async startStudio(): Promise<void> {
    this.#sqlite = new SqliteStore(join(this.folder, 'studio.db'));
    await this.#sqlite.start();
    const table = new JobTable({ ...this.#sqlite.jobs, clock: systemClock, newId: () => 'job-new', onChange: (ids) => this.jobs.changed(ids) });
    this.jobs = new Jobs({ store: table, clock: systemClock, log: silentLog });
    this.jobs.start();
    this.#link = new LinkServer({
      socketPath: this.socketPath, log: silentLog, desired: () => ({ finish: [], watch: null, onAir: false }) as never, onActual: () => undefined, onEvent: () => undefined, onPresence: () => undefined,
      onAsk: answerJobAsks(this.jobs),
    });
    await this.#link.start();
  }

  async stopStudio(): Promise<void> {
    await this.#link.stop();
    await this.jobs.stop();
    await this.#sqlite.stop();
  }

  get socketPath(): string {
    return join(this.folder, 's');
  }

  startWorker(): void {
    this.worker = startProcess(process.execPath, [join(repositoryRoot, 'test/fakes/job-worker.mjs'), this.socketPath, this.#lines]);
  }

  async killWorker(): Promise<void> {
    signal(this.worker!.pid, 'SIGKILL');
    await this.worker!.exited;
  }

  /** "begin KEY PID", "end …" or "abort …", as the steps wrote them. */
  lines(): { what: string; key: string; pid: number }[] {
    if (!existsSync(this.#lines)) return [];
    return readFileSync(this.#lines, 'utf8').split('\n').filter(Boolean).map((line) => line.split(' ')).map(([what, key, pid]) => ({ what: what!, key: key!, pid: Number(pid) }));
  }

  count(what: string, key?: string): number {
    return this.lines().filter((line) => line.what === what && (key === undefined || line.key === key)).length;
  }

  submit(id: string, steps: NewStep[]): Promise<Job> {
    return this.jobs.submit({ id, kind: 'test', subject: { is: 'file', path: 'a.mp4' }, askedBy: 'automatic', steps });
  }

  over(id: string, timeoutMs = 20_000): Promise<Job> {
    return waitFor(`the job ${id} to be over`, async () => {
      const job = await this.jobs.get(id);
      return job?.endedAtMs !== null && job;
    }, { timeoutMs });
  }

  async stop(): Promise<void> {
    await this.worker?.stop();
    await this.stopStudio();
    removeFolder(this.folder);
  }
}

export const add = (id: string, input: object, needs: string[] = []): NewStep => ({ id, name: 'add', input: { add: 1, ms: 0, ...input }, needs });

export interface KillReport { kills: number; steps: number; begun: number; ended: number }

/**
 * Jobs of 12 steps, each of which needs up to two before it, while the worker is killed with -9 again and again. @throws Error when a step
 * that was done has begun again, or a job has not come to what its steps add up to.
 */
export async function killThrough(rig: JobRig, kills: number, random: () => number): Promise<KillReport> {
  const sums = new Map<string, number>();
  let steps = 0;
  const submit = async () => {
    const values: number[] = [];
    const job = Array.from({ length: 12 }, (_, i) => {
      const needs = [...new Set(i === 0 ? [] : [Math.floor(random() * i), i - 1])];
      values.push(needs.reduce((sum, need) => sum + values[need]!, i + 1));
      return add(`s${i}`, { add: i + 1, ms: Math.floor(random() * 60), of: sums.size }, needs.map((need) => `s${need}`));
    });
    const id = `j${sums.size}`;
    sums.set(id, values.at(-1)!);
    steps += job.length;
    await rig.submit(id, job);
  };
  /** Times that a step had begun when it was found to be done: it must stay at that. */
  const begun = new Map<string, number>();
  const look = async () => {
    for (const job of await rig.jobs.list({ limit: 200 })) {
      for (const { key, status } of job.steps) if (status.is === 'done' && !begun.has(key)) begun.set(key, rig.count('begin', key));
    }
    const again = [...begun].filter(([key, times]) => rig.count('begin', key) !== times);
    if (again.length > 0) throw new Error(`${again.length} steps were done and have begun again`);
  };

  await submit();
  for (let killed = 0; killed < kills; killed++) {
    rig.startWorker();
    const before = rig.count('begin');
    await waitFor('a step to begin', async () => {
      const open = await rig.jobs.list({ open: true });
      // What was handed in as its worker was killed may be written only now, and may have been the last.
      if (open.length === 0) await submit();
      if (rig.count('begin') > before) return true;
      throw new Error(JSON.stringify(open.flatMap((job) => job.steps).filter(({ status }) => status.is !== 'done').map(({ id, status }) => [id, status])).slice(0, 600));
    }, { timeoutMs: 30_000 });
    await delay(random() * 150);
    await rig.killWorker();
    await look();
  }
  rig.startWorker();
  for (const [id, sum] of sums) {
    const job = await rig.over(id);
    const results = await rig.jobs.results(id);
    if (job.state !== 'done' || results['s11'] !== sum) throw new Error(`the job ${id} is ${job.state}, with ${String(results['s11'])} instead of ${sum}`);
  }
  await look();
  return { kills, steps, begun: rig.count('begin'), ended: rig.count('end') };
}

/**
 * Jobs in the studio's database. What becomes of a step is decided by the rules of src/domain/jobs; here it is looked up and written,
 * each call in one transaction, each step by a row that is changed only as it was read: two writers never both take it.
 */
import { sql } from 'kysely';
import { stateOf, unwanted } from '../../domain/jobs/outcome.js';
import { checkJob, resultText, type CheckedJob, type PlannedStep } from '../../domain/jobs/plan.js';
import { MOST_ENDED_JOBS, MOST_OPEN_JOBS, type JobStore } from '../../domain/jobs/store.js';
import { canMove, isExpired, LEASE_MS, move, type Work, type WorkEvent } from '../../domain/jobs/work.js';
import {
  JobQuery, JobState, type Completed, type Failed, type Held, type Job, type JobCounts, type Lease, type NewJob, type StepProgress, type Taken, type WorkerId,
} from '../../protocol/jobs.js';
import type { Problem } from '../../protocol/status.js';
import type { Clock } from '../../runtime/clock.js';
import { ServerError } from '../../runtime/errors.js';
import { firstReady, forgetWorks, parsed, pruneJobs, stepsOfJob, takenWork, type WorkedStep } from './job-queries.js';
import { buryWork, insertWork, newWork, openJobsWith, readWorks, saveWork, selectWork, toJobs, toWork, wantedKeys, type JobDb } from './job-rows.js';

/** A heartbeat is written when less is left of the lease: one in some seconds, and not each. */
const RENEW_BELOW_MS = LEASE_MS / 2;
/** What cannot be read is passed over, so many times in one `take`. */
const MOST_PASSED = 100;

export interface JobTableOptions {
  clock: Pick<Clock, 'wallMs'>;
  /** All of the work, or nothing of it. */
  write<T>(work: (db: JobDb) => Promise<T>): Promise<T>;
  read<T>(work: (db: JobDb) => Promise<T>): Promise<T>;
  newId(): string;
  /** Something of these jobs is another than before. */
  onChange?(ids: string[]): void;
  random?: () => number;
  mostEnded?: number;
}

export class JobTable implements JobStore {
  /** Of what runs, by key: who does it said so last, and when. It is worth no write, and is there again a second after a restart. */
  readonly #heard = new Map<string, StepProgress & { token: number; atMs: number }>();

  constructor(private readonly options: JobTableOptions) {}

  async submit(job: NewJob): Promise<Job> {
    const checked = checkJob(job);
    if ('problem' in checked) throw new ServerError('VALIDATION', checked.problem);
    const id = checked.job.id ?? this.options.newId();
    await this.#change((db, changed) => this.#put(db, id, checked.job, checked.steps, changed));
    return this.#job(id);
  }

  async cancel(id: string): Promise<Job> {
    await this.#change(async (db, changed) => {
      const job = await db.selectFrom('jobs').select('ended_at_ms').where('id', '=', id).executeTakeFirst();
      if (!job || job.ended_at_ms !== null) return;
      await this.#end(db, id, 'cancelled', null, changed);
    });
    return this.#job(id);
  }

  get(id: string): Promise<Job | null> {
    return this.options.read(async (db) => (await toJobs(db, await db.selectFrom('jobs').selectAll().where('id', '=', id).execute(), this.#progress))[0] ?? null);
  }

  list(query: JobQuery): Promise<Job[]> {
    const { recordingId, kind, open, limit } = JobQuery.parse(query);
    return this.options.read(async (db) => {
      let rows = db.selectFrom('jobs').selectAll().orderBy('position', 'desc').limit(limit);
      if (recordingId !== undefined) rows = rows.where('recording_id', '=', recordingId);
      if (kind !== undefined) rows = rows.where('kind', '=', kind);
      if (open !== undefined) rows = rows.where('ended_at_ms', open ? 'is' : 'is not', null);
      return toJobs(db, await rows.execute(), this.#progress);
    });
  }

  results(id: string): Promise<Record<string, unknown>> {
    return this.options.read(async (db) => {
      const rows = await db.selectFrom('job_steps').innerJoin('job_works', 'job_works.key', 'job_steps.key').select(['job_steps.step_id', 'job_works.result'])
        .where('job_steps.job_id', '=', id).where('job_works.state', '=', 'done').orderBy('job_steps.position').execute();
      return Object.fromEntries(rows.map(({ step_id, result }) => [step_id, parsed(result)]));
    });
  }

  counts(): Promise<JobCounts> {
    return this.options.read(async (db) => {
      const rows = await db.selectFrom('jobs').select(['state', sql<number>`count(*)`.as('count')]).groupBy('state').execute();
      const dead = await db.selectFrom('job_works').select(sql<number>`count(*)`.as('count')).where('state', '=', 'dead').executeTakeFirst();
      const jobs = Object.fromEntries(JobState.options.map((state) => [state, Number(rows.find((row) => row.state === state)?.count ?? 0)]));
      return { jobs: jobs as JobCounts['jobs'], deadLetters: Number(dead?.count ?? 0) };
    });
  }

  take(worker: WorkerId, names: readonly string[]): Promise<Taken | null> {
    return this.#change(async (db, changed) => {
      const former = await selectWork(db).where('state', '=', 'running').where('worker', '=', worker.name).where('life', '<>', worker.life).execute();
      for (const work of former.map(toWork)) await this.#move(db, work, { is: 'lose' }, changed);
      for (let passed = 0; names.length > 0 && passed < MOST_PASSED; passed++) {
        const work = await firstReady(db, names, this.options.clock.wallMs());
        if (!work) return null;
        if (work.state.is === 'waiting') return await this.#move(db, work, { is: 'take', worker }, changed) ? takenWork(db, work) : null;
        await buryWork(db, work);
        await this.#settle(db, [work.key], changed);
      }
      return null;
    });
  }

  async heartbeat(lease: Lease, { progress, text }: StepProgress): Promise<Held> {
    const [work] = await this.options.read((db) => readWorks(db, [lease.key]));
    if (work?.token === lease.token && work.state.is === 'cancelled') return 'cancelled';
    if (!work || !isHeldBy(work, lease)) return 'lost';
    const nowMs = this.options.clock.wallMs();
    const before = this.#progress(lease.key, lease.token);
    this.#heard.set(lease.key, { progress, text, token: lease.token, atMs: nowMs });
    const leftMs = work.state.is === 'running' ? work.state.untilMs - nowMs : 0;
    if (leftMs < RENEW_BELOW_MS || leftMs > LEASE_MS) await this.options.write((db) => saveWork(db, work, move(work, { is: 'renew' }, nowMs, this.#random)));
    if (before?.progress !== progress || before.text !== text) this.#tell(await this.options.read((db) => openJobsWith(db, [lease.key])));
    return 'held';
  }

  async complete(lease: Lease, result: unknown): Promise<Completed> {
    const kept = resultText(result);
    if ('problem' in kept) throw new ServerError('TOO_LARGE', kept.problem);
    return this.#change(async (db, changed) => {
      const [work] = await readWorks(db, [lease.key]);
      if (work?.token === lease.token && work.state.is === 'done') return 'done';
      return work && isHeldBy(work, lease) && await this.#move(db, work, { is: 'complete' }, changed, kept.text) ? 'done' : 'lost';
    });
  }

  fail(lease: Lease, error: Problem, lasting: boolean): Promise<Failed> {
    return this.#change(async (db, changed) => {
      const [work] = await readWorks(db, [lease.key]);
      if (!work || !isHeldBy(work, lease)) return 'lost';
      const after = await this.#move(db, work, { is: 'fail', error, lasting }, changed);
      return after === null ? 'lost' : after.state.is === 'dead' ? 'dead' : 'again';
    });
  }

  release(lease: Lease): Promise<void> {
    return this.#change(async (db, changed) => {
      const [work] = await readWorks(db, [lease.key]);
      if (work && isHeldBy(work, lease)) await this.#move(db, work, { is: 'release' }, changed);
    });
  }

  expire(): Promise<number> {
    return this.#change(async (db, changed) => {
      const nowMs = this.options.clock.wallMs();
      let count = 0;
      for (const work of (await selectWork(db).where('state', '=', 'running').execute()).map(toWork)) {
        const heard = this.#heard.get(work.key);
        // Whoever was heard just now has it still, though a full disk may have kept that from being written.
        const isHeard = heard?.token === work.token && !isExpired(heard.atMs + LEASE_MS, nowMs);
        if (isHeard || (work.state.is === 'running' && !isExpired(work.state.untilMs, nowMs))) continue;
        if (work.state.is === 'running') await this.#move(db, work, { is: 'lose' }, changed);
        else await buryWork(db, work).then(() => this.#settle(db, [work.key], changed));
        count += 1;
      }
      return count;
    });
  }

  async #put(db: JobDb, id: string, job: CheckedJob, steps: PlannedStep[], changed: Set<string>): Promise<void> {
    const nowMs = this.options.clock.wallMs();
    const before = await db.selectFrom('jobs').select(['ended_at_ms', 'created_at_ms', 'position']).where('id', '=', id).executeTakeFirst();
    const isOpen = before !== undefined && before.ended_at_ms === null;
    const open = await db.selectFrom('jobs').select(sql<number>`count(*)`.as('count')).where('ended_at_ms', 'is', null).executeTakeFirstOrThrow();
    if (!isOpen && Number(open.count) >= MOST_OPEN_JOBS) throw new ServerError('JOBS_FULL', `There are ${MOST_OPEN_JOBS} jobs already. Cancel some, or wait until they are done.`);
    const last = await db.selectFrom('jobs').select(sql<number>`coalesce(max(position), 0)`.as('position')).executeTakeFirstOrThrow();
    const values = {
      kind: job.kind, subject: job.subject.is === 'file' ? job.subject.path : '', recording_id: job.subject.is === 'recording' ? job.subject.recordingId : null, asked_by: job.askedBy, state: 'waiting' as const,
      created_at_ms: isOpen ? before.created_at_ms : nowMs, ended_at_ms: null, error: null, position: isOpen ? before.position : Number(last.position) + 1,
    };
    await db.insertInto('jobs').values({ id, ...values }).onConflict((oc) => oc.column('id').doUpdateSet(values)).execute();

    const formerKeys = (await db.selectFrom('job_steps').select('key').where('job_id', '=', id).execute()).map(({ key }) => key);
    await db.deleteFrom('job_steps').where('job_id', '=', id).execute();
    await this.#putSteps(db, id, steps, job.askedBy === 'operator' ? 1 : 0);
    const dropped = formerKeys.filter((key) => !steps.some((step) => step.key === key));
    await this.#drop(db, dropped, changed);
    await forgetWorks(db, dropped);
    changed.add(id);
    await this.#settle(db, steps.map(({ key }) => key), changed);
  }

  async #putSteps(db: JobDb, id: string, steps: PlannedStep[], priority: number): Promise<void> {
    const nowMs = this.options.clock.wallMs();
    const known = new Map((await readWorks(db, steps.map(({ key }) => key))).map((work) => [work.key, work]));
    let { position } = await db.selectFrom('job_works').select(sql<number>`coalesce(max(position), 0)`.as('position')).executeTakeFirstOrThrow();
    for (const [place, step] of steps.entries()) {
      const work = known.get(step.key);
      if (!work) {
        // Two steps of a job may be the same work.
        known.set(step.key, newWork(step, nowMs));
        await insertWork(db, step, known.get(step.key)!, priority, ++position);
      } else if (canMove(work, 'revive')) {
        await saveWork(db, work, move(work, { is: 'revive' }, nowMs, this.#random));
      }
      await db.updateTable('job_works').set({ priority }).where('key', '=', step.key).where('priority', '<', priority).execute();
      await db.insertInto('job_steps').values({ job_id: id, step_id: step.id, position: place, key: step.key }).execute();
    }
  }

  /** Null where somebody else was faster. */
  async #move(db: JobDb, work: Work, event: WorkEvent, changed: Set<string>, result?: string): Promise<Work | null> {
    const after = move(work, event, this.options.clock.wallMs(), this.#random);
    if (!await saveWork(db, work, after, result)) return null;
    if (after.state.is !== 'running') this.#heard.delete(work.key);
    await this.#settle(db, [work.key], changed);
    return after;
  }

  /** Brings the jobs that go on and have these steps to what their steps are. */
  async #settle(db: JobDb, keys: readonly string[], changed: Set<string>): Promise<void> {
    for (const id of await openJobsWith(db, keys)) {
      changed.add(id);
      const steps = await stepsOfJob(db, id);
      const state = stateOf(steps);
      if (state === 'done' || state === 'failed') await this.#end(db, id, state, steps, changed);
      else await db.updateTable('jobs').set({ state }).where('id', '=', id).execute();
    }
  }

  async #end(db: JobDb, id: string, state: 'done' | 'failed' | 'cancelled', known: WorkedStep[] | null, changed: Set<string>): Promise<void> {
    const steps = known ?? await stepsOfJob(db, id);
    const dead = steps.flatMap(({ work }) => (work.state.is === 'dead' ? [work.state.error] : []))[0];
    await db.updateTable('jobs').set({ state, ended_at_ms: this.options.clock.wallMs(), error: dead ? JSON.stringify(dead) : null }).where('id', '=', id).execute();
    changed.add(id);
    await this.#drop(db, steps.map(({ key }) => key), changed);
    await pruneJobs(db, this.options.mostEnded ?? MOST_ENDED_JOBS);
  }

  /** Cancels what no job wants any more that goes on. */
  async #drop(db: JobDb, keys: readonly string[], changed: Set<string>): Promise<void> {
    for (const work of await readWorks(db, unwanted(keys, await wantedKeys(db, keys)))) {
      if (canMove(work, 'cancel')) await this.#move(db, work, { is: 'cancel' }, changed);
    }
  }

  readonly #random = (): number => (this.options.random ?? Math.random)();

  readonly #progress = (key: string, token: number): StepProgress | undefined => {
    const heard = this.#heard.get(key);
    return heard?.token === token ? heard : undefined;
  };

  async #change<T>(work: (db: JobDb, changed: Set<string>) => Promise<T>): Promise<T> {
    const changed = new Set<string>();
    const answer = await this.options.write((db) => work(db, changed));
    this.#tell([...changed]);
    return answer;
  }

  #tell(ids: string[]): void {
    if (ids.length > 0) this.options.onChange?.(ids);
  }

  async #job(id: string): Promise<Job> {
    const job = await this.get(id);
    if (!job) throw new ServerError('NOT_FOUND', `There is no job "${id}".`);
    return job;
  }
}

const isHeldBy = (work: Work, lease: Lease): boolean => work.state.is === 'running' && work.token === lease.token;

/** Jobs without a disk: written another way than the table, on the same rules, and through the same contract suite. */
import { errorOf, progressOf, stateOf, statusOf, unwanted, type StepOfJob } from '../../src/domain/jobs/outcome.js';
import { checkJob, resultText, type PlannedStep } from '../../src/domain/jobs/plan.js';
import { isDue } from '../../src/domain/jobs/retry.js';
import { MOST_ENDED_JOBS, MOST_OPEN_JOBS, type JobStore } from '../../src/domain/jobs/store.js';
import { canMove, isExpired, move, type Work, type WorkEvent } from '../../src/domain/jobs/work.js';
import {
  JobQuery, JobState, type Completed, type Failed, type Held, type Job, type JobCounts, type Lease, type NewJob, type StepProgress, type Taken, type WorkerId,
} from '../../src/protocol/jobs.js';
import type { Problem } from '../../src/protocol/status.js';
import type { Clock } from '../../src/runtime/clock.js';
import { ServerError } from '../../src/runtime/errors.js';

interface Entry { work: Work; step: PlannedStep; isFirst: boolean; place: number; result: string; progress: StepProgress }
interface Kept { job: Omit<Job, 'steps' | 'progress' | 'text'>; steps: PlannedStep[]; place: number }

export interface MemoryJobsOptions { clock: Pick<Clock, 'wallMs'>; random?: () => number; mostEnded?: number }

export class MemoryJobs implements JobStore {
  readonly #entries = new Map<string, Entry>();
  readonly #jobs = new Map<string, Kept>();
  #places = 0;
  #token = 0;

  constructor(private readonly options: MemoryJobsOptions) {}

  async submit(asked: NewJob): Promise<Job> {
    const checked = checkJob(asked);
    if ('problem' in checked) throw new ServerError('VALIDATION', checked.problem);
    const { job: { kind, subject, askedBy, id = `job-${this.#places}` }, steps } = checked;
    const before = this.#jobs.get(id);
    const isOpen = before?.job.endedAtMs === null;
    if (!isOpen && this.#open().length >= MOST_OPEN_JOBS) throw new ServerError('JOBS_FULL', 'There are too many jobs.');
    const job = { id, kind, subject, askedBy, state: 'waiting' as const, createdAtMs: isOpen ? before.job.createdAtMs : this.#now(), endedAtMs: null, error: null };
    this.#jobs.set(id, { job, steps, place: isOpen ? before.place : ++this.#places });
    for (const step of steps) {
      const entry = this.#entries.get(step.key) ?? this.#newEntry(step);
      entry.isFirst ||= askedBy === 'operator';
      if (canMove(entry.work, 'revive')) this.#move(entry, { is: 'revive' });
    }
    this.#drop(before?.steps ?? []);
    this.#settle();
    return this.#job(id);
  }

  async cancel(id: string): Promise<Job> {
    const kept = this.#jobs.get(id);
    if (kept && kept.job.endedAtMs === null) this.#end(kept, 'cancelled');
    this.#settle();
    return this.#job(id);
  }

  async get(id: string): Promise<Job | null> {
    const kept = this.#jobs.get(id);
    return kept ? this.#view(kept) : null;
  }

  async list(query: JobQuery): Promise<Job[]> {
    const { recordingId, kind, open, limit } = JobQuery.parse(query);
    return [...this.#jobs.values()].sort((a, b) => b.place - a.place).map((kept) => this.#view(kept)).filter((job) =>
      (recordingId === undefined || (job.subject.is === 'recording' && job.subject.recordingId === recordingId))
      && (kind === undefined || job.kind === kind) && (open === undefined || open === (job.endedAtMs === null))).slice(0, limit);
  }

  async results(id: string): Promise<Record<string, unknown>> {
    const done = (this.#jobs.get(id)?.steps ?? []).map((step) => [step.id, this.#entries.get(step.key)!] as const).filter(([, { work }]) => work.state.is === 'done');
    return Object.fromEntries(done.map(([stepId, { result }]) => [stepId, JSON.parse(result) as unknown]));
  }

  async counts(): Promise<JobCounts> {
    const states = [...this.#jobs.values()].map((kept) => this.#view(kept).state);
    const jobs = Object.fromEntries(JobState.options.map((state) => [state, states.filter((one) => one === state).length])) as JobCounts['jobs'];
    return { jobs, deadLetters: [...this.#entries.values()].filter(({ work }) => work.state.is === 'dead').length };
  }

  async take(worker: WorkerId, names: readonly string[]): Promise<Taken | null> {
    for (const entry of this.#running()) {
      const { state } = entry.work;
      if (state.is === 'running' && state.worker.name === worker.name && state.worker.life !== worker.life) this.#move(entry, { is: 'lose' });
    }
    this.#settle();
    const ready = [...this.#entries.values()].filter(({ work: { state, name }, step }) =>
      state.is === 'waiting' && names.includes(name) && isDue(state.notBeforeMs, this.#now()) && Object.values(step.needs).every((key) => this.#entries.get(key)!.work.state.is === 'done'));
    const [first] = ready.sort((a, b) => Number(b.isFirst) - Number(a.isFirst) || a.place - b.place);
    if (!first) return null;
    first.progress = { progress: 0, text: '' };
    this.#move(first, { is: 'take', worker });
    const results = Object.fromEntries(Object.entries(first.step.needs).map(([id, key]) => [id, JSON.parse(this.#entries.get(key)!.result) as unknown]));
    return structuredClone({ lease: { key: first.step.key, token: first.work.token }, name: first.step.name, input: first.step.input, results });
  }

  async heartbeat(lease: Lease, progress: StepProgress): Promise<Held> {
    const entry = this.#entries.get(lease.key);
    if (entry?.work.token === lease.token && entry.work.state.is === 'cancelled') return 'cancelled';
    const held = this.#held(lease);
    if (!held) return 'lost';
    held.progress = progress;
    this.#move(held, { is: 'renew' });
    return 'held';
  }

  async complete(lease: Lease, result: unknown): Promise<Completed> {
    const kept = resultText(result);
    if ('problem' in kept) throw new ServerError('TOO_LARGE', kept.problem);
    const entry = this.#entries.get(lease.key);
    if (entry?.work.token === lease.token && entry.work.state.is === 'done') return 'done';
    const held = this.#held(lease);
    if (!held) return 'lost';
    held.result = kept.text;
    this.#move(held, { is: 'complete' });
    this.#settle();
    return 'done';
  }

  async fail(lease: Lease, error: Problem, lasting: boolean): Promise<Failed> {
    const held = this.#held(lease);
    if (!held) return 'lost';
    this.#move(held, { is: 'fail', error, lasting });
    this.#settle();
    return held.work.state.is === 'dead' ? 'dead' : 'again';
  }

  async release(lease: Lease): Promise<void> {
    const held = this.#held(lease);
    if (held) this.#move(held, { is: 'release' });
  }

  async expire(): Promise<number> {
    const late = this.#running().filter(({ work: { state } }) => state.is === 'running' && isExpired(state.untilMs, this.#now()));
    for (const entry of late) this.#move(entry, { is: 'lose' });
    this.#settle();
    return late.length;
  }

  #newEntry(step: PlannedStep): Entry {
    const work: Work = { key: step.key, name: step.name, isMedia: step.isMedia, token: (this.#token += 1_000), failures: 0, losses: 0, state: { is: 'waiting', notBeforeMs: this.#now(), error: null } };
    const entry: Entry = { work, step, isFirst: false, place: ++this.#places, result: 'null', progress: { progress: 0, text: '' } };
    this.#entries.set(step.key, entry);
    return entry;
  }

  #settle(): void {
    for (const kept of this.#open()) {
      const state = stateOf(this.#steps(kept));
      if (state === 'done' || state === 'failed') this.#end(kept, state);
    }
  }

  #end(kept: Kept, state: 'done' | 'failed' | 'cancelled'): void {
    kept.job = { ...kept.job, state, endedAtMs: this.#now(), error: errorOf(this.#view(kept).steps.map(({ status }) => status)) };
    this.#drop(kept.steps);
    const ended = [...this.#jobs.values()].filter(({ job }) => job.endedAtMs !== null).sort((a, b) => a.job.endedAtMs! - b.job.endedAtMs! || a.place - b.place);
    for (const { job } of ended.slice(0, Math.max(0, ended.length - (this.options.mostEnded ?? MOST_ENDED_JOBS)))) this.#jobs.delete(job.id);
    this.#forget();
  }

  #drop(steps: readonly PlannedStep[]): void {
    const wanted = new Set(this.#open().flatMap((kept) => kept.steps.map(({ key }) => key)));
    for (const key of unwanted(steps.map(({ key }) => key), wanted)) {
      const entry = this.#entries.get(key);
      if (entry && canMove(entry.work, 'cancel')) this.#move(entry, { is: 'cancel' });
    }
    this.#forget();
  }

  #forget(): void {
    const kept = new Set([...this.#jobs.values()].flatMap(({ steps }) => steps.map(({ key }) => key)));
    for (const key of this.#entries.keys()) if (!kept.has(key)) this.#entries.delete(key);
  }

  #move(entry: Entry, event: WorkEvent): void {
    entry.work = move(entry.work, event, this.#now(), this.options.random ?? Math.random);
  }

  #steps({ steps }: Kept): StepOfJob[] {
    return steps.map(({ id, key, needs }) => ({ id, key, needs: Object.keys(needs), is: this.#entries.get(key)!.work.state.is }));
  }

  #view(kept: Kept): Job {
    const steps = kept.steps.map(({ id, name, key, needs }) => {
      const { work, progress } = this.#entries.get(key)!;
      return { id, name, key, needs: Object.keys(needs), status: statusOf(work.state, work.failures, progress) };
    });
    const isOver = kept.job.endedAtMs !== null;
    return structuredClone({
      ...kept.job, ...progressOf(steps), steps,
      state: isOver ? kept.job.state : stateOf(this.#steps(kept)), error: isOver ? kept.job.error : errorOf(steps.map(({ status }) => status)),
    });
  }

  #held({ key, token }: Lease): Entry | null {
    const entry = this.#entries.get(key);
    return entry?.work.state.is === 'running' && entry.work.token === token ? entry : null;
  }

  #job(id: string): Job {
    const kept = this.#jobs.get(id);
    if (!kept) throw new ServerError('NOT_FOUND', `There is no job "${id}".`);
    return this.#view(kept);
  }

  readonly #now = (): number => this.options.clock.wallMs();
  readonly #open = (): Kept[] => [...this.#jobs.values()].filter(({ job }) => job.endedAtMs === null);
  readonly #running = (): Entry[] => [...this.#entries.values()].filter(({ work }) => work.state.is === 'running');
}

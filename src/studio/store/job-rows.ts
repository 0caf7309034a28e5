/** The rows that jobs lie in: a row a job and a row a step of it, and a row for the work of each key, which steps of many jobs may share. */
import type { Kysely, Selectable } from 'kysely';
import { errorOf, progressOf, statusOf } from '../../domain/jobs/outcome.js';
import type { PlannedStep } from '../../domain/jobs/plan.js';
import type { Work, WorkState } from '../../domain/jobs/work.js';
import type { Job, JobAskedBy, JobState, JobStep, JobSubject, StepProgress } from '../../protocol/jobs.js';
import type { Problem } from '../../protocol/status.js';

export interface JobTables {
  jobs: {
    id: string;
    kind: string;
    /** Of a file its path; empty where it is a recording. */
    subject: string;
    recording_id: string | null;
    asked_by: JobAskedBy;
    state: JobState;
    created_at_ms: number;
    ended_at_ms: number | null;
    error: string | null;
    position: number;
  };
  job_steps: { job_id: string; step_id: string; position: number; key: string };
  job_works: {
    key: string;
    name: string;
    version: number;
    input: string;
    is_media: number;
    priority: number;
    position: number;
    token: number;
    failures: number;
    losses: number;
    /** Of `detail`, which is all of a WorkState, what is looked for. */
    state: WorkState['is'];
    not_before_ms: number | null;
    until_ms: number | null;
    worker: string | null;
    life: string | null;
    detail: string;
    result: string | null;
  };
  job_needs: { key: string; step_id: string; needed_key: string };
}
export type JobDb = Kysely<JobTables>;
type WorkRow = Omit<Selectable<JobTables['job_works']>, 'result'>;

const WORK_COLUMNS = [
  'key', 'name', 'version', 'input', 'is_media', 'priority', 'position', 'token', 'failures', 'losses', 'state', 'not_before_ms', 'until_ms', 'worker', 'life', 'detail',
] as const;

const UNREADABLE: Problem = { code: 'INTERNAL', message: 'What is stored of this step cannot be read. Ask for it again.' };

/** A row that cannot be read counts as given up: it must not keep others from being taken. */
export function toWork(row: WorkRow): Work {
  const { key, name, token, failures, losses } = row;
  return { key, name, isMedia: row.is_media === 1, token, failures, losses, state: stateIn(row) };
}

function stateIn({ state, detail }: Pick<WorkRow, 'state' | 'detail'>): WorkState {
  try {
    const read = JSON.parse(detail) as WorkState;
    if (read.is === state) return read;
  } catch {
    // Below.
  }
  return { is: 'dead', error: UNREADABLE, endedAtMs: 0 };
}

function columnsOf({ token, failures, losses, state }: Work) {
  const lease = state.is === 'running' ? { until_ms: state.untilMs, worker: state.worker.name, life: state.worker.life } : { until_ms: null, worker: null, life: null };
  return { token, failures, losses, state: state.is, not_before_ms: state.is === 'waiting' ? state.notBeforeMs : null, ...lease, detail: JSON.stringify(state) };
}

export async function readWorks(db: JobDb, keys: readonly string[]): Promise<Work[]> {
  if (keys.length === 0) return [];
  return (await db.selectFrom('job_works').select(WORK_COLUMNS).where('key', 'in', keys).execute()).map(toWork);
}

export const selectWork = (db: JobDb) => db.selectFrom('job_works').select(WORK_COLUMNS);

/** Writes what `move` made of it. False where somebody else was faster. */
export async function saveWork(db: JobDb, before: Work, after: Work, result?: string): Promise<boolean> {
  const { numUpdatedRows } = await db.updateTable('job_works').set({ ...columnsOf(after), ...(result === undefined ? {} : { result }) })
    .where('key', '=', before.key).where('token', '=', before.token).where('state', '=', before.state.is).executeTakeFirst();
  return Number(numUpdatedRows) === 1;
}

/** Marks a row that cannot be read as what it counts as. */
export async function buryWork(db: JobDb, work: Work): Promise<void> {
  await db.updateTable('job_works').set(columnsOf(work)).where('key', '=', work.key).execute();
}

/** Its tokens begin at the time: one that was forgotten and is there again must not take what was meant for the one before. */
export const newWork = ({ key, name, isMedia }: PlannedStep, nowMs: number): Work => ({
  key, name, isMedia, token: nowMs, failures: 0, losses: 0, state: { is: 'waiting', notBeforeMs: nowMs, error: null },
});

export async function insertWork(db: JobDb, { version, input, needs }: PlannedStep, work: Work, priority: number, position: number): Promise<void> {
  const { key, name, isMedia } = work;
  await db.insertInto('job_works')
    .values({ key, name, version, input: JSON.stringify(input), is_media: isMedia ? 1 : 0, priority, position, ...columnsOf(work), result: null }).execute();
  const rows = Object.entries(needs).map(([step_id, needed_key]) => ({ key, step_id, needed_key }));
  if (rows.length > 0) await db.insertInto('job_needs').values(rows).execute();
}

/** Ids of the jobs that go on and have a step with one of these keys. */
export async function openJobsWith(db: JobDb, keys: readonly string[]): Promise<string[]> {
  if (keys.length === 0) return [];
  const rows = await db.selectFrom('job_steps').innerJoin('jobs', 'jobs.id', 'job_steps.job_id').select('job_id').distinct()
    .where('job_steps.key', 'in', keys).where('jobs.ended_at_ms', 'is', null).execute();
  return rows.map(({ job_id }) => job_id);
}

/** Of these keys, those that a job wants which goes on. */
export async function wantedKeys(db: JobDb, keys: readonly string[]): Promise<Set<string>> {
  if (keys.length === 0) return new Set();
  const rows = await db.selectFrom('job_steps').innerJoin('jobs', 'jobs.id', 'job_steps.job_id').select('job_steps.key').distinct()
    .where('job_steps.key', 'in', keys).where('jobs.ended_at_ms', 'is', null).execute();
  return new Set(rows.map(({ key }) => key));
}

/** The progress of what runs is not stored: `progress` has it, if anybody said so. In the order of the rows given. */
export async function toJobs(db: JobDb, rows: readonly Selectable<JobTables['jobs']>[], progress: (key: string, token: number) => StepProgress | undefined): Promise<Job[]> {
  if (rows.length === 0) return [];
  const ids = rows.map(({ id }) => id);
  const steps = await db.selectFrom('job_steps').innerJoin('job_works', 'job_works.key', 'job_steps.key')
    .select(['job_steps.job_id', 'job_steps.step_id', 'job_works.key', 'job_works.name', 'job_works.token', 'job_works.failures', 'job_works.state', 'job_works.detail'])
    .where('job_steps.job_id', 'in', ids).orderBy('job_steps.position').execute();
  const needs = await db.selectFrom('job_needs').innerJoin('job_steps', 'job_steps.key', 'job_needs.key').select(['job_needs.key', 'job_needs.step_id']).distinct()
    .where('job_steps.job_id', 'in', ids).orderBy('job_needs.step_id').execute();
  return rows.map((row): Job => {
    const own = steps.filter(({ job_id }) => job_id === row.id).map((step): JobStep => ({
      id: step.step_id, name: step.name, key: step.key, needs: needs.filter(({ key }) => key === step.key).map(({ step_id }) => step_id),
      status: statusOf(stateIn(step), step.failures, progress(step.key, step.token)),
    }));
    return {
      id: row.id, kind: row.kind, subject: subjectIn(row), askedBy: row.asked_by, state: row.state, ...progressOf(own),
      createdAtMs: row.created_at_ms, endedAtMs: row.ended_at_ms,
      error: row.error === null ? (row.ended_at_ms === null ? errorOf(own.map(({ status }) => status)) : null) : (JSON.parse(row.error) as Problem), steps: own,
    };
  });
}

function subjectIn({ subject, recording_id }: Pick<JobTables['jobs'], 'subject' | 'recording_id'>): JobSubject {
  return recording_id === null ? { is: 'file', path: subject } : { is: 'recording', recordingId: recording_id };
}

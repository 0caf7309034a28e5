/** What is looked up and cleared away of the rows of jobs. */
import { sql } from 'kysely';
import type { StepOfJob } from '../../domain/jobs/outcome.js';
import { LONGEST_WAIT_MS } from '../../domain/jobs/retry.js';
import type { Work } from '../../domain/jobs/work.js';
import type { Taken } from '../../protocol/jobs.js';
import { readWorks, selectWork, toWork, type JobDb } from './job-rows.js';

export type WorkedStep = StepOfJob & { work: Work };

/** One that cannot be read comes as what it counts as. */
export async function firstReady(db: JobDb, names: readonly string[], nowMs: number): Promise<Work | null> {
  const row = await selectWork(db).where('state', '=', 'waiting').where('name', 'in', names)
    .where((eb) => eb.or([eb('not_before_ms', '<=', nowMs), eb('not_before_ms', '>', nowMs + LONGEST_WAIT_MS)]))
    .where((eb) => eb.not(eb.exists(eb.selectFrom('job_needs').innerJoin('job_works as needed', 'needed.key', 'job_needs.needed_key').select('job_needs.key')
      .whereRef('job_needs.key', '=', 'job_works.key').where('needed.state', '<>', 'done'))))
    .orderBy('priority', 'desc').orderBy('position').limit(1).executeTakeFirst();
  return row === undefined ? null : toWork(row);
}

export async function takenWork(db: JobDb, work: Work): Promise<Taken> {
  const { input } = await db.selectFrom('job_works').select('input').where('key', '=', work.key).executeTakeFirstOrThrow();
  const needs = await db.selectFrom('job_needs').innerJoin('job_works', 'job_works.key', 'job_needs.needed_key').select(['job_needs.step_id', 'job_works.result'])
    .where('job_needs.key', '=', work.key).execute();
  const results = Object.fromEntries(needs.map(({ step_id, result }) => [step_id, parsed(result)]));
  return { lease: { key: work.key, token: work.token + 1 }, name: work.name, input: parsed(input), results };
}

/** In the order in which each is behind what it needs. */
export async function stepsOfJob(db: JobDb, id: string): Promise<WorkedStep[]> {
  const rows = await db.selectFrom('job_steps').select(['step_id', 'key']).where('job_id', '=', id).orderBy('position').execute();
  const works = new Map((await readWorks(db, rows.map(({ key }) => key))).map((work) => [work.key, work]));
  const ids = new Map(rows.map(({ step_id, key }) => [key, step_id]));
  const needs = rows.length === 0 ? [] : await db.selectFrom('job_needs').selectAll().where('key', 'in', [...ids.keys()]).execute();
  return rows.map(({ step_id, key }) => {
    const work = works.get(key)!;
    return { id: step_id, key, is: work.state.is, work, needs: needs.filter((need) => need.key === key).map(({ needed_key }) => ids.get(needed_key) ?? '') };
  });
}

/** Forgets the oldest of the jobs that are over, beyond the `most` newest. */
export async function pruneJobs(db: JobDb, most: number): Promise<void> {
  const { count } = await db.selectFrom('jobs').select(sql<number>`count(*)`.as('count')).where('ended_at_ms', 'is not', null).executeTakeFirstOrThrow();
  if (Number(count) <= most) return;
  const ids = (await db.selectFrom('jobs').select('id').where('ended_at_ms', 'is not', null).orderBy('ended_at_ms').orderBy('position').limit(Number(count) - most).execute()).map(({ id }) => id);
  const keys = (await db.selectFrom('job_steps').select('key').distinct().where('job_id', 'in', ids).execute()).map(({ key }) => key);
  await db.deleteFrom('job_steps').where('job_id', 'in', ids).execute();
  await db.deleteFrom('jobs').where('id', 'in', ids).execute();
  await forgetWorks(db, keys);
}

/** Of these, what no job has any more, be it over or not. */
export async function forgetWorks(db: JobDb, keys: readonly string[]): Promise<void> {
  if (keys.length === 0) return;
  const kept = new Set((await db.selectFrom('job_steps').select('key').distinct().where('key', 'in', keys).execute()).map(({ key }) => key));
  const gone = keys.filter((key) => !kept.has(key));
  if (gone.length === 0) return;
  await db.deleteFrom('job_needs').where('key', 'in', gone).execute();
  await db.deleteFrom('job_works').where('key', 'in', gone).execute();
}

/** What cannot be read is as good as nothing; the step that gets it says so. */
export function parsed(text: string | null): unknown {
  try {
    return JSON.parse(text ?? 'null');
  } catch {
    return null;
  }
}

/** What a job is, by its steps; and what is no longer wanted when it ends. */
import type { Job, JobState, JobStep, StepProgress, StepStatus } from '../../protocol/jobs.js';
import type { Problem } from '../../protocol/status.js';
import type { WorkState } from './work.js';

export interface StepOfJob {
  id: string;
  key: string;
  /** Ids. */
  needs: readonly string[];
  is: StepStatus['is'];
}

/** Ids of the steps that cannot come to their end: given up, or in need of one that is. @param steps each behind what it needs */
export function stuckSteps(steps: readonly StepOfJob[]): Set<string> {
  const stuck = new Set<string>();
  for (const { id, needs, is } of steps) {
    if (is === 'dead' || is === 'cancelled' || (is !== 'done' && needs.some((need) => stuck.has(need)))) stuck.add(id);
  }
  return stuck;
}

/**
 * A job is done when all its steps are, and has failed when nothing that is left can be done: a step that was given up does not
 * keep the others, which do not need it, from being done. (Cancelled is what a person said of the job, not what its steps are.)
 */
export function stateOf(steps: readonly StepOfJob[]): Exclude<JobState, 'cancelled'> {
  if (steps.every(({ is }) => is === 'done')) return 'done';
  const stuck = stuckSteps(steps);
  if (steps.every(({ id, is }) => is === 'done' || stuck.has(id))) return 'failed';
  return steps.some(({ is }) => is === 'running') ? 'running' : 'waiting';
}

/** The first error of a step that was given up. */
export function errorOf(statuses: readonly StepStatus[]): Problem | null {
  return statuses.flatMap((status) => (status.is === 'dead' ? [status.error] : []))[0] ?? null;
}

/** Of the keys of a job that is over, or has other steps now: those that no job wants which goes on, and that are to be cancelled where they wait or run. */
export function unwanted(keys: Iterable<string>, wantedByOthers: ReadonlySet<string>): string[] {
  return [...new Set(keys)].filter((key) => !wantedByOthers.has(key));
}

/** How far all its steps are, each counted alike, and what is being done. */
export function progressOf(steps: readonly Pick<JobStep, 'name' | 'status'>[]): Pick<Job, 'progress' | 'text'> {
  const shares = steps.map(({ status }) => (status.is === 'done' ? 1 : status.is === 'running' ? status.progress : 0));
  const running = steps.find(({ status }) => status.is === 'running');
  return {
    progress: steps.length === 0 ? 1 : Math.min(1, shares.reduce((sum, share) => sum + share, 0) / steps.length),
    text: running?.status.is === 'running' ? running.status.text || running.name : '',
  };
}

/** What is seen of a step. @param progress what its worker said last, if it runs */
export function statusOf(state: WorkState, failures: number, progress: StepProgress | undefined): StepStatus {
  switch (state.is) {
    case 'waiting': return { is: 'waiting', failures, notBeforeMs: state.notBeforeMs, error: state.error };
    case 'running': return { is: 'running', worker: state.worker.name, sinceMs: state.sinceMs, progress: progress?.progress ?? 0, text: progress?.text ?? '' };
    case 'done': return state;
    case 'dead': return { is: 'dead', error: state.error, endedAtMs: state.endedAtMs };
    case 'cancelled': return { is: 'cancelled', endedAtMs: state.endedAtMs };
    default: return state satisfies never;
  }
}

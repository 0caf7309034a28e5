/** From what is submitted to steps with keys, each behind all that it needs. */
import type { z } from 'zod';
import { MOST_INPUT_BYTES, MOST_RESULT_BYTES, NewJob } from '../../protocol/jobs.js';
import { stepKey } from './step-key.js';

export type CheckedJob = z.output<typeof NewJob>;

export interface PlannedStep {
  id: string;
  name: string;
  version: number;
  input: unknown;
  isMedia: boolean;
  key: string;
  /** Keys by the ids of the steps it needs. */
  needs: Record<string, string>;
}

/** A sentence when it is no graph: an id twice, a need that is not there, needs in a circle, an input that is too large. */
export function planSteps(job: Pick<CheckedJob, 'steps'>): PlannedStep[] | { problem: string } {
  const steps = job.steps.map((step) => ({ ...step, id: step.id ?? step.name }));
  const ids = new Set(steps.map(({ id }) => id));
  if (ids.size < steps.length) return { problem: 'Two steps of the job have the same id. Give each its own.' };
  for (const { id, needs, input } of steps) {
    const missing = needs.find((need) => !ids.has(need));
    if (missing !== undefined) return { problem: `The step "${id}" needs "${missing}", which is not a step of the job.` };
    const bytes = Buffer.byteLength(JSON.stringify(input ?? null));
    if (bytes > MOST_INPUT_BYTES) return { problem: `The input of the step "${id}" has ${bytes} bytes; at most ${MOST_INPUT_BYTES} are taken. Put it into a file.` };
  }
  const planned = new Map<string, PlannedStep>();
  let waiting = steps;
  while (waiting.length > 0) {
    const able = waiting.filter(({ needs }) => needs.every((need) => planned.has(need)));
    if (able.length === 0) return { problem: `The steps ${waiting.map(({ id }) => `"${id}"`).join(', ')} need each other in a circle.` };
    for (const { id, name, version, input, needs, media } of able) {
      const keys = Object.fromEntries([...new Set(needs)].sort().map((need) => [need, planned.get(need)!.key]));
      planned.set(id, { id, name, version, input: input ?? null, isMedia: media, needs: keys, key: stepKey({ name, version, input, needs: keys }) });
    }
    waiting = waiting.filter(({ id }) => !planned.has(id));
  }
  return [...planned.values()];
}

/** What was submitted, checked; a sentence when it cannot be taken. */
export function checkJob(job: unknown): { job: CheckedJob; steps: PlannedStep[] } | { problem: string } {
  const checked = NewJob.safeParse(job);
  if (!checked.success) {
    const issue = checked.error.issues[0];
    return { problem: `The job cannot be taken: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'it is not one'}` };
  }
  const steps = planSteps(checked.data);
  return 'problem' in steps ? steps : { job: checked.data, steps };
}

/** A result as it is kept; a sentence when it is too large or cannot be written as JSON. */
export function resultText(result: unknown): { text: string } | { problem: string } {
  let text: string | undefined;
  try {
    text = JSON.stringify(result ?? null);
  } catch {
    text = undefined;
  }
  if (text === undefined) return { problem: 'The result of the step cannot be written as JSON.' };
  const bytes = Buffer.byteLength(text);
  if (bytes > MOST_RESULT_BYTES) return { problem: `The result of the step has ${bytes} bytes; at most ${MOST_RESULT_BYTES} are kept. What is larger belongs in a file.` };
  return { text };
}

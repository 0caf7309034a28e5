/**
 * What a process may ask of the studio over the link, which alone keeps what is stored: `ask` and `answer`, the other direction of
 * `request` and `reply`. Both sides check both by these schemas.
 */
import { z } from 'zod';
import { RecordedMoment } from './highlights.js';
import { Id } from './ids.js';
import { Completed, Failed, Held, Job, JobCounts, JobQuery, Lease, NewJob, StepName, StepProgress, Taken, WorkerId } from './jobs.js';
import type { Role } from './link.js';
import { Problem } from './status.js';

const SIDECAR: readonly Role[] = ['sidecar'];
const OfJob = z.object({ id: Id });
const OfRecording = z.object({ recordingId: Id });

/** What is known of a recording that has just stopped, for a first list of its highlights while its file is made. */
export const RecordingFacts = z.object({
  moments: z.array(RecordedMoment), most: z.number().int(), language: z.string().nullable(), channel: z.string(), startedAt: z.string(),
  /** The name of what was on program when it was begun; null: nobody knows. */
  startedWith: z.string().nullable().default(null),
});
export type RecordingFacts = z.infer<typeof RecordingFacts>;

/** By its name: who may ask, with what, and what is answered. */
export const ASKS = {
  'jobs:submit': { roles: SIDECAR, ask: NewJob, answer: Job },
  'jobs:cancel': { roles: SIDECAR, ask: OfJob, answer: Job },
  'jobs:get': { roles: SIDECAR, ask: OfJob, answer: Job.nullable() },
  'jobs:list': { roles: SIDECAR, ask: JobQuery, answer: z.array(Job) },
  'jobs:results': { roles: SIDECAR, ask: OfJob, answer: z.record(z.string(), z.unknown()) },
  'jobs:counts': { roles: SIDECAR, ask: z.object({}), answer: JobCounts },
  'jobs:take': { roles: SIDECAR, ask: z.object({ worker: WorkerId, names: z.array(StepName).max(100) }), answer: Taken.nullable() },
  'jobs:heartbeat': { roles: SIDECAR, ask: z.object({ lease: Lease, progress: StepProgress }), answer: Held },
  'jobs:complete': { roles: SIDECAR, ask: z.object({ lease: Lease, result: z.unknown() }), answer: Completed },
  'jobs:fail': { roles: SIDECAR, ask: z.object({ lease: Lease, error: Problem, lasting: z.boolean() }), answer: Failed },
  'jobs:release': { roles: SIDECAR, ask: z.object({ lease: Lease }), answer: z.null() },
  'analysis:facts': { roles: SIDECAR, ask: OfRecording, answer: RecordingFacts },
  'analysis:early': { roles: SIDECAR, ask: OfRecording, answer: z.null() },
  'jobs:expire': { roles: SIDECAR, ask: z.object({}), answer: z.number().int() },
} as const satisfies Record<string, { roles: readonly Role[]; ask: z.ZodType; answer: z.ZodType }>;

export type AskName = keyof typeof ASKS;
export type AskOf<N extends AskName> = z.output<(typeof ASKS)[N]['ask']>;
/** As it is written by who asks: fields with a default may be left out. */
export type AskInput<N extends AskName> = z.input<(typeof ASKS)[N]['ask']>;
export type AnswerOf<N extends AskName> = z.output<(typeof ASKS)[N]['answer']>;

export const isAskName = (name: string): name is AskName => Object.hasOwn(ASKS, name);
/** Those of the store of jobs. */
export type JobAskName = Extract<AskName, `jobs:${string}`>;
export const isOfJobs = (name: AskName): name is JobAskName => name.startsWith('jobs:');

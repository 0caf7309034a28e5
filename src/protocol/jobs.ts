/**
 * Work on what was recorded, as a graph of steps: what is submitted, what is seen of it, and what a worker asks for and hands in.
 * Moments are Unix time, ms.
 */
import { z } from 'zod';
import { Id } from './ids.js';
import { Problem } from './status.js';

export const MOST_STEPS = 200;
/** Of one step. */
const MOST_NEEDS = 32;
export const MOST_INPUT_BYTES = 64 * 1024;
export const MOST_RESULT_BYTES = 256 * 1024;

/** Which function does it. */
export const StepName = z.string().regex(/^[a-z][a-z0-9-]{0,39}$/, 'The name of a step has 1 to 40 small letters, digits or "-", and begins with a letter.');
/** Which step of its job it is; the name will do where there is one of it. */
export const StepId = z.string().regex(/^[A-Za-z0-9_-]{1,60}$/, 'The id of a step has 1 to 60 letters, digits, "_" or "-".');
/** SHA-256 of all that decides what comes out, hex. Files are named by it. */
export const StepKey = z.string().regex(/^[0-9a-f]{64}$/);

export const JobSubject = z.discriminatedUnion('is', [
  z.object({ is: z.literal('recording'), recordingId: Id }),
  z.object({ is: z.literal('file'), path: z.string().min(1).max(4096) }),
]);
export type JobSubject = z.infer<typeof JobSubject>;

export const NewStep = z.object({
  /** The name, when it is left out. */
  id: StepId.optional(),
  name: StepName,
  /** Of how it is done: another one gives other results, and those of the one before are not used. */
  version: z.number().int().nonnegative().default(1),
  /** JSON; with the version and what the step needs, all that its result follows from. */
  input: z.unknown(),
  /** Ids of the steps whose results it is handed. */
  needs: z.array(StepId).max(MOST_NEEDS).default([]),
  /** It works on pictures or sound: what fails there seldom goes better later, so it is tried again less often. */
  media: z.boolean().default(false),
});
export type NewStep = z.input<typeof NewStep>;

/** What an operator waits for comes before what was begun by itself. */
export const JobAskedBy = z.enum(['operator', 'automatic']);
export type JobAskedBy = z.infer<typeof JobAskedBy>;

export const NewJob = z.object({
  /** Of a job that is to be there once: one of the same id is brought to what this one says. Else it gets one. */
  id: Id.optional(),
  /** For people and filters: "analyze", "export". */
  kind: z.string().min(1).max(40),
  subject: JobSubject,
  askedBy: JobAskedBy,
  steps: z.array(NewStep).min(1).max(MOST_STEPS),
});
export type NewJob = z.input<typeof NewJob>;

export const StepStatus = z.discriminatedUnion('is', [
  z.object({
    is: z.literal('waiting'),
    /** Times it failed; with the last error it is tried again, not before this. */
    failures: z.number().int(), notBeforeMs: z.number(), error: Problem.nullable(),
  }),
  z.object({ is: z.literal('running'), worker: z.string(), sinceMs: z.number(), progress: z.number().min(0).max(1), text: z.string() }),
  z.object({ is: z.literal('done'), sinceMs: z.number(), endedAtMs: z.number() }),
  /** A dead letter: it failed too often, and waits for a person. */
  z.object({ is: z.literal('dead'), error: Problem, endedAtMs: z.number() }),
  z.object({ is: z.literal('cancelled'), endedAtMs: z.number() }),
]);
export type StepStatus = z.infer<typeof StepStatus>;

export const JobStep = z.object({ id: StepId, name: StepName, key: StepKey, needs: z.array(StepId), status: StepStatus });
export type JobStep = z.infer<typeof JobStep>;

export const JobState = z.enum(['waiting', 'running', 'done', 'failed', 'cancelled']);
export type JobState = z.infer<typeof JobState>;

export const Job = z.object({
  id: Id, kind: z.string(), subject: JobSubject, askedBy: JobAskedBy, state: JobState,
  /** 0 to 1, and what is being done now. */
  progress: z.number().min(0).max(1), text: z.string(),
  createdAtMs: z.number(),
  /** Null while it goes on. */
  endedAtMs: z.number().nullable(),
  /** Why it failed. */
  error: Problem.nullable(),
  steps: z.array(JobStep),
});
export type Job = z.infer<typeof Job>;

export const JobQuery = z.object({
  recordingId: Id.optional(), kind: z.string().optional(),
  /** Those that go on, or those that are over. */
  open: z.boolean().optional(),
  limit: z.number().int().min(1).max(200).default(50),
});
export type JobQuery = z.input<typeof JobQuery>;
/** The same behind an address's `?`. */
export const JobsQuery = z.strictObject({
  recordingId: Id.optional(), kind: z.string().max(40).optional(),
  open: z.enum(['true', 'false'], 'use true for those that go on, or false for those that are over').transform((text) => text === 'true').optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});
export type JobsQuery = z.output<typeof JobsQuery>;

export const JobCounts = z.object({
  /** Jobs by state. */
  jobs: z.record(JobState, z.number().int()),
  /** Steps that failed too often, of jobs that are kept. */
  deadLetters: z.number().int(),
});
export type JobCounts = z.infer<typeof JobCounts>;

// ---- of a worker --------------------------------------------------------------------------------------------------

/** `life` is another at each start of the worker of that name: what its life before had taken is given back. */
export const WorkerId = z.object({ name: z.string().min(1).max(60), life: z.string().min(1).max(60) });
export type WorkerId = z.infer<typeof WorkerId>;

/** The right to do a step. Each taking of a step has a higher token than the one before: whoever has a lower one is too late. */
export const Lease = z.object({ key: StepKey, token: z.number().int() });
export type Lease = z.infer<typeof Lease>;

export const Taken = z.object({
  lease: Lease, name: StepName, input: z.unknown(),
  /** Of what it needs, by the ids of those steps. */
  results: z.record(z.string(), z.unknown()),
});
export type Taken = z.infer<typeof Taken>;

export const StepProgress = z.object({ progress: z.number().min(0).max(1), text: z.string().max(200) });
export type StepProgress = z.infer<typeof StepProgress>;

/** `cancelled`: nobody wants it any more; `lost`: the lease ran out, and somebody else has the step or had it. */
export const Held = z.enum(['held', 'cancelled', 'lost']);
export type Held = z.infer<typeof Held>;
export const Completed = z.enum(['done', 'lost']);
export type Completed = z.infer<typeof Completed>;
export const Failed = z.enum(['again', 'dead', 'lost']);
export type Failed = z.infer<typeof Failed>;

/** The REST routes of the work on recordings: what goes on, what was given up and why. It is asked for where it belongs, as by `analyze` and `export`. */
import { z } from 'zod';
import { Job, JobsQuery } from '../../protocol/jobs.js';
import { ServerError } from '../../runtime/errors.js';
import type { Jobs } from '../services/jobs.js';
import type { Route } from './route.js';

export interface JobServices { jobs: Pick<Jobs, 'list' | 'get' | 'cancel'> }

export function jobRoutes({ jobs }: JobServices): Route[] {
  const tag = 'jobs';
  return [
    {
      method: 'get', path: '/jobs', tag, summary: 'List the work on recordings: `recordingId`, `kind` (analysis, export, manifest), `open` (true: what goes on), `limit` (50; 200 at most).', query: JobsQuery,
      answer: { status: 200, schema: z.object({ items: z.array(Job) }), description: 'Newest first. A step that is `dead` was given up, with its error; it is tried anew when the job is asked for again.' },
      handle: async ({ query }) => ({ items: await jobs.list(query as JobsQuery) }),
    },
    {
      method: 'get', path: '/jobs/{id}', tag, summary: 'Read a job: its steps, how far each is, and what went wrong.', answer: { status: 200, schema: Job, description: 'The job.' },
      handle: async ({ id }) => {
        const job = await jobs.get(id);
        if (!job) throw new ServerError('NOT_FOUND', `There is no job ${id}.`);
        return job;
      },
    },
    {
      method: 'post', path: '/jobs/{id}/cancel', tag, summary: 'End a job; what of it is done stays, and one that is over stays as it is.', answer: { status: 200, schema: Job, description: 'The job.' }, errors: ['DISK_FULL'],
      handle: ({ id }) => jobs.cancel(id),
    },
  ];
}

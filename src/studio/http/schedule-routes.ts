/** The REST routes of the schedule. */
import { z } from 'zod';
import { PlanQuery, ScheduleEvent, ScheduleEventInput, SchedulePlan } from '../../protocol/schedule.js';
import type { Schedule } from '../services/schedule.js';
import type { Route } from './route.js';

export function scheduleRoutes(s: { schedule: Schedule }): Route[] {
  const tag = 'schedule';
  return [
    {
      method: 'get', path: '/schedule', tag, summary: 'List the events of the schedule.',
      answer: { status: 200, schema: z.object({ items: z.array(ScheduleEvent) }), description: 'In the order in which they were made.' },
      handle: () => ({ items: s.schedule.list() }),
    },
    {
      method: 'post', path: '/schedule', tag, summary: 'Put an event into the schedule.', body: { schema: ScheduleEventInput }, errors: ['CONFLICT'],
      answer: { status: 201, schema: ScheduleEvent, description: 'The whole of it, with its id and when it starts next.' }, handle: ({ body }) => s.schedule.create(body),
    },
    // Before the one with an id, which it would be taken for.
    {
      method: 'get', path: '/schedule/plan', tag, query: PlanQuery,
      summary: 'What is on when, overlaps resolved, and what to look at in it: `?from=…&to=…`, moments or dates, at most 31 days; left out: seven days from now.',
      answer: { status: 200, schema: SchedulePlan, description: 'A stretch where nothing is planned has `target: null`.' }, handle: ({ query }) => s.schedule.plan(query),
    },
    {
      method: 'get', path: '/schedule/{id}', tag, summary: 'Read an event.',
      answer: { status: 200, schema: ScheduleEvent, description: 'Its revision is the ETag.' }, handle: ({ id }) => s.schedule.get(id),
    },
    {
      method: 'patch', path: '/schedule/{id}', tag, summary: 'Change an event: fields that are left out stay, `when` and `do` are replaced as a whole.',
      body: { schema: z.looseObject({}).describe('Any fields of a new event.') }, errors: ['STALE_REVISION'],
      answer: { status: 200, schema: ScheduleEvent, description: 'The whole of it as it is now.' }, handle: ({ id, body, expected }) => s.schedule.patch(id, body, expected),
    },
    {
      method: 'delete', path: '/schedule/{id}', tag, summary: 'Take an event out of the schedule.', errors: ['STALE_REVISION'],
      answer: { status: 204, description: 'It is gone.' }, handle: ({ id, expected }) => s.schedule.remove(id, expected),
    },
  ];
}

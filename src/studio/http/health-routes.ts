/** The REST routes about how all does: figures over time, and the log of what happened. */
import { Events, EventsQuery, History, HistoryQuery } from '../../protocol/health.js';
import type { EventLog } from '../health/event-log.js';
import type { History as KeptHistory } from '../health/history.js';
import type { Route } from './route.js';

export interface HealthServices {
  history: KeptHistory;
  events: EventLog;
}

export function healthRoutes(s: HealthServices): Route[] {
  return [
    {
      method: 'get', path: '/history', tag: 'health', summary: 'Figures over time: `range` hour (each second) or day (each minute: mean, least, most), `since` (unix time in ms) for what is later.', query: HistoryQuery,
      answer: { status: 200, schema: History, description: 'Columns: a value of each series for each of the times. The minutes of the last day outlive a restart of the studio.' },
      handle: ({ query }) => {
        const { range, since } = query as HistoryQuery;
        return s.history.read(range, since);
      },
    },
    {
      method: 'get', path: '/events', tag: 'health', summary: 'The log of what happened: `before`, `kind`, `level` (and worse), `text`, `limit` (100; 500 at most).', query: EventsQuery,
      answer: { status: 200, schema: Events, description: 'Newest first; `next` is the `before` of the next page. The newest 10,000 are kept.' },
      handle: ({ query }) => s.events.list(query as EventsQuery),
    },
  ];
}

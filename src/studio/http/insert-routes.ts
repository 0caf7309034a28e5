/** The REST routes of inserts beyond the resource itself: on air and off, and the log of what was aired. */
import { z } from 'zod';
import { AiringRecord, AiringsExportQuery, AiringsQuery, AiringsSummaryQuery, AiringTotal, InsertAired, InsertStopped } from '../../protocol/inserts.js';
import type { AiringLog } from '../services/airing-log.js';
import type { InsertPlayer } from '../services/insert-player.js';
import { csvLine } from './csv.js';
import type { Route } from './route.js';

const COLUMNS = ['airingId', 'insertId', 'name', 'mode', 'startedAt', 'frame', 'frames', 'plannedFrames', 'fps', 'ended', 'missedFrames'] as const satisfies readonly (keyof AiringRecord)[];

export function insertRoutes(s: { player: InsertPlayer; airings: AiringLog }): Route[] {
  return [
    {
      method: 'post', path: '/inserts/{id}/air', tag: 'inserts', summary: 'Put an insert on air now.',
      answer: { status: 200, schema: InsertAired, description: 'Its first program frame, when that is due, and how many frames it has.' },
      errors: ['VALIDATION', 'CONFLICT', 'EMERGENCY', 'MEDIA_MISSING', 'MEDIA_UNREADABLE', 'ENGINE_AWAY', 'TIMEOUT'], handle: ({ id }) => s.player.air(id),
    },
    {
      method: 'post', path: '/inserts/stop', tag: 'inserts', summary: 'End the insert on air before its time.',
      answer: { status: 200, schema: InsertStopped, description: 'The first program frame without it.' }, errors: ['CONFLICT', 'ENGINE_AWAY', 'TIMEOUT'],
      handle: () => s.player.stop(),
    },
    {
      method: 'get', path: '/airings', tag: 'inserts', summary: 'The log of what was aired of inserts: `from`, `to`, `insertId`, `limit` (100; 1000 at most), `before`.', query: AiringsQuery,
      answer: { status: 200, schema: z.object({ items: z.array(AiringRecord), next: z.string().nullable() }), description: 'Newest first; `next` is the `before` of the next page. It is kept for 400 days.' },
      handle: ({ query }) => s.airings.list(query as AiringsQuery),
    },
    {
      method: 'get', path: '/airings/export', tag: 'inserts', summary: 'Download the log: `format` csv or json, `from`, `to`, `insertId`.', query: AiringsExportQuery,
      answer: { status: 200, description: 'CSV by RFC 4180, or `{items: […]}`.' },
      handle: ({ query }) => exported(s.airings, query as AiringsExportQuery),
    },
    {
      method: 'get', path: '/airings/summary', tag: 'inserts', summary: 'How often each insert was aired: `from`, `to`.', query: AiringsSummaryQuery,
      answer: { status: 200, schema: z.object({ items: z.array(AiringTotal) }), description: 'Most aired first; `cut` of them were not whole, `failed` of those never showed its own picture.' },
      handle: async ({ query }) => ({ items: await s.airings.summary(query as AiringsSummaryQuery) }),
    },
  ];
}

/** Written page by page as it is read: a year has 100,000 lines and more. */
async function exported(log: AiringLog, { format, ...range }: AiringsExportQuery): Promise<Response> {
  const pages = log.all(range);
  const parts = format === 'csv' ? csv(pages) : json(pages);
  // A database that cannot be read is an error, not half a file.
  const first = await parts.next();
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => { if (!first.done) controller.enqueue(Buffer.from(first.value)); },
    async pull(controller) {
      const { done, value } = await parts.next();
      if (done) controller.close();
      else controller.enqueue(Buffer.from(value));
    },
    cancel: async () => { await parts.return(undefined); },
  });
  return new Response(body, {
    headers: { 'Content-Type': format === 'csv' ? 'text/csv; charset=utf-8' : 'application/json', 'Content-Disposition': `attachment; filename="airings.${format}"` },
  });
}

async function* csv(pages: AsyncIterable<AiringRecord[]>): AsyncGenerator<string, undefined> {
  let head = csvLine(COLUMNS);
  for await (const page of pages) {
    yield head + page.map((airing) => csvLine(COLUMNS.map((column) => airing[column] ?? ''))).join('');
    head = '';
  }
  if (head !== '') yield head;
  return undefined;
}

async function* json(pages: AsyncIterable<AiringRecord[]>): AsyncGenerator<string, undefined> {
  let before = '{"items":[\n';
  for await (const page of pages) {
    yield before + page.map((airing) => JSON.stringify(airing)).join(',\n');
    before = ',\n';
  }
  yield before === ',\n' ? '\n]}\n' : `${before}]}\n`;
  return undefined;
}

/** The tables of events and of the figures of a day: rows that grow with time, read by pages, and bounded where they are written. */
import { sql, type Kysely } from 'kysely';
import type { LoggedEvent } from '../../domain/health/fold.js';
import type { Minute } from '../health/history.js';
import type { EventFilter } from '../health/event-log.js';

export interface EventTable {
  id: number;
  at_ms: number;
  last_ms: number;
  count: number;
  level: LoggedEvent['level'];
  kind: LoggedEvent['kind'];
  code: string;
  text: string;
  by: string | null;
  ids: string;
}
export interface MinuteTable {
  at_ms: number;
  /** Least, mean and most by name, as JSON: one row a minute, and none for each figure. */
  json: string;
}
type Db = Kysely<{ events: EventTable; minutes: MinuteTable }>;

export async function putEvents(db: Db, events: readonly LoggedEvent[], most: number): Promise<void> {
  for (const { atMs, lastMs, ids, ...rest } of events) {
    await db.insertInto('events').values({ ...rest, at_ms: atMs, last_ms: lastMs, ids: JSON.stringify(ids) })
      .onConflict((oc) => oc.column('id').doUpdateSet({ text: rest.text, count: rest.count, last_ms: lastMs })).execute();
  }
  await db.deleteFrom('events').where('id', '<=', sql<number>`(select max(id) from events) - ${most}`).execute();
}

export async function lastEventId(db: Db): Promise<number> {
  const row = await db.selectFrom('events').select(sql<number | null>`max(id)`.as('id')).executeTakeFirst();
  return Number(row?.id ?? 0);
}

export async function readEvents(db: Db, { kind, levels, text, before, limit }: EventFilter & { limit: number }): Promise<LoggedEvent[]> {
  let query = db.selectFrom('events').selectAll().where('level', 'in', levels).orderBy('id', 'desc').limit(limit);
  if (kind !== undefined) query = query.where('kind', '=', kind);
  if (Number.isFinite(before)) query = query.where('id', '<', before);
  if (text !== '') {
    const pattern = `%${text.replace(/[\\%_]/g, '\\$&')}%`;
    query = query.where(sql<boolean>`(text like ${pattern} escape '\\' or coalesce(by, '') like ${pattern} escape '\\')`);
  }
  return (await query.execute()).map(({ at_ms, last_ms, ids, ...rest }) => ({ ...rest, atMs: at_ms, lastMs: last_ms, ids: JSON.parse(ids) as string[] }));
}

export async function putMinute(db: Db, { atMs, values }: Minute, most: number): Promise<void> {
  const json = JSON.stringify(values);
  await db.insertInto('minutes').values({ at_ms: atMs, json }).onConflict((oc) => oc.column('at_ms').doUpdateSet({ json })).execute();
  await db.deleteFrom('minutes').where('at_ms', 'in', db.selectFrom('minutes').select('at_ms').orderBy('at_ms', 'desc').limit(-1).offset(most)).execute();
}

/** Later than `fromMs` and not after `toMs`, oldest first. */
export async function readMinutes(db: Db, fromMs: number, toMs: number): Promise<Minute[]> {
  const rows = await db.selectFrom('minutes').selectAll().where('at_ms', '>', fromMs).where('at_ms', '<=', toMs).orderBy('at_ms').execute();
  return rows.map(({ at_ms, json }) => ({ atMs: at_ms, values: JSON.parse(json) as Minute['values'] }));
}

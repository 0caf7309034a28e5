/** The table of airings: the one kind of row that grows with time, so it is read page by page and never as a whole. */
import { sql, type Kysely } from 'kysely';
import type { LoggedAiring } from '../../domain/airings.js';
import type { AiringTotal } from '../../protocol/inserts.js';
import type { AiringRange } from './store.js';

export interface AiringTable {
  airing_id: string;
  insert_id: string;
  name: string;
  mode: LoggedAiring['mode'];
  started_at_ms: number;
  frame: number;
  frames: number;
  planned_frames: number;
  fps: number;
  ended: LoggedAiring['ended'];
  missed_frames: number | null;
}
type Db = Kysely<{ airings: AiringTable }>;

export async function putAiring(db: Db, airing: LoggedAiring): Promise<void> {
  const { airingId, insertId, name, mode, startedAtMs, frame, frames, plannedFrames, fps, ended, missedFrames } = airing;
  await db.insertInto('airings')
    .values({
      airing_id: airingId, insert_id: insertId, name, mode, started_at_ms: startedAtMs, frame, frames, planned_frames: plannedFrames, fps, ended, missed_frames: missedFrames,
    })
    .onConflict((oc) => oc.column('airing_id').doNothing()).execute();
}

export async function deleteAirings(db: Db, beforeMs: number): Promise<void> {
  await db.deleteFrom('airings').where('started_at_ms', '<', beforeMs).execute();
}

export async function readAirings(db: Db, range: AiringRange, { limit, before }: { limit: number; before?: string }): Promise<LoggedAiring[]> {
  let query = inRange(db, range).selectAll().orderBy('started_at_ms', 'desc').orderBy('airing_id', 'desc').limit(limit);
  if (before !== undefined) {
    query = query.where(sql<boolean>`(started_at_ms, airing_id) < (select started_at_ms, airing_id from airings where airing_id = ${before})`);
  }
  return (await query.execute()).map((row) => ({
    airingId: row.airing_id, insertId: row.insert_id, name: row.name, mode: row.mode, startedAtMs: row.started_at_ms,
    frame: row.frame, frames: row.frames, plannedFrames: row.planned_frames, fps: row.fps, ended: row.ended, missedFrames: row.missed_frames,
  }));
}

export async function airingTotals(db: Db, range: AiringRange): Promise<AiringTotal[]> {
  const rows = await inRange(db, range)
    .select([
      'insert_id',
      // As it was called last, whenever that was.
      sql<string>`(select name from airings as latest where latest.insert_id = airings.insert_id order by started_at_ms desc, airing_id desc limit 1)`.as('name'),
      sql<number>`count(*)`.as('airings'), sql<number>`sum(frames)`.as('frames'), sql<number>`sum(case when ended = 'whole' then 0 else 1 end)`.as('cut'),
      sql<number>`sum(case when ended = 'failed' then 1 else 0 end)`.as('failed'), sql<number>`coalesce(sum(missed_frames), 0)`.as('missed'),
    ])
    .groupBy('insert_id').orderBy('airings', 'desc').orderBy('insert_id').execute();
  return rows.map(({ insert_id, name, airings, frames, cut, failed, missed }) => ({
    insertId: insert_id, name, airings: Number(airings), frames: Number(frames), cut: Number(cut), failed: Number(failed), missedFrames: Number(missed),
  }));
}

function inRange(db: Db, { fromMs, toMs, insertId }: AiringRange) {
  let query = db.selectFrom('airings');
  if (fromMs !== undefined) query = query.where('started_at_ms', '>=', fromMs);
  if (toMs !== undefined) query = query.where('started_at_ms', '<', toMs);
  if (insertId !== undefined) query = query.where('insert_id', '=', insertId);
  return query;
}

/** The table of what was done while something was recorded: rows that grow with time, read recording by recording. */
import { sql, type Generated, type Kysely } from 'kysely';
import type { StoredMoment } from '../../domain/moments.js';
import { MomentKind } from '../../protocol/highlights.js';
import { ProgramTarget } from '../../protocol/status.js';

export interface MomentTable {
  id: Generated<number>;
  recording_id: string;
  boot_id: string;
  program_ms: number;
  wall_ms: number;
  kind: string;
  text: string;
  /** A ProgramTarget as JSON. */
  target: string | null;
}
type Db = Kysely<{ moments: MomentTable }>;

/** Those of a recording that has `most` already are left out. @returns how many were written */
export async function putMoments(db: Db, moments: readonly StoredMoment[], most: number): Promise<number> {
  let written = 0;
  for (const { recordingId, at, kind, text, target } of moments) {
    const row = await db.selectFrom('moments').select(sql<number>`count(*)`.as('count')).where('recording_id', '=', recordingId).executeTakeFirst();
    if (Number(row?.count ?? 0) >= most) continue;
    await db.insertInto('moments').values({
      recording_id: recordingId, boot_id: at.bootId, program_ms: at.monotonicMs, wall_ms: at.wallMs, kind, text, target: target && JSON.stringify(target),
    }).execute();
    written += 1;
  }
  return written;
}

/** In the order in which they were written. */
export async function readMoments(db: Db, recordingId: string): Promise<StoredMoment[]> {
  const rows = await db.selectFrom('moments').selectAll().where('recording_id', '=', recordingId).orderBy('id').execute();
  return rows.map((row) => ({
    recordingId, at: { bootId: row.boot_id, monotonicMs: row.program_ms, wallMs: row.wall_ms }, kind: MomentKind.parse(row.kind), text: row.text,
    target: row.target === null ? null : ProgramTarget.parse(JSON.parse(row.target)),
  }));
}

/** Those of all other recordings go. */
export async function keepMomentsOf(db: Db, recordingIds: readonly string[]): Promise<void> {
  const rows = await db.selectFrom('moments').select('recording_id').distinct().execute();
  const kept = new Set(recordingIds);
  for (const { recording_id } of rows) if (!kept.has(recording_id)) await db.deleteFrom('moments').where('recording_id', '=', recording_id).execute();
}

/** The table of what people decided about highlights: all are kept, also when the recording is gone, as learning needs them. */
import type { Kysely } from 'kysely';
import { DecisionRow } from '../../protocol/highlights.js';

export interface DecisionTable {
  recording_id: string;
  highlight_id: string;
  /** A DecisionRow as JSON. */
  json: string;
  by: string;
  at_ms: number;
}
type Db = Kysely<{ decisions: DecisionTable }>;

export type StoredDecision = DecisionRow & { by: string };

/** In the place of the one before of the same highlight. */
export async function putDecision(db: Db, { by, ...row }: StoredDecision): Promise<void> {
  const values = { json: JSON.stringify(row), by, at_ms: row.atMs };
  await db.insertInto('decisions').values({ recording_id: row.stream, highlight_id: row.highlightId, ...values })
    .onConflict((oc) => oc.columns(['recording_id', 'highlight_id']).doUpdateSet(values)).execute();
}

export async function deleteDecision(db: Db, recordingId: string, highlightId: string): Promise<void> {
  await db.deleteFrom('decisions').where('recording_id', '=', recordingId).where('highlight_id', '=', highlightId).execute();
}

export async function readDecisions(db: Db, recordingId: string): Promise<StoredDecision[]> {
  const rows = await db.selectFrom('decisions').select(['json', 'by']).where('recording_id', '=', recordingId).orderBy('at_ms').execute();
  return rows.map(({ json, by }) => ({ ...DecisionRow.parse(JSON.parse(json)), by }));
}

export async function countDecisions(db: Db): Promise<number> {
  const { count } = await db.selectFrom('decisions').select(({ fn }) => fn.countAll<number>().as('count')).executeTakeFirstOrThrow();
  return Number(count);
}

/** The rows as they lie there, JSON, the oldest first, so many from the `from`th: what is only written on needs not be read. */
export async function decisionTexts(db: Db, from: number, count: number): Promise<string[]> {
  const rows = await db.selectFrom('decisions').select('json').orderBy('at_ms').orderBy('recording_id').orderBy('highlight_id').offset(from).limit(count).execute();
  return rows.map(({ json }) => json);
}

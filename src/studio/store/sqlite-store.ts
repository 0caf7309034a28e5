/**
 * The store in SQLite. libsql is better-sqlite3's API with a prebuilt for every Node (docs/decisions/0001-libsql.md); calls
 * are synchronous below Kysely's promises and take 0.2 ms.
 */
import { chmodSync } from 'node:fs';
import { dirname, join } from 'node:path';
import Database from 'libsql';
import { Kysely, Migrator, SqliteDialect, sql } from 'kysely';
import type { LoggedAiring } from '../../domain/airings.js';
import type { LoggedEvent } from '../../domain/health/fold.js';
import type { StoredMoment } from '../../domain/moments.js';
import type { AiringTotal } from '../../protocol/inserts.js';
import { ServerError } from '../../runtime/errors.js';
import { isReadOnly } from '../../runtime/scarcity.js';
import type { EventFilter } from '../health/event-log.js';
import type { Minute } from '../health/history.js';
import { airingTotals, deleteAirings, putAiring, readAirings, type AiringTable } from './airing-table.js';
import { countDecisions, decisionTexts, deleteDecision, putDecision, readDecisions, type DecisionTable, type StoredDecision } from './decision-table.js';
import { lastEventId, putEvents, putMinute, readEvents, readMinutes, type EventTable, type MinuteTable } from './health-tables.js';
import { keepMomentsOf, putMoments, readMoments, type MomentTable } from './moment-table.js';
import type { JobDb, JobTables } from './job-rows.js';
import { MIGRATIONS } from './migrations.js';
import { Reserve } from './reserve.js';
import { writeRefusal } from './write-refusal.js';
import type { AiringRange, Change, Store, StoreContents } from './store.js';

interface Tables extends JobTables {
  documents: { kind: string; id: string; revision: number; json: string; created_at: string; updated_at: string; position: number };
  secrets: { id: string; sealed: string };
  sessions: { hash: string; expires_at_ms: number };
  airings: AiringTable;
  events: EventTable;
  minutes: MinuteTable;
  moments: MomentTable;
  decisions: DecisionTable;
}

export class SqliteStore implements Store {
  #database: Database.Database | undefined;
  #db: Kysely<Tables> | undefined;
  #stopped: Promise<void> | undefined;

  readonly #reserve: Reserve;

  /** The last write failed because the disk takes none at all. */
  isReadOnly = false;

  /** `pragma` is for tests: one more setting of the database, as a limit to its size; and so is `refusal`. */
  constructor(private readonly file: string, private readonly pragma?: string, private readonly refusal = writeRefusal) {
    this.#reserve = new Reserve(join(dirname(file), 'reserve'));
  }

  /**
   * Opens the database, checks it, and brings it to this version's shape.
   * @throws ServerError DATABASE_UNUSABLE with what to do. A damaged file is left as it is: losing an operator's channel in
   * silence would be worse than a start that stops.
   */
  async start(): Promise<void> {
    try {
      if (this.#reserve.isDiskFull) this.#reserve.giveUp();
      const database = new Database(this.file);
      this.#database = database;
      // The -wal and -shm files take its rights. It holds no key in clear, but nobody else's business either.
      chmodSync(this.file, 0o600);
      // Each commit is on the disk before the operator hears of it: WAL with FULL costs 0.2 ms here and changes are rare.
      database.pragma('journal_mode = WAL');
      database.pragma('synchronous = FULL');
      database.pragma('foreign_keys = ON');
      // On a full disk the log must be written from the front again before it has filled the reserve: what changes in place, as
      // what is on program does, then needs no more room however often it changes.
      database.pragma('wal_autocheckpoint = 64');
      const check = JSON.stringify(database.pragma('quick_check'));
      if (!check.includes('"ok"')) throw new Error(`the check found ${check.slice(0, 200)}`);
      this.#db = new Kysely<Tables>({ dialect: new SqliteDialect({ database }) });
      const { error } = await new Migrator({ db: this.#db, provider: { getMigrations: () => Promise.resolve(MIGRATIONS) } }).migrateToLatest();
      if (error) throw error;
      if (this.pragma !== undefined) database.pragma(this.pragma);
      this.#reserve.keep();
    } catch (cause) {
      throw new ServerError(
        'DATABASE_UNUSABLE',
        `The database ${this.file} cannot be used: ${(cause as Error).message}. Nothing was changed. Put a backup in its place, use the ` +
          'version of VistterStudio that wrote it, or move it (and the -wal and -shm files beside it) away to begin anew.',
        { cause },
      );
    }
  }

  stop(): Promise<void> {
    return (this.#stopped ??= this.#close());
  }

  async load(): Promise<StoreContents> {
    const db = this.#open();
    const documents = await db.selectFrom('documents').selectAll().orderBy('position').execute();
    const secrets = await db.selectFrom('secrets').selectAll().execute();
    const sessions = await db.selectFrom('sessions').selectAll().execute();
    return {
      documents: documents.map((d) => ({ kind: d.kind, id: d.id, revision: d.revision, json: d.json, createdAt: d.created_at, updatedAt: d.updated_at })),
      secrets: new Map(secrets.map(({ id, sealed }) => [id, sealed])),
      sessions: sessions.map((s) => ({ hash: s.hash, expiresAtMs: s.expires_at_ms })),
    };
  }

  /** @throws Error with the code SQLITE_FULL when the disk is full and the reserve is used up */
  async apply(changes: readonly Change[]): Promise<void> {
    if (changes.length === 0) return;
    try {
      await this.#transaction(changes);
    } catch (error) {
      if (!this.#isFull(error)) throw error;
      if (!this.#reserve.giveUp()) throw asFull(error);
      await this.#transaction(changes).catch((second: unknown) => { throw this.#isFull(second) ? asFull(second) : second; });
      return;
    }
    this.isReadOnly = false;
    this.#reserve.keep();
  }

  airings(range: AiringRange, page: { limit: number; before?: string }): Promise<LoggedAiring[]> {
    return readAirings(airingsIn(this.#open()), range, page);
  }

  airingTotals(range: AiringRange): Promise<AiringTotal[]> {
    return airingTotals(airingsIn(this.#open()), range);
  }

  putEvents(events: readonly LoggedEvent[], most: number): Promise<void> {
    return this.#spare((db) => putEvents(healthIn(db), events, most));
  }

  lastEventId(): Promise<number> {
    return lastEventId(healthIn(this.#open()));
  }

  events(wanted: EventFilter & { limit: number }): Promise<LoggedEvent[]> {
    return readEvents(healthIn(this.#open()), wanted);
  }

  putMinute(minute: Minute, most: number): Promise<void> {
    return this.#spare((db) => putMinute(healthIn(db), minute, most)).then(() => { this.isReadOnly = false; });
  }

  minutes(fromMs: number, toMs: number): Promise<Minute[]> {
    return readMinutes(healthIn(this.#open()), fromMs, toMs);
  }

  putMoments(moments: readonly StoredMoment[], most: number): Promise<number> {
    return this.#spare((db) => putMoments(analysesIn(db), moments, most));
  }

  moments(recordingId: string): Promise<StoredMoment[]> {
    return readMoments(analysesIn(this.#open()), recordingId);
  }

  keepMomentsOf(recordingIds: readonly string[]): Promise<void> {
    return this.#inTransaction((db) => keepMomentsOf(analysesIn(db), recordingIds));
  }

  putDecision(decision: StoredDecision): Promise<void> {
    return this.#spare((db) => putDecision(analysesIn(db), decision));
  }

  deleteDecision(recordingId: string, highlightId: string): Promise<void> {
    return this.#spare((db) => deleteDecision(analysesIn(db), recordingId, highlightId));
  }

  decisions(recordingId: string): Promise<StoredDecision[]> {
    return readDecisions(analysesIn(this.#open()), recordingId);
  }

  countDecisions(): Promise<number> {
    return countDecisions(analysesIn(this.#open()));
  }

  decisionTexts(from: number, count: number): Promise<string[]> {
    return decisionTexts(analysesIn(this.#open()), from, count);
  }

  /** What is not worth the reserve: not even tried while there is little else. */
  async #spare<T>(work: (db: Kysely<Tables>) => Promise<T>): Promise<T> {
    if (this.#reserve.isDiskFull) throw asFull(undefined);
    return this.#inTransaction(work);
  }

  /** The part of the database that jobs lie in. @throws Error with the code SQLITE_FULL: they are not worth the reserve either */
  readonly jobs = {
    read: <T>(work: (db: JobDb) => Promise<T>): Promise<T> => this.#inTransaction((db) => work(jobsIn(db))),
    write: <T>(work: (db: JobDb) => Promise<T>): Promise<T> => this.#spare((db) => work(jobsIn(db))),
  };

  #transaction(changes: readonly Change[]): Promise<void> {
    return this.#inTransaction(async (db) => {
      for (const change of changes) await applyOne(db, change);
    });
  }

  /** By hand: at some errors SQLite has rolled back already, and Kysely's own rollback would put its complaint over the first. */
  #inTransaction<T>(work: (db: Kysely<Tables>) => Promise<T>): Promise<T> {
    return this.#open().connection().execute(async (connection) => {
      await sql`begin`.execute(connection);
      try {
        const result = await work(connection);
        await sql`commit`.execute(connection);
        return result;
      } catch (error) {
        await sql`rollback`.execute(connection).catch(() => undefined);
        if (!this.#isForReadOnly(error)) throw error;
        this.isReadOnly = true;
        throw asReadOnly(error);
      }
    });
  }

  /** SQLite calls it an input/output error when it is its log's index that finds no room. */
  #isFull(error: unknown): boolean {
    const code = String((error as { code?: unknown }).code);
    return code === 'SQLITE_FULL' || (/^SQLITE_(IOERR|CANTOPEN)/.test(code) && this.#reserve.isDiskFull);
  }

  /** SQLite says only that a write has failed: the disk is asked why. */
  #isForReadOnly(error: unknown): boolean {
    const code = String((error as { code?: unknown }).code);
    return /^SQLITE_(IOERR|CANTOPEN|READONLY)/.test(code) && isReadOnly(this.refusal(dirname(this.file)));
  }

  async #close(): Promise<void> {
    // libsql 0.5 leaves the log where it is when it closes: a copy of the one file alone would then be an old one.
    if (this.#db && !this.#checkpoint() && this.#reserve.giveUp()) this.#checkpoint();
    await this.#db?.destroy();
  }

  /** False on a full disk; what was stored stays in the log then, and is read from there at the next start. */
  #checkpoint(): boolean {
    try {
      this.#database?.pragma('wal_checkpoint(TRUNCATE)');
      return true;
    } catch {
      return false;
    }
  }

  #open(): Kysely<Tables> {
    if (!this.#db || this.#stopped) throw new ServerError('INTERNAL', 'The database is not open.');
    return this.#db;
  }
}

function asFull(cause: unknown): Error {
  return Object.assign(new Error('database or disk is full', { cause }), { code: 'SQLITE_FULL' });
}

function asReadOnly(cause: unknown): Error {
  return Object.assign(new Error('the disk is read-only', { cause }), { code: 'EROFS' });
}

/** The part of the database that events and figures lie in. */
const healthIn = (db: Kysely<Tables>): Kysely<Pick<Tables, 'events' | 'minutes'>> => db as unknown as Kysely<Pick<Tables, 'events' | 'minutes'>>;
/** The part of the database that moments of recordings and decisions about them lie in. */
const analysesIn = (db: Kysely<Tables>): Kysely<Pick<Tables, 'moments' | 'decisions'>> => db as unknown as Kysely<Pick<Tables, 'moments' | 'decisions'>>;
const jobsIn = (db: Kysely<Tables>): JobDb => db as unknown as JobDb;
/** The part of the database that the log of airings lies in. */
const airingsIn = (db: Kysely<Tables>): Kysely<Pick<Tables, 'airings'>> => db as unknown as Kysely<Pick<Tables, 'airings'>>;

async function applyOne(tx: Kysely<Tables>, change: Change): Promise<void> {
  switch (change.op) {
    case 'put-document': {
      const { kind, id, revision, json, createdAt, updatedAt } = change.document;
      const values = { revision, json, created_at: createdAt, updated_at: updatedAt };
      const position = sql<number>`(select coalesce(max(position), 0) + 1 from documents)`;
      await tx.insertInto('documents').values({ kind, id, ...values, position })
        .onConflict((oc) => oc.columns(['kind', 'id']).doUpdateSet(values)).execute();
      return;
    }
    case 'delete-document':
      await tx.deleteFrom('documents').where('kind', '=', change.kind).where('id', '=', change.id).execute();
      return;
    case 'put-secret':
      await tx.insertInto('secrets').values({ id: change.id, sealed: change.sealed })
        .onConflict((oc) => oc.column('id').doUpdateSet({ sealed: change.sealed })).execute();
      return;
    case 'delete-secret':
      await tx.deleteFrom('secrets').where('id', '=', change.id).execute();
      return;
    case 'put-session':
      await tx.insertInto('sessions').values({ hash: change.session.hash, expires_at_ms: change.session.expiresAtMs })
        .onConflict((oc) => oc.column('hash').doUpdateSet({ expires_at_ms: change.session.expiresAtMs })).execute();
      return;
    case 'delete-session':
      await tx.deleteFrom('sessions').where('hash', '=', change.hash).execute();
      return;
    case 'put-airing':
      await putAiring(airingsIn(tx), change.airing);
      return;
    case 'delete-airings':
      await deleteAirings(airingsIn(tx), change.beforeMs);
      return;
    default:
      change satisfies never;
  }
}

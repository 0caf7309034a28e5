/** The store without a disk: what tests of the studio's parts run on. It passes the same contract suite as SQLite's. */
import type { LoggedAiring } from '../../src/domain/airings.js';
import type { LoggedEvent } from '../../src/domain/health/fold.js';
import type { StoredMoment } from '../../src/domain/moments.js';
import { matches, type EventFilter } from '../../src/studio/health/event-log.js';
import type { Minute } from '../../src/studio/health/history.js';
import type { AiringTotal } from '../../src/protocol/inserts.js';
import type { StoredDecision } from '../../src/studio/store/decision-table.js';
import type { AiringRange, Change, Store, StoreContents, StoredDocument, StoredSession } from '../../src/studio/store/store.js';

interface Tables {
  documents: Map<string, StoredDocument>;
  secrets: Map<string, string>;
  sessions: Map<string, StoredSession>;
  airings: Map<string, LoggedAiring>;
}

export class MemoryStore implements Store {
  #tables: Tables = { documents: new Map(), secrets: new Map(), sessions: new Map(), airings: new Map() };
  readonly #events = new Map<number, LoggedEvent>();
  #minutes: Minute[] = [];
  #moments: StoredMoment[] = [];
  #decisions: StoredDecision[] = [];
  #stopped = false;
  /** The next `apply` fails with this, as a full disk would. */
  failNext: Error | undefined;
  isReadOnly = false;

  /** What was stored is there again, as after a restart. */
  start(): void {
    this.#stopped = false;
  }

  stop(): Promise<void> {
    this.#stopped = true;
    return Promise.resolve();
  }

  async load(): Promise<StoreContents> {
    this.#check();
    const { documents, secrets, sessions } = this.#tables;
    return structuredClone({ documents: [...documents.values()], secrets, sessions: [...sessions.values()] });
  }

  async apply(changes: readonly Change[]): Promise<void> {
    this.#check();
    const failure = this.failNext;
    this.failNext = undefined;
    if (failure) throw failure;
    // A copy that takes the place of the whole, once every change has gone through.
    const tables = structuredClone(this.#tables);
    for (const change of structuredClone(changes)) applyOne(tables, change);
    this.#tables = tables;
  }

  async airings(range: AiringRange, { limit, before }: { limit: number; before?: string }): Promise<LoggedAiring[]> {
    this.#check();
    const first = before === undefined ? undefined : this.#tables.airings.get(before);
    if (before !== undefined && !first) return [];
    return structuredClone(this.#inRange(range).filter((airing) => !first || newestFirst(first, airing) < 0).slice(0, limit));
  }

  async airingTotals(range: AiringRange): Promise<AiringTotal[]> {
    this.#check();
    const totals = new Map<string, AiringTotal>();
    const latest = new Map(this.#inRange({}).reverse().map(({ insertId, name }) => [insertId, name]));
    for (const { insertId, frames, ended, missedFrames } of this.#inRange(range)) {
      const sum = totals.get(insertId) ?? { insertId, name: latest.get(insertId)!, airings: 0, frames: 0, cut: 0, failed: 0, missedFrames: 0 };
      totals.set(insertId, {
        ...sum, airings: sum.airings + 1, frames: sum.frames + frames, cut: sum.cut + (ended === 'whole' ? 0 : 1),
        failed: sum.failed + (ended === 'failed' ? 1 : 0), missedFrames: sum.missedFrames + (missedFrames ?? 0),
      });
    }
    return [...totals.values()].sort((a, b) => b.airings - a.airings || compare(a.insertId, b.insertId));
  }

  async putEvents(events: readonly LoggedEvent[], most: number): Promise<void> {
    this.#check();
    for (const event of events) this.#events.set(event.id, structuredClone(event));
    const last = await this.lastEventId();
    for (const id of this.#events.keys()) if (id <= last - most) this.#events.delete(id);
  }

  lastEventId(): Promise<number> {
    return Promise.resolve(Math.max(0, ...this.#events.keys()));
  }

  async events({ limit, ...wanted }: EventFilter & { limit: number }): Promise<LoggedEvent[]> {
    this.#check();
    return structuredClone([...this.#events.values()].filter((event) => matches(event, wanted)).sort((a, b) => b.id - a.id).slice(0, limit));
  }

  async putMinute(minute: Minute, most: number): Promise<void> {
    this.#check();
    this.#minutes = [...this.#minutes.filter(({ atMs }) => atMs !== minute.atMs), structuredClone(minute)].sort((a, b) => a.atMs - b.atMs).slice(-most);
  }

  async minutes(fromMs: number, toMs: number): Promise<Minute[]> {
    this.#check();
    return structuredClone(this.#minutes.filter(({ atMs }) => atMs > fromMs && atMs <= toMs));
  }

  async putMoments(moments: readonly StoredMoment[], most: number): Promise<number> {
    this.#check();
    let written = 0;
    for (const moment of moments) {
      if (this.#moments.filter(({ recordingId }) => recordingId === moment.recordingId).length >= most) continue;
      this.#moments.push(structuredClone(moment));
      written += 1;
    }
    return written;
  }

  async moments(recordingId: string): Promise<StoredMoment[]> {
    this.#check();
    return structuredClone(this.#moments.filter((moment) => moment.recordingId === recordingId));
  }

  async keepMomentsOf(recordingIds: readonly string[]): Promise<void> {
    this.#check();
    this.#moments = this.#moments.filter(({ recordingId }) => recordingIds.includes(recordingId));
  }

  async putDecision(decision: StoredDecision): Promise<void> {
    this.#check();
    await this.deleteDecision(decision.stream, decision.highlightId);
    this.#decisions = [...this.#decisions, structuredClone(decision)].sort((a, b) => a.atMs - b.atMs);
  }

  async deleteDecision(recordingId: string, highlightId: string): Promise<void> {
    this.#check();
    this.#decisions = this.#decisions.filter((one) => one.stream !== recordingId || one.highlightId !== highlightId);
  }

  async decisions(recordingId: string): Promise<StoredDecision[]> {
    this.#check();
    return structuredClone(this.#decisions.filter(({ stream }) => stream === recordingId));
  }

  async countDecisions(): Promise<number> {
    this.#check();
    return this.#decisions.length;
  }

  async decisionTexts(from: number, count: number): Promise<string[]> {
    this.#check();
    return this.#decisions.slice(from, from + count).map(({ by: _, ...row }) => JSON.stringify(row));
  }

  #inRange({ fromMs = -Infinity, toMs = Infinity, insertId }: AiringRange): LoggedAiring[] {
    return [...this.#tables.airings.values()]
      .filter((a) => a.startedAtMs >= fromMs && a.startedAtMs < toMs && (insertId === undefined || a.insertId === insertId)).sort(newestFirst);
  }

  #check(): void {
    if (this.#stopped) throw new Error('The store is not open.');
  }
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const newestFirst = (a: LoggedAiring, b: LoggedAiring): number => b.startedAtMs - a.startedAtMs || compare(b.airingId, a.airingId);

function applyOne({ documents, secrets, sessions, airings }: Tables, change: Change): void {
  switch (change.op) {
    case 'put-document': documents.set(`${change.document.kind}/${change.document.id}`, whole(change.document)); return;
    case 'delete-document': documents.delete(`${change.kind}/${change.id}`); return;
    case 'put-secret': secrets.set(change.id, whole(change).sealed); return;
    case 'delete-secret': secrets.delete(change.id); return;
    case 'put-session': sessions.set(change.session.hash, whole(change.session)); return;
    case 'delete-session': sessions.delete(change.hash); return;
    case 'put-airing': if (!airings.has(whole(change.airing).airingId)) airings.set(change.airing.airingId, change.airing); return;
    case 'delete-airings': for (const [id, { startedAtMs }] of airings) if (startedAtMs < change.beforeMs) airings.delete(id); return;
    default: change satisfies never;
  }
}

/** As the database's columns, no field may be empty, but for the one that older rows lack. */
function whole<T extends object>(row: T): T {
  const empty = Object.entries(row).find(([key, value]) => (value === null && key !== 'missedFrames') || value === undefined);
  if (empty) throw new Error(`The field ${empty[0]} must have a value.`);
  return row;
}

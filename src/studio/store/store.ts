/** Where the studio's state lies. One contract suite holds for every implementation (test/contract/studio-store). */
import type { LoggedAiring } from '../../domain/airings.js';
import type { LoggedEvent } from '../../domain/health/fold.js';
import type { StoredMoment } from '../../domain/moments.js';
import type { AiringTotal } from '../../protocol/inserts.js';
import type { Owner } from '../../runtime/lifecycle.js';
import type { EventFilter } from '../health/event-log.js';
import type { Minute } from '../health/history.js';
import type { StoredDecision } from './decision-table.js';

export interface StoredDocument {
  kind: string;
  id: string;
  revision: number;
  json: string;
  createdAt: string;
  updatedAt: string;
}

export interface StoredSession {
  /** SHA-256 of the cookie, hex: the store alone opens no door. */
  hash: string;
  /** Unix time, ms. */
  expiresAtMs: number;
}

export interface StoreContents {
  /** In the order in which they were first put. */
  documents: StoredDocument[];
  /** Sealed text by id. */
  secrets: Map<string, string>;
  sessions: StoredSession[];
}

export type Change =
  | { op: 'put-document'; document: StoredDocument }
  | { op: 'delete-document'; kind: string; id: string }
  | { op: 'put-secret'; id: string; sealed: string }
  | { op: 'delete-secret'; id: string }
  | { op: 'put-session'; session: StoredSession }
  | { op: 'delete-session'; hash: string }
  /** One that is in the log stays as it is. */
  | { op: 'put-airing'; airing: LoggedAiring }
  /** Those that began before a moment. */
  | { op: 'delete-airings'; beforeMs: number };

/** Airings that began at `fromMs` or later, and before `toMs`; since 1970, ms. */
export interface AiringRange {
  fromMs?: number;
  toMs?: number;
  insertId?: string;
}

export interface Store extends Owner {
  /** The last write failed because the disk takes none at all: with an error of the code EROFS. */
  readonly isReadOnly: boolean;
  /** Everything there is but the airings: those of a year are not for the memory. */
  load(): Promise<StoreContents>;
  /** All of the changes, in order, or none of them. They are on the disk when the promise resolves. */
  apply(changes: readonly Change[]): Promise<void>;
  /** Newest first. `before`: those that come after this airing in that order; none when it is not there. */
  airings(range: AiringRange, page: { limit: number; before?: string }): Promise<LoggedAiring[]>;
  /** Sums by insert, most airings first. */
  airingTotals(range: AiringRange): Promise<AiringTotal[]>;
  /**
   * Writes events, or their new counts, and keeps the newest `most`. What this and `putMinute` write is never worth the room that is kept for operators.
   * @throws Error with the code SQLITE_FULL
   */
  putEvents(events: readonly LoggedEvent[], most: number): Promise<void>;
  /** The largest id so far; 0: there is none. */
  lastEventId(): Promise<number>;
  /** Newest first. */
  events(wanted: EventFilter & { limit: number }): Promise<LoggedEvent[]>;
  /** Keeps the newest `most`. @throws Error with the code SQLITE_FULL */
  putMinute(minute: Minute, most: number): Promise<void>;
  /** Later than `fromMs` and not after `toMs`, oldest first. */
  minutes(fromMs: number, toMs: number): Promise<Minute[]>;
  /** Those of a recording that has `most` already are left out. @returns how many were written @throws Error with the code SQLITE_FULL */
  putMoments(moments: readonly StoredMoment[], most: number): Promise<number>;
  /** Of a recording, in the order in which they were written. */
  moments(recordingId: string): Promise<StoredMoment[]>;
  /** Those of all other recordings go. */
  keepMomentsOf(recordingIds: readonly string[]): Promise<void>;
  /** In the place of the one before of the same highlight. @throws Error with the code SQLITE_FULL */
  putDecision(decision: StoredDecision): Promise<void>;
  deleteDecision(recordingId: string, highlightId: string): Promise<void>;
  /** Of a recording, the oldest first. */
  decisions(recordingId: string): Promise<StoredDecision[]>;
  /** Of all recordings. */
  countDecisions(): Promise<number>;
  /** Of all recordings, the oldest first, each a DecisionRow as JSON: so many from the `from`th. */
  decisionTexts(from: number, count: number): Promise<string[]>;
}

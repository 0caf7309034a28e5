/** What one change of the model does, gathered before any of it is stored or seen. */
import { NOTHING_WANTED, THE_ONE, type DataOf, type Document, type DocumentOf, type Kind, type StudioState } from '../domain/documents.js';
import { ServerError } from '../runtime/errors.js';
import { jsonOf } from './json-text.js';

export type Tables = { [K in Kind]: Map<string, DocumentOf<K>> };
export type SecretOf = 'camera' | 'destination';
export const secretId = (kind: SecretOf, id: string): string => `${kind}:${id}`;

export type Edit =
  | { op: 'put'; kind: Kind; document: Document<unknown> }
  | { op: 'remove'; kind: Kind; id: string }
  | { op: 'secret'; id: string; text: string | null };

/** How many of a kind there may be: all of them together are sent to the engine and to each browser. */
const MOST: Partial<Record<Kind, number>> = { source: 5000, scene: 500, overlay: 200, destination: 200, insert: 1000, timeline: 2000, folder: 200 };

/** What one change does. Reads see the state before it, besides what `get` finds of its own edits. */
export class Draft {
  readonly edits: Edit[] = [];

  constructor(private readonly before: { readonly state: StudioState }, private readonly tables: Tables, readonly now: string) {}

  /** The state before this change. */
  get state(): StudioState {
    return this.before.state;
  }

  /** @throws ServerError NOT_FOUND */
  get<K extends Kind>(kind: K, id: string): DocumentOf<K> {
    const edited = this.edits.findLast((edit) => edit.op !== 'secret' && edit.kind === kind && (edit.op === 'put' ? edit.document.id : edit.id) === id);
    return found(edited ? (edited.op === 'put' ? (edited.document as DocumentOf<K>) : undefined) : this.tables[kind].get(id), kind, id);
  }

  /** Those there are, in the order in which they were made. */
  all<K extends Kind>(kind: K): DocumentOf<K>[] {
    return [...this.tables[kind].values()];
  }

  /** @throws ServerError CONFLICT when there are as many as there may be */
  create<K extends Kind>(kind: K, id: string, data: DataOf[K]): DocumentOf<K> {
    const most = MOST[kind];
    if (most !== undefined && this.tables[kind].size >= most) throw new ServerError('CONFLICT', `There can be at most ${most} ${kind}s. Delete one that is not needed.`);
    const document: DocumentOf<K> = { id, revision: 1, createdAt: this.now, updatedAt: this.now, data };
    this.edits.push({ op: 'put', kind, document });
    return document;
  }

  /** A change that changes nothing keeps the revision. */
  update<K extends Kind>(kind: K, id: string, data: DataOf[K]): DocumentOf<K> {
    const before = this.get(kind, id);
    if (jsonOf(before.data) === jsonOf(data)) return before;
    const document: DocumentOf<K> = { ...before, revision: before.revision + 1, updatedAt: this.now, data };
    this.edits.push({ op: 'put', kind, document });
    return document;
  }

  /** Makes or replaces the one document of its kind. */
  put<K extends 'settings' | 'program' | 'take' | 'broadcast' | 'armed' | 'preview' | 'black' | 'override' | 'scheduled' | 'emergency' | 'airings'>(kind: K, data: DataOf[K]): DocumentOf<K> {
    return this.#set(kind, THE_ONE, data);
  }

  /** How a timeline stands. */
  playback(timelineId: string, data: DataOf['playback']): void {
    this.#set('playback', timelineId, data);
  }

  /** What came of an event. */
  run(eventId: string, data: DataOf['schedule-run']): void {
    this.#set('schedule-run', eventId, data);
  }

  /** When an insert comes by itself; undefined: it does not any more. */
  insertRule(insertId: string, data: DataOf['insert-rule'] | undefined): void {
    if (data !== undefined) this.#set('insert-rule', insertId, data);
    else if (this.tables['insert-rule'].has(insertId)) this.remove('insert-rule', insertId);
  }

  /** What people want of a recording's analysis. @throws ServerError NOT_FOUND when the recording has gone meanwhile */
  analysis(recordingId: string, change: (before: DataOf['analysis']) => DataOf['analysis']): DocumentOf<'analysis'> {
    this.get('recording', recordingId);
    return this.#set('analysis', recordingId, change(this.tables.analysis.get(recordingId)?.data ?? NOTHING_WANTED));
  }

  remove(kind: Kind, id: string): void {
    this.edits.push({ op: 'remove', kind, id });
  }

  secret(kind: SecretOf, id: string, text: string | null): void {
    this.edits.push({ op: 'secret', id: secretId(kind, id), text });
  }

  /** Makes or replaces. */
  #set<K extends Kind>(kind: K, id: string, data: DataOf[K]): DocumentOf<K> {
    return this.tables[kind].has(id) ? this.update(kind, id, data) : this.create(kind, id, data);
  }
}

/** @throws ServerError NOT_FOUND */
export function found<D>(document: D | undefined, kind: Kind, id: string): D {
  if (!document) throw new ServerError('NOT_FOUND', `There is no ${kind} ${id}.`);
  return document;
}

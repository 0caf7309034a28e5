/** The store without a disk: what tests of the studio's parts run on. It passes the same contract suite as SQLite's. */
import type { Change, Store, StoreContents, StoredDocument, StoredSession } from '../../src/studio/store/store.js';

interface Tables {
  documents: Map<string, StoredDocument>;
  secrets: Map<string, string>;
  sessions: Map<string, StoredSession>;
}

export class MemoryStore implements Store {
  #tables: Tables = { documents: new Map(), secrets: new Map(), sessions: new Map() };
  #stopped = false;
  /** The next `apply` fails with this, as a full disk would. */
  failNext: Error | undefined;

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

  #check(): void {
    if (this.#stopped) throw new Error('The store is not open.');
  }
}

function applyOne({ documents, secrets, sessions }: Tables, change: Change): void {
  switch (change.op) {
    case 'put-document': documents.set(`${change.document.kind}/${change.document.id}`, whole(change.document)); return;
    case 'delete-document': documents.delete(`${change.kind}/${change.id}`); return;
    case 'put-secret': secrets.set(change.id, whole(change).sealed); return;
    case 'delete-secret': secrets.delete(change.id); return;
    case 'put-session': sessions.set(change.session.hash, whole(change.session)); return;
    case 'delete-session': sessions.delete(change.hash); return;
    default: change satisfies never;
  }
}

/** As the database's columns, no field may be empty. */
function whole<T extends object>(row: T): T {
  const empty = Object.entries(row).find(([, value]) => value === null || value === undefined);
  if (empty) throw new Error(`The field ${empty[0]} must have a value.`);
  return row;
}

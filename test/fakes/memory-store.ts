/** The store without a disk: what tests of the studio's parts run on. It passes the same contract suite as SQLite's. */
import type { Change, Store, StoreContents, StoredDocument, StoredSession } from '../../src/studio/store/store.js';

export class MemoryStore implements Store {
  readonly #documents = new Map<string, StoredDocument>();
  readonly #secrets = new Map<string, string>();
  readonly #sessions = new Map<string, StoredSession>();
  /** The next `apply` fails with this, as a full disk would. */
  failNext: Error | undefined;

  start(): void {}

  stop(): Promise<void> {
    return Promise.resolve();
  }

  load(): Promise<StoreContents> {
    return Promise.resolve({ documents: [...this.#documents.values()], secrets: new Map(this.#secrets), sessions: [...this.#sessions.values()] });
  }

  apply(changes: readonly Change[]): Promise<void> {
    const failure = this.failNext;
    this.failNext = undefined;
    if (failure) return Promise.reject(failure);
    for (const change of changes) this.#apply(structuredClone(change));
    return Promise.resolve();
  }

  #apply(change: Change): void {
    switch (change.op) {
      case 'put-document': this.#documents.set(`${change.document.kind}/${change.document.id}`, change.document); return;
      case 'delete-document': this.#documents.delete(`${change.kind}/${change.id}`); return;
      case 'put-secret': this.#secrets.set(change.id, change.sealed); return;
      case 'delete-secret': this.#secrets.delete(change.id); return;
      case 'put-session': this.#sessions.set(change.session.hash, change.session); return;
      case 'delete-session': this.#sessions.delete(change.hash); return;
      default: change satisfies never;
    }
  }
}

/**
 * The stored state in memory, and the one way to change it: `change` takes a synchronous piece of work on a draft, writes it
 * to the store as one transaction, and only then lets it be seen. Changes come one after the other, so a revision that was
 * checked in a draft still holds when it is written.
 */
import { z } from 'zod';
import { DOCUMENT_SCHEMAS, KINDS, OFF_AIR, THE_ONE, type Document, type DocumentOf, type Kind, type StudioState } from '../domain/documents.js';
import type { Clock } from '../runtime/clock.js';
import { ServerError } from '../runtime/errors.js';
import type { Owner } from '../runtime/lifecycle.js';
import { silentLog, type Log } from '../runtime/log.js';
import { Draft, found, secretId, type Edit, type SecretOf, type Tables } from './draft.js';
import { jsonOf, packedOf, unpacked } from './json-text.js';
import { parseStored } from './parse-stored.js';
import type { Vault } from './secrets/vault.js';
import { unstored } from './store/fault.js';
import type { Change, Store, StoredDocument, StoredSession } from './store/store.js';

export class Model implements Owner {
  readonly #tables = Object.fromEntries(KINDS.map((kind) => [kind, new Map()])) as unknown as Tables;
  readonly #secrets = new Map<string, string>();
  readonly #listeners = new Set<() => void>();
  #sessions: StoredSession[] = [];
  #vault: Vault | undefined;
  #last: Promise<unknown> = Promise.resolve();
  /** What holds and the store does not know yet, because it had no room. */
  #owed: Change[] = [];
  #owedIsTold = false;
  #stopped: Promise<void> | undefined;
  /** Whether this start found an empty store. */
  isNew = false;

  constructor(
    private readonly store: Store,
    private readonly openVault: (anythingSealed: boolean) => Vault,
    private readonly clock: Clock,
    private readonly log: Log = silentLog,
  ) {}

  /** Loads everything. @throws ServerError DATABASE_UNUSABLE or SECRETS_UNUSABLE when something in it cannot be read. */
  async start(): Promise<void> {
    const { documents, secrets, sessions } = await this.store.load();
    for (const document of documents) this.#load(document);
    this.#vault = this.openVault(secrets.size > 0);
    for (const [id, sealed] of secrets) this.#secrets.set(id, this.#vault.unseal(id, sealed));
    this.#sessions = sessions;
    this.isNew = !this.#tables.settings.has(THE_ONE);
  }

  /** Waits for the change under way, and tries once more to store what is owed. */
  stop(): Promise<void> {
    return (this.#stopped ??= this.storeOwed());
  }

  get state(): StudioState {
    const list = <K extends Kind>(kind: K): DocumentOf<K>[] => [...this.#tables[kind].values()];
    const settings = this.#tables.settings.get(THE_ONE);
    const program = this.#tables.program.get(THE_ONE);
    if (!settings || !program) throw new Error('The model was not set up.');
    return {
      sources: list('source'), scenes: list('scene'), overlays: list('overlay'), destinations: list('destination'),
      recordings: list('recording'), settings, program: program.data,
      take: this.#tables.take.get(THE_ONE)?.data.number ?? 0,
      broadcast: this.#tables.broadcast.get(THE_ONE)?.data ?? OFF_AIR,
      timelines: list('timeline'),
      timelineVersions: this.#tables['timeline-version'],
      playbacks: new Map([...this.#tables.playback].map(([id, { data }]) => [id, data])),
      armed: this.#tables.armed.get(THE_ONE)?.data.timelineId ?? null,
      preview: this.#tables.preview.get(THE_ONE)?.data.target ?? null,
      black: this.#tables.black.get(THE_ONE)?.data.on ?? false,
      override: this.#tables.override.get(THE_ONE)?.data ?? null,
      schedule: list('schedule-event'),
      scheduleRuns: new Map([...this.#tables['schedule-run']].map(([id, { data }]) => [id, data])),
      scheduled: this.#tables.scheduled.get(THE_ONE)?.data ?? null,
      folders: list('folder'),
      folderFiles: this.#tables['folder-files'],
      emergency: this.#tables.emergency.get(THE_ONE)?.data ?? null,
      inserts: list('insert'),
      insertRules: new Map([...this.#tables['insert-rule']].map(([id, { data }]) => [id, data])),
      airings: this.#tables.airings.get(THE_ONE)?.data ?? [],
      analyses: this.#tables.analysis,
    };
  }

  find<K extends Kind>(kind: K, id: string): DocumentOf<K> | undefined {
    return this.#tables[kind].get(id);
  }

  /** @throws ServerError NOT_FOUND */
  get<K extends Kind>(kind: K, id: string): DocumentOf<K> {
    return found(this.find(kind, id), kind, id);
  }

  /** The key of a camera or destination, in clear; for the link to the processes and for an explicit reveal, nothing else. */
  secret(kind: SecretOf, id: string): string | undefined {
    return this.#secrets.get(secretId(kind, id));
  }

  /** Sessions as they were at the start. */
  get sessions(): readonly StoredSession[] {
    return this.#sessions;
  }

  /** Called after each change; returns the way to end that. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Runs `work` on a draft and stores what it did; a throw in it changes nothing. Resolves when it is on the disk. */
  change<T>(work: (draft: Draft) => T): Promise<T> {
    return this.#inTurn(async () => {
      const { edits, result } = this.#draft(work);
      if (edits.length === 0) return result;
      await this.#write(edits.map((edit) => this.#toChange(edit)));
      this.#show(edits);
      return result;
    });
  }

  /**
   * The same for what must not wait for a disk, as going off air: it holds at once, and is stored as soon as that is possible: now,
   * or with whatever can be stored next, or by `storeOwed`. Until then it is in this process's memory alone: a studio that is killed
   * on a full disk comes back with what was stored before, as with a broadcast that was stopped on air again.
   */
  changeAtOnce<T>(work: (draft: Draft) => T): Promise<T> {
    return this.#inTurn(async () => {
      const { edits, result } = this.#draft(work);
      if (edits.length === 0) return result;
      this.#owed.push(...edits.map((edit) => this.#toChange(edit)));
      this.#show(edits);
      try {
        await this.#write([]);
      } catch (error) {
        const { code } = error as ServerError;
        if (!this.#owedIsTold) this.log.error({ code }, 'what was stopped is stopped, but that could not be stored; it is tried again each second, and a studio that is started again before goes on with it');
        this.#owedIsTold = true;
      }
      return result;
    });
  }

  /** Tries to store what `changeAtOnce` could not; to be called again and again. */
  storeOwed(): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#owed.length > 0) await this.#write([]).catch(() => undefined);
    });
  }

  /** Sessions pass by the drafts: nobody watches them. */
  changeSessions(changes: Extract<Change, { op: 'put-session' | 'delete-session' }>[]): Promise<void> {
    return this.#inTurn(() => this.#write(changes));
  }

  /** After what was begun before, however that ended. */
  #inTurn<T>(run: () => Promise<T>): Promise<T> {
    const next = this.#last.then(run, run);
    this.#last = next.catch(() => undefined);
    return next;
  }

  #draft<T>(work: (draft: Draft) => T): { edits: readonly Edit[]; result: T } {
    const draft = new Draft(this, this.#tables, new Date(this.clock.wallMs()).toISOString());
    const result = work(draft);
    return { edits: draft.edits, result };
  }

  #show(edits: readonly Edit[]): void {
    for (const edit of edits) this.#commit(edit);
    for (const listener of this.#listeners) listener();
  }

  /** With what is owed before it: together or not at all. */
  async #write(changes: Change[]): Promise<void> {
    try {
      await this.store.apply([...this.#owed, ...changes]);
    } catch (cause) {
      throw unstored(cause, 'The change', 'Nothing was changed.');
    }
    this.#owed = [];
    if (this.#owedIsTold) this.log.info('what was stopped is stored now');
    this.#owedIsTold = false;
  }

  #load(stored: StoredDocument): void {
    const schema = (DOCUMENT_SCHEMAS as Record<string, z.ZodType | undefined>)[stored.kind];
    const parsed = schema && parseStored(schema, readStored(stored.json));
    if (!parsed?.success) {
      throw new ServerError(
        'DATABASE_UNUSABLE',
        `The database holds a ${stored.kind} (${stored.id}) that this version cannot read. Use the version of VistterStudio that wrote it, or put a backup in its place.`,
      );
    }
    const { id, revision, createdAt, updatedAt } = stored;
    const table = this.#tables[stored.kind as Kind] as Map<string, Document<unknown>>;
    table.set(id, { id, revision, createdAt, updatedAt, data: parsed.data });
  }

  #toChange(edit: Edit): Change {
    switch (edit.op) {
      case 'put': {
        const { id, revision, createdAt, updatedAt, data } = edit.document;
        return { op: 'put-document', document: { kind: edit.kind, id, revision, createdAt, updatedAt, json: toStored(data) } };
      }
      case 'remove': return { op: 'delete-document', kind: edit.kind, id: edit.id };
      case 'secret': return edit.text === null
        ? { op: 'delete-secret', id: edit.id }
        : { op: 'put-secret', id: edit.id, sealed: this.#vault!.seal(edit.id, edit.text) };
      default: return edit satisfies never;
    }
  }

  #commit(edit: Edit): void {
    switch (edit.op) {
      case 'put':
        (this.#tables[edit.kind] as Map<string, Document<unknown>>).set(edit.document.id, edit.document);
        return;
      case 'remove':
        this.#tables[edit.kind].delete(edit.id);
        return;
      case 'secret':
        if (edit.text === null) this.#secrets.delete(edit.id);
        else this.#secrets.set(edit.id, edit.text);
        return;
      default:
        edit satisfies never;
    }
  }
}

/** What is longer as JSON, characters, is stored packed: a long timeline. */
const PACKED_FROM = 100_000;
/** No document has this as its only field. */
const Packed = z.strictObject({ packed: z.string() });

function toStored(data: unknown): string {
  const json = jsonOf(data);
  return json.length < PACKED_FROM || typeof data !== 'object' || data === null ? json : JSON.stringify({ packed: packedOf(data) });
}

/** undefined: it cannot be read. */
function readStored(text: string): unknown {
  try {
    const value = JSON.parse(text) as unknown;
    const large = Packed.safeParse(value);
    return large.success ? JSON.parse(unpacked(large.data.packed)) : value;
  } catch {
    return undefined;
  }
}

/** One studio a home. The lock is SQLite's on an empty file: the kernel drops it with the process, also after kill -9. */
import Database from 'libsql';
import { systemClock } from '../../runtime/clock.js';
import { ServerError } from '../../runtime/errors.js';
import type { Owner } from '../../runtime/lifecycle.js';

/** A studio that is being replaced may take this long to go, ms. */
const WAIT_MS = 4000;
const RETRY_MS = 50;

export class HomeLock implements Owner {
  #database: Database.Database | undefined;
  #stopped: Promise<void> | undefined;

  constructor(private readonly file: string, private readonly home: string, private readonly waitMs: number = WAIT_MS) {}

  /** @throws ServerError HOME_IN_USE when another studio keeps the home. */
  async start(): Promise<void> {
    const end = systemClock.monotonicMs() + this.waitMs;
    const database = new Database(this.file);
    for (;;) {
      try {
        database.exec('BEGIN EXCLUSIVE');
        this.#database = database;
        return;
      } catch (cause) {
        if (systemClock.monotonicMs() >= end) {
          database.close();
          throw new ServerError('HOME_IN_USE', `Another VistterStudio is running with the home ${this.home}. Stop it, or set VISTTER_HOME to another folder.`, { cause });
        }
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  }

  stop(): Promise<void> {
    return (this.#stopped ??= Promise.resolve().then(() => { this.#database?.close(); }));
  }
}

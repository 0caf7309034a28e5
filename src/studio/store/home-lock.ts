/** One studio a home. */
import { ServerError } from '../../runtime/errors.js';
import { lockFile, type Release } from '../../runtime/file-lock.js';
import type { Owner } from '../../runtime/lifecycle.js';

/** A studio that is being replaced may take this long to go, ms. */
const WAIT_MS = 4000;

export class HomeLock implements Owner {
  #release: Release | null = null;
  #stopped: Promise<void> | undefined;

  constructor(private readonly file: string, private readonly home: string, private readonly waitMs: number = WAIT_MS) {}

  /** @throws ServerError HOME_IN_USE when another studio keeps the home. */
  async start(): Promise<void> {
    this.#release = await lockFile(this.file, this.waitMs);
    if (!this.#release) throw new ServerError('HOME_IN_USE', `Another VistterStudio is running with the home ${this.home}. Stop it, or set VISTTER_HOME to another folder.`);
  }

  stop(): Promise<void> {
    return (this.#stopped ??= Promise.resolve().then(() => { this.#release?.(); }));
  }
}

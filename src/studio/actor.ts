/** Who asked for what is being done: it goes along with the asynchronous work, so that the log of events can say it. */
import { AsyncLocalStorage } from 'node:async_hooks';

const storage = new AsyncLocalStorage<string>();

/** Runs `work` as asked for by `who`: an operator's name, or "a panel", "REST". */
export function doneBy<T>(who: string, work: () => T): T {
  return storage.run(who, work);
}

/** Who asked; undefined for what the studio does by itself. */
export function actor(): string | undefined {
  return storage.getStore();
}

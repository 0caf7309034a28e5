/** One holder a file among all processes. The lock is SQLite's on an empty file: the kernel drops it with the process, also after kill -9. */
import { systemClock } from './clock.js';

const RETRY_MS = 50;

/** Lets go; the file stays, so that nobody locks one that another has just removed. */
export type Release = () => void;

/** null: another still holds it after this long. @param file in a folder that is there @throws Error when it cannot be opened */
export async function lockFile(file: string, waitMs: number): Promise<Release | null> {
  // Only those who lock anything pay for it.
  const { default: Database } = await import('libsql');
  const end = systemClock.monotonicMs() + waitMs;
  const database = new Database(file);
  for (;;) {
    try {
      database.exec('BEGIN EXCLUSIVE');
      return () => { database.close(); };
    } catch (cause) {
      const isHeld = (cause as { code?: unknown }).code === 'SQLITE_BUSY';
      if (!isHeld || systemClock.monotonicMs() >= end) {
        database.close();
        if (isHeld) return null;
        throw cause;
      }
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}

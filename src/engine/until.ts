/** How the engine waits for pictures before it takes what shows them: it looks until they are there, or long enough. */
import type { Clock } from '../runtime/clock.js';

/** What is to be put on program waits this long for its first pictures; then it is done without them. */
export const READY_LIMIT_MS = 2000;
const LOOK_EVERY_MS = 20;

export interface Wait {
  /** Nobody wants it any more: over at once. */
  isWanted(): boolean;
  isDone(): boolean;
  /** Left out: for as long as it takes. */
  limitMs?: number;
  /** What has to be done before each look but the first. */
  between?(): void;
}

export async function until(clock: Clock, { isWanted, isDone, limitMs = Infinity, between }: Wait): Promise<void> {
  const limit = clock.monotonicMs() + limitMs;
  while (isWanted() && !isDone() && clock.monotonicMs() <= limit) {
    await new Promise<void>((done) => { clock.after(LOOK_EVERY_MS, done); });
    if (isWanted()) between?.();
  }
}

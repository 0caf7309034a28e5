/** Waiting for what happens, each with a limit and a name that the failure shows. */
import { setTimeout as delay } from 'node:timers/promises';

/** Milliseconds of CLOCK_MONOTONIC: the clock that program frames are counted on, the same in every process. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

export { delay };

export interface WaitOptions {
  timeoutMs?: number;
  everyMs?: number;
}

/** Asks `probe` again and again until it gives something other than undefined, null or false; that is the answer. */
export async function waitFor<T>(
  what: string,
  probe: () => T | undefined | null | false | Promise<T | undefined | null | false>,
  { timeoutMs = 30_000, everyMs = 25 }: WaitOptions = {},
): Promise<T> {
  const end = monotonicMs() + timeoutMs;
  let last: unknown;
  for (;;) {
    try {
      const answer = await probe();
      if (answer !== undefined && answer !== null && answer !== false) return answer;
      last = undefined;
    } catch (error) {
      last = error;
    }
    if (monotonicMs() > end) {
      throw new Error(`waited ${timeoutMs} ms in vain for ${what}${last instanceof Error ? `: ${last.message}` : ''}`, { cause: last });
    }
    await delay(everyMs);
  }
}

/** Fails when `promise` has not settled within `timeoutMs`. */
export async function within<T>(what: string, timeoutMs: number, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  try {
    return await Promise.race([
      promise,
      new Promise<never>((_, fail) => {
        timer = setTimeout(() => fail(new Error(`${what} took longer than ${timeoutMs} ms`)), timeoutMs);
      }),
    ]);
  } finally {
    clearTimeout(timer);
  }
}

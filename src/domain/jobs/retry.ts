/**
 * How often a step is tried, and how long it waits in between: exponential backoff with full jitter (M. Brooker, "Exponential
 * Backoff And Jitter", AWS Architecture Blog 2015), so that steps which failed together are not tried together.
 */

/** Tries after the first. */
const RETRIES = 3;
const MEDIA_RETRIES = 2;
const FIRST_WAIT_MS = 4_000;
/** No step waits longer for its next try; what says so was written before the clock was set back. */
export const LONGEST_WAIT_MS = 5 * 60_000;

/** A worker that dies in a step is no failure of the step, but one that takes its worker with it each time is not for ever tried. */
export const MOST_LOSSES = 20;
/** So often it goes on at once: workers are killed and restarted for other reasons. */
const PROMPT_LOSSES = 3;

export const triesOf = (isMedia: boolean): number => 1 + (isMedia ? MEDIA_RETRIES : RETRIES);

/** @param failures 1 or more */
export function retryWaitMs(failures: number, random: () => number): number {
  return Math.round(random() * Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (failures - 1)));
}

/** @param losses 1 or more */
export function lostWaitMs(losses: number, random: () => number): number {
  return losses <= PROMPT_LOSSES ? 0 : retryWaitMs(losses - PROMPT_LOSSES, random);
}

/** Whether the moment has come. One too far ahead shows that the clock was set back. */
export const isDue = (notBeforeMs: number, nowMs: number): boolean => notBeforeMs <= nowMs || notBeforeMs > nowMs + LONGEST_WAIT_MS;

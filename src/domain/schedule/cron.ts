/** Cron expressions, as local times that follow each other. The one file that imports croner. */
import { Cron } from 'croner';

/** Local times, as local-time.ts writes them. */
export interface LocalTimes {
  /** The first after one; null: none. */
  after(localMs: number): number | null;
  /** The last up to one, that one included; null: none. */
  upTo(localMs: number): number | null;
}

/**
 * Croner is asked in UTC and knows nothing of zones: when a local time comes is this product's own rule, the same for every
 * kind of event.
 * @throws Error with a sentence about what is wrong
 */
export function cronTimes(expression: string): LocalTimes {
  const fields = expression.trim().split(/\s+/);
  // Croner itself also takes dates, a year, and names such as "@daily".
  if (fields.length !== 5 && fields.length !== 6) throw new Error('A cron expression has five fields, or six with the seconds in front.');
  if (fields.length === 6 && !/^\d{1,2}$/.test(fields[0]!)) throw new Error('The seconds must be one number: an event starts once a minute at most.');
  let cron: Cron;
  try {
    cron = new Cron(fields.join(' '), { utcOffset: 0, mode: '5-or-6-parts' });
  } catch {
    throw new Error('That is not a cron expression; one is "30 9 * * MON-FRI".');
  }
  return {
    after: (localMs) => cron.nextRun(new Date(localMs))?.getTime() ?? null,
    // Croner looks for those before a whole second.
    upTo: (localMs) => cron.previousRuns(1, new Date((Math.floor(localMs / 1000) + 1) * 1000))[0]?.getTime() ?? null,
  };
}

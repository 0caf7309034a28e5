/** What is asked of the log of airings. Pure. */

export interface AiringRange {
  /** First and last day, as `2026-05-01` where this browser is; empty: as far as the log goes. */
  from: string;
  to: string;
  /** Empty: of all inserts. */
  insertId: string;
}

/** Days as moments: from the beginning of the first to the end of the last. */
export function airingsQuery({ from, to, insertId }: AiringRange, more: Readonly<Record<string, string>> = {}): string {
  const query = new URLSearchParams(more);
  if (from !== '') query.set('from', startOf(from, 0));
  if (to !== '') query.set('to', startOf(to, 1));
  if (insertId !== '') query.set('insertId', insertId);
  return query.toString();
}

/** A day has 23 to 25 hours: the next one is counted on the calendar. */
function startOf(day: string, daysLater: number): string {
  const [year, month, date] = day.split('-').map(Number) as [number, number, number];
  return new Date(year, month - 1, date + daysLater).toISOString();
}

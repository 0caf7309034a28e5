/**
 * Local time of a zone, and when it comes. A local time is written as the ms since 1970 that it would be in UTC. It *comes* at
 * the first moment at which the zone's clocks show it or more: one that does not exist at the end of the gap, one that exists
 * twice at the first. Pure; what was asked of Intl is remembered.
 */
const HOUR = 3_600_000;
export const DAY = 24 * HOUR;
/** No zone is further from UTC. */
const FARTHEST = 15 * HOUR;

/** How far a zone is ahead of UTC, ms, in one UTC day; it changes at most once in one. */
interface ZoneDay {
  before: number;
  /** From this moment on it is `after`; Infinity: it does not change. */
  changeMs: number;
  after: number;
}

const formats = new Map<string, Intl.DateTimeFormat>();
const days = new Map<string, ZoneDay>();
/** Three zones for a month take a hundred; a year's plan of many is made once. */
const MOST_DAYS = 5000;

/** The local time that a zone's clocks show at a moment. */
export function localAt(zone: string, atMs: number): number {
  const { before, changeMs, after } = zoneDay(zone, Math.floor(atMs / DAY));
  return atMs + (atMs < changeMs ? before : after);
}

/** The moment at which a local time comes. */
export function whenComes(zone: string, localMs: number): number {
  for (const { fromMs, toMs, offset } of stretches(zone, localMs - FARTHEST, localMs + FARTHEST + DAY)) {
    const atMs = Math.max(fromMs, localMs - offset);
    if (atMs < toMs) return atMs;
  }
  throw new Error(`The clocks of ${zone} never show ${new Date(localMs).toISOString()}.`);
}

/** The latest local time that has come by a moment: what the clocks show, or showed before they were set back. */
export function latestLocal(zone: string, atMs: number): number {
  let latest = -Infinity;
  for (const { toMs, offset } of stretches(zone, atMs - 2 * FARTHEST, atMs + 1)) latest = Math.max(latest, Math.min(toMs - 1, atMs) + offset);
  return latest;
}

/** Whether a local time is one of those that DST leaves out or shows twice. */
export function oddity(zone: string, localMs: number): 'moved' | 'twice' | null {
  const atMs = whenComes(zone, localMs);
  if (localAt(zone, atMs) !== localMs) return 'moved';
  const again = stretches(zone, atMs + 1, atMs + DAY).some(({ fromMs, toMs, offset }) => localMs - offset >= fromMs && localMs - offset < toMs);
  return again ? 'twice' : null;
}

/** The moments after one up to another at which a zone's clocks are set forward or back. */
export function clockChanges(zone: string, afterMs: number, upToMs: number): number[] {
  const found: number[] = [];
  for (let day = Math.floor(afterMs / DAY); day * DAY <= upToMs; day++) {
    const { changeMs } = zoneDay(zone, day);
    if (changeMs > afterMs && changeMs <= upToMs) found.push(changeMs);
  }
  return found;
}

/** Stretches of one offset that cover from..to, in order. */
function stretches(zone: string, fromMs: number, toMs: number): { fromMs: number; toMs: number; offset: number }[] {
  const found: { fromMs: number; toMs: number; offset: number }[] = [];
  const add = (start: number, end: number, offset: number): void => {
    const from = Math.max(start, fromMs);
    const to = Math.min(end, toMs);
    if (from < to) found.push({ fromMs: from, toMs: to, offset });
  };
  for (let day = Math.floor(fromMs / DAY); day * DAY < toMs; day++) {
    const { before, changeMs, after } = zoneDay(zone, day);
    add(day * DAY, Math.min(changeMs, (day + 1) * DAY), before);
    if (changeMs !== Infinity) add(changeMs, (day + 1) * DAY, after);
  }
  return found;
}

function zoneDay(zone: string, day: number): ZoneDay {
  const key = `${zone} ${day}`;
  let known = days.get(key);
  if (!known) {
    if (days.size >= MOST_DAYS) days.clear();
    days.set(key, (known = look(zone, day)));
  }
  return known;
}

function look(zone: string, day: number): ZoneDay {
  const before = offsetAt(zone, day * DAY);
  const after = offsetAt(zone, (day + 1) * DAY);
  if (before === after) return { before, changeMs: Infinity, after };
  let low = day * DAY;
  let high = (day + 1) * DAY;
  while (high - low > 1000) {
    const middle = Math.floor((low + high) / 2000) * 1000;
    if (offsetAt(zone, middle) === before) low = middle;
    else high = middle;
  }
  return { before, changeMs: high, after };
}

function offsetAt(zone: string, atMs: number): number {
  let format = formats.get(zone);
  if (!format) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone, calendar: 'iso8601', numberingSystem: 'latn', hourCycle: 'h23',
      year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric',
    });
    formats.set(zone, format);
  }
  const part: Record<string, number> = {};
  for (const { type, value } of format.formatToParts(atMs)) part[type] = Number(value);
  return Date.UTC(part.year!, part.month! - 1, part.day, part.hour, part.minute, part.second) - Math.floor(atMs / 1000) * 1000;
}

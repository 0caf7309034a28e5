/** The list of events: what is read by pages and what comes meanwhile. Pure. */
import type { EventKind, Level, StudioEvent } from '../../../protocol/health.js';

export interface Wanted {
  kind: EventKind | '';
  level: Level;
  text: string;
}

const LEVELS: readonly Level[] = ['info', 'warning', 'error'];

/** As the studio filters. */
export function isWanted({ kind, level, text, by }: StudioEvent, wanted: Wanted): boolean {
  return (wanted.kind === '' || wanted.kind === kind) && LEVELS.indexOf(level) >= LEVELS.indexOf(wanted.level) && `${text}\n${by ?? ''}`.toLowerCase().includes(wanted.text.trim().toLowerCase());
}

/** Newest first by when each happened last, each once: as it was told last. */
export function together(read: readonly StudioEvent[], told: readonly StudioEvent[]): StudioEvent[] {
  const all = new Map<number, StudioEvent>();
  for (const event of [...read, ...told]) if ((all.get(event.id)?.count ?? 0) <= event.count) all.set(event.id, event);
  // The studio writes moments in one way, in which they stand in order as words too.
  return [...all.values()].sort((a, b) => (a.lastAt === b.lastAt ? b.id - a.id : a.lastAt < b.lastAt ? 1 : -1));
}

/** The address of a page of them. */
export function query({ kind, level, text }: Wanted, before: number | null): string {
  const fields = new URLSearchParams({ limit: '50', level, ...(kind === '' ? {} : { kind }), ...(text.trim() === '' ? {} : { text: text.trim() }), ...(before === null ? {} : { before: String(before) }) });
  return `/events?${fields.toString()}`;
}

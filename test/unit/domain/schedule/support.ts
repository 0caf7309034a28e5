/** Events and what they are asked with, for tests of the schedule's rules. */
import type { EventDocument, ScheduleFacts } from '../../../../src/domain/schedule/windows.js';
import { ScheduleEventInput } from '../../../../src/protocol/schedule.js';

export const HOUR = 3_600_000;
export const MINUTE = 60_000;
export const ms = (iso: string): number => Date.parse(iso);
export const iso = (at: number | null): string | null => (at === null || Math.abs(at) === Infinity ? null : new Date(at).toISOString().replace('.000Z', 'Z'));

type Raw = Record<string, unknown>;
const daily = (at: string): Raw => ({ kind: 'daily', at });

/** An event; `at` stands for a daily one, `timelineId` and `forMs` for what it plays. */
export function event(id: string, { at, timelineId = 'tml_a', forMs = null, align, updatedAt = '2020-01-01T00:00:00.000Z', ...rest }: Raw = {}): EventDocument {
  const data = ScheduleEventInput.parse({
    name: id, when: daily((at as string | undefined) ?? '10:00'), do: { action: 'play', timelineId, forMs, ...(align ? { align } : {}) }, ...rest,
  });
  return { id, revision: 1, createdAt: updatedAt as string, updatedAt: updatedAt as string, data };
}

/** Timelines of the tests: one that loops, one of half an hour, an empty one. */
export const TIMELINES: Record<string, { durationMs: number; loop: boolean }> = {
  tml_a: { durationMs: 10 * MINUTE, loop: true }, tml_b: { durationMs: 10 * MINUTE, loop: true }, tml_half: { durationMs: 30 * MINUTE, loop: false }, tml_empty: { durationMs: 0, loop: false },
};

export function facts(events: EventDocument[], change: Partial<ScheduleFacts> = {}): ScheduleFacts {
  return { events, timeZone: 'UTC', filler: null, timeline: (id) => TIMELINES[id], ...change };
}

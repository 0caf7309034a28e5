/** A plan as lines in time. Pure. */
import type { SchedulePlan } from '../../protocol/schedule.js';

export interface PlanLine {
  at: string;
  /** null: of a moment. */
  until: string | null;
  eventId: string | null;
  does: 'play' | 'filler' | 'broadcast-start' | 'broadcast-stop';
}

/** What is on and what happens, in the order of time; stretches in which nothing is planned are left out. */
export function planLines({ windows, points }: Pick<SchedulePlan, 'windows' | 'points'>): PlanLine[] {
  return [
    ...points.map(({ at, eventId, action }): PlanLine => ({ at, until: null, eventId, does: action })),
    ...windows.flatMap(({ startsAt, endsAt, eventId, target }): PlanLine[] => (target === null ? [] : [{ at: startsAt, until: endsAt, eventId, does: eventId === null ? 'filler' : 'play' }])),
  ].sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
}

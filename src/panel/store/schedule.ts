/** Events of the schedule: made and taken out. They are changed by ./edits.ts, as others may be at them too. */
import { SchedulePlan, type ScheduleEventInput } from '../../protocol/schedule.js';
import { request } from '../lib/api.js';
import { attempt } from './actions.js';

/** @returns whether it was added */
export async function addEvent(input: ScheduleEventInput): Promise<boolean> {
  return (await attempt('schedule', request('POST', '/schedule', input))) !== undefined;
}

/** One field that says only itself: whoever is first or last is right. */
export const switchEvent = (id: string, enabled: boolean) => attempt('schedule', request('PATCH', `/schedule/${encodeURIComponent(id)}`, { enabled }));
export const deleteEvent = (id: string) => attempt('schedule', request('DELETE', `/schedule/${encodeURIComponent(id)}`));

/** What is on when for the next seven days. @throws ApiError */
export const readPlan = async (): Promise<SchedulePlan> => SchedulePlan.parse(await request('GET', '/schedule/plan'));

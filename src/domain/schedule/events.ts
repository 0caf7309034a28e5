/** Events among the operator's other things: how they are shown, what is wrong with one, and what they use. Pure. */
import type { Settings } from '../../protocol/resources.js';
import type { ScheduleEvent, ScheduleEventInput } from '../../protocol/schedule.js';
import type { StudioState } from '../documents.js';
import type { Issue } from '../references.js';
import { cronProblem, startsOf } from './starts.js';
import type { EventDocument } from './windows.js';

/** Every event is looked at each second. */
export const MOST_EVENTS = 500;

/** @param zone of events that name none */
export function toScheduleEvent(state: StudioState, { id, revision, createdAt, updatedAt, data }: EventDocument, zone: string, nowMs: number): ScheduleEvent {
  const nextMs = data.enabled ? startsOf(data, zone).after(nowMs) : null;
  return {
    id, revision, createdAt, updatedAt, ...data,
    nextAt: nextMs === null ? null : new Date(nextMs).toISOString(), lastRun: state.scheduleRuns.get(id) ?? null,
  };
}

/** Why an event must not be stored. */
export function eventIssues(state: StudioState, { when, do: action }: ScheduleEventInput): Issue[] {
  const issues: Issue[] = [];
  const problem = cronProblem(when);
  if (problem !== null) issues.push({ path: 'when.expression', message: problem });
  if (action.action === 'play' && !state.timelines.some(({ id }) => id === action.timelineId)) {
    issues.push({ path: 'do.timelineId', message: `There is no timeline ${action.timelineId}.` });
  }
  if (action.action === 'broadcast-start') {
    action.destinationIds?.forEach((id, i) => {
      if (!state.destinations.some((destination) => destination.id === id)) issues.push({ path: `do.destinationIds.${i}`, message: `There is no destination ${id}.` });
    });
  }
  return issues;
}

/** A filler that names what is not there. */
export function fillerIssues(state: StudioState, { schedule: { filler } }: Settings): Issue[] {
  if (filler === null) return [];
  if ('timelineId' in filler) return missing(state.timelines, 'timelineId', filler.timelineId, 'timeline');
  if ('sourceId' in filler) return missing(state.sources, 'sourceId', filler.sourceId, 'source');
  return missing(state.scenes, 'sceneId', filler.sceneId, 'scene');
}

/** Where the schedule uses a thing, in words an operator reads. */
export function scheduleUses(state: StudioState, field: 'timelineId' | 'sourceId' | 'sceneId', id: string): string[] {
  const filler = state.settings.data.schedule.filler as Record<string, string> | null;
  const uses = state.schedule.filter(({ data }) => field === 'timelineId' && data.do.action === 'play' && data.do.timelineId === id).map(({ data }) => `in the schedule as "${data.name}"`);
  return filler?.[field] === id ? [...uses, 'the filler of the schedule'] : uses;
}

function missing(list: readonly { id: string }[], field: string, id: string, what: string): Issue[] {
  return list.some((one) => one.id === id) ? [] : [{ path: `schedule.filler.${field}`, message: `There is no ${what} ${id}.` }];
}

/**
 * What is planned at a moment: of the windows that cover it the one with the highest priority, of equal ones the one that began
 * later, of those the one whose event was made later; the filler where there is none. Pure. docs/schedule.md has the rules.
 */
import type { Settings } from '../../protocol/resources.js';
import type { ScheduleAction } from '../../protocol/schedule.js';
import type { ProgramTarget } from '../../protocol/status.js';
import type { DocumentOf, StudioState } from '../documents.js';
import { toTimelineSummary } from '../timelines.js';
import { startsOf, type Starts } from './starts.js';

export type EventDocument = DocumentOf<'schedule-event'>;

export interface ScheduleFacts {
  /** In the order in which they were made. */
  events: readonly EventDocument[];
  /** Of events that name none. */
  timeZone: string;
  filler: Settings['schedule']['filler'];
  /** undefined: there is none of that id. */
  timeline(id: string): { durationMs: number; loop: boolean } | undefined;
}

type Play = Extract<ScheduleAction, { action: 'play' }>;

/** An event that is on, with its starts. */
interface Player {
  event: EventDocument;
  play: Play;
  starts: Starts;
  /** Later ones of equal rank win. */
  place: number;
  /** Of its windows, ms; null: until another window begins. */
  lengthMs: number | null;
}

/** A window of an event. */
export interface Window {
  event: EventDocument;
  play: Play;
  startMs: number;
  /** Infinity: nothing ends it. */
  endMs: number;
}

/** What is to be on; `target` null: nothing is planned, and the program is left alone. */
export interface Planned {
  window: Window | null;
  target: ProgramTarget | null;
}

/** @param machineZone of settings that name none */
export function factsOf(state: StudioState, machineZone: string): ScheduleFacts {
  const { schedule } = state.settings.data;
  const timelines = new Map(state.timelines.map((timeline) => [timeline.id, timeline]));
  return {
    events: state.schedule, timeZone: schedule.timeZone ?? machineZone, filler: schedule.filler,
    timeline: (id) => {
      const found = timelines.get(id);
      return found && toTimelineSummary(found);
    },
  };
}

/** The name of nothing. */
export const NOTHING = 'nothing';

/** Tells one thing that is planned from another: what begins anew has another name. */
export function nameOf({ window, target }: Planned): string {
  const what = target === null ? NOTHING : JSON.stringify(target);
  return window ? `${window.event.id}@${window.startMs} ${what}` : what;
}

/** The windows of a schedule, read once for as many questions as one likes. */
export class Windows {
  readonly #players: Player[];

  constructor(private readonly facts: ScheduleFacts) {
    this.#players = facts.events.flatMap((event, place) => {
      const { enabled, do: action } = event.data;
      if (!enabled || action.action !== 'play') return [];
      const timeline = facts.timeline(action.timelineId);
      if (!timeline) return [];
      const lengthMs = action.forMs ?? (timeline.loop ? null : timeline.durationMs);
      return [{ event, play: action, starts: startsOf(event.data, facts.timeZone), place, lengthMs }];
    });
  }

  /** Those that cover a moment, the one that is on first. Of one event only the last counts: it began later and ends later. */
  at(atMs: number): Window[] {
    return this.#covering(atMs).map(({ window }) => window);
  }

  planned(atMs: number): Planned {
    const window = this.at(atMs)[0] ?? null;
    return { window, target: window ? { timelineId: window.play.timelineId } : this.facts.filler };
  }

  /** The first moment after this one at which a window begins or one that covers this one ends; Infinity: never. */
  nextBoundary(atMs: number): number {
    const ends = this.at(atMs).map(({ endMs }) => endMs);
    return Math.min(Infinity, ...ends, this.#firstStart(atMs));
  }

  /**
   * The first moment after this one from which something else is planned; `untilMs` or later: nothing else is before that.
   * Many windows may begin and end beneath one that is on: after so many it is taken to be the next boundary.
   */
  nextChange(atMs: number, untilMs: number, most = 2000): number {
    const name = nameOf(this.planned(atMs));
    let next = this.nextBoundary(atMs);
    for (let i = 0; i < most && next < untilMs && nameOf(this.planned(next)) === name; i++) next = this.nextBoundary(next);
    return next;
  }

  #covering(atMs: number): { window: Window; place: number }[] {
    const found: { window: Window; place: number }[] = [];
    for (const { event, play, starts, place, lengthMs } of this.#players) {
      const startMs = starts.upTo(atMs);
      if (startMs === null) continue;
      const endMs = lengthMs === null ? this.#firstStart(startMs) : startMs + lengthMs;
      if (atMs < endMs) found.push({ window: { event, play, startMs, endMs }, place });
    }
    return found.sort((a, b) => b.window.event.data.priority - a.window.event.data.priority || b.window.startMs - a.window.startMs || b.place - a.place);
  }

  #firstStart(afterMs: number): number {
    return this.#players.reduce((first, { starts }) => Math.min(first, starts.after(afterMs) ?? Infinity), Infinity);
  }
}

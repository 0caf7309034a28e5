/**
 * What is planned at a moment: of the windows that cover it the one with the highest priority, of equal ones the one that began
 * later, of those the one whose event was made later; the filler where there is none. Pure. docs/schedule.md has the rules.
 */
import type { Settings } from '../../protocol/resources.js';
import type { ScheduleAction } from '../../protocol/schedule.js';
import type { ProgramTarget } from '../../protocol/status.js';
import type { DocumentOf, StudioState } from '../documents.js';
import { extentOf } from '../timelines.js';
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
      return found && { loop: found.data.loop, durationMs: extentOf(found.data).durationMs };
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
  /** What was found last: one moment is asked about in several ways. */
  #last: { atMs: number; windows: readonly Window[] } | undefined;

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
  at(atMs: number): readonly Window[] {
    if (this.#last?.atMs !== atMs) this.#last = { atMs, windows: this.#covering(atMs) };
    return this.#last.windows;
  }

  planned(atMs: number): Planned {
    const window = this.at(atMs)[0] ?? null;
    return { window, target: window ? { timelineId: window.play.timelineId } : this.facts.filler };
  }

  /** The first moment after this one at which a window begins or one that covers this one ends; Infinity: never. */
  nextBoundary(atMs: number): number {
    return this.at(atMs).reduce((first, { endMs }) => Math.min(first, endMs), this.#firstStart(atMs));
  }

  /** The first moment after this one from which something else is planned; Infinity: never. */
  nextChange(atMs: number): number {
    const { window } = this.planned(atMs);
    // What is on ends, or gives way to one that begins later with the same priority or a higher one.
    const above = this.#players.filter(({ event, lengthMs }) => lengthMs !== 0 && (!window || event.data.priority >= window.event.data.priority));
    return Math.min(window?.endMs ?? Infinity, firstStart(above, atMs));
  }

  /** What it costs to go on to this moment from the one before, in remembered answers: what starts here is looked up anew. */
  workAt(atMs: number): number {
    return this.#players.reduce((sum, { starts }) => sum + (starts.upTo(atMs) === atMs ? starts.cost : 1), 0);
  }

  /** Each event is asked about this moment only: anywhere else costs it a look-up, and there may be hundreds. */
  #covering(atMs: number): Window[] {
    const begun = this.#players.flatMap((player) => {
      const startMs = player.starts.upTo(atMs);
      return startMs === null ? [] : [{ player, startMs }];
    });
    const latestMs = begun.reduce((latest, { startMs }) => Math.max(latest, startMs), -Infinity);
    const nextMs = this.#firstStart(atMs);
    const found = begun.flatMap(({ player: { event, play, place, lengthMs }, startMs }) => {
      // An open window ends with the first start after its own: it is over when there was one since.
      const endMs = lengthMs !== null ? startMs + lengthMs : startMs < latestMs ? latestMs : nextMs;
      return atMs < endMs ? [{ window: { event, play, startMs, endMs }, place }] : [];
    });
    found.sort((a, b) => b.window.event.data.priority - a.window.event.data.priority || b.window.startMs - a.window.startMs || b.place - a.place);
    return found.map(({ window }) => window);
  }

  #firstStart(afterMs: number): number {
    return firstStart(this.#players, afterMs);
  }
}

function firstStart(players: readonly Player[], afterMs: number): number {
  return players.reduce((first, { starts }) => Math.min(first, starts.after(afterMs) ?? Infinity), Infinity);
}

/** What takes do to timelines: where one stands at a moment, and what is on program, armed and overridden afterwards. Pure. */
import { STOPPED, type Playback } from '../protocol/playback.js';
import type { ProgramTarget } from '../protocol/status.js';
import type { StoredOverride, StudioState } from './documents.js';

/** One moment on both clocks. */
export interface Moment {
  /** CLOCK_MONOTONIC of the boot `bootId`, ms. */
  monotonicMs: number;
  bootId: string;
  /** Since 1970, ms. */
  wallMs: number;
}

/** Position at a moment, ms from the timeline's start with all laps; 0 for one that is stopped. */
export function positionMsAt(playback: Playback, at: Moment): number {
  switch (playback.is) {
    case 'stopped': return 0;
    case 'paused': return playback.positionMs;
    case 'playing': {
      // Another boot counts from another zero; the wall clock is the next best.
      const ms = playback.bootId === at.bootId ? at.monotonicMs - playback.zeroUs / 1000 : at.wallMs - playback.zeroWallMs;
      return Math.max(0, ms);
    }
    default: return playback satisfies never;
  }
}

/** The same place, at rest. */
export function pausedAt(playback: Playback, at: Moment): Playback {
  return playback.is === 'playing' ? { is: 'paused', positionMs: Math.round(positionMsAt(playback, at)) } : playback;
}

/** What takes change of the state. */
export interface OnProgram {
  readonly program: ProgramTarget;
  readonly override: StoredOverride;
  readonly armed: string | null;
  /** Those that differ from what is stored, by the timeline's id. */
  readonly playbacks: ReadonlyMap<string, Playback>;
}

/** The state with what was taken on it. */
export function withOnProgram(state: StudioState, { program, override, armed, playbacks }: OnProgram): StudioState {
  return { ...state, program, override, armed, playbacks: new Map([...state.playbacks, ...playbacks]) };
}

/**
 * The schedule has put something in the place of what was on program, an override included: nothing is left to be released.
 * What was played stays where it was.
 */
export function afterScheduled(state: StudioState, target: ProgramTarget, playback: Playback | undefined, at: Moment): OnProgram {
  const taken = afterTake(state, target, playback, at);
  if ('timelineId' in target) return taken;
  const playbacks = new Map<string, Playback>();
  const { program, override } = state;
  if ('timelineId' in program) playbacks.set(program.timelineId, pausedAt(state.playbacks.get(program.timelineId) ?? STOPPED, at));
  if (override) playbacks.set(override.timelineId, override.leftPlayback);
  return { ...taken, override: null, playbacks };
}

/**
 * The schedule has come to something else while an override is on: what `release` brings is that by then. The timeline that was
 * beneath stays where it was left.
 * @param beneath how a timeline stands there, and where `resume: "left"` finds it; of nothing else
 */
export function withBeneath(state: StudioState, target: ProgramTarget, beneath?: { playback: Playback; leftPlayback: Playback }): OnProgram {
  const { program, override, armed } = state;
  if (!override) return onProgramOf(state);
  if (!('timelineId' in target) || !beneath) return { program, override: { ...override, instead: target }, armed, playbacks: new Map() };
  const { timelineId } = target;
  const playbacks = new Map([[override.timelineId, override.leftPlayback], [timelineId, beneath.playback]]);
  return { program, override: { timelineId, leftPlayback: beneath.leftPlayback }, armed: armed === timelineId ? null : armed, playbacks };
}

export function onProgramOf({ program, override, armed }: StudioState): OnProgram {
  return { program, override, armed, playbacks: new Map() };
}

/**
 * Something was put on program at a moment. A source or scene over a timeline overrides it, and one after another leaves that
 * as it is. A timeline that another one takes the place of, on program or overridden, stays where it was.
 * @param state what was wanted before; its playbacks are those of all timelines
 * @param playback how the timeline that was taken stands; of nothing else
 */
export function afterTake(state: StudioState, target: ProgramTarget, playback: Playback | undefined, at: Moment): OnProgram {
  const { program, override, armed } = state;
  const playing = 'timelineId' in program ? program.timelineId : null;
  const stands = (id: string): Playback => state.playbacks.get(id) ?? STOPPED;
  if (!('timelineId' in target)) {
    const overridden = playing === null ? override : { timelineId: playing, leftPlayback: pausedAt(stands(playing), at) };
    return { program: target, override: overridden, armed, playbacks: new Map() };
  }
  const { timelineId } = target;
  const playbacks = new Map<string, Playback>();
  if (playing !== null && playing !== timelineId) playbacks.set(playing, pausedAt(stands(playing), at));
  if (override && override.timelineId !== timelineId) playbacks.set(override.timelineId, override.leftPlayback);
  playbacks.set(timelineId, playback ?? stands(timelineId));
  return { program: target, override: null, armed: armed === timelineId ? null : armed, playbacks };
}

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

/** Whether two say the same of a moment, to within so many ms: an engine counts in frames. */
export function standAlike(a: Playback, b: Playback, at: Moment, withinMs: number): boolean {
  if (a.is === 'playing' && b.is === 'playing' && a.bootId !== b.bootId) return false;
  if (a.is === 'paused' && b.is === 'paused' && a.live !== b.live) return false;
  return a.is === b.is && Math.abs(positionMsAt(a, at) - positionMsAt(b, at)) <= withinMs;
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

/** What takes do to timelines: where one stands at a moment, and what is on program, armed and overridden afterwards. Pure. */
import { roundRegion, STOPPED, type Playback, type Region } from '../protocol/playback.js';
import type { ProgramTarget } from '../protocol/status.js';
import type { EmergencyTarget, TakeReply, TimelineStart } from '../protocol/link.js';
import { endAiring } from './airings.js';
import type { StoredAiring, StoredEmergency, StoredInsertRule, StoredOverride, StoredPreview, StudioState } from './documents.js';

/** Airings that wait to be logged while that is not possible, as on a full disk. */
const MAX_UNLOGGED = 50;

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
      // The engine counts passes in frames, and says anew where it stands before that differs.
      return Math.min(Math.max(0, roundRegion(ms, playback.region)), Number.MAX_SAFE_INTEGER);
    }
    default: return playback satisfies never;
  }
}

function isSameRegion(a: Region | undefined, b: Region | undefined, withinMs: number): boolean {
  return a === undefined || b === undefined ? a === b : Math.abs(a.fromMs - b.fromMs) <= withinMs && Math.abs(a.toMs - b.toMs) <= withinMs;
}

export const regionOf = (playback: Playback): Region | undefined => (playback.is === 'stopped' ? undefined : playback.region);

/** @param region that it is to go round when it runs */
export function atRest(positionMs: number, region?: Region): Playback {
  return { is: 'paused', positionMs, ...(region ? { region } : {}) };
}

/** From where one goes on that is at rest. */
export function fromRest({ positionMs, region }: Extract<Playback, { is: 'paused' }>): TimelineStart {
  return { is: 'from', positionMs, ...(region ? { region } : {}) };
}

/** Whether two say the same of a moment, to within so many ms: an engine counts in frames. */
export function standAlike(a: Playback, b: Playback, at: Moment, withinMs: number): boolean {
  if (a.is === 'playing' && b.is === 'playing' && a.bootId !== b.bootId) return false;
  if (a.is === 'paused' && b.is === 'paused' && a.live !== b.live) return false;
  if (!isSameRegion(regionOf(a), regionOf(b), withinMs)) return false;
  return a.is === b.is && Math.abs(positionMsAt(a, at) - positionMsAt(b, at)) <= withinMs;
}

/** The same place, at rest. */
export function pausedAt(playback: Playback, at: Moment): Playback {
  if (playback.is !== 'playing') return playback;
  return atRest(Math.round(positionMsAt(playback, at)), playback.region);
}

/** What takes change of the state. */
export interface OnProgram {
  readonly program: ProgramTarget;
  /** The number of the take by which it came there. */
  readonly take: number;
  readonly override: StoredOverride;
  readonly armed: string | null;
  readonly preview: StoredPreview['target'];
  readonly black: boolean;
  readonly emergency: StoredEmergency;
  readonly airings: readonly StoredAiring[];
  /** Those that differ from what is stored, by the timeline's id. */
  readonly playbacks: ReadonlyMap<string, Playback>;
  /** Rules with due times done with that are not stored yet, by the insert's id. */
  readonly rules: ReadonlyMap<string, StoredInsertRule>;
}

/** The state with what was taken on it. */
export function withOnProgram(state: StudioState, { program, take, override, armed, preview, black, emergency, airings, playbacks, rules }: OnProgram): StudioState {
  const insertRules = new Map(state.insertRules);
  for (const [id, rule] of rules) if (isSameRule(insertRules.get(id), rule)) insertRules.set(id, rule);
  return { ...state, program, take, override, armed, preview, black, emergency, airings, insertRules, playbacks: new Map([...state.playbacks, ...playbacks]) };
}

/**
 * The schedule has put something in the place of what was on program, an override included: nothing is left to be released.
 * What was played stays where it was.
 */
export function afterScheduled(state: StudioState, target: ProgramTarget, reply: Pick<TakeReply, 'playback' | 'left'>, at: Moment): OnProgram {
  const taken = afterTake(state, target, reply, at);
  if ('timelineId' in target) return taken;
  const playbacks = new Map(taken.playbacks);
  const { program, override } = state;
  if ('timelineId' in program) playbacks.set(program.timelineId, pausedAt(playbacks.get(program.timelineId) ?? state.playbacks.get(program.timelineId) ?? STOPPED, at));
  if (override) playbacks.set(override.timelineId, override.leftPlayback);
  return { ...taken, override: null, playbacks };
}

/**
 * The schedule has come to something else while an override is on: what `release` brings is that by then. The timeline that was
 * beneath stays where it was left.
 * @param beneath how a timeline stands there, and where `resume: "left"` finds it; of nothing else
 */
export function withBeneath(state: StudioState, target: ProgramTarget, beneath?: { playback: Playback; leftPlayback: Playback }): OnProgram {
  const { override, armed } = state;
  if (!override) return onProgramOf(state);
  if (!('timelineId' in target) || !beneath) return { ...onProgramOf(state), override: { ...override, instead: target } };
  const { timelineId } = target;
  const playbacks = new Map([[override.timelineId, override.leftPlayback], [timelineId, beneath.playback]]);
  return { ...onProgramOf(state), override: { timelineId, leftPlayback: beneath.leftPlayback }, armed: armed === timelineId ? null : armed, playbacks };
}

/** One that was switched off, or counts anew, is another. */
export function isSameRule(stored: StoredInsertRule | undefined, rule: StoredInsertRule): boolean {
  return stored?.everyMs === rule.everyMs && stored.anchor.wallMs === rule.anchor.wallMs && stored.anchor.monotonicMs === rule.anchor.monotonicMs;
}

export function onProgramOf({ program, take, override, armed, preview, black, emergency, airings }: StudioState): OnProgram {
  return { program, take, override, armed, preview, black, emergency, airings, playbacks: new Map(), rules: new Map() };
}

/**
 * Something was put on program at a moment, which ends an insert. A source or scene over a timeline overrides it, and one after
 * another leaves that as it is. A timeline that another one takes the place of, on program or overridden, stays where it was.
 * @param state what was wanted before; its playbacks are those of all timelines
 * @param playback how the timeline that was taken stands; of nothing else
 * @param left how one stands that stood still for an insert
 */
export function afterTake(state: StudioState, target: ProgramTarget, { playback, left }: Pick<TakeReply, 'playback' | 'left'>, at: Moment): OnProgram {
  const { program, override, armed } = state;
  const { airings, playbacks: released } = endAiring(state, 'take', at, left);
  const base = { ...onProgramOf(state), airings, program: target };
  const playbacks = new Map(released);
  const playing = 'timelineId' in program ? program.timelineId : null;
  const stands = (id: string): Playback => playbacks.get(id) ?? state.playbacks.get(id) ?? STOPPED;
  if (!('timelineId' in target)) {
    return { ...base, override: playing === null ? override : { timelineId: playing, leftPlayback: pausedAt(stands(playing), at) }, playbacks };
  }
  const { timelineId } = target;
  if (playing !== null && playing !== timelineId) playbacks.set(playing, pausedAt(stands(playing), at));
  if (override && override.timelineId !== timelineId) playbacks.set(override.timelineId, override.leftPlayback);
  playbacks.set(timelineId, playback ?? stands(timelineId));
  return { ...base, override: null, armed: armed === timelineId ? null : armed, playbacks };
}

/** What is armed on preview. */
export function previewOf({ armed, preview }: Pick<OnProgram, 'armed' | 'preview'>): ProgramTarget | null {
  return armed === null ? preview : { timelineId: armed };
}

/** As it is stored: a timeline is held ready, a source or scene is only named. */
export function armedAs(target: ProgramTarget | null): Pick<OnProgram, 'armed' | 'preview'> {
  return target && 'timelineId' in target ? { armed: target.timelineId, preview: null } : { armed: null, preview: target };
}

/** What was armed was taken, and what was on program before is armed in its place. @param taken what that take made of the state */
export function afterSwap({ program }: StudioState, taken: OnProgram): OnProgram {
  // One that was only started anew is still on program.
  const stays = 'timelineId' in program && 'timelineId' in taken.program && program.timelineId === taken.program.timelineId;
  return { ...taken, ...armedAs(stays ? null : program) };
}

/** The timeline on program was paused, or goes round a region, which ends nothing. */
export function afterPause(state: StudioState, timelineId: string, playback: Playback | undefined): OnProgram {
  return { ...onProgramOf(state), playbacks: new Map(playback ? [[timelineId, playback]] : []) };
}

/**
 * The emergency picture is over everything from a moment on, another one in place of it, or none any more. It ends an insert.
 * @param reply null: the engine is away
 */
export function afterEmergency(state: StudioState, target: EmergencyTarget | null, at: Moment, reply: Pick<TakeReply, 'playback'> | null): OnProgram {
  if (target === null) return { ...onProgramOf(state), emergency: null };
  if (state.emergency) return { ...onProgramOf(state), emergency: { ...state.emergency, target } };
  const timelineId = 'timelineId' in state.program ? state.program.timelineId : null;
  const { airings, playbacks } = endAiring(state, 'emergency', at, reply === null ? 'away' : timelineId !== null && reply.playback ? { timelineId, playback: reply.playback } : undefined);
  const stands = timelineId === null ? undefined : (playbacks.get(timelineId) ?? state.playbacks.get(timelineId));
  const left = timelineId === null || !stands ? null : { timelineId, playback: pausedAt(stands, at) };
  return { ...onProgramOf(state), airings, playbacks, emergency: { target, since: new Date(at.wallMs).toISOString(), left } };
}

/** An insert is on its way, from a frame on. */
export function afterInsert(state: StudioState, airing: StoredAiring, playback: Playback | undefined, rule: { insertId: string; rule: StoredInsertRule } | undefined): OnProgram {
  return {
    ...onProgramOf(state), airings: [...state.airings, airing].slice(-MAX_UNLOGGED),
    playbacks: new Map(airing.holds !== null && playback ? [[airing.holds, playback]] : []),
    rules: new Map(rule ? [[rule.insertId, rule.rule]] : []),
  };
}

/** The operator has ended an insert, unless something else did meanwhile. */
export function afterStop(state: StudioState, airingId: string, playback: Playback | undefined, at: Moment): OnProgram {
  const last = state.airings.at(-1);
  if (last?.insert.airingId !== airingId || last.ended) return onProgramOf(state);
  const told = last.holds !== null && playback ? { timelineId: last.holds, playback } : undefined;
  return { ...onProgramOf(state), ...endAiring(state, 'stopped', at, told) };
}

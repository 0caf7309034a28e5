/** Airings of inserts, from the frame they begin on to the line in the log: what takes cut short, and what the engine says of them. Pure. */
import type { EngineActual, TakeReply } from '../protocol/link.js';
import type { AiringEnd, InsertMode } from '../protocol/inserts.js';
import type { Playback } from '../protocol/playback.js';
import type { StoredAiring, StudioState } from './documents.js';
import type { Moment } from './playback.js';
import { frameAt, rateOf, usOf } from './timeline/rate.js';

/** A line of the log. */
export interface LoggedAiring {
  airingId: string;
  insertId: string;
  name: string;
  mode: InsertMode;
  startedAtMs: number;
  frame: number;
  frames: number;
  plannedFrames: number;
  fps: number;
  ended: AiringEnd;
  /** null: of a line that was written before they were counted. */
  missedFrames: number | null;
}

/** An engine that has ended an airing says so within this; one that does not know of it then is another one. */
const WORD_MS = 3000;

/** When the frame after its last is due: ms of the moment's monotonic clock. */
export function endMs({ insert, frames, fps }: StoredAiring, now: Moment): number {
  const { frame, bootId, wallMs } = insert.began;
  if (bootId === now.bootId) return usOf(frame + frames, rateOf(fps)) / 1000;
  return wallMs + usOf(frames, rateOf(fps)) / 1000 - now.wallMs + now.monotonicMs;
}

/** What the engine is to have on air, until it said how that ended. */
export function wantedInsert({ airings }: Pick<StudioState, 'airings'>): StoredAiring['insert'] | null {
  const last = airings.at(-1);
  return last && last.ended === null ? last.insert : null;
}

/** The one on air; undefined: none is. */
export function airingNow({ airings }: Pick<StudioState, 'airings'>, now: Moment): StoredAiring | undefined {
  const last = airings.at(-1);
  return last && last.ended === null && endMs(last, now) > now.monotonicMs ? last : undefined;
}

export interface AfterEnd {
  airings: readonly StoredAiring[];
  playbacks: ReadonlyMap<string, Playback>;
}

/**
 * The operator ended the insert on air, if one is, by something that is seen from a moment on. A timeline that stood still runs from then on.
 * @param told how that timeline stands, by the engine. 'away': there is no engine that could tell, and none that airs anything
 */
export function endAiring(state: StudioState, by: NonNullable<StoredAiring['ended']>['by'], at: Moment, told?: TakeReply['left'] | 'away'): AfterEnd {
  const playbacks = new Map<string, Playback>(told && told !== 'away' ? [[told.timelineId, told.playback]] : []);
  const airing = airingNow(state, at);
  if (!airing) return { airings: state.airings, playbacks };
  const frame = told === 'away' ? airing.insert.began.frame + airedOf(airing) : frameAt(Math.round(at.monotonicMs), rateOf(airing.fps));
  const { holds } = airing;
  const held = holds === null ? undefined : state.playbacks.get(holds);
  if (holds !== null && held?.is === 'playing' && !playbacks.has(holds)) {
    // It was to go on at the insert's end: that is now.
    const earlierMs = endMs(airing, at) - at.monotonicMs;
    playbacks.set(holds, { ...held, zeroUs: held.zeroUs - earlierMs * 1000, zeroWallMs: held.zeroWallMs - earlierMs });
  }
  return { airings: [...state.airings.slice(0, -1), { ...airing, ended: { by, frame } }], playbacks };
}

/** Frames that are known to have been aired. */
export function airedOf({ aired, engine, frames }: StoredAiring): number {
  return Math.min(frames, aired + (engine?.aired ?? 0));
}

/** Of those, the ones without its own picture. */
function missedOf({ missed, engine, frames }: StoredAiring): number {
  return Math.min(frames, missed + (engine?.missed ?? 0));
}

/** The same with what an engine says of it. A process of its own counts from where it came in. */
function counted(airing: StoredAiring, pid: number, aired: number, missed: number): StoredAiring {
  const { engine } = airing;
  if (engine?.pid === pid) return { ...airing, engine: { pid, aired: Math.max(engine.aired, aired), missed: Math.max(engine.missed, missed) } };
  return { ...airing, aired: airedOf(airing), missed: missedOf(airing), engine: { pid, aired, missed } };
}

export interface ReportFacts {
  state: StudioState;
  /** Of the engine's process. */
  pid: number;
  now: Moment;
  /** Whether it is in the log. */
  isLogged(airingId: string): boolean;
}

export interface ReportMeaning {
  lines: LoggedAiring[];
  airings: StoredAiring[];
  /** Ids of the inserts that it has aired, or airs, though no such airing is stored: the studio died, or the link did, before it heard. */
  unstoredInserts: string[];
}

/**
 * What a report of the engine means: lines to be logged, and what is known of airings that are not over. One that the engine does not know
 * when it should, because another engine has taken its place, counts as aired as far as it was told.
 */
export function readReport({ insert, airings }: Pick<EngineActual, 'insert' | 'airings'>, { state, pid, now, isLogged }: ReportFacts): ReportMeaning {
  const stored = new Map(state.airings.map((airing) => [airing.insert.airingId, airing]));
  const told = airings.filter(({ airingId }) => stored.has(airingId) || !isLogged(airingId));
  const lines = told.map((over): LoggedAiring => {
    const known = stored.get(over.airingId);
    if (known) {
      const last = counted(known, pid, over.frames, over.missed);
      return { ...lineOf(known), frames: over.ended === 'whole' ? over.frames : airedOf(last), ended: over.ended, missedFrames: missedOf(last) };
    }
    // It began, and the studio died before it could store that.
    const fps = state.settings.data.video.fps;
    const { name, mode } = state.inserts.find(({ id }) => id === over.insertId)?.data ?? { name: over.insertId, mode: 'over' as const };
    const startedAtMs = now.wallMs - now.monotonicMs + usOf(over.frame, rateOf(fps)) / 1000;
    return {
      airingId: over.airingId, insertId: over.insertId, name, mode, startedAtMs, frame: over.frame, frames: over.frames, plannedFrames: over.frames, fps, ended: over.ended,
      missedFrames: over.missed,
    };
  });
  const over = new Set(lines.map(({ airingId }) => airingId));
  const going: StoredAiring[] = [];
  for (const airing of state.airings) {
    if (over.has(airing.insert.airingId)) continue;
    if (insert?.airingId === airing.insert.airingId) going.push(counted(airing, pid, insert.aired, insert.missed));
    else if (now.monotonicMs < overBy(airing, now)) going.push(airing);
    else lines.push(forsaken(airing));
  }
  const unstoredInserts = [...told, ...(insert ? [insert] : [])].filter(({ airingId }) => !stored.has(airingId) && !isLogged(airingId)).map(({ insertId }) => insertId);
  return { lines, airings: going, unstoredInserts };
}

/** When the engine must have said how it ended. */
function overBy(airing: StoredAiring, now: Moment): number {
  const end = endMs(airing, now);
  if (airing.ended === null || airing.insert.began.bootId !== now.bootId) return end + WORD_MS;
  return Math.min(end, usOf(airing.ended.frame, rateOf(airing.fps)) / 1000) + WORD_MS;
}

/** The line of one whose engine went before it said anything. */
function forsaken(airing: StoredAiring): LoggedAiring {
  const { ended, frames, insert } = airing;
  const missedFrames = missedOf(airing);
  if (ended === null) return { ...lineOf(airing), frames: airedOf(airing), ended: 'engine', missedFrames };
  return { ...lineOf(airing), missedFrames, frames: Math.max(0, Math.min(frames, ended.frame - insert.began.frame)), ended: ended.by };
}

function lineOf({ insert, name, frames, fps }: StoredAiring): Omit<LoggedAiring, 'frames' | 'ended' | 'missedFrames'> {
  const { airingId, insertId, mode, began } = insert;
  return { airingId, insertId, name, mode, startedAtMs: began.wallMs, frame: began.frame, plannedFrames: frames, fps };
}

/** What was done while something was recorded: which change of the program is worth a moment, and where in the recording it lies. Pure. */
import { EMERGENCY_BEGINS, EMERGENCY_OVER, type MomentKind, type RecordedMoment } from '../protocol/highlights.js';
import type { ProgramTarget } from '../protocol/status.js';
import type { StoredRecording, StudioState } from './documents.js';
import { emergencyName, nameOf, targetId } from './health/doings.js';
import type { Moment } from './playback.js';

/** What happened, without when. */
export interface Noted {
  kind: MomentKind;
  text: string;
  /** What came on program by it. */
  target: ProgramTarget | null;
}

/** A moment as it is stored: by the machine's clocks. Where it lies in the file may only be known when that is finished. */
export interface StoredMoment extends Noted {
  recordingId: string;
  at: Moment;
}

/** What is to be noted of a change on program: takes, overrides and their release, emergencies, inserts. */
export function noted(before: StudioState, now: StudioState): Noted[] {
  return [...taken(before, now), ...covered(before, now)];
}

function taken(before: StudioState, now: StudioState): Noted[] {
  const target = now.program;
  const id = targetId(target);
  if (id === targetId(before.program)) return [];
  const text = nameOf(now, id);
  const overrides = now.override !== null;
  const releases = before.override !== null && !overrides && 'timelineId' in target;
  return [{ kind: overrides || releases ? 'override' : 'take', text, target }];
}

function covered(before: StudioState, now: StudioState): Noted[] {
  const found: Noted[] = [];
  const [was, is] = [emergencyName(before), emergencyName(now)];
  if (is !== was) found.push({ kind: 'override', text: is === null ? EMERGENCY_OVER : `${EMERGENCY_BEGINS}${is}`, target: null });
  for (const { insert, name } of now.airings) {
    if (!before.airings.some((known) => known.insert.airingId === insert.airingId)) found.push({ kind: 'insert', text: name, target: null });
  }
  return found;
}

type Times = Pick<StoredRecording, 'startedAt' | 'zeros' | 'pauses'>;

/**
 * Where a moment lies in the recording's file, ms. Exact to the frame where the recorder has said when it began; else by the wall clock, which is off by what
 * passed between the command and the first picture (most often below 0.3 s). Pauses that were left out of the file count as what they are: nothing; what
 * happened in one lies where it was left out. While it is not finished they are not known, and what comes after one is too late by its length.
 */
export function recordedAtMs({ startedAt, zeros, pauses }: Times, { monotonicMs, bootId, wallMs }: Moment): number {
  const zero = zeros.find((one) => one.bootId === bootId);
  const stampMs = zero ? monotonicMs - zero.programMs : wallMs - Date.parse(startedAt);
  let leftOutMs = 0;
  for (const { atMs, lengthMs } of pauses) if (stampMs > atMs) leftOutMs += Math.min(lengthMs, stampMs - atMs);
  return Math.max(0, Math.round(stampMs - leftOutMs));
}

/** In the order of their time. One from after the end, as an alert while the file was closed, lies at the end. */
export function recordedMoments(recording: Times & Pick<StoredRecording, 'durationMs'>, moments: readonly StoredMoment[]): RecordedMoment[] {
  const lastMs = recording.durationMs ?? Infinity;
  return moments.map(({ at, kind, text }) => ({ atMs: Math.min(lastMs, recordedAtMs(recording, at)), kind, text })).sort((a, b) => a.atMs - b.atMs);
}

/** What was on program at a moment of the file; null: nobody knows. */
export function targetAt(recording: StoredRecording, moments: readonly StoredMoment[], atMs: number): ProgramTarget | null {
  let last: { atMs: number; target: ProgramTarget } | null = null;
  for (const { at, target } of moments) {
    if (!target) continue;
    const whenMs = recordedAtMs(recording, at);
    if (whenMs <= atMs && (last === null || whenMs >= last.atMs)) last = { atMs: whenMs, target };
  }
  return last?.target ?? recording.startedWith;
}

/** Stretches of the file in which such a one was on program, by time, none beside another. While it is not finished there are none. */
export function spansWith(recording: StoredRecording, moments: readonly StoredMoment[], isWanted: (target: ProgramTarget | null) => boolean): { startMs: number; endMs: number }[] {
  const { durationMs, startedWith } = recording;
  if (durationMs === null) return [];
  const endMs = Math.round(durationMs);
  const takes = moments.flatMap(({ at, target }) => (target ? [{ atMs: Math.min(endMs, recordedAtMs(recording, at)), target }] : [])).sort((a, b) => a.atMs - b.atMs);
  const spans: { startMs: number; endMs: number }[] = [];
  [{ atMs: 0, target: startedWith }, ...takes].forEach(({ atMs, target }, i) => {
    const untilMs = takes[i]?.atMs ?? endMs;
    if (untilMs <= atMs || !isWanted(target)) return;
    const last = spans.at(-1);
    if (last?.endMs === atMs) last.endMs = untilMs;
    else spans.push({ startMs: atMs, endMs: untilMs });
  });
  return spans;
}

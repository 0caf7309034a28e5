/**
 * The work that a step stands for: one for each key, however many jobs have such a step. What can become of it is a table; what is
 * kept of it in a store is what `move` makes of what was kept before.
 */
import type { WorkerId } from '../../protocol/jobs.js';
import type { Problem } from '../../protocol/status.js';
import { lostWaitMs, MOST_LOSSES, retryWaitMs, triesOf } from './retry.js';

/** A lease that is not renewed for this long is taken back. Longer than a studio needs to come back. */
export const LEASE_MS = 15_000;
/** A worker tells so often that it goes on, and hears so that nobody wants the step any more. */
export const HEARTBEAT_MS = 1_000;
/** A worker may still be writing for so long after its step was cancelled, until it has heard of it. */
const LETTING_GO_MS = 3_000;

export type WorkState =
  /** Ready when all it needs is done, and not before a moment. `error`: of the last try. */
  | { is: 'waiting'; notBeforeMs: number; error: Problem | null }
  | { is: 'running'; worker: WorkerId; sinceMs: number; untilMs: number; error: Problem | null }
  | { is: 'done'; sinceMs: number; endedAtMs: number }
  | { is: 'dead'; error: Problem; endedAtMs: number }
  /** `wasRunning`: whoever did it may not know yet. */
  | { is: 'cancelled'; endedAtMs: number; wasRunning: boolean };

export interface Work {
  key: string;
  name: string;
  isMedia: boolean;
  /** Of the taking that was last; it only rises. */
  token: number;
  /** Times in a row that it failed, and that its worker vanished. */
  failures: number;
  losses: number;
  state: WorkState;
}

export type WorkEvent =
  | { is: 'take'; worker: WorkerId }
  | { is: 'renew' }
  | { is: 'complete' }
  | { is: 'fail'; error: Problem; lasting: boolean }
  /** The lease ran out, or its worker began a new life. */
  | { is: 'lose' }
  /** The worker stops, and has not come to its end. */
  | { is: 'release' }
  | { is: 'cancel' }
  /** It is wanted again. */
  | { is: 'revive' };

type Is = WorkState['is'];

/** From each state, by each event, to which. What is not here does not happen: `move` throws. */
export const TRANSITIONS: Record<Is, Partial<Record<WorkEvent['is'], readonly Is[]>>> = {
  waiting: { take: ['running'], cancel: ['cancelled'] },
  running: { renew: ['running'], complete: ['done'], fail: ['waiting', 'dead'], lose: ['waiting', 'dead'], release: ['waiting'], cancel: ['cancelled'] },
  done: {},
  dead: { revive: ['waiting'] },
  cancelled: { revive: ['waiting'] },
};

export const canMove = (work: Work, event: WorkEvent['is']): boolean => TRANSITIONS[work.state.is][event] !== undefined;

/** Nobody renewed it in time. A moment too far ahead shows that the clock was set back since: it would never run out. */
export const isExpired = (untilMs: number, nowMs: number): boolean => nowMs >= untilMs || untilMs > nowMs + LEASE_MS;

/** @param random 0 to 1; how long it waits for the next try @throws Error for what the table does not have */
export function move(work: Work, event: WorkEvent, nowMs: number, random: () => number): Work {
  const next = moved(work, event, nowMs, random);
  if (!TRANSITIONS[work.state.is][event.is]?.includes(next.state.is)) throw new Error(`A step that is ${work.state.is} cannot ${event.is}.`);
  return next;
}

function moved(work: Work, event: WorkEvent, nowMs: number, random: () => number): Work {
  const { state } = work;
  const lastError = state.is === 'running' || state.is === 'waiting' ? state.error : null;
  const sinceMs = state.is === 'running' ? state.sinceMs : nowMs;
  switch (event.is) {
    case 'take':
      return { ...work, token: work.token + 1, state: { is: 'running', worker: event.worker, sinceMs: nowMs, untilMs: nowMs + LEASE_MS, error: lastError } };
    case 'renew':
      return state.is === 'running' ? { ...work, state: { ...state, untilMs: nowMs + LEASE_MS } } : work;
    case 'complete':
      return { ...work, failures: 0, losses: 0, state: { is: 'done', sinceMs, endedAtMs: nowMs } };
    case 'fail': {
      const failures = work.failures + 1;
      if (event.lasting || failures >= triesOf(work.isMedia)) return { ...work, failures, state: { is: 'dead', error: event.error, endedAtMs: nowMs } };
      return { ...work, failures, state: { is: 'waiting', notBeforeMs: nowMs + retryWaitMs(failures, random), error: event.error } };
    }
    case 'lose': {
      const losses = work.losses + 1;
      if (losses < MOST_LOSSES) return { ...work, losses, state: { is: 'waiting', notBeforeMs: nowMs + lostWaitMs(losses, random), error: lastError } };
      const message = `The process that worked on it ended in the middle of it ${losses} times; it may take more memory than there is. The log of the sidecar says more.`;
      return { ...work, losses, state: { is: 'dead', error: { code: 'STEP_LOST', message }, endedAtMs: nowMs } };
    }
    case 'release':
      return { ...work, state: { is: 'waiting', notBeforeMs: nowMs, error: lastError } };
    case 'cancel':
      return { ...work, state: { is: 'cancelled', endedAtMs: nowMs, wasRunning: state.is === 'running' } };
    case 'revive': {
      const isBusy = state.is === 'cancelled' && state.wasRunning;
      return { ...work, failures: 0, losses: 0, state: { is: 'waiting', notBeforeMs: isBusy ? state.endedAtMs + LETTING_GO_MS : nowMs, error: null } };
    }
    default:
      return event satisfies never;
  }
}

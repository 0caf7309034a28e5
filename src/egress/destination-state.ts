/** What a destination can be, and what may follow what. */
import type { DestinationState } from '../protocol/status.js';
import type { ErrorCode } from '../protocol/error-codes.js';
import type { PublishError } from '../rtmp/publish-errors.js';

export interface DestinationProblem {
  code: ErrorCode;
  message: string;
}

/**
 * `failed` is retried too, only slower: a person may mend the key at the platform. `connecting` with an error is connected,
 * but no program arrives; it ends when the far end has acknowledged more than `heardBytes`. Times are monotonic ms.
 */
export type DestinationPhase =
  | { state: 'idle' }
  | { state: 'connecting'; error: null }
  | { state: 'connecting'; error: DestinationProblem; heardBytes: number }
  | { state: 'live'; sinceMs: number }
  | { state: 'reconnecting'; error: DestinationProblem | null }
  | { state: 'failed'; error: DestinationProblem };

const ALLOWED: Record<DestinationState, readonly DestinationState[]> = {
  idle: ['connecting', 'failed'],
  connecting: ['connecting', 'live', 'reconnecting', 'failed', 'idle'],
  live: ['connecting', 'reconnecting', 'failed', 'idle'],
  reconnecting: ['connecting', 'live', 'reconnecting', 'failed', 'idle'],
  failed: ['connecting', 'live', 'reconnecting', 'failed', 'idle'],
};

/** @throws Error for a transition that the table does not have: a bug of ours */
export function checkTransition(from: DestinationState, to: DestinationState): void {
  if (!ALLOWED[from].includes(to)) throw new Error(`A destination cannot go from ${from} to ${to}.`);
}

/** How often in a row, and in which circumstances, attempts failed; decides what a failure means. */
export interface AttemptHistory {
  /** Closed without a word right after the stream was asked for, this many times in a row, this one included. */
  closedAtPublish: number;
  /** The same, when asked for the application. */
  closedAtApp: number;
  /** The far end took this very key lately: a refusal is then most likely our own old connection still being there. */
  workedLately: boolean;
}

/** What a failed attempt means to a person, and whether it is worth retrying soon. */
export function judge(error: PublishError, history: AttemptHistory, host: string): { problem: DestinationProblem; fatal: boolean } {
  const of = (code: ErrorCode, fatal: boolean, message = error.message) => ({ problem: { code, message }, fatal });
  switch (error.kind) {
    case 'bad-key':
      return of('DEST_BAD_KEY', !history.workedLately);
    case 'bad-app':
      return of('DEST_BAD_APP', true);
    case 'tls':
      return of('DEST_TLS', true);
    case 'dns':
      return of('DEST_DNS', false);
    case 'refused':
      return of('DEST_REFUSED', false);
    case 'timeout':
      return of('DEST_TIMEOUT', false);
    case 'protocol':
      return of('DEST_PROTOCOL', true);
    case 'fault':
      return of('INTERNAL', true);
    case 'closed':
      if (!history.workedLately && history.closedAtPublish >= 2) {
        return of('DEST_BAD_KEY', true, `${host} closes the connection as soon as it is given the stream key: the key is most likely wrong or has expired.`);
      }
      if (!history.workedLately && history.closedAtApp >= 2) {
        return of('DEST_BAD_APP', true, `${host} closes the connection as soon as it is asked for the application: the path of the server address is most likely wrong.`);
      }
      return of('DEST_CLOSED', false);
    default:
      return error.kind satisfies never;
  }
}

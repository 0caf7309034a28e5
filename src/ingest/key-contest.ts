/**
 * Two encoders that push with one key, as when it was typed into both. Whoever comes takes the place of who is there, so that a camera whose
 * network has vanished is back at once; but two that both come back by themselves would put each other out for ever, and the program would
 * change its picture every few seconds. So when the place of one that was sending has been taken twice within a minute, whoever comes next
 * is let wait for a moment: the one that is there stays as long as it sends, which with the third to come is the one that was there first.
 */
import type { Clock } from '../runtime/clock.js';

/** So long a newcomer waits to see whether the present one sends: with that it is on within a second all the same. */
export const RIVAL_WAIT_MS = 500;
const WINDOW_MS = 60_000;
const TAKEOVERS = 2;
/** One that was accepted this lately has not been fought for, but is tried out. */
const LEAST_MS = 250;
/** Encoders try again at growing intervals: it is not forgotten between two tries. */
const HOLD_MS = 20 * 60_000;
/** So long after the last try of the other one it is still told. */
const TOLD_MS = 120_000;

export class KeyContest {
  #takenMs: number[] = [];
  #rival: { remote: string; atMs: number } | null = null;

  constructor(private readonly clock: Clock) {}

  /** Somebody has taken the place of one that was there for so long and sent its last so long ago; null: it has sent nothing. */
  taken(thereMs: number, ageMs: number | null): void {
    if (thereMs < LEAST_MS || ageMs === null || ageMs > RIVAL_WAIT_MS) return;
    this.#takenMs = [...this.#takenMs, this.clock.monotonicMs()].slice(-TAKEOVERS);
  }

  /** Whoever comes is to wait. */
  get isOn(): boolean {
    const nowMs = this.clock.monotonicMs();
    return (this.#rival !== null && nowMs - this.#rival.atMs < HOLD_MS) || (this.#takenMs.length === TAKEOVERS && nowMs - this.#takenMs[0]! < WINDOW_MS);
  }

  /** The one that was there has sent nothing while another waited: it is gone, and does not come back for its place. */
  letIn(): void {
    this.#takenMs = [];
  }

  /** The other one was turned away. @returns whether that is news */
  refused(remote: string): boolean {
    const isNews = this.#rival === null || this.clock.monotonicMs() - this.#rival.atMs >= HOLD_MS;
    this.#rival = { remote, atMs: this.clock.monotonicMs() };
    return isNews;
  }

  /** The address of the other one, while it tries. */
  get rival(): string | null {
    return this.#rival !== null && this.clock.monotonicMs() - this.#rival.atMs < TOLD_MS ? this.#rival.remote : null;
  }

  /** With a new key all begins anew. */
  forget(): void {
    this.#takenMs = [];
    this.#rival = null;
  }
}

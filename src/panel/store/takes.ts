/** Takes on their way: shown at once, as coming when they take long, and taken back when they fail. */
import type { ProgramTarget } from '../../protocol/status.js';
import { lastTake, slowTake } from './state.js';

/** What takes longer than an eye does is told of. */
const SLOW_MS = 500;

/**
 * Shows a take that is being asked for.
 * @returns to be called with the studio's answer, undefined when it failed; says whether that is what is on program now
 */
export function beginTake(target: ProgramTarget): (answer: unknown) => boolean {
  // One that nobody has confirmed is no place to go back to: it may fail as well.
  const before = lastTake.value?.frame === null ? null : lastTake.value;
  const wanted = { target, frame: null };
  lastTake.value = wanted;
  const timer = setTimeout(() => { if (lastTake.value === wanted) slowTake.value = wanted; }, SLOW_MS);
  return (answer) => {
    clearTimeout(timer);
    if (slowTake.value === wanted) slowTake.value = null;
    // A later take has come in between, or the connection went: what is on program is told by something else.
    if (lastTake.value !== wanted) return false;
    const frame = (answer as { frame?: unknown } | undefined)?.frame;
    lastTake.value = typeof frame === 'number' ? { target, frame } : before;
    return typeof frame === 'number';
  };
}

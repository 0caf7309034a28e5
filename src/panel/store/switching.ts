/** How this browser switches: with two buses, where a press arms and a second one takes, or directly; and what follows from that. */
import { computed, effect, signal } from '@preact/signals';
import type { Transition } from '../../protocol/resources.js';
import type { ProgramTarget } from '../../protocol/status.js';
import { texts } from '../texts.js';
import { asSent, attempt, notify, take, transition } from './actions.js';
import { socket } from './session.js';
import { findTarget, lastArm, lastTake, onProgram, previewTarget, snapshot, spoken, targetId, targets, type Target } from './state.js';

export type Mode = 'studio' | 'direct';

const STORED = 'vistter.mode';

/** `studio`: a press arms on preview; `direct`: it takes. Remembered in this browser. */
export const mode = signal<Mode>(readMode());

export function chooseMode(next: Mode): void {
  mode.value = next;
  try {
    localStorage.setItem(STORED, next);
  } catch {
    // A browser that keeps nothing: it holds for this visit.
  }
}

function readMode(): Mode {
  try {
    return localStorage.getItem(STORED) === 'direct' ? 'direct' : 'studio';
  } catch {
    return 'studio';
  }
}

/** What the button of a source, scene or timeline does, and its key. */
export function press(target: Target): void {
  void (mode.value === 'studio' ? arm(target) : take(target));
}

/** @param index 0 for the first */
export function pressNumber(index: number): void {
  const target = targets.value[index];
  if (target) press(target);
}

/** Arms on preview; null: nothing. Shown at once; taken back when the studio refuses. */
export async function arm(target: Target | null): Promise<void> {
  const wanted = { target: target?.key ?? null };
  lastArm.value = wanted;
  const answer = await attempt('arm', socket.request('preview:arm', target?.key ?? {}));
  if (answer === undefined && lastArm.value === wanted) lastArm.value = null;
  if (answer !== undefined && target) spoken.value = texts.live.spokenArmed(target.name);
}

// What was asked for counts until the studio's state says the same, however far behind that is.
effect(() => {
  const wanted = lastArm.value;
  const preview = snapshot.value?.preview ?? null;
  if (wanted && sameTarget(wanted.target, preview)) lastArm.value = null;
});

function sameTarget(a: ProgramTarget | null, b: ProgramTarget | null): boolean {
  return (a && targetId(a)) === (b && targetId(b));
}

/** What the auto button does: a cut is no transition. */
export const autoTransition = computed<Transition>(() => (transition.value.kind === 'cut' ? { ...transition.value, kind: 'fade' } : transition.value));

export const cut = (): Promise<void> => takeArmed({ kind: 'cut' });
export const auto = (): Promise<void> => takeArmed(asSent(autoTransition.value));

/** Takes what is armed on program; what was there is armed instead. */
async function takeArmed(how: Partial<Transition>): Promise<void> {
  const armed = previewTarget.value;
  if (!armed) {
    notify('take', texts.live.nothingArmed);
    return;
  }
  const before = lastTake.value;
  const leaving = findTarget(onProgram.value)?.key ?? null;
  const wanted = { target: armed, frame: null };
  const swapped = { target: leaving };
  lastTake.value = wanted;
  lastArm.value = swapped;
  const answer = await attempt('take', socket.request('program:take', { transition: how }));
  const frame = (answer as { frame?: unknown } | undefined)?.frame;
  if (typeof frame !== 'number' && lastArm.value === swapped) lastArm.value = null;
  // A later take has come in between: it says what is on program.
  if (lastTake.value !== wanted) return;
  lastTake.value = typeof frame === 'number' ? { target: armed, frame } : before;
  if (typeof frame === 'number') spoken.value = texts.spoken.onProgram(findTarget(targetId(armed))?.name ?? '');
}

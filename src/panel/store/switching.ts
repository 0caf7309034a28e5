/** How this browser switches: with two buses, where a press arms and a second one takes, or directly; and what follows from that. */
import { computed, effect, signal } from '@preact/signals';
import type { Transition } from '../../protocol/resources.js';
import type { ProgramTarget } from '../../protocol/status.js';
import { Latest } from '../lib/latest.js';
import { texts } from '../texts.js';
import { asSent, attempt, notify, take, transition } from './actions.js';
import { kept } from './kept.js';
import { socket } from './session.js';
import { connection, findTarget, isBlack, lastArm, onPreview, onProgram, previewTarget, snapshot, spoken, targetId, targets, type Target } from './state.js';
import { beginTake } from './takes.js';

export type Mode = 'studio' | 'direct';

/** `studio`: a press arms on preview; `direct`: it takes. Remembered in this browser. */
export const mode = kept<Mode>('mode', ['studio', 'direct'], 'studio');

export const chooseMode = (next: Mode): void => { mode.value = next; };

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

export const cut = (): Promise<void> => takeArmed('program:take', { transition: { kind: 'cut' } });
export const auto = (): Promise<void> => takeArmed('program:take', { transition: asSent(autoTransition.value) });

/** Takes what is armed on program; what was there is armed instead. Both are shown at once. */
async function takeArmed(type: 'program:take' | 'program:bar', payload: object): Promise<void> {
  const armed = previewTarget.value;
  if (!armed) {
    notify('take', texts.live.nothingArmed);
    return;
  }
  const swapped = { target: findTarget(onProgram.value)?.key ?? null };
  const end = beginTake(armed);
  lastArm.value = swapped;
  const answer = await attempt('take', socket.request(type, payload));
  const frame = (answer as { frame?: unknown } | undefined)?.frame;
  if (typeof frame !== 'number' && lastArm.value === swapped) lastArm.value = null;
  if (end(answer)) spoken.value = texts.spoken.onProgram(findTarget(targetId(armed))?.name ?? '');
}

// ---- the T-bar ------------------------------------------------------------------------------------------------------

const BAR_EVERY_MS = 1000 / 30;

/** How far it has been moved, 0 to 1. */
export const barAt = signal(0);

const bar = new Latest<number>(async (position) => {
  const payload = { position, transition: asSent(autoTransition.value) };
  if (position >= 1) await takeArmed('program:bar', payload);
  else if (await attempt('bar', socket.request('program:bar', payload)) === undefined) barAt.value = 0;
}, BAR_EVERY_MS);

/** Moves it. At 1 the take is done, as the other bus was reached. */
export function moveBar(position: number): void {
  if (onPreview.value === null) {
    notify('bar', texts.live.nothingArmed);
    return;
  }
  barAt.value = position;
  bar.put(position);
}

// Whatever was taken meanwhile ended the bar's transition.
effect(() => {
  if (onProgram.value !== null && connection.value === 'open') barAt.value = 0;
});

// ---- black ----------------------------------------------------------------------------------------------------------

const BLACK_MS = 500;

/** Fades the whole program to black, or back. */
export async function toggleBlack(): Promise<void> {
  const on = !isBlack.value;
  if (await attempt('black', socket.request('program:black', { on, durationMs: BLACK_MS }))) spoken.value = on ? texts.live.spokenBlack : texts.live.spokenFromBlack;
}

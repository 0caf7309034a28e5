/** Whether the way to the first live program is shown: in a studio that goes nowhere yet, until it has been live or is put away. */
import { computed, signal } from '@preact/signals';
import { sources, sourceStatus, snapshot, status } from './state.js';

const STORED = 'vistter.first-steps';

/** As remembered in this browser; null: nothing was decided yet. */
const chosen = signal(stored());

export const firstStepsShown = computed(() => chosen.value === 'shown' || (chosen.value === null && snapshot.value?.destinations.length === 0));

export function showFirstSteps(isShown: boolean): void {
  chosen.value = isShown ? 'shown' : 'away';
  try {
    localStorage.setItem(STORED, chosen.value);
  } catch {
    // A browser that keeps nothing: it holds for this visit.
  }
}

function stored(): 'shown' | 'away' | null {
  try {
    const found = localStorage.getItem(STORED);
    return found === 'shown' || found === 'away' ? found : null;
  } catch {
    return null;
  }
}

/** The camera that sends now, the first of them. */
export const arrivedCamera = computed(() => sources.value.find((source) => source.kind === 'camera' && ['live', 'late'].includes(sourceStatus.value.get(source.id)?.state ?? '')));

export const isLive = computed(() => status.value?.state === 'live');

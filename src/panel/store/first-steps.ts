/** Whether the way to the first live program is shown: in a studio that goes nowhere yet, until it has been live or is put away. */
import { computed } from '@preact/signals';
import { keptAs } from './kept.js';
import { sources, sourceStatus, snapshot, status } from './state.js';

/** As remembered in this browser; null: nothing was decided yet. */
const chosen = keptAs<'shown' | 'away' | null>('first-steps', (text) => (text === 'shown' || text === 'away' ? text : null), (choice) => choice);

export const firstStepsShown = computed(() => chosen.value === 'shown' || (chosen.value === null && snapshot.value?.destinations.length === 0));

export function showFirstSteps(isShown: boolean): void {
  chosen.value = isShown ? 'shown' : 'away';
}

/** The camera that sends now, the first of them. */
export const arrivedCamera = computed(() => sources.value.find((source) => source.kind === 'camera' && ['live', 'late'].includes(sourceStatus.value.get(source.id)?.state ?? '')));

export const isLive = computed(() => status.value?.state === 'live');

/** Who sits at this panel, and who else is here. */
import { computed } from '@preact/signals';
import { askAs } from '../lib/api.js';
import { page } from '../lib/pages.js';
import { keptAs } from './kept.js';
import { status } from './state.js';

/** The operator's name; empty: none was given. Kept in this browser. */
export const operatorName = keptAs('operator', named, (name) => name);

export const operators = computed(() => status.value?.operators ?? []);
/** How many panels are connected, those that are not listed too. */
export const panels = computed(() => status.value?.panels ?? 0);

export function chooseName(name: string): void {
  operatorName.value = named(name);
}

/** Says who sits here and which page is looked at, at each change of either. For an effect. */
export function introduce(tell: (name: string | null, what: string) => void): void {
  askAs(operatorName.value);
  tell(operatorName.value || null, page.value);
}

function named(typed: string | null): string {
  return (typed ?? '').trim().slice(0, 40);
}

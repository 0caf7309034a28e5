/** Who sits at this panel, and who else is here. */
import { computed, signal } from '@preact/signals';
import { askAs } from '../lib/api.js';
import { page } from '../lib/pages.js';
import { status } from './state.js';

const STORED = 'vistter.operator';

/** The operator's name; empty: none was given. Kept in this browser. */
export const operatorName = signal(readName());

export const operators = computed(() => status.value?.operators ?? []);
/** How many panels are connected, those that are not listed too. */
export const panels = computed(() => status.value?.panels ?? 0);

export function chooseName(name: string): void {
  operatorName.value = name.trim().slice(0, 40);
  try {
    localStorage.setItem(STORED, operatorName.value);
  } catch {
    // A browser that keeps nothing: it holds for this visit.
  }
}

/** Says who sits here and which page is looked at, at each change of either. For an effect. */
export function introduce(tell: (name: string | null, what: string) => void): void {
  askAs(operatorName.value);
  tell(operatorName.value || null, page.value);
}

function readName(): string {
  try {
    return (localStorage.getItem(STORED) ?? '').slice(0, 40);
  } catch {
    return '';
  }
}

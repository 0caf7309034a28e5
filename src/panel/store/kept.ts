/** Choices of one person that this browser remembers. */
import { effect, signal, type Signal } from '@preact/signals';

/** A signal that begins with what was kept under `vistter.<name>`, where that is one of the values it may have. */
export function kept<T extends string | number | boolean>(name: string, values: readonly T[], first: T): Signal<T> {
  const key = `vistter.${name}`;
  let before: unknown;
  try {
    before = JSON.parse(localStorage.getItem(key) ?? 'null');
  } catch {
    // Nothing is kept, or something else.
  }
  const choice = signal(values.find((value) => value === before) ?? first);
  effect(() => {
    try {
      localStorage.setItem(key, JSON.stringify(choice.value));
    } catch {
      // A browser that keeps nothing: it holds for this visit.
    }
  });
  return choice;
}

/** Choices of one person that this browser remembers. */
import { signal, type Signal } from '@preact/signals';

/** A signal that begins with what was kept under `vistter.<name>`, where that is one of the values it may have. */
export function kept<T extends string | number | boolean>(name: string, values: readonly T[], first: T): Signal<T> {
  // Words were kept as JSON once, in quotes.
  return keptAs<T>(name, (text) => values.find((value) => String(value) === text?.replace(/^"|"$/g, '')) ?? first, String);
}

/**
 * The same of anything that can be written.
 * @param read of what is kept; null: nothing is
 * @param write null: nothing is to be kept
 */
export function keptAs<T>(name: string, read: (text: string | null) => T, write: (value: T) => string | null): Signal<T> {
  const key = `vistter.${name}`;
  const choice = signal(read(stored(key)));
  let isFirst = true;
  choice.subscribe((value) => {
    if (!isFirst) store(key, write(value));
    isFirst = false;
  });
  return choice;
}

function stored(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function store(key: string, text: string | null): void {
  try {
    if (text === null) localStorage.removeItem(key);
    else localStorage.setItem(key, text);
  } catch {
    // A browser that keeps nothing: it holds for this visit.
  }
}

/** Keys pressed on the page, but for those that are meant for what has the focus. */
import { keyOf } from './keys.js';
import { isTyping } from './typing.js';

/** Calls `press` with each key as `keyOf` writes it; its answer tells whether the key was one of ours. @returns the undo */
export function listenForKeys(press: (key: string) => boolean): () => void {
  const listen = (event: KeyboardEvent) => {
    if (event.repeat || event.isComposing || event.defaultPrevented || isTyping(event.target) || document.querySelector('dialog[open]')) return;
    const key = keyOf(event);
    if (key !== null && !isForElement(event.target, event.key) && press(key)) event.preventDefault();
  };
  addEventListener('keydown', listen);
  return () => removeEventListener('keydown', listen);
}

/** Elements that Enter presses, and those that Space does. */
const BY_ENTER = 'button, a[href], summary, select, [role=button], [role=switch], [role=tab]';
const BY_SPACE = 'button, summary, select, input, [role=button], [role=switch], [role=tab], [role=checkbox]';

/**
 * Whoever goes through the page by its keys presses with Space and Enter what has the focus. After a press with the pointer
 * the focus lies there as well, but the next key is for the program. A bar is moved by arrows.
 */
function isForElement(target: EventTarget | null, key: string): boolean {
  if (!(target instanceof Element) || !target.matches(':focus-visible')) return false;
  if (target.matches('input[type=range]')) return /^(Arrow|Page|Home|End)/.test(key);
  if (key === 'Enter') return target.matches(BY_ENTER);
  if (key === ' ') return target.matches(BY_SPACE);
  return target.matches('select') && /^(Arrow|Page|Home|End)/.test(key);
}

/** A button pressed with the pointer does not keep the focus: the next Space or Enter is for the program, not for it. */
export function letGoAfterClick(event: MouseEvent): void {
  // A press by the keyboard counts no clicks.
  if (event.detail === 0 || !(event.target instanceof Element)) return;
  event.target.closest<HTMLElement>('button')?.blur();
}

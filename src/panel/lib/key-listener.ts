/** Keys pressed on the page, but for those that are meant for what has the focus. */
import { keyOf } from './keys.js';
import { isTyping } from './typing.js';

/** Whether the focus lies where the pointer put it. Whoever goes on by Tab moves it by keys from there. */
let isByPointer = false;
addEventListener('pointerdown', () => { isByPointer = true; }, true);
addEventListener('keydown', ({ key }) => { if (key === 'Tab') isByPointer = false; }, true);

/**
 * Calls `press` with each key as `keyOf` writes it; its answer tells whether the key was one of ours. Meanwhile what is pressed with the
 * pointer does not keep the focus. @returns the undo
 */
export function listenForKeys(press: (key: string) => boolean): () => void {
  const listen = (event: KeyboardEvent) => {
    if (event.repeat || event.isComposing || event.defaultPrevented || isTyping(event.target) || document.querySelector('dialog[open]')) return;
    const key = keyOf(event);
    if (key !== null && !isForElement(event.target, event.key) && press(key)) event.preventDefault();
  };
  addEventListener('keydown', listen);
  addEventListener('click', letGoAfterClick);
  addEventListener('change', letGoAfterChoice);
  return () => {
    removeEventListener('keydown', listen);
    removeEventListener('click', letGoAfterClick);
    removeEventListener('change', letGoAfterChoice);
  };
}

/** Elements that Enter presses, and those that Space does. */
const BY_ENTER = 'button, a[href], summary, select, [role=button], [role=switch], [role=tab]';
const BY_SPACE = 'button, summary, select, input, [role=button], [role=switch], [role=tab], [role=checkbox]';

/**
 * Whoever goes through the page by its keys presses with Space and Enter what has the focus. After a press with the pointer
 * the focus may lie there as well, but the next key is for the program. A bar is moved by arrows.
 */
function isForElement(target: EventTarget | null, key: string): boolean {
  if (!(target instanceof Element)) return false;
  if (target.matches('input[type=range]')) return /^(Arrow|Page|Home|End)/.test(key);
  if (isByPointer || !target.matches(':focus-visible')) return false;
  if (key === 'Enter') return target.matches(BY_ENTER);
  if (key === ' ') return target.matches(BY_SPACE);
  return target.matches('select') && /^(Arrow|Page|Home|End)/.test(key);
}

/** What was pressed with the pointer does not keep the focus: the next Space or Enter is for the program, not for it. A field to type in does. */
export function letGoAfterClick(event: MouseEvent): void {
  // A press by the keyboard counts no clicks. A list would close if it lost the focus now.
  if (event.detail > 0 && !(document.activeElement instanceof HTMLSelectElement)) letGo();
}

/** Chosen with the pointer; whoever goes through a list by its keys stays there. */
function letGoAfterChoice(): void {
  if (isByPointer && document.activeElement instanceof HTMLSelectElement) document.activeElement.blur();
}

function letGo(): void {
  const focused = document.activeElement;
  if (!(focused instanceof HTMLElement)) return;
  const { tagName, type, isContentEditable } = focused as HTMLInputElement;
  // A bar is moved on by arrows. Text that is only to be read keeps it as well: what is selected there is to be copied.
  if (type !== 'range' && !isTyping({ tagName, type, isContentEditable })) focused.blur();
}

/** Keys 1 to 9 put what the buttons 1 to 9 show on program. */
import { tinykeys } from 'tinykeys';
import { isTyping } from './typing.js';

/** Calls `press` with 0 for the key 1, and so on, unless somebody is typing or a dialog is open. @returns the undo */
export function listenForDigits(press: (index: number) => void): () => void {
  const bindings = Object.fromEntries(
    Array.from({ length: 9 }, (_, index) => {
      const handler = (event: KeyboardEvent) => {
        if (event.repeat || isTyping(event.target) || document.querySelector('dialog[open]')) return;
        event.preventDefault();
        press(index);
      };
      return [`${index + 1}`, handler];
    }),
  );
  return tinykeys(window, bindings);
}

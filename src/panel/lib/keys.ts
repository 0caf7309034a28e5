/** Keys 1 to 9 put what the buttons 1 to 9 show on program. */
import { tinykeys } from 'tinykeys';

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

/** Fields that take no text: a digit means nothing to them. */
const WITHOUT_TEXT = ['checkbox', 'radio', 'range', 'button', 'submit', 'reset', 'color', 'file', 'image'];

/** Whether a key pressed there becomes text: on air a digit must switch from anywhere else, a list of choices included. */
export function isTyping(target: EventTarget | null): boolean {
  if (target === null) return false;
  const { tagName, type = 'text', readOnly = false, isContentEditable = false } = target as Partial<HTMLInputElement>;
  if (isContentEditable) return true;
  return (tagName === 'TEXTAREA' || (tagName === 'INPUT' && !WITHOUT_TEXT.includes(type))) && !readOnly;
}

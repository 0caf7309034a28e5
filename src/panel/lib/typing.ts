/** Fields that take no text: a digit means nothing to them. */
const WITHOUT_TEXT = ['checkbox', 'radio', 'range', 'button', 'submit', 'reset', 'color', 'file', 'image'];

/** What is asked of the element that a key was pressed in. */
interface Pressed {
  tagName?: string;
  type?: string;
  readOnly?: boolean;
  isContentEditable?: boolean;
}

/** Whether a key pressed there becomes text: on air a digit must switch from anywhere else, a list of choices included. */
export function isTyping(target: object | null): boolean {
  if (target === null) return false;
  const { tagName, type = 'text', readOnly = false, isContentEditable = false } = target as Pressed;
  if (isContentEditable) return true;
  return (tagName === 'TEXTAREA' || (tagName === 'INPUT' && !WITHOUT_TEXT.includes(type))) && !readOnly;
}

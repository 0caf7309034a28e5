import { expect, it } from 'vitest';
import { isTyping } from '../../../src/panel/lib/typing.js';

it.each([
  [{ tagName: 'INPUT', type: 'text' }, true],
  [{ tagName: 'INPUT', type: 'password' }, true],
  [{ tagName: 'TEXTAREA' }, true],
  [{ tagName: 'DIV', isContentEditable: true }, true],
  [{ tagName: 'INPUT', type: 'text', readOnly: true }, false],
  [{ tagName: 'INPUT', type: 'checkbox' }, false],
  [{ tagName: 'SELECT', type: 'select-one' }, false],
  [{ tagName: 'BUTTON', type: 'button' }, false],
  [{ tagName: 'BODY' }, false],
])('a digit pressed in %o is text: %s', (fields, typing) => {
  expect(isTyping(fields)).toBe(typing);
});

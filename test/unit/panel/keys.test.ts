import { describe, expect, it } from 'vitest';
import { bind, commandOf, COMMANDS, DEFAULT_KEYS, keyOf, objectionTo, readBindings, writeBindings } from '../../../src/panel/lib/keys.js';

const press = (key: string, code = '', more: object = {}) => keyOf({ key, code, ctrlKey: false, altKey: false, shiftKey: false, metaKey: false, ...more });

describe('a key that was pressed', () => {
  it.each([
    ['1', 'Digit1', {}, '1'],
    ['&', 'Digit1', {}, '1'],
    ['!', 'Digit1', { shiftKey: true }, 'Shift+1'],
    ['7', 'Numpad7', {}, '7'],
    ['Home', 'Numpad7', {}, 'Home'],
    [' ', 'Space', {}, 'Space'],
    ['b', 'KeyB', {}, 'B'],
    ['B', 'KeyB', { shiftKey: true }, 'Shift+B'],
    ['?', 'Slash', { shiftKey: true }, '?'],
    ['ö', 'Semicolon', {}, 'Ö'],
    ['Enter', 'NumpadEnter', {}, 'Enter'],
    ['s', 'KeyS', { ctrlKey: true }, 'Ctrl+S'],
    ['ArrowUp', 'ArrowUp', { altKey: true, shiftKey: true }, 'Alt+Shift+ArrowUp'],
  ])('%s of %s with %o is %s', (key, code, more, name) => {
    expect(press(key, code, more)).toBe(name);
  });
  it('is none while only a modifier is held', () => {
    expect([press('Shift'), press('Control'), press('Dead')]).toEqual([null, null, null]);
  });
});

describe('keys of commands', () => {
  it('are all different to begin with', () => {
    const keys = COMMANDS.map((command) => DEFAULT_KEYS[command]).filter((key) => key !== null);
    expect(new Set(keys).size).toBe(keys.length);
    for (const command of COMMANDS) if (DEFAULT_KEYS[command]) expect(objectionTo(DEFAULT_KEYS, command, DEFAULT_KEYS[command])).toBeNull();
  });
  it('tell which command a key would be taken from', () => {
    expect(objectionTo(DEFAULT_KEYS, 'auto', 'Space')).toEqual({ is: 'taken', by: 'cut' });
    expect(objectionTo(DEFAULT_KEYS, 'cut', 'Space')).toBeNull();
    expect(objectionTo(DEFAULT_KEYS, 'cut', 'Q')).toBeNull();
  });
  it('leave the browser and the way through the page their own', () => {
    expect([objectionTo(DEFAULT_KEYS, 'cut', 'Ctrl+S'), objectionTo(DEFAULT_KEYS, 'cut', 'Alt+Meta+K')]).toEqual([{ is: 'browser' }, { is: 'browser' }]);
    expect([objectionTo(DEFAULT_KEYS, 'cut', 'Tab'), objectionTo(DEFAULT_KEYS, 'cut', 'Shift+Tab')]).toEqual([{ is: 'reserved' }, { is: 'reserved' }]);
  });
  it('are given, taken over and taken away', () => {
    const swapped = bind(DEFAULT_KEYS, 'auto', 'Space');
    expect([swapped.auto, swapped.cut, commandOf(swapped, 'Space'), commandOf(swapped, 'Enter')]).toEqual(['Space', null, 'auto', undefined]);
    expect(commandOf(bind(DEFAULT_KEYS, 'cut', null), 'Space')).toBeUndefined();
  });
  it('are kept as far as they were changed, and read back', () => {
    expect(writeBindings(DEFAULT_KEYS)).toBe('{}');
    const changed = bind(bind(DEFAULT_KEYS, 'cut', 'Q'), 'emergency', 'Shift+E');
    expect(readBindings(writeBindings(changed))).toEqual(changed);
    expect(readBindings(null)).toEqual(DEFAULT_KEYS);
  });
  it.each(['', '[', '5', 'null', '{"cut":"1"}', '{"cut":5}', '{"nothing":"Q"}'])('are the first ones when %j was kept', (text) => {
    expect(readBindings(text)).toEqual(DEFAULT_KEYS);
  });
});

/** Which key does what on the live page: the commands, the keys they have, and what stands against a key. Pure. */

/** Everything a key can do. `pick-3` arms the third source or scene, or takes it in direct mode. */
export const COMMANDS = [
  'cut', 'auto', 'black', 'disarm', 'emergency', 'mode', 'sound', 'mark',
  'pick-1', 'pick-2', 'pick-3', 'pick-4', 'pick-5', 'pick-6', 'pick-7', 'pick-8', 'pick-9',
] as const;
export type Command = (typeof COMMANDS)[number];

/** A key as `keyOf` writes it; null: the command has none. */
export type Bindings = Readonly<Record<Command, string | null>>;

export const DEFAULT_KEYS: Bindings = {
  cut: 'Space', auto: 'Enter', black: 'B', disarm: 'Backspace', emergency: null, mode: null, sound: null, mark: 'M',
  'pick-1': '1', 'pick-2': '2', 'pick-3': '3', 'pick-4': '4', 'pick-5': '5', 'pick-6': '6', 'pick-7': '7', 'pick-8': '8', 'pick-9': '9',
};

/** What is asked of a keyboard event. */
export interface Pressed {
  key: string;
  code: string;
  ctrlKey: boolean;
  altKey: boolean;
  shiftKey: boolean;
  metaKey: boolean;
}

const MODIFIERS = ['Control', 'Alt', 'AltGraph', 'Shift', 'Meta', 'CapsLock', 'NumLock', 'ScrollLock', 'Fn', 'Dead', 'Unidentified', 'Process'];
/** These move through the page or leave what is open; a browser has its own use of the others. */
const RESERVED = ['Tab', 'Escape', 'F1', 'F3', 'F5', 'F6', 'F7', 'F11', 'F12', 'ContextMenu'];

/**
 * The key that was pressed: `1`, `B`, `Space`, `Shift+ArrowUp`. Digits are those of the number row, whatever a layout puts on
 * them, and of the number pad; letters are those of the layout. Null for a modifier alone.
 */
export function keyOf({ key, code, ctrlKey, altKey, shiftKey, metaKey }: Pressed): string | null {
  if (MODIFIERS.includes(key)) return null;
  const digit = /^(?:Digit|Numpad)(\d)$/.exec(code)?.[1];
  // With NumLock off the number pad's keys are arrows and the like.
  const isDigit = digit !== undefined && (code.startsWith('Digit') || key === digit);
  const plain = isDigit ? digit : key === ' ' ? 'Space' : key.length === 1 ? key.toUpperCase() : key;
  // A sign that needs Shift says so already.
  const saysShift = !isDigit && key.length === 1 && key !== ' ' && key.toLowerCase() === key.toUpperCase();
  const parts = [ctrlKey && 'Ctrl', altKey && 'Alt', metaKey && 'Meta', shiftKey && !saysShift && 'Shift', plain];
  return parts.filter((part) => typeof part === 'string').join('+');
}

/** The command of a key; undefined: none. */
export function commandOf(bindings: Bindings, key: string): Command | undefined {
  return COMMANDS.find((command) => bindings[command] === key);
}

export type Objection = { is: 'reserved' } | { is: 'browser' } | { is: 'taken'; by: Command };

/** What stands against giving a command this key; null: nothing does. */
export function objectionTo(bindings: Bindings, command: Command, key: string): Objection | null {
  if (RESERVED.includes(key.split('+').at(-1)!)) return { is: 'reserved' };
  if (/^(Ctrl|Meta)\+|\+(Ctrl|Meta)\+/.test(key)) return { is: 'browser' };
  const by = commandOf(bindings, key);
  return by === undefined || by === command ? null : { is: 'taken', by };
}

/** Gives a command a key, or with null takes it away. Whatever had the key has none then. */
export function bind(bindings: Bindings, command: Command, key: string | null): Bindings {
  const from = key === null ? undefined : commandOf(bindings, key);
  return { ...bindings, ...(from ? { [from]: null } : {}), [command]: key };
}

/** What is to be kept: the keys that are not the ones everybody begins with. */
export function writeBindings(bindings: Bindings): string {
  return JSON.stringify(Object.fromEntries(COMMANDS.filter((command) => bindings[command] !== DEFAULT_KEYS[command]).map((command) => [command, bindings[command]])));
}

/** The same read back. What is not understood, or holds a key twice, leaves the defaults. */
export function readBindings(text: string | null): Bindings {
  let kept: unknown;
  try {
    kept = JSON.parse(text ?? '{}');
  } catch {
    return DEFAULT_KEYS;
  }
  if (typeof kept !== 'object' || kept === null) return DEFAULT_KEYS;
  const changed = Object.entries(kept).filter((entry): entry is [Command, string | null] =>
    COMMANDS.includes(entry[0] as Command) && (entry[1] === null || (typeof entry[1] === 'string' && entry[1].length <= 40)));
  const bindings: Bindings = { ...DEFAULT_KEYS, ...Object.fromEntries(changed) };
  const keys = COMMANDS.map((command) => bindings[command]).filter((key) => key !== null);
  return new Set(keys).size === keys.length ? bindings : DEFAULT_KEYS;
}

/** The keys of this browser, and what each does. */
import { bind, commandOf, DEFAULT_KEYS, readBindings, writeBindings, type Bindings, type Command } from '../lib/keys.js';
import { texts } from '../texts.js';
import { beginEmergency, markMoment, notify, release } from './actions.js';
import { keptAs } from './kept.js';
import { connection, snapshot } from './state.js';
import { arm, auto, chooseMode, cut, mode, pressNumber, toggleBlack } from './switching.js';
import { toggleWatching } from './watching.js';

/** Remembered in this browser. */
export const bindings = keptAs<Bindings>('keys', readBindings, writeBindings);

/** Gives a command a key, or with null takes it away. */
export function setKey(command: Command, key: string | null): void {
  bindings.value = bind(bindings.value, command, key);
}

export function resetKeys(): void {
  bindings.value = DEFAULT_KEYS;
}

/** Does what the key is for; while the studio cannot be reached it says so instead. @returns whether the key is one of ours */
export function pressKey(key: string): boolean {
  const command = commandOf(bindings.value, key);
  if (command === undefined) return false;
  if (connection.value === 'open') run(command);
  else notify('key', texts.people.refused);
  return true;
}

function run(command: Command): void {
  const hasBuses = mode.value === 'studio';
  switch (command) {
    case 'cut':
      if (hasBuses) void cut();
      return;
    case 'auto':
      if (hasBuses) void auto();
      return;
    case 'disarm':
      if (hasBuses) void arm(null);
      return;
    case 'black':
      void toggleBlack();
      return;
    case 'emergency':
      void (snapshot.value?.emergency ? release('emergency') : beginEmergency());
      return;
    case 'mode':
      chooseMode(hasBuses ? 'direct' : 'studio');
      return;
    case 'mark':
      void markMoment();
      return;
    case 'sound':
      toggleWatching();
      return;
    default:
      pressNumber(Number(command.slice('pick-'.length)) - 1);
  }
}

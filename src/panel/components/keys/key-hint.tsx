/** The key of a command on its button; nothing where it has none, and on devices that are touched. */
import type { Command } from '../../lib/keys.js';
import { bindings } from '../../store/keys.js';
import { texts } from '../../texts.js';

export function KeyHint({ of }: { of: Command }) {
  const key = bindings.value[of];
  return key === null ? null : <kbd aria-hidden="true">{keyName(key)}</kbd>;
}

/** As it is printed on a keyboard. */
export function keyName(key: string): string {
  return key.split('+').map((part) => (texts.keys.names as Partial<Record<string, string>>)[part] ?? part).join(' + ');
}

/** Whether the program's monitor plays what is sent out, with its sound, in place of small pictures. */
import { signal } from '@preact/signals';

export const watching = signal(false);

export function toggleWatching(): void {
  watching.value = !watching.value;
}

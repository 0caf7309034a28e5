/** What happens, as it happens, for the page that shows it. */
import { signal } from '@preact/signals';
import type { StudioEvent } from '../../protocol/health.js';

const MOST = 500;

/** Somebody looks at the log. */
export const listening = signal(false);
/** What was told since somebody looks, newest first. */
export const told = signal<StudioEvent[]>([]);

/** An event, or its new count. */
export function heard(event: StudioEvent): void {
  told.value = [event, ...told.value.filter(({ id }) => id !== event.id)].slice(0, MOST);
}

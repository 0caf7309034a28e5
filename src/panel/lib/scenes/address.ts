/** What the page of scenes shows, as it stands in its address: `#/scenes`, `#/scenes/sources`, `#/scenes/<a scene's id>` … */
import { signal } from '@preact/signals';

export const TABS = ['scenes', 'sources', 'overlays'] as const;
export type Tab = (typeof TABS)[number];

/** What stands behind the page's name; empty: nothing. */
export const place = signal('');

/** @param hash of the address, with its `#` */
export const placeOf = (hash: string): string => /^#\/scenes\/([A-Za-z0-9_-]{1,40})/.exec(hash)?.[1] ?? '';

export const tabOf = (where: string): Tab => (where === 'sources' || where === 'overlays' ? where : 'scenes');

export const addressOf = (tab: Tab): string => (tab === 'scenes' ? '#/scenes' : `#/scenes/${tab}`);

export function openScene(id: string): void {
  location.hash = `#/scenes/${id}`;
}

/** Follows the address from now on. @returns the undo */
export function followPlace(): () => void {
  const follow = () => { place.value = placeOf(location.hash); };
  follow();
  addEventListener('hashchange', follow);
  return () => removeEventListener('hashchange', follow);
}

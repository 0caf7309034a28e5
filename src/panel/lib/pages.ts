/** Which page is shown: it stands in the address behind `#/`, so that it can be kept as a bookmark and gone back from. */
import { signal } from '@preact/signals';

export const PAGES = ['live', 'timelines', 'scenes', 'media', 'highlights', 'sound', 'health', 'setup'] as const;
export type Page = (typeof PAGES)[number];

export const page = signal<Page>(pageOf(globalThis.location?.hash ?? ''));

/** The page that an address names; the first for one that names none. */
function pageOf(hash: string): Page {
  const name = /^#\/([a-z]+)/.exec(hash)?.[1];
  return PAGES.find((one) => one === name) ?? 'live';
}

/** Follows the address from now on. @returns the undo */
export function followAddress(): () => void {
  const follow = () => { page.value = pageOf(location.hash); };
  follow();
  addEventListener('hashchange', follow);
  return () => removeEventListener('hashchange', follow);
}

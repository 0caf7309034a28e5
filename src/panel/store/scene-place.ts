/** Which part of the page of scenes is shown, as its address says. */
import { signal } from '@preact/signals';
import { placeOf } from '../lib/scenes/address.js';

export const place = signal('');

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

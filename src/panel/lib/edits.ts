/** Two people, one thing: which of one's changes meet somebody else's. Pure. */
import { same } from './same.js';

/**
 * Fields that both changed, each to something else.
 * @param base what mine were made on
 * @param mine only the fields that I changed
 * @param theirs the whole as it is stored now
 */
export function contested<T extends object>(base: T, mine: Partial<T>, theirs: T): (keyof T)[] {
  return (Object.keys(mine) as (keyof T)[]).filter((key) => !same(base[key], theirs[key]) && !same(mine[key], theirs[key]));
}

/** What of `mine` was not sent as it is now: it was changed after `sent` went out. */
export function unsent<T extends object>(mine: Partial<T>, sent: Partial<T>): Partial<T> {
  return Object.fromEntries(Object.entries(mine).filter(([key, value]) => !Object.hasOwn(sent, key) || !same(value, sent[key as keyof T]))) as Partial<T>;
}

/** The fields of `mine` that say something else than what is stored. */
export function changed<T extends object>(stored: T, mine: Partial<T>): Partial<T> {
  return Object.fromEntries(Object.entries(mine).filter(([key, value]) => !same(value, stored[key as keyof T]))) as Partial<T>;
}

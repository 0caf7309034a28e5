/** Changing what others may be changing too: a change names the revision it was made on, and is stored only if that still stands. */
import { ApiError, request, sentenceOf } from '../lib/api.js';
import { texts } from '../texts.js';

/** Anything of the studio that has a revision. */
export interface Revised {
  /** Empty for what there is one of: the settings. */
  id: string;
  revision: number;
}

export type Edited<T> =
  | { is: 'stored'; item: T }
  /** Somebody else was first: nothing was changed, and this is how it stands. */
  | { is: 'stale'; theirs: T }
  | { is: 'failed'; message: string };

/**
 * Stores `fields` of a thing, on condition that it still is at `revision`. What is left out stays as it is.
 * @param collection its REST collection, such as `scenes`
 */
export async function edit<T extends Revised>(collection: string, id: string, fields: Partial<T>, revision: number): Promise<Edited<T>> {
  const path = id === '' ? `/${collection}` : `/${collection}/${encodeURIComponent(id)}`;
  try {
    return { is: 'stored', item: await request('PATCH', path, fields, revision) as T };
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== 'STALE_REVISION') return failed(error);
  }
  try {
    return { is: 'stale', theirs: await request('GET', path) as T };
  } catch (error) {
    return failed(error);
  }
}

function failed(error: unknown): { is: 'failed'; message: string } {
  if (error instanceof ApiError && error.code === 'NOT_FOUND') return { is: 'failed', message: texts.edits.deleted };
  return { is: 'failed', message: sentenceOf(error) };
}

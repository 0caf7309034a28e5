/** Whether a file is still the one that it was: what is read of one that somebody writes to meanwhile fits nothing. */
import { stat } from 'node:fs/promises';
import { ServerError } from '../runtime/errors.js';

/** `grown`: more was written behind what was there. */
export type Change = 'grown' | 'written';

interface State { file: string; bytes: number; writtenMs: number }

/** Null: there is none, or it cannot be told. */
async function stateOf(path: string): Promise<State | null> {
  return stat(path).then(({ dev, ino, size, mtimeMs }) => ({ file: `${dev} ${ino}`, bytes: size, writtenMs: mtimeMs }), () => null);
}

/** Asks afterwards whether it has changed since this was called; null: it has not, or is gone, which takes nothing from what was read of it. */
export async function watchChange(path: string): Promise<() => Promise<Change | null>> {
  const before = await stateOf(path);
  return async () => {
    const after = await stateOf(path);
    if (!before || !after) return null;
    if (after.file === before.file && after.bytes > before.bytes) return 'grown';
    return after.file === before.file && after.bytes === before.bytes && after.writtenMs === before.writtenMs ? null : 'written';
  };
}

export const changedError = (change: Change, cause?: unknown): ServerError => new ServerError('MEDIA_CHANGED', change === 'grown'
  ? 'The file is still being written. Try again when it is complete.'
  : 'The file was replaced, or something else was written into it, while it was read. Try again when nobody writes to it.', { cause });

/** @throws ServerError MEDIA_CHANGED where somebody has written to it meanwhile, whatever came of the work; else what the work throws */
export async function unchanged<T>(path: string, work: () => Promise<T>): Promise<T> {
  const changeOf = await watchChange(path);
  const [outcome] = await Promise.allSettled([work()]);
  const change = await changeOf();
  if (change !== null) throw changedError(change, outcome.status === 'rejected' ? outcome.reason : undefined);
  if (outcome.status === 'rejected') throw outcome.reason;
  return outcome.value;
}

/** What is told of a folder's files, and of the folder. Pure. */
import type { FolderView } from '../../domain/folders.js';
import type { FolderFile, StoredFolderFile } from '../../protocol/folder.js';
import { MAX_MS } from '../../protocol/resources.js';
import type { FoundFile, Scan } from './scan.js';

const ROOM_DAYS = MAX_MS / (24 * 3600 * 1000);

/** What a probe found of a file at a version. */
export type Probed = { version: string } & (
  | { is: 'ready'; file: StoredFolderFile } | { is: 'refused'; message: string }
  /** It could not be opened for a reason that passes; when, monotonic ms. */
  | { is: 'later'; message: string; atMs: number }
);

export interface Listing {
  readonly found: readonly FoundFile[];
  readonly refused: Extract<Scan, { is: 'found' }>['refused'];
  /** As they are played. */
  readonly stored: readonly StoredFolderFile[];
  readonly ready: readonly StoredFolderFile[];
  /** Ids of ready ones for which the timeline has no room. */
  readonly leftOut: ReadonlySet<string>;
  readonly probed: ReadonlyMap<string, Probed>;
}

/** Those that are ready in the order in which they are played, then the others. */
export function listed({ found, refused, stored, ready, leftOut, probed }: Listing): FolderFile[] {
  const withRoom = ready.filter(({ id }) => !leftOut.has(id));
  const ids = new Set(withRoom.map(({ id }) => id));
  const inOrder = stored.filter(({ id }) => ids.has(id));
  const played = new Set(inOrder.map(({ id }) => id));
  const all = [...inOrder, ...withRoom.filter(({ id }) => !played.has(id))].map(({ path, durationMs }): FolderFile => ({ path, state: 'ready', durationMs }));
  const known = new Set(all.map(({ path }) => path));
  const roomless = new Set(ready.filter(({ id }) => leftOut.has(id)).map(({ path }) => path));
  const others = found.filter(({ path }) => !known.has(path)).map(({ path, version }): FolderFile => {
    if (roomless.has(path)) return refusal(path, `There is no room for it: a timeline has ${ROOM_DAYS} days at most.`);
    const one = probed.get(path);
    if (one?.version === version && one.is === 'refused') return refusal(path, one.message);
    const why = one?.version === version && one.is === 'later' ? `${one.message} It is tried again.` : 'It is not whole yet, or not looked at yet.';
    return { path, state: 'waiting', durationMs: null, message: why };
  });
  return [...all, ...others, ...refused.map(({ path, message }) => refusal(path, message))];
}

const refusal = (path: string, message: string): FolderFile => ({ path, state: 'refused', durationMs: null, message });

export function countsOf(files: readonly FolderFile[]): FolderView['counts'] {
  const counts = { ready: 0, waiting: 0, refused: 0 };
  for (const { state } of files) counts[state] += 1;
  return counts;
}

/** undefined: there is room for all. */
export function roomMessage(leftOut: number): string | undefined {
  return leftOut === 0 ? undefined : `There is room for ${ROOM_DAYS} days; ${leftOut === 1 ? '1 file is' : `${leftOut} files are`} left out.`;
}

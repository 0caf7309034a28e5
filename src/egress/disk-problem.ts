/** What a disk error means to a person, and how much room must stay free for the rest of the machine. */
import { READ_ONLY_ADVICE } from '../protocol/disk-advice.js';
import type { ErrorCode } from '../protocol/error-codes.js';
import { isDiskFull, isReadOnly } from '../runtime/scarcity.js';
import type { Disk } from './disk.js';

export interface DiskProblem {
  code: Extract<ErrorCode, 'DISK_FULL' | 'DISK_READ_ONLY' | 'DISK_ERROR'>;
  message: string;
}

const MAX_RESERVE_BYTES = 512 * 1024 * 1024;
const RESERVE_SHARE = 0.05;

/** Recording stops before the disk is full, because the database and the system live there too. */
class ReserveReached extends Error {}

/** To begin again there must be twice the reserve, or it would stop and go with every file that is deleted. */
export async function checkSpace(disk: Disk, folder: string, purpose: 'going-on' | 'again'): Promise<void> {
  const { freeBytes, totalBytes } = await disk.space(folder);
  const reserveBytes = Math.min(MAX_RESERVE_BYTES, totalBytes * RESERVE_SHARE);
  if (freeBytes < reserveBytes * (purpose === 'again' ? 2 : 1)) throw new ReserveReached();
}

export function toDiskProblem(error: unknown): DiskProblem {
  if (error instanceof ReserveReached || isDiskFull(error)) {
    return { code: 'DISK_FULL', message: 'The disk of the recordings folder is full; recording has stopped and goes on by itself when there is room again.' };
  }
  if (isReadOnly(error)) {
    return { code: 'DISK_READ_ONLY', message: `The disk of the recordings folder is read-only; recording has stopped and goes on by itself when it can be written. ${READ_ONLY_ADVICE}` };
  }
  const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
  const why = { ENOENT: 'the folder or file was removed', EACCES: 'writing is not allowed', EPERM: 'writing is not allowed', EIO: 'it reports errors' }[code] ?? code;
  return { code: 'DISK_ERROR', message: `The recordings folder cannot be written (${why}); recording has stopped and is tried again every few seconds.` };
}

import { READ_ONLY_ADVICE } from '../protocol/disk-advice.js';
import { ServerError } from './errors.js';

/** Failures of the machine that pass: it has too few files, processes or memory at the moment, whatever they were wanted for. */
const SCARCE = ['EMFILE', 'ENFILE', 'ENOMEM', 'EAGAIN', 'EINTR'];

export function isScarcity(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code !== undefined && SCARCE.includes(code);
}

/** Whether a job or a call of the file system failed for want of room on the disk. */
export function isDiskFull(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return code === 'ENOSPC' || code === 'EDQUOT';
}

/** Whether it failed because the disk takes no writes at all. */
export function isReadOnly(error: unknown): boolean {
  return (error as { code?: unknown }).code === 'EROFS';
}

/** What a person is told of one that failed for that, or for want of room; null: it is for something else. @param forWhat ends "There is no room on the disk …" */
export function diskRefusal(cause: unknown, forWhat: string, then = 'try again'): ServerError | null {
  if (isDiskFull(cause)) return new ServerError('DISK_FULL', `There is no room on the disk ${forWhat}. Delete recordings or files, and ${then}.`, { cause });
  if (isReadOnly(cause)) return new ServerError('DISK_READ_ONLY', `The disk is read-only: nothing can be written ${forWhat}. ${READ_ONLY_ADVICE} Then ${then}.`, { cause });
  return null;
}

/** The code of either, where a program says it in words. */
export function diskCodeIn(said: string): 'ENOSPC' | 'EROFS' | null {
  if (/No space left on device|Disk quota exceeded/.test(said)) return 'ENOSPC';
  return /Read-only file system/.test(said) ? 'EROFS' : null;
}

/** Why something could not be stored, as a person may read it. */
import { READ_ONLY_ADVICE } from '../../protocol/disk-advice.js';
import { ServerError } from '../../runtime/errors.js';
import { isReadOnly } from '../../runtime/scarcity.js';

/** Whether a store threw for want of room. */
export function isStoreFull(cause: unknown): boolean {
  return (cause as { code?: unknown }).code === 'SQLITE_FULL';
}

/** @param what could not be stored, such as "The change" @param then a sentence that follows */
export function unstored(cause: unknown, what: string, then?: string): ServerError {
  const sentence = (why: string): string => `${what} could not be stored${why}.${then === undefined ? '' : ` ${then}`}`;
  if (isStoreFull(cause)) return new ServerError('DISK_FULL', sentence(': the disk is full'), { cause });
  if (isReadOnly(cause)) return new ServerError('DISK_READ_ONLY', `${sentence(': the disk is read-only')} ${READ_ONLY_ADVICE}`, { cause });
  return new ServerError('DISK_ERROR', sentence(''), { cause });
}

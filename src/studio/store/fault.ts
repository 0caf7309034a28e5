/** Why something could not be stored, as a person may read it. */
import { ServerError } from '../../runtime/errors.js';

/** Whether a store threw for want of room. */
export function isStoreFull(cause: unknown): boolean {
  return (cause as { code?: unknown }).code === 'SQLITE_FULL';
}

/** @param what could not be stored, such as "The change" @param then a sentence that follows */
export function unstored(cause: unknown, what: string, then?: string): ServerError {
  const isFull = isStoreFull(cause);
  return new ServerError(isFull ? 'DISK_FULL' : 'DISK_ERROR', `${what} could not be stored${isFull ? ': the disk is full' : ''}.${then === undefined ? '' : ` ${then}`}`, { cause });
}

/** What can go wrong in cutting, and how a person is told. */
import { ServerError } from '../../runtime/errors.js';
import { diskRefusal } from '../../runtime/scarcity.js';
import { wasKilled } from '../offline-ffmpeg.js';
import { OfflineError } from '../offline/run.js';

/** This way does not do for this file; the rest of the sentence is for people. */
export class RungError extends Error {
  /** @param isOfIndex what the file's index says was found not to be true */
  constructor(message: string, readonly isOfIndex = false) {
    super(message);
  }
}

/** What went wrong as an error for people. */
export function toCutError(error: unknown): unknown {
  if (error instanceof ServerError) return error;
  const refusal = diskRefusal(error, 'to cut from the recording');
  if (refusal) return refusal;
  if (error instanceof OfflineError && error.code === 'STALLED') return new ServerError('CUT_KILLED', 'FFmpeg hung while it cut, and was ended. It can be tried again.', { cause: error });
  if (wasKilled(error)) return new ServerError('CUT_KILLED', 'FFmpeg was ended from outside while it cut, as when memory runs out. It can be tried again.', { cause: error });
  if (error instanceof OfflineError && error.code === 'UNREADABLE') return new ServerError('MEDIA_UNREADABLE', 'The recording is damaged there, or is no film.', { cause: error });
  if (error instanceof OfflineError || error instanceof RungError) return new ServerError('CUT_FAILED', `The clip could not be cut: ${error.message}`, { cause: error });
  return error;
}

/** Failures of steps that no further try would mend: they are told at once, in the words of who found them. */
import { ZodError } from 'zod';
import type { ErrorCode } from '../../protocol/error-codes.js';
import { ServerError } from '../../runtime/errors.js';
import { diskRefusal } from '../../runtime/scarcity.js';
import { LastingFailure, type StepFunction } from '../jobs/worker.js';
import { OutsideError } from '../outside.js';

/** Of a file that is not there, is no film or damaged, or has no pictures or sound where some are needed; of what is asked for or was left by another step. */
const LASTING: readonly ErrorCode[] = [
  'MEDIA_MISSING', 'MEDIA_UNREADABLE', 'MEDIA_INVALID', 'MEDIA_EMPTY', 'MEDIA_BROKEN', 'CAPTIONS_INVALID', 'ANALYSIS_DAMAGED', 'MANIFEST_INVALID', 'MANIFEST_NEWER', 'VALIDATION', 'NATIVE_MISSING',
];

export function withLasting(step: StepFunction): StepFunction {
  return async (run) => {
    try {
      return await step(run);
    } catch (error) {
      run.signal.throwIfAborted();
      throw lasting(error) ?? refused(error) ?? error;
    }
  };
}

/** By the disk; null where it is for something else, or has said so already. */
function refused(error: unknown): ServerError | null {
  return error instanceof ServerError ? null : diskRefusal(error, 'for what the analysis finds', 'analyse the recording again');
}

/** Null where it may go better another time. */
export function lasting(error: unknown): LastingFailure | null {
  if (error instanceof ZodError) return new LastingFailure('STEP_FAILED', 'The step was told what it does not understand, as by a server of another version. Ask for it again.', { cause: error });
  if (!(error instanceof ServerError)) return null;
  const isLasting = error instanceof OutsideError ? !error.isPassing : LASTING.includes(error.code);
  return isLasting ? new LastingFailure(error.code, error.message, { cause: error }) : null;
}

/** What another step has left. @throws ServerError ANALYSIS_DAMAGED where it is not there, or not what it should be */
export async function leftBy<T>(reading: Promise<T>): Promise<T> {
  try {
    return await reading;
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code !== undefined && code !== 'ENOENT' && code !== 'ENOTDIR') throw cause;
    throw new ServerError('ANALYSIS_DAMAGED', 'What an earlier step of the analysis has left is gone or damaged. Analyse the recording again.', { cause });
  }
}

import { ERROR_STATUS, type ErrorCode } from '../protocol/error-codes.js';

/** An error that a person may read: a code, and a sentence that says what to do. Never holds a secret. */
export class ServerError extends Error {
  readonly code: ErrorCode;
  readonly details: unknown;

  constructor(code: ErrorCode, message: string, options: { cause?: unknown; details?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'ServerError';
    this.code = code;
    this.details = options.details;
  }

  /** HTTP status that goes with the code. */
  get status(): number {
    return ERROR_STATUS[this.code];
  }
}

/** Makes `{code, message}` of anything thrown; what is not ours becomes INTERNAL with its plain message. */
export function toProblem(error: unknown): { code: ErrorCode; message: string } {
  if (error instanceof ServerError) return { code: error.code, message: error.message };
  return { code: 'INTERNAL', message: error instanceof Error ? error.message : String(error) };
}

/**
 * Every error code a person or program can meet, with the HTTP status it answers with. The one place codes are made;
 * sentences are written where the error is thrown, because only that place knows what to advise.
 */
export const ERROR_STATUS = {
  // What a request can get wrong.
  BAD_REQUEST: 400,
  VALIDATION: 400,
  UNKNOWN_MESSAGE: 400,
  TOO_LARGE: 413,
  UNAUTHORIZED: 401,
  FORBIDDEN_ORIGIN: 403,
  TOO_MANY_ATTEMPTS: 429,
  NOT_FOUND: 404,
  STALE_REVISION: 409,
  IN_USE: 409,
  CONFLICT: 409,
  NO_DESTINATION: 409,
  NOT_LIVE: 409,
  ALREADY_LIVE: 409,
  PATH_NOT_ALLOWED: 400,
  MEDIA_MISSING: 400,
  MEDIA_UNREADABLE: 400,

  // What the chain can report.
  ENGINE_AWAY: 503,
  EGRESS_AWAY: 503,
  TIMEOUT: 504,
  LINK_CLOSED: 503,

  // Start-up.
  CONFIG_UNKNOWN_KEY: 500,
  CONFIG_BAD_VALUE: 500,
  PUBLIC_BIND: 500,
  PORT_IN_USE: 500,
  NATIVE_MISSING: 500,
  NATIVE_ABI: 500,
  HOME_UNUSABLE: 500,
  HOME_IN_USE: 500,
  DATABASE_UNUSABLE: 500,
  SECRETS_UNUSABLE: 500,

  // Destinations.
  DEST_REFUSED: 502,
  DEST_TIMEOUT: 504,
  DEST_DNS: 502,
  DEST_TLS: 502,
  DEST_BAD_KEY: 502,
  DEST_BAD_APP: 502,
  DEST_STALLED: 504,
  DEST_CLOSED: 502,
  DEST_PROTOCOL: 502,
  PROGRAM_AWAY: 503,

  // Recording.
  DISK_FULL: 507,
  DISK_ERROR: 500,
  RECORDING_EMPTY: 500,
  REMUX_FAILED: 500,

  // Encoder and decoders.
  ENCODER_FAILED: 500,
  CODEC_UNAVAILABLE: 500,
  ENCODER_SLOW: 500,
  DECODER_FAILED: 500,
  OVERLAY_FAILED: 500,

  INTERNAL: 500,
} as const satisfies Record<string, number>;

export type ErrorCode = keyof typeof ERROR_STATUS;

/** A code that came from another process; one that is not known here is INTERNAL. */
export function toErrorCode(text: string): ErrorCode {
  return Object.hasOwn(ERROR_STATUS, text) ? (text as ErrorCode) : 'INTERNAL';
}
